/** What every transport promises: see lib/ports/transport.ts. */
import { afterEach, beforeEach, describe, expect, it, type TestContext } from "vitest";
import type { Envelope } from "../../lib/contract/envelope.ts";
import { type DeadLetter, type Delivery, MOST_RECEIVES, type Outcome, type Queues } from "../../lib/ports/transport.ts";
import { skip } from "../support/skip.ts";
import { turn } from "../support/virtual-clock.ts";

export interface TransportSubject {
  readonly transport: Queues;
  readonly concurrency: number;
  /** Resolves when nothing more happens without time passing. */
  quiet(): Promise<void>;
  pass(ms: number): Promise<void>;
  deadLetters(): readonly DeadLetter[];
  /** What receivers threw. */
  readonly errors: readonly unknown[];
  /** Ends the process that holds the queues, without waiting for anything, and opens them in another; or why not. */
  readonly reopen: (() => Promise<TransportSubject>) | string;
  /** The same, and meanwhile every message on disk has become this body; or why that cannot be done. */
  readonly reopenSpoilt: ((body: string) => Promise<TransportSubject>) | string;
  close(): Promise<void>;
}

const message = (path: string, over: { queue?: string; delayMs?: number } = {}) => {
  const envelope: Envelope = {
    ...{ kind: "step", v: 1, workflow: "order", id: "1", graph: "h", epoch: 0, expiresAt: 99 },
    ...{ path, bind: { prev: "x" }, attempt: 1 },
  };
  return { queue: "order.charge", envelope, ...over };
};
const pathOf = ({ envelope }: Delivery) => (envelope.kind === "step" ? envelope.path : envelope.kind);
const acknowledge: Outcome = { kind: "acknowledge" };

