/**
 * What every transport promises: see lib/ports/transport.ts. Time is the subject's: virtual for the engine in one process,
 * where what is due comes to the millisecond, and real on the wire.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Envelope } from "../../lib/contract/envelope.ts";
import type { DeadLetter, Delivery, Outcome, Receive, Transport } from "../../lib/ports/transport.ts";

export interface TransportSubject {
  readonly transport: Transport;
  /** Receives the messages of a queue; those of a control queue with the workflow's dead letters. */
  consume(queue: string, receive: Receive): void;
  /** After so many deliveries a message is a dead letter. */
  readonly mostReceives: number;
  readonly times: Times;
  now(): number;
  /** Resolves when nothing more happens without time passing. */
  quiet(): Promise<void>;
  pass(ms: number): Promise<void>;
  /** Lets so much time pass, or less when it holds before. */
  until(holds: () => boolean, ms: number): Promise<void>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** What receivers threw. */
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

export interface Times {
  /** How late a message may be. */
  readonly lateMs: number;
  /** That a message is put off or delayed by. */
  readonly delayMs: number;
  /** By then a message has come back after its receiver threw. */
  readonly backMs: number;
  /** By then it would have come, if it were to come at all. */
  readonly everMs: number;
}

export const message = (path: string, over: { queue?: string; delayMs?: number } = {}) => {
  const envelope: Envelope = {
    ...{ kind: "step", v: 1, workflow: "order", id: "1", graph: "h", epoch: 0, expiresAt: 99 },
    ...{ path, bind: { prev: "x" }, attempt: 1 },
  };
  return { queue: "order.charge", envelope, ...over };
};
export const pathOf = ({ envelope }: Delivery) => (envelope.kind === "step" ? envelope.path : envelope.kind);
export const acknowledge: Outcome = { kind: "acknowledge" };

/** Answers with the outcomes in turn, the last one for ever. */
export function answering(outcomes: readonly (Outcome | Error)[], told: (delivery: Delivery) => void): Receive {
  let n = 0;
  return async (delivery) => {
    told(delivery);
    const outcome = outcomes[Math.min(n++, outcomes.length - 1)] ?? acknowledge;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
}

export function transportSuite(adapter: string, make: () => Promise<TransportSubject>): void {
  describe(`the transport: ${adapter}`, () => {
    let subject: TransportSubject;
    let transport: Transport;
    let times: Times;
    let received: Delivery[];
    let receivedAtMs: number[];
    beforeEach(async () => {
      subject = await make();
      ({ transport, times } = subject);
      received = [];
      receivedAtMs = [];
    });
    afterEach(() => subject.close());

    const consume = (queue: string, outcomes: readonly (Outcome | Error)[] = [acknowledge]) =>
      subject.consume(
        queue,
        answering(outcomes, (delivery) => {
          received.push(delivery);
          receivedAtMs.push(subject.now());
        }),
      );
    const paths = () => received.map(pathOf);
    const until = (count: number, ms: number) => subject.until(() => received.length >= count, ms);
    /** Not before its time, and hardly after. */
    const expectOnTime = (tookMs: number, delayMs: number) => {
      expect(tookMs).toBeGreaterThanOrEqual(delayMs);
      expect(tookMs).toBeLessThanOrEqual(delayMs + times.lateMs);
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
      it.each([
        ["as it is", '{"text":"ü\\u2028\\u0000\\ud800\\uffff","__proto__":{"a":1},"list":[null,1.5,true]}'],
        ["when it is long", JSON.stringify({ text: "long <aws.scheduler.execution-id> ".repeat(50_000) })],
      ])("is delivered with its whole payload, %s", async (_, text) => {
        consume("order");
        const input = JSON.parse(text);
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
        await subject.pass(times.everMs);
        expect(paths()).toEqual(["a"]);
      });
      it("that is put off comes again, no sooner than it was put off to, and says how often it came", async () => {
        const { delayMs } = times;
        consume("order.charge", [{ kind: "putOff", delayMs }, { kind: "putOff", delayMs: 1 }, acknowledge]);
        await transport.send([message("a")]);
        await until(2, delayMs);
        expectOnTime(receivedAtMs[1]! - receivedAtMs[0]!, delayMs);
        await until(3, times.backMs);
        expect(received.map((d) => d.receives)).toEqual([1, 2, 3]);
      });
      it("whose receiver throws comes again, and the error is told", async () => {
        const error = new Error("the receiver broke");
        consume("order.charge", [error, acknowledge]);
        await transport.send([message("a")]);
        await until(2, times.backMs);
        expect(received.map((d) => d.receives)).toEqual([1, 2]);
        expect(subject.errors).toEqual([error]);
      });
      it("with a delay is not delivered before", async () => {
        const { delayMs } = times;
        consume("order.charge");
        const sentAtMs = subject.now();
        await transport.send([message("a", { delayMs }), message("b")]);
        await until(2, delayMs);
        expect(paths()).toEqual(["b", "a"]);
        expectOnTime(receivedAtMs[1]! - sentAtMs, delayMs);
      });
      it("that is buried is kept aside with the reason, and does not come again", async () => {
        consume("order.charge", [{ kind: "bury", reason: "it makes no sense" }]);
        await transport.send([message("a")]);
        await subject.pass(times.everMs);
        expect(paths()).toEqual(["a"]);
        const [letter, ...others] = await subject.deadLetters();
        expect(letter).toMatchObject({ queue: "order.charge", reason: "it makes no sense", atMs: expect.any(Number) });
        expect(JSON.parse(letter?.body ?? "")).toEqual(message("a").envelope);
        expect(others).toEqual([]);
      });
      it("that came to nothing too often is handed on to the control queue as a dead letter", async () => {
        const { mostReceives } = subject;
        const control: Delivery[] = [];
        subject.consume(
          "order",
          answering([{ kind: "putOff", delayMs: 1 }, acknowledge], (delivery) => control.push(delivery)),
        );
        consume("order.charge", [{ kind: "putOff", delayMs: 1 }]);
        await transport.send([message("a")]);
        await subject.until(() => control.length === 2, mostReceives * times.backMs);
        expect(received.map((d) => d.receives)).toEqual(Array.from({ length: mostReceives }, (_, i) => i + 1));
        expect(received.every((d) => !d.dead)).toBe(true);
        expect(control).toMatchObject([
          { receives: mostReceives + 1, dead: true, envelope: message("a").envelope },
          { receives: mostReceives + 2, dead: true },
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
        subject.consume("order.charge", async (delivery) => {
          received.push(delivery);
          if (received.length < 50) await transport.send([message(`s${received.length}`)]);
          return acknowledge;
        });
        await transport.send([message("s0")]);
        await subject.quiet();
        expect(paths()).toEqual(Array.from({ length: 50 }, (_, i) => `s${i}`));
      });
      it("to several queues go each to its own", async () => {
        consume("order.charge");
        const others: string[] = [];
        subject.consume(
          "order.ship",
          answering([acknowledge], (delivery) => others.push(pathOf(delivery))),
        );
        await transport.send([message("a"), message("b", { queue: "order.ship" }), message("c")]);
        await subject.quiet();
        expect([paths().toSorted(), others]).toEqual([["a", "c"], ["b"]]);
      });
      it("are sent when there are none", async () => {
        await transport.send([]);
        await subject.quiet();
        expect(received).toEqual([]);
      });
    });
  });
}
