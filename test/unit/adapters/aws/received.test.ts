import { afterEach, describe, expect, it } from "vitest";
import { SqsReceived } from "../../../../lib/adapters/aws/received.ts";
import { sqsClient } from "../../../../lib/adapters/aws/transport.ts";
import { type Answer, type AnsweringServer, answeringServer } from "../../../support/aws/answering-server.ts";

interface Request {
  readonly QueueUrl: string;
  readonly Entries: readonly {
    readonly Id: string;
    readonly ReceiptHandle: string;
    readonly VisibilityTimeout?: number;
  }[];
}
const message = (receiptHandle: string, queueName = "shop-order") => ({ queueName, receiptHandle });
const taking = ({ Entries }: Request): Answer => ({ body: { Successful: Entries.map(({ Id }) => ({ Id })) } });

describe("what SQS is told of messages", () => {
  let server: AnsweringServer<Request>;
  afterEach(() => server.close());
  async function receivedOn(answer: (request: Request, n: number) => Answer = taking) {
    server = await answeringServer<Request>(answer);
    const { endpoint = "" } = server.aws;
    return new SqsReceived({ client: sqsClient(server.aws), urlOf: (name) => `${endpoint}/0/${name}` });
  }

  it.each([
    [-1, 0],
    [0, 0],
    [1, 1],
    [1000, 1],
    [1001, 2],
    [42_300_000, 42_300],
    [42_300_001, 42_300],
    [Number.POSITIVE_INFINITY, 42_300],
  ])("put off by %s ms is out of sight for %i s, within the 12 hours since it was received", async (ms, seconds) => {
    const received = await receivedOn();
    await received.putOff(message("a"), ms);
    expect(server.requests[0]?.Entries).toEqual([{ Id: "0", ReceiptHandle: "a", VisibilityTimeout: seconds }]);
  });
  it("all those of a queue that are put off at once are one request", async () => {
    const received = await receivedOn();
    await Promise.all([
      received.putOff(message("a"), 1_000),
      received.putOff(message("b"), 2_000),
      received.putOff(message("c", "shop-order_dead"), 1_000),
    ]);
    expect(server.requests.map(({ Entries }) => Entries.map((e) => e.ReceiptHandle).join("")).toSorted()).toEqual([
      "ab",
      "c",
    ]);
  });
  it("one that SQS fails to put off is told again, and one that it refuses is an error", async () => {
    const failing = (SenderFault: boolean) => ({ body: { Failed: [{ Id: "0", SenderFault, Code: "Why" }] } });
    const received = await receivedOn((request, n) =>
      n === 0 ? failing(false) : n === 1 ? taking(request) : failing(true),
    );
    await received.putOff(message("a"), 1_000);
    expect(server.requests).toHaveLength(2);
    await expect(received.putOff(message("a"), 1_000)).rejects.toMatchObject({
      code: "storage_failed",
      message: "the queue shop-order refused an entry: Why: no reason given",
    });
  });
  it("ten are deleted in a request", async () => {
    const received = await receivedOn();
    await received.remove(Array.from({ length: 11 }, (_, i) => message(`h${i}`)));
    expect(server.requests.map(({ Entries }) => Entries.length)).toEqual([10, 1]);
  });
  it("none are deleted without a request", async () => {
    const received = await receivedOn();
    await received.remove([]);
    expect(server.requests).toEqual([]);
  });
});