export function transportSuite(adapter: string, make: () => Promise<TransportSubject>): void {
  describe(`the transport: ${adapter}`, () => {
    let subject: TransportSubject;
    let transport: Queues;
    let received: Delivery[];
    beforeEach(async () => {
      subject = await make();
      transport = subject.transport;
      received = [];
    });
    afterEach(() => subject.close());

    /** Receives from the queue and answers with the outcomes in turn, the last one for ever. */
    const consume = (queue: string, outcomes: readonly (Outcome | Error)[] = [acknowledge], on = transport) => {
      let n = 0;
      on.consume(queue, async (delivery) => {
        received.push(delivery);
        const outcome = outcomes[Math.min(n++, outcomes.length - 1)] ?? acknowledge;
        if (outcome instanceof Error) throw outcome;
        return outcome;
      });
    };
    const paths = () => received.map(pathOf);
    /** Goes on in another process. Asked for first: where there is none, the test ends here. */
    const another = (context: TestContext) => {
      if (typeof subject.reopen === "string") return skip(context, subject.reopen);
      return async (spoilt?: string): Promise<TransportSubject> => {
        const { reopen, reopenSpoilt } = subject;
        if (typeof reopen === "string" || typeof reopenSpoilt === "string")
          throw new Error("it could be opened before");
        subject = await (spoilt === undefined ? reopen() : reopenSpoilt(spoilt));
        received = [];
        return subject;
      };
    };

    describe("a message", () => {
      it("is delivered to its queue's consumer, for the first time", async () => {
        consume("order.charge");
        await transport.send([message("a")]);
        await subject.quiet();
        expect(received).toEqual([
          { envelope: message("a").envelope, receives: 1, sentAtMs: expect.any(Number), dead: false },
        ]);
      });
      it("is delivered with its whole payload", async () => {
        consume("order");
        const input = JSON.parse('{"text":"ü\\u2028\\u0000","__proto__":{"a":1},"list":[null,1.5,true]}');
        const start: Envelope = { kind: "start", v: 1, workflow: "order", id: "1", trigger: { kind: "direct" }, input };
        await transport.send([{ queue: "order", envelope: start }]);
        await subject.quiet();
        expect(JSON.stringify(received[0]?.envelope)).toBe(JSON.stringify(start));
      });
      it("is delivered to no other queue, though its name begins alike", async () => {
        consume("order");
        consume("order.chargeback");
        await transport.send([message("a")]);
        await subject.quiet();
        expect(received).toEqual([]);
      });
      it("waits for a consumer that comes later", async () => {
        await transport.send([message("a"), message("b")]);
        await subject.quiet();
        consume("order.charge");
        await subject.quiet();
        expect(paths().toSorted()).toEqual(["a", "b"]);
      });
      it("that is acknowledged does not come again", async () => {
        consume("order.charge");
        await transport.send([message("a")]);
        await subject.pass(24 * 60 * 60_000);
        expect(paths()).toEqual(["a"]);
      });
      it("that is put off comes again, no sooner than it was put off to, and says how often it came", async () => {
        consume("order.charge", [{ kind: "putOff", delayMs: 5000 }, { kind: "putOff", delayMs: 1 }, acknowledge]);
        await transport.send([message("a")]);
        await subject.pass(4999);
        expect(received).toHaveLength(1);
        await subject.pass(1);
        expect(received).toHaveLength(2);
        await subject.pass(60_000);
        expect(received.map((d) => d.receives)).toEqual([1, 2, 3]);
      });
      it("whose receiver throws comes again, and the error is told", async () => {
        const error = new Error("the receiver broke");
        consume("order.charge", [error, acknowledge]);
        await transport.send([message("a")]);
        await subject.pass(60_000);
        expect(received.map((d) => d.receives)).toEqual([1, 2]);
        expect(subject.errors).toEqual([error]);
      });
      it("with a delay is not delivered before", async () => {
        consume("order.charge");
        await transport.send([message("a", { delayMs: 30_000 })]);
        await subject.pass(29_999);
        expect(received).toEqual([]);
        await subject.pass(1);
        expect(paths()).toEqual(["a"]);
      });
      it("that is buried is kept aside with the reason, and does not come again", async () => {
        consume("order.charge", [{ kind: "bury", reason: "it makes no sense" }]);
        await transport.send([message("a")]);
        await subject.pass(60_000);
        expect(paths()).toEqual(["a"]);
        const [letter, ...others] = subject.deadLetters();
        expect(letter).toMatchObject({ queue: "order.charge", reason: "it makes no sense", atMs: expect.any(Number) });
        expect(JSON.parse(letter?.body ?? "")).toEqual(message("a").envelope);
        expect(others).toEqual([]);
      });
      it(`that came ${MOST_RECEIVES} times to nothing is handed on to the control queue as a dead letter`, async () => {
        const control: Delivery[] = [];
        transport.consume("order", async (delivery) => {
          control.push(delivery);
          return control.length === 1 ? { kind: "putOff", delayMs: 1 } : acknowledge;
        });
        consume("order.charge", [{ kind: "putOff", delayMs: 1 }]);
        await transport.send([message("a")]);
        await subject.pass(1000);
        expect(received.map((d) => d.receives)).toEqual(Array.from({ length: MOST_RECEIVES }, (_, i) => i + 1));
        expect(received.every((d) => !d.dead)).toBe(true);
        expect(control).toMatchObject([
          { receives: MOST_RECEIVES + 1, dead: true, envelope: message("a").envelope },
          { receives: MOST_RECEIVES + 2, dead: true },
        ]);
      });
    });

    describe("messages", () => {
      it("are all delivered, none twice, when nothing goes wrong", async () => {
        consume("order.charge");
        const all = Array.from({ length: 500 }, (_, i) => `s${i}`);
        await transport.send(all.slice(0, 250).map((path) => message(path)));
        await subject.quiet();
        await Promise.all(all.slice(250).map((path) => transport.send([message(path)])));
        await subject.quiet();
        expect(paths().toSorted()).toEqual(all.toSorted());
      });
      it("that are sent while one is received are delivered too", async () => {
        transport.consume("order.charge", async (delivery) => {
          received.push(delivery);
          if (received.length < 50) await transport.send([message(`s${received.length}`)]);
          return acknowledge;
        });
        await transport.send([message("s0")]);
        await subject.quiet();
        expect(paths()).toEqual(Array.from({ length: 50 }, (_, i) => `s${i}`));
      });
      it("of one queue are received at once, up to the limit, and of another beside", async () => {
        const held: (() => void)[] = [];
        const hold = (delivery: Delivery): Promise<Outcome> => {
          received.push(delivery);
          return new Promise((resolve) => held.push(() => resolve(acknowledge)));
        };
        transport.consume("order.charge", hold);
        transport.consume("order.ship", hold);
        const { concurrency } = subject;
        await transport.send(Array.from({ length: concurrency + 3 }, (_, i) => message(`s${i}`)));
        await transport.send([message("other", { queue: "order.ship" })]);
        for (let i = 0; i < 5; i++) await turn();
        expect(received).toHaveLength(concurrency + 1);
        held[0]?.();
        for (let i = 0; i < 5; i++) await turn();
        expect(received).toHaveLength(concurrency + 2);
        for (let i = 0; i < received.length; i++) {
          held[i]?.();
          await turn();
          await turn();
        }
        await subject.quiet();
        expect(received).toHaveLength(concurrency + 4);
      });
      it("go to the newest consumer of their queue", async () => {
        const older: Delivery[] = [];
        transport.consume("order.charge", async (delivery) => {
          older.push(delivery);
          return acknowledge;
        });
        await transport.send([message("a")]);
        await subject.quiet();
        consume("order.charge");
        await transport.send([message("b")]);
        await subject.quiet();
        expect([older.map(pathOf), paths()]).toEqual([["a"], ["b"]]);
      });
    });

    describe("stopping", () => {
      it("waits for what is being received, and delivers nothing more", async () => {
        let finish = () => {};
        let stopped = false;
        transport.consume("order.charge", (delivery) => {
          received.push(delivery);
          return new Promise((resolve) => {
            finish = () => resolve(acknowledge);
          });
        });
        await transport.send([message("a"), message("later", { delayMs: 1000 })]);
        for (let i = 0; i < 5; i++) await turn();
        const stop = transport.stop().then(() => {
          stopped = true;
        });
        await transport.send([message("b")]);
        for (let i = 0; i < 5; i++) await turn();
        expect(stopped).toBe(false);
        finish();
        await stop;
        await subject.pass(60_000);
        expect(paths()).toEqual(["a"]);
      });
    });

    describe("in another process", () => {
      it("a message that was not acknowledged comes again, and one that was does not", async (context) => {
        const reopen = another(context);
        transport.consume("order.charge", async (delivery) => {
          received.push(delivery);
          return pathOf(delivery) === "b" ? new Promise<never>(() => {}) : acknowledge;
        });
        await transport.send([message("a"), message("b"), message("c"), message("d", { queue: "order.ship" })]);
        for (let i = 0; i < 5; i++) await turn();
        expect(received).toHaveLength(3);
        const again = await reopen();
        consume("order.charge", [acknowledge], again.transport);
        consume("order.ship", [acknowledge], again.transport);
        await again.quiet();
        expect(paths().toSorted()).toEqual(["b", "d"]);
        expect(received.find((d) => pathOf(d) === "b")?.envelope).toEqual(message("b").envelope);
      });
      it("a message that was put off or delayed is not delivered before its time, and keeps its count", async (context) => {
        const reopen = another(context);
        consume("order.charge", [{ kind: "putOff", delayMs: 5000 }]);
        await transport.send([message("a"), message("b", { queue: "order.ship", delayMs: 5000 })]);
        await subject.quiet();
        await turn();
        const again = await reopen();
        consume("order.charge", [acknowledge], again.transport);
        consume("order.ship", [acknowledge], again.transport);
        await again.pass(4999);
        expect(received).toEqual([]);
        await again.pass(1);
        expect(received.toSorted((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1))).toMatchObject([
          { receives: 2 },
          { receives: 1 },
        ]);
      });
      it("a message that cannot be read is kept aside, and a new one does not take its place", async (context) => {
        const reopen = another(context);
        await transport.send([message("spoilt")]);
        const again = await reopen('{"kind":"step"');
        await again.transport.send([message("a")]); // before the unreadable one is gone from disk
        await again.quiet();
        const third = await reopen();
        consume("order.charge", [acknowledge], third.transport);
        await third.quiet();
        expect(paths()).toEqual(["a"]);
        expect(third.deadLetters()).toMatchObject([
          { queue: "order.charge", body: '{"kind":"step"', reason: "the message is not JSON" },
        ]);
      });
      it("new messages do not overwrite those that were there", async (context) => {
        const reopen = another(context);
        await transport.send([message("a"), message("b")]);
        await subject.quiet();
        await turn();
        const again = await reopen();
        await again.transport.send([message("c")]);
        await again.quiet();
        const third = await reopen();
        consume("order.charge", [acknowledge], third.transport);
        await third.quiet();
        expect(paths().toSorted()).toEqual(["a", "b", "c"]);
      });
    });
  });
}
