/** Delays that are too long for SQS, through EventBridge Scheduler. */
import { ListSchedulesCommand } from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EventBridgeScheduler, schedulerClient } from "../../lib/adapters/aws/scheduler.ts";
import { SqsTransport, sqsClient } from "../../lib/adapters/aws/transport.ts";
import type { Envelope } from "../../lib/contract/envelope.ts";
import { queueName, scheduleGroupName } from "../../lib/contract/names.ts";
import type { Transport } from "../../lib/ports/transport.ts";
import { Consumers } from "../support/aws/consumers.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

const start = (id: string, text: string): Envelope => ({
  ...{ kind: "start", v: 1, workflow: "order", id, trigger: { kind: "direct" }, input: { text } },
});

onStandIn("a message whose delay is too long for its queue", (aws) => {
  let platform: TestPlatform;
  let consumers: Consumers;
  let transport: Transport;
  const received: { readonly envelope: Envelope; readonly atMs: number }[] = [];
  beforeAll(async () => {
    platform = await TestPlatform.create(aws);
    await platform.createQueues("order", []);
    const { platform: name, queues, queueArns, schedulerRole } = platform.environment;
    const { payloads } = platform.ports();
    transport = new SqsTransport({
      client: sqsClient(platform.aws),
      queueUrl: (queue) => queues + queueName(name, queue),
      scheduler: new EventBridgeScheduler({
        client: schedulerClient(platform.aws),
        group: scheduleGroupName(name),
        roleArn: schedulerRole,
        queueArn: (queue) => queueArns + queueName(name, queue),
        payloads,
      }),
      payloads,
      longestDelayMs: 1_000,
    });
    consumers = new Consumers(platform);
    consumers.consume("order", async ({ envelope }) => {
      received.push({ envelope, atMs: Date.now() });
      return { kind: "acknowledge" };
    });
  });
  afterAll(() => consumers.close());
  const schedules = async () => {
    const GroupName = scheduleGroupName(platform.environment.platform);
    const { Schedules = [] } = await schedulerClient(platform.aws).send(new ListSchedulesCommand({ GroupName }));
    return Schedules;
  };

  describe("is scheduled", () => {
    const small = start("1", "a <aws.scheduler.execution-id> b");
    const large = start("2", "long ".repeat(100_000));
    it("once, however often it is sent; and comes whole, a minute early at most; and leaves no schedule behind", async () => {
      const delayMs = 62_500;
      const sentAtMs = Date.now();
      const message = { queue: "order", envelope: small, delayMs };
      await transport.send([message, { ...message, envelope: large }]);
      await transport.send([message]);
      expect(await schedules()).toHaveLength(2);
      // The stand-in looks every ten seconds for what is due.
      await vi.waitFor(() => expect(received).toHaveLength(2), { timeout: 40_000, interval: 100 });
      await consumers.quiet();
      expect(received.map(({ envelope }) => envelope)).toEqual(expect.arrayContaining([small, large]));
      expect(received).toHaveLength(2);
      for (const { atMs } of received) expect(atMs - sentAtMs).toBeGreaterThanOrEqual(delayMs - 60_000);
      expect(await schedules()).toEqual([]);
    });
  });
});
