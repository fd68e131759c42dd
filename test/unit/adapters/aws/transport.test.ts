import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { SqsTransport, sqsClient } from "../../../../lib/adapters/aws/transport.ts";
import type { Envelope } from "../../../../lib/contract/envelope.ts";
import type { Json } from "../../../../lib/model/json.ts";
import type { OutMessage } from "../../../../lib/ports/transport.ts";
import { type Answer, type AnsweringServer, answeringServer } from "../../../support/aws/answering-server.ts";
import { MemoryPayloads } from "../../../support/aws/memory-payloads.ts";

interface Request {
  readonly QueueUrl: string;
  readonly Entries: readonly { readonly Id: string; readonly MessageBody: string; readonly DelaySeconds?: number }[];
}
type Failure = { readonly SenderFault: boolean; readonly Code: string; readonly Message?: string };

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
/** As SQS answers: what `failing` says of an entry's path, or that it was taken. */
const taking =
  (failing: (path: string, n: number) => Failure | "unmentioned" | undefined = () => undefined) =>
  ({ Entries }: Request, n: number): Answer => {
    const all = Entries.map(({ Id, MessageBody }) => {
      const why = failing((JSON.parse(MessageBody) as { path: string }).path, n);
      return { Id, MessageId: `m${Id}`, MD5OfMessageBody: md5(MessageBody), why };
    });
    return {
      body: {
        Successful: all.filter(({ why }) => why === undefined).map(({ why: _, ...taken }) => taken),
        Failed: all.flatMap(({ Id, why }) => (typeof why === "object" ? [{ Id, ...why }] : [])),
      },
    };
  };

const step = (path: string, value: Json = null): Envelope => ({
  ...{ kind: "step", v: 1, workflow: "order", id: "1", graph: "h", epoch: 0, expiresAt: 99, path, attempt: 1 },
  ...{ bind: { prev: "x" }, carry: { x: value } },
});
const message = (path: string, over: Partial<OutMessage> = {}): OutMessage => ({
  ...{ queue: "order.charge", envelope: step(path) },
  ...over,
});
const pathsOf = ({ Entries }: Request) =>
  Entries.map(({ MessageBody }) => (JSON.parse(MessageBody) as { path: string }).path);

