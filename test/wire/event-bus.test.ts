/** The event bus on EventBridge, whose rules send to SQS. */
import { eventBusSuite } from "../conformance/event-bus.suite.ts";
import { Consumers } from "../support/aws/consumers.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

onStandIn("on AWS", (aws) => {
  eventBusSuite("EventBridge", async () => {
    const platform = await TestPlatform.create(aws);
    await Promise.all(["order", "crm", "ticket"].map((workflow) => platform.createQueues(workflow, [])));
    const consumers = new Consumers(platform);
    return {
      bus: platform.ports().bus,
      subscribe: (workflow, event) => platform.subscribe(workflow, event),
      consume: (workflow, receive) => consumers.consume(workflow, receive),
      quiet: () => consumers.quiet(),
      close: () => consumers.close(),
    };
  });
});
