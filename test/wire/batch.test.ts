/** What becomes of messages on SQS: put off, deleted ahead, buried. */
import { setTimeout as sleep } from "node:timers/promises";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { beforeAll, describe, expect, it } from "vitest";
import type { FunctionPorts } from "../../lib/adapters/aws/function-ports.ts";
import { s3Client } from "../../lib/adapters/aws/payload-store.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

onStandIn("messages received from SQS", (aws) => {
  let platform: TestPlatform;
  let ports: FunctionPorts;
  beforeAll(async () => {
    platform = await TestPlatform.create(aws);
    ports = platform.ports();
  });
  let n = 0;
  /** A queue of its own, whose messages are out of sight for 2 s. */
  async function queueWith(...bodies: readonly string[]) {
    const queueName = `${platform.environment.platform}-batch-${n++}`;
    const Attributes = { VisibilityTimeout: "2" };
    const { QueueUrl } = await platform.sqs.send(new CreateQueueCommand({ QueueName: queueName, Attributes }));
    for (const MessageBody of bodies) await platform.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    /** What comes within so many seconds, by body. */
    const receive = async (WaitTimeSeconds: number) => {
      const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds });
      const { Messages = [] } = await platform.sqs.send(command);
      return Object.fromEntries(
        Messages.map(({ Body = "", ReceiptHandle = "" }) => [Body, { queueName, receiptHandle: ReceiptHandle }]),
      );
    };
    return receive;
  }
  const handle = <T>(of: T | undefined): T => {
    if (of === undefined) throw new Error("it was received");
    return of;
  };

  describe("are put off", () => {
    it("longer than their visibility timeout, and shorter", async () => {
      const receive = await queueWith("long", "short");
      const { long, short } = await receive(1);
      await Promise.all([ports.received.putOff(handle(long), 60_000), ports.received.putOff(handle(short), 0)]);
      await sleep(2_500);
      expect(Object.keys(await receive(1))).toEqual(["short"]);
    });
    it("for as long as may be", async () => {
      const receive = await queueWith("a");
      const { a } = await receive(1);
      await ports.received.putOff(handle(a), Number.POSITIVE_INFINITY);
      expect(await receive(3)).toEqual({});
    });
    it("or it is said that they were not", async () => {
      const message = { queueName: "nowhere", receiptHandle: "x" };
      await expect(ports.received.putOff(message, 1)).rejects.toMatchObject({ code: "storage_failed" });
    });
  });

  it("are deleted ahead, those that are meant, from whatever queue", async () => {
    const [one, other] = [await queueWith("a", "b"), await queueWith("c")];
    const { a, b } = await one(1);
    const { c } = await other(1);
    await ports.received.remove([handle(a), handle(c)]);
    await ports.received.putOff(handle(b), 0);
    expect([Object.keys(await one(3)), Object.keys(await other(3))]).toEqual([["b"], []]);
  });

  describe("are buried", () => {
    const letter = { queue: "order.charge", body: "{", reason: "why", atMs: 1_700_000_000_000 };
    const of = { workflow: "order", messageId: "m1", sentAtMs: 1_600_000_000_000 };
    it("once, however often", async () => {
      await ports.deadLetters.bury({ ...letter, ...of });
      await ports.deadLetters.bury({ ...letter, ...of, atMs: letter.atMs + 1, reason: "another" });
      expect(await ports.deadLetters.list("order", 10)).toEqual([letter]);
    });
    it("whole, also when they are long", async () => {
      const body = Array.from({ length: 200_000 }, (_, i) => String.fromCharCode(32 + ((i * i) % 50_000))).join("");
      await ports.deadLetters.bury({ ...letter, ...of, workflow: "large", body });
      expect(await ports.deadLetters.list("large", 10)).toEqual([{ ...letter, body }]);
      // Nobody knows until when: its body stays as long as any can.
      const s3 = s3Client(platform.aws);
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: platform.environment.bucket }));
      expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringMatching("^year/large/~dead/")]);
      s3.destroy();
    });
    it("and listed by workflow, the ones that were sent last first, as many as are asked for", async () => {
      for (const at of [1, 3, 2]) {
        const sentAtMs = of.sentAtMs + at * 60_000;
        await ports.deadLetters.bury({ ...letter, workflow: "crm", messageId: `m${at}`, sentAtMs, reason: `r${at}` });
      }
      const reasons = async (limit: number) => (await ports.deadLetters.list("crm", limit)).map(({ reason }) => reason);
      expect(await reasons(10)).toEqual(["r3", "r2", "r1"]);
      expect(await reasons(2)).toEqual(["r3", "r2"]);
      expect(await ports.deadLetters.list("cr", 10)).toEqual([]);
    });
  });
});
