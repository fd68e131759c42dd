/** A platform whose queues nobody receives from but the test, and whose executions run in the test's own process. */
import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { MemoryStore } from "../../../lib/adapters/memory/store.ts";
import { SingleProcessEventBus } from "../../../lib/adapters/single-process/event-bus.ts";
import { SingleProcessTransport } from "../../../lib/adapters/single-process/transport.ts";
import { systemClock } from "../../../lib/adapters/system-clock.ts";
import { Engine } from "../../../lib/engine/engine.ts";
import type { Program } from "../../../lib/model/program.ts";
import { type HandlerMap, InProcessHandlers } from "../../../lib/node/in-process.ts";
import type { StandIn } from "./stand-in.ts";
import { TestPlatform } from "./test-platform.ts";

/** With the control queue and the rule of each workflow. Which workflows there are is told by no more than that. */
export async function barePlatform(aws: StandIn, programs: readonly Program[]): Promise<TestPlatform> {
  const platform = await TestPlatform.create(aws);
  for (const { graph } of programs) {
    await platform.createQueues(graph.workflow, []);
    if (graph.trigger) await platform.subscribe(graph.workflow, graph.trigger.event);
  }
  return platform;
}

/** The bodies that wait in a workflow's control queue, which are taken out. */
export async function takeMessages(platform: TestPlatform, workflow: string): Promise<string[]> {
  const { client, url: QueueUrl } = platform.queue(workflow);
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  for (const { ReceiptHandle } of Messages) await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages.map(({ Body = "" }) => Body);
}

/** An engine on the platform's step log, with queues of its own. It makes the workflows known, as their functions would. */
export async function engineOn(
  platform: TestPlatform,
  ...workflows: readonly { readonly program: Program; readonly handlers: HandlerMap }[]
): Promise<Engine> {
  const handlers = new InProcessHandlers(() => {});
  for (const { program, handlers: map } of workflows) handlers.add(program, map);
  const clock = systemClock;
  const onError = (error: unknown) => console.error(error);
  const transport = new SingleProcessTransport({ store: new MemoryStore(), clock, concurrency: 100, onError });
  const bus = new SingleProcessEventBus(transport);
  const engine = new Engine({ log: platform.ports().log, transport, bus, handlers, clock });
  await engine.add(...workflows.map(({ program }) => program));
  return engine;
}
