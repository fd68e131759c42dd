/** The transport on SQS, received from as Lambda does. */
import { setTimeout as sleep } from "node:timers/promises";
import { transportSuite } from "../conformance/transport.suite.ts";
import { Consumers } from "../support/aws/consumers.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

onStandIn("on AWS", (aws) => {
  transportSuite("SQS", async () => {
    const platform = await TestPlatform.create(aws);
    await platform.createQueues("order", ["charge", "ship", "chargeback"]);
    const consumers = new Consumers(platform);
    const { transport } = platform.ports();
    const quiet = () => consumers.quiet();
    // A machine that is busy with other tests makes a message late.
    const lateMs = 10_000;
    return {
      transport,
      consume: (queue, receive) => consumers.consume(queue, receive),
      mostReceives: 3,
      times: { lateMs, delayMs: 2_000, backMs: lateMs, everMs: 5_000 },
      now: () => Date.now(),
      quiet,
      pass: async (ms) => {
        await sleep(ms);
        await quiet();
      },
      until: async (holds, ms) => {
        const untilMs = Date.now() + ms + lateMs;
        while (!holds() && Date.now() < untilMs) await sleep(10);
        await quiet();
      },
      deadLetters: () => consumers.deadLetters(),
      errors: consumers.errors,
      close: () => consumers.close(),
    };
  });
});
