import type { SQSRecord } from "aws-lambda";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { ReceivedMessage } from "../../lib/adapters/aws/received.ts";
import { type Envelope, parseEnvelope } from "../../lib/contract/envelope.ts";
import { type BatchParts, receiveBatch } from "../../lib/lambda/batch.ts";
import type { Delivery, Outcome } from "../../lib/ports/transport.ts";

const envelope = (path: string): Envelope => ({
  ...{ kind: "step", v: 1, workflow: "order", id: "1", graph: "h", epoch: 0, expiresAt: 99, path, attempt: 1 },
  bind: { prev: "x" },
});
const ARN = "arn:aws:sqs:eu-west-1:123456789012:shop-order-charge";

interface Of {
  readonly receives?: number;
  readonly body?: string;
  readonly arn?: string;
  readonly id?: string;
}
const record = (
  path: string,
  { receives = 1, body = JSON.stringify(envelope(path)), arn = ARN, id = path }: Of = {},
) => ({
  ...{ messageId: id, receiptHandle: `handle of ${path}`, body, md5OfBody: "", messageAttributes: {} },
  ...{ eventSource: "aws:sqs", eventSourceARN: arn, awsRegion: "eu-west-1" },
  attributes: {
    ...{ ApproximateReceiveCount: String(receives), SentTimestamp: "1700000000000" },
    ...{ SenderId: "s", ApproximateFirstReceiveTimestamp: "1700000000001" },
  },
});
const acknowledge: Outcome = { kind: "acknowledge" };
const never = new Promise<never>(() => {});
const later = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a batch", () => {
  /** What happened, in order. */
  let story: string[];
  let deliveries: Delivery[];
  let lines: { readonly message: string; readonly about: Readonly<Record<string, unknown>> }[];
  let remainingMs: number;
  /** By path; acknowledges what is not in it. */
  let answers: Record<string, () => Promise<Outcome> | Outcome>;
  let broken: Set<"putOff" | "remove" | "bury">;
  beforeEach(() => {
    story = [];
    deliveries = [];
    lines = [];
    remainingMs = 30_000;
    answers = {};
    broken = new Set();
  });

  const does = (what: "putOff" | "remove" | "bury", line: string) => {
    story.push(line);
    if (broken.has(what)) throw new Error(`${what} is broken`);
  };
  const pathOf = ({ receiptHandle }: ReceivedMessage) => receiptHandle.slice("handle of ".length);
  const say = (message: string, about: Readonly<Record<string, unknown>>) => lines.push({ message, about }) > 0;
  const parts = (): BatchParts => ({
    parse: async (body) => parseEnvelope(body),
    receive: async (delivery) => {
      deliveries.push(delivery);
      const path = delivery.envelope.kind === "step" ? delivery.envelope.path : "";
      story.push(`${path} begins`);
      await later();
      const answer = answers[path];
      const outcome = answer ? await answer() : acknowledge;
      story.push(`${path} ends`);
      return outcome;
    },
    isDeadLetterQueue: (name) => name === "shop-order_dead",
    received: {
      putOff: async (message, delayMs) => does("putOff", `${pathOf(message)} put off by ${delayMs}`),
      remove: async (messages) => does("remove", `${messages.map(pathOf).join(" ")} removed`),
    },
    bury: async ({ messageId }, reason) => does("bury", `${messageId} buried: ${reason}`),
    logger: { info: say, warn: say, error: say },
  });
  /** The ids of those that failed. */
  const receive = async (...records: readonly SQSRecord[]): Promise<readonly string[]> => {
    const time = { remainingMs: () => remainingMs, neededMs: 10_000 };
    const { batchItemFailures } = await receiveBatch({ Records: [...records] }, parts(), time);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };

  describe("of which all is done", () => {
    it("has no failures", async () => {
      expect(await receive(record("a"), record("b"))).toEqual([]);
    });
    it("is received at once", async () => {
      await receive(record("a"), record("b", { receives: 2 }), record("c"));
      expect(story).toEqual(["a begins", "b begins", "c begins", "a ends", "b ends", "c ends"]);
    });
    it("tells receivers what SQS knows", async () => {
      await receive(record("a", { receives: 2 }));
      expect(deliveries).toEqual([{ envelope: envelope("a"), receives: 2, sentAtMs: 1_700_000_000_000, dead: false }]);
    });
    it("tells a dead letter by its queue", async () => {
      await receive(record("a", { arn: "arn:aws:sqs:eu-west-1:123456789012:shop-order_dead" }));
      expect(deliveries).toMatchObject([{ dead: true }]);
    });
  });

  describe("fails closed:", () => {
    it("what threw comes back after a while, and nothing else", async () => {
      answers.b = () => {
        throw new Error("the receiver broke");
      };
      expect(await receive(record("a"), record("b"), record("c"))).toEqual(["b"]);
      expect(story).toContain("b put off by 200");
      expect(lines).toMatchObject([
        { about: { execution: "order/1", path: "b", attempt: 1, messageId: "b", errorMessage: "the receiver broke" } },
      ]);
    });
    it.each([
      [1, 200],
      [2, 400],
      [5, 3200],
      [9, 51_200],
      [10, 60_000],
      [99, 60_000],
    ])("what was received %i times and threw comes back after %i ms", async (receives, delayMs) => {
      answers.a = () => Promise.reject(new Error("the receiver broke"));
      await receive(record("a", { receives }));
      expect(story.at(-1)).toBe(`a put off by ${delayMs}`);
    });
    it.each([
      ["nothing", undefined],
      ["something else", { kind: "done" }],
      ["null", null],
    ])("what is answered with %s comes back", async (_, outcome) => {
      answers.b = () => outcome as unknown as Outcome;
      expect(await receive(record("a"), record("b"))).toEqual(["b"]);
    });
    it("what is put off comes back then", async () => {
      answers.a = () => ({ kind: "putOff", delayMs: 5_000 });
      expect(await receive(record("a"), record("b"))).toEqual(["a"]);
      expect(story).toContain("a put off by 5000");
    });
    it("what cannot be put off comes back all the same", async () => {
      broken.add("putOff");
      answers.a = () => ({ kind: "putOff", delayMs: 5_000 });
      answers.b = () => Promise.reject(new Error("the receiver broke"));
      expect(await receive(record("a"), record("b"), record("c"))).toEqual(["a", "b"]);
    });
    it("what is not answered before the function ends comes back, and what is answered does not", async () => {
      remainingMs = 1_050;
      answers.a = () => never;
      expect(await receive(record("a"), record("b"))).toEqual(["a"]);
      expect(lines).toMatchObject([{ message: expect.stringMatching(/^not answered/), about: { messageId: "a" } }]);
    });
    it("an event that is no batch is an error, and no success", async () => {
      const time = { remainingMs: () => remainingMs, neededMs: 10_000 };
      await expect(receiveBatch({} as never, parts(), time)).rejects.toThrow(TypeError);
    });
    it("one message that came twice in one batch is done when both are", async () => {
      let n = 0;
      answers.a = () => (n++ === 0 ? acknowledge : Promise.reject(new Error("the receiver broke")));
      expect(await receive(record("a"), record("a"))).toEqual(["a"]);
    });
    it("whatever happens to each message, those that fail are those that are not done", async () => {
      const kind = fc.constantFrom("acknowledge", "bury", "putOff", "throw", "nothing");
      const message = fc.record({ kind, receives: fc.integer({ min: 1, max: 4 }) });
      const some = fc.uniqueArray(fc.constantFrom<("putOff" | "remove" | "bury")[]>("putOff", "remove", "bury"));
      await fc.assert(
        fc.asyncProperty(fc.array(message, { maxLength: 10 }), some, async (messages, out) => {
          broken = new Set(out);
          const outcomes: Record<string, () => Outcome> = {
            acknowledge: () => acknowledge,
            bury: () => ({ kind: "bury", reason: "why" }),
            putOff: () => ({ kind: "putOff", delayMs: 1 }),
            throw: () => {
              throw new Error("the receiver broke");
            },
            nothing: () => undefined as unknown as Outcome,
          };
          for (const [i, m] of messages.entries()) answers[`m${i}`] = outcomes[m.kind] as () => Outcome;
          const failed = await receive(...messages.map((m, i) => record(`m${i}`, { receives: m.receives })));
          const open = messages.flatMap((m, i) =>
            m.kind === "acknowledge" || (m.kind === "bury" && !broken.has("bury")) ? [] : [`m${i}`],
          );
          expect(failed.toSorted()).toEqual(open.toSorted());
        }),
      );
    });
  });

  describe("buries", () => {
    it("what a receiver says can never be processed", async () => {
      answers.a = () => ({ kind: "bury", reason: "it makes no sense" });
      expect(await receive(record("a"))).toEqual([]);
      expect(story.at(-1)).toBe("a buried: it makes no sense");
    });
    it("what cannot be read, with the reason", async () => {
      expect(await receive(record("a", { body: "{" }), record("b"))).toEqual([]);
      expect(story).toContain("a buried: invalid_envelope: the message is not JSON");
    });
    it("nothing that could not be buried: it comes back", async () => {
      broken.add("bury");
      answers.a = () => ({ kind: "bury", reason: "it makes no sense" });
      expect(await receive(record("a"), record("b", { body: "{" }), record("c"))).toEqual(["a", "b"]);
    });
    it("and tells no payload of it", async () => {
      await receive(record("a", { body: '{"v":1,"kind":"secret 4242"}' }));
      expect(lines).toMatchObject([{ message: "buried a message", about: { reason: "invalid_envelope" } }]);
      expect(JSON.stringify(lines)).not.toMatch(/4242/);
    });
    it("nothing that a receiver threw, whatever it is called", async () => {
      answers.a = () => {
        parseEnvelope("{");
        return acknowledge;
      };
      expect(await receive(record("a"))).toEqual(["a"]);
    });
  });

  describe("runs a message that came more than twice alone", () => {
    it("after the others, which are deleted first", async () => {
      answers.b = () => ({ kind: "putOff", delayMs: 1_000 });
      expect(await receive(record("x", { receives: 3 }), record("a"), record("b"), record("c"))).toEqual(["b"]);
      expect(story.slice(-3)).toEqual(["a c removed", "x begins", "x ends"]);
    });
    it("one after the other, each deleted before the next", async () => {
      answers.y = () => ({ kind: "putOff", delayMs: 1_000 });
      const suspects = ["x", "y", "z"].map((path) => record(path, { receives: 3 }));
      expect(await receive(...suspects)).toEqual(["y"]);
      expect(story).toEqual([
        ...["x begins", "x ends", "x removed"],
        ...["y begins", "y ends", "y put off by 1000"],
        ...["z begins", "z ends"],
      ]);
    });
    it("and deletes nothing when it is the only one", async () => {
      expect(await receive(record("x", { receives: 3 }))).toEqual([]);
      expect(story).toEqual(["x begins", "x ends"]);
    });
    it("and harms nobody when it takes the process along", async () => {
      const died = new Promise<void>((resolve) => {
        answers.x = () => {
          resolve();
          return never;
        };
      });
      void receive(record("a"), record("x", { receives: 3 }), record("y", { receives: 3 }));
      await died;
      expect(story.slice(-2)).toEqual(["a removed", "x begins"]);
    });
    it("also when the others cannot be deleted", async () => {
      broken.add("remove");
      expect(await receive(record("a"), record("x", { receives: 3 }))).toEqual([]);
      expect(story).toContain("x ends");
    });
    it("or puts it off, a second apart, when too little time is left", async () => {
      answers.x = () => {
        remainingMs = 9_999;
        return acknowledge;
      };
      const suspects = ["x", "y", "z"].map((path) => record(path, { receives: 3 }));
      expect(await receive(...suspects)).toEqual(["y", "z"]);
      expect(story.slice(-2)).toEqual(["y put off by 1000", "z put off by 2000"]);
    });
    it("when just enough time is left", async () => {
      remainingMs = 10_000;
      expect(await receive(record("x", { receives: 3 }))).toEqual([]);
    });
  });
});
