/** What queues promise that an engine itself receives from: see `Queues` in lib/ports/transport.ts. On AWS that is Lambda's part. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, type TestContext } from "vitest";
import type { DeadLetter, Delivery, Outcome, Queues } from "../../lib/ports/transport.ts";
import { skip } from "../support/skip.ts";
import { turn } from "../support/virtual-clock.ts";
import { acknowledge, answering, message, pathOf } from "./transport.suite.ts";

export interface QueuesSubject {
  readonly transport: Queues;
  readonly concurrency: number;
  now(): number;
  /** Resolves when nothing more happens without time passing. */
  quiet(): Promise<void>;
  pass(ms: number): Promise<void>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** Ends the process that holds the queues, without waiting for anything, and opens them in another; or why not. */
  readonly reopen: (() => Promise<QueuesSubject>) | string;
  /** The same, and meanwhile every message on disk has become this body; or why that cannot be done. */
  readonly reopenSpoilt: ((body: string) => Promise<QueuesSubject>) | string;
  close(): Promise<void>;
}

export function queuesSuite(adapter: string, make: () => Promise<QueuesSubject>): void {
  describe(`the queues: ${adapter}`, () => {
    let subject: QueuesSubject;
    let transport: Queues;
    let received: Delivery[];
    beforeEach(async () => {
      subject = await make();
      transport = subject.transport;
      received = [];
    });
    afterEach(() => subject.close());

    const consume = (queue: string, outcomes: readonly Outcome[] = [acknowledge], on = transport) =>
      on.consume(
        queue,
        answering(outcomes, (delivery) => received.push(delivery)),
      );
    const paths = () => received.map(pathOf);
    /** Goes on in another process. Asked for first: where there is none, the test ends here. */
    const another = (context: TestContext) => {
      if (typeof subject.reopen === "string") return skip(context, subject.reopen);
      return async (spoilt?: string): Promise<QueuesSubject> => {
        const { reopen, reopenSpoilt } = subject;
        if (typeof reopen === "string" || typeof reopenSpoilt === "string")
          throw new Error("it could be opened before");
        subject = await (spoilt === undefined ? reopen() : reopenSpoilt(spoilt));
        received = [];
        return subject;
      };
    };

    describe("a consumer", () => {
      it("receives at once, up to the limit, and beside what another queue's receives", async () => {
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
      it("that comes later takes over", async () => {
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

    describe("a message for later", () => {
      const DAY_MS = 24 * 60 * 60_000;
      it.each([
        ["a minute", 60_001],
        ["a day", DAY_MS],
        ["more than a timer of Node's can hold", 25 * DAY_MS],
        ["a year", 365 * DAY_MS],
      ])("comes after %s, and not before", async (_, delayMs) => {
        consume("order.charge");
        await transport.send([message("a", { delayMs })]);
        await subject.pass(delayMs - 1);
        expect(paths()).toEqual([]);
        await subject.pass(1);
        expect(paths()).toEqual(["a"]);
        await subject.pass(DAY_MS);
        expect(paths()).toEqual(["a"]);
      });
      it("is put off for long, and comes again on time", async () => {
        consume("order.charge", [{ kind: "putOff", delayMs: DAY_MS }, { kind: "putOff", delayMs: 1000 }, acknowledge]);
        await transport.send([message("a"), message("b", { delayMs: DAY_MS + 500, queue: "order.ship" })]);
        await subject.pass(DAY_MS - 1);
        expect(received.map((d) => d.receives)).toEqual([1]);
        await subject.pass(1);
        expect(received.map((d) => d.receives)).toEqual([1, 2]);
        await subject.pass(1000);
        expect(received.map((d) => d.receives)).toEqual([1, 2, 3]);
        consume("order.ship");
        await subject.quiet();
        await subject.pass(DAY_MS);
        expect(paths()).toEqual(["a", "a", "a", "b"]);
      });
      it("is one of thousands that are due in one millisecond, and each comes once", async () => {
        const all = Array.from({ length: 1200 }, (_, i) => message(`s${i}`, { delayMs: 3_600_000 + (i % 3) }));
        consume("order.charge");
        await transport.send(all);
        await subject.pass(3_599_999);
        expect(paths()).toEqual([]);
        await subject.pass(3);
        expect(paths().toSorted()).toEqual(all.map((_, i) => `s${i}`).toSorted());
      });
      it("comes once and on time, whatever is sent and put off and which process is at it", async () => {
        const delay = fc.oneof(fc.nat(2000), fc.nat(130_000), fc.nat(10 * 3_600_000));
        const act = fc.record({ delays: fc.array(delay, { maxLength: 6 }), passMs: delay, reopen: fc.boolean() });
        await fc.assert(
          fc.asyncProperty(
            fc.array(act, { maxLength: 6 }),
            fc.array(delay, { maxLength: 5 }),
            async (acts, putOffs) => {
              let fresh = await make();
              try {
                const dueMs = new Map<string, number>();
                const late: string[] = [];
                const done: string[] = [];
                const offs = [...putOffs];
                const on = ({ transport, now }: QueuesSubject) =>
                  transport.consume("order.charge", async (delivery) => {
                    const path = pathOf(delivery);
                    if (now() !== dueMs.get(path)) late.push(`${path} at ${now()}, due at ${dueMs.get(path)}`);
                    const delayMs = offs.pop();
                    if (delayMs === undefined) {
                      done.push(path);
                      return acknowledge;
                    }
                    dueMs.set(path, now() + delayMs);
                    return { kind: "putOff", delayMs };
                  });
                on(fresh);
                for (const { delays, passMs, reopen } of acts) {
                  const messages = delays.map((delayMs) => {
                    const path = `s${dueMs.size}`;
                    dueMs.set(path, fresh.now() + delayMs);
                    return message(path, { delayMs });
                  });
                  await fresh.transport.send(messages);
                  await fresh.pass(passMs);
                  if (!reopen || typeof fresh.reopen === "string") continue;
                  fresh = await fresh.reopen();
                  on(fresh);
                  await fresh.quiet();
                }
                await fresh.pass(DAY_MS * 10);
                expect(late).toEqual([]);
                expect(done.toSorted()).toEqual([...dueMs.keys()].toSorted());
              } finally {
                await fresh.close();
              }
            },
          ),
          { numRuns: 25 },
        );
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
        expect(await third.deadLetters()).toMatchObject([
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