describe("the transport on SQS", () => {
  let server: AnsweringServer<Request>;
  let scheduled: { readonly inMs: number; readonly path: string }[];
  let payloads: MemoryPayloads;
  afterEach(() => server.close());

  async function transportOn(
    answer: (request: Request, n: number) => Answer | Promise<Answer>,
    longestDelayMs?: number,
  ) {
    server = await answeringServer<Request>(answer);
    scheduled = [];
    payloads = new MemoryPayloads();
    const { endpoint = "" } = server.aws;
    return new SqsTransport({
      client: sqsClient(server.aws),
      queueUrl: (queue) => `${endpoint}/0/${queue}`,
      scheduler: {
        sendAt: async (timeMs, { envelope }) => {
          scheduled.push({ inMs: timeMs - Date.now(), path: envelope.kind === "step" ? envelope.path : "" });
        },
      },
      payloads,
      ...(longestDelayMs !== undefined && { longestDelayMs }),
    });
  }

  describe("a request", () => {
    it("carries what several callers send in the same turn", async () => {
      const transport = await transportOn(taking());
      await Promise.all(["a", "b", "c"].map((path) => transport.send([message(path)])));
      expect(server.requests.map(pathsOf)).toEqual([["a", "b", "c"]]);
    });
    it("carries what was sent while another one was under way", async () => {
      const late: Promise<void>[] = [];
      const transport = await transportOn(async (request, n) => {
        if (n === 0) {
          late.push(transport.send([message("b")]));
          await new Promise((resolve) => setTimeout(resolve, 20));
          late.push(transport.send([message("c")]));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return taking()(request, n);
      });
      await transport.send([message("a")]);
      await Promise.all(late);
      expect(server.requests.map(pathsOf)).toEqual([["a"], ["b", "c"]]);
    });
    it.each([
      [10, [10]],
      [11, [1, 10]],
    ])("carries ten messages at most: %i go as %j", async (count, sizes) => {
      const transport = await transportOn(taking());
      await transport.send(Array.from({ length: count }, (_, i) => message(`s${i}`)));
      expect(server.requests.map(({ Entries }) => Entries.length).toSorted()).toEqual(sizes);
    });
    it("carries a mebibyte at most", async () => {
      const transport = await transportOn(taking());
      const most = message("s", { envelope: step("s", "x".repeat(199 * 1024)) });
      await transport.send(Array.from({ length: 10 }, () => most));
      const sizes = server.requests.map(({ Entries }) =>
        Entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0),
      );
      expect(sizes).toHaveLength(2);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    });
    it("goes to one queue", async () => {
      const transport = await transportOn(taking());
      await transport.send([message("a"), message("b", { queue: "order.ship" })]);
      expect(server.requests.map(({ QueueUrl }) => QueueUrl.split("/").at(-1)).toSorted()).toEqual([
        "order.charge",
        "order.ship",
      ]);
    });
    it("has none of the characters that SQS replaces", async () => {
      const transport = await transportOn(taking());
      const text = "\uFFFE\uFFFF\uD800\u0000\u000B\uFFFD";
      await transport.send([message("a", { envelope: step("a", text) })]);
      const body = server.requests[0]?.Entries[0]?.MessageBody ?? "";
      expect(body).toMatch(/^[\u0020-\uFFFD]*$/);
      expect(JSON.parse(body)).toEqual(step("a", text));
    });
  });

  describe("an entry", () => {
    it("that SQS failed to take is sent again, by itself", async () => {
      const failing = (path: string, n: number) =>
        path === "b" && n < 2 ? { SenderFault: false, Code: "InternalError" } : undefined;
      const transport = await transportOn(taking(failing));
      await transport.send([message("a"), message("b"), message("c")]);
      expect(server.requests.map(pathsOf)).toEqual([["a", "b", "c"], ["b"], ["b"]]);
    });
    it("that the answer does not mention is sent again", async () => {
      const transport = await transportOn(taking((path, n) => (path === "b" && n === 0 ? "unmentioned" : undefined)));
      await transport.send([message("a"), message("b")]);
      expect(server.requests.map(pathsOf)).toEqual([["a", "b"], ["b"]]);
    });
    it("that SQS refuses is its sender's error, and no other caller's", async () => {
      const refused = { SenderFault: true, Code: "InvalidMessageContents", Message: "no such character" };
      const transport = await transportOn(taking((path) => (path === "b" ? refused : undefined)));
      const [a, b] = await Promise.allSettled([transport.send([message("a")]), transport.send([message("b")])]);
      expect(a.status).toBe("fulfilled");
      expect(b).toMatchObject({
        reason: {
          code: "storage_failed",
          message: "the queue order.charge refused an entry: InvalidMessageContents: no such character",
        },
      });
      expect(server.requests).toHaveLength(1);
    });
    it("that SQS fails to take again and again is an error in the end", async () => {
      const transport = await transportOn(taking(() => ({ SenderFault: false, Code: "InternalError" })));
      await expect(transport.send([message("a")])).rejects.toMatchObject({
        code: "storage_failed",
        message: expect.stringMatching(/left out an entry 7 times, at last: InternalError: no reason given/),
      });
      expect(server.requests).toHaveLength(7);
    });
    it("is sent again, with its whole request, when SQS has no capacity for it", async () => {
      const throttled = { status: 400, body: { __type: "com.amazonaws.sqs#RequestThrottled", message: "slower" } };
      const transport = await transportOn((request, n) => (n === 0 ? throttled : taking()(request, n)));
      await transport.send([message("a"), message("b")]);
      expect(server.requests.map(pathsOf)).toEqual([
        ["a", "b"],
        ["a", "b"],
      ]);
    });
    it("is not taken for sent when the request fails", async () => {
      const body = { __type: "com.amazonaws.sqs#QueueDoesNotExist", message: "no such queue" };
      const transport = await transportOn(() => ({ status: 400, body }));
      const both = await Promise.allSettled([transport.send([message("a")]), transport.send([message("b")])]);
      expect(both).toMatchObject([
        { status: "rejected", reason: { code: "storage_failed", message: expect.stringMatching(/order\.charge/) } },
        { status: "rejected", reason: { code: "storage_failed" } },
      ]);
    });
  });

  describe("a delay", () => {
    it.each([
      [undefined, undefined],
      [0, undefined],
      [1, 1],
      [1000, 1],
      [1001, 2],
      [900_000, 900],
    ])("of %s ms is one of %s seconds", async (delayMs, seconds) => {
      const transport = await transportOn(taking());
      await transport.send([message("a", delayMs === undefined ? {} : { delayMs })]);
      expect(server.requests[0]?.Entries[0]?.DelaySeconds).toBe(seconds);
      expect(scheduled).toEqual([]);
    });
    it("beyond 15 minutes is the scheduler's", async () => {
      const transport = await transportOn(taking());
      await transport.send([message("a", { delayMs: 900_001 })]);
      expect(server.requests).toEqual([]);
      expect(scheduled).toMatchObject([{ path: "a" }]);
      expect(scheduled[0]?.inMs).toBeGreaterThan(899_000);
      expect(scheduled[0]?.inMs).toBeLessThanOrEqual(900_001);
    });
  });

  describe("a body", () => {
    const sized = (bytes: number) => {
      const empty = Buffer.byteLength(JSON.stringify(step("a", "")));
      return message("a", { envelope: step("a", "x".repeat(bytes - empty)) });
    };
    it("of 200 KiB is sent as it is", async () => {
      const transport = await transportOn(taking());
      await transport.send([sized(200 * 1024)]);
      expect(payloads.stored.size).toBe(0);
    });
    it("of a byte more is stored, under its execution", async () => {
      const transport = await transportOn(taking());
      await transport.send([sized(200 * 1024 + 1)]);
      const { payload, ...body } = JSON.parse(server.requests[0]?.Entries[0]?.MessageBody ?? "");
      const [[key = ""] = []] = [...payloads.stored];
      expect(body).toEqual({ v: 1, kind: "stored", workflow: "order", compressed: true });
      expect(payload).toEqual({ key, sha256: key.split("/")[3] });
      expect(key).toMatch(/^month\/order\/1\/[0-9a-f]{64}$/);
    });
  });
});
