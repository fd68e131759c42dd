/** What every transport promises. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Envelope } from "../../lib/contract/envelope.ts";
import { type Delivery, MOST_RECEIVES, type Outcome, type Transport } from "../../lib/ports/transport.ts";

export interface OpenTransport {
  readonly transport: Transport;
  readonly errors: unknown[];
  readonly buried: () => readonly { readonly reason: string }[];
  /** Lets everything happen that is due within this time. */
  readonly pass: (ms: number) => Promise<void>;
  readonly reopen?: () => Promise<OpenTransport>;
  readonly close: () => Promise<void>;
}

const message = (id: string): Envelope => ({
  kind: "start",
  v: 1,
  workflow: "order",
  id,
  trigger: { kind: "direct" },
  input: { id },
});
const ACK: Outcome = { kind: "acknowledge" };

export function transportSuite(name: string, open: () => Promise<OpenTransport>): void {
  describe(`the transport on ${name}`, () => {
    let at: OpenTransport;
    beforeEach(async () => {
      at = await open();
    });
    afterEach(() => at.close());
    const send = (id: string, delayMs = 0, queue = "order") =>
      at.transport.send([{ queue, envelope: message(id), delayMs }]);
    /** Answers deliveries as told, and remembers them. */
    const consume = (answer: (d: Delivery) => Outcome | Promise<Outcome> = () => ACK, queue = "order") => {
      const seen: Delivery[] = [];
      at.transport.consume(queue, async (d) => {
        seen.push(d);
        return answer(d);
      });
      return seen;
    };

    it("delivers what was sent, whole, and once when it is acknowledged", async () => {
      const seen = consume();
      await send("a");
      await at.pass(60_000);
      expect(seen).toEqual([{ envelope: message("a"), receives: 1, dead: false }]);
    });
    it("keeps a message until somebody consumes its queue", async () => {
      await send("a");
      await at.pass(1000);
      const seen = consume();
      await at.pass(1000);
      expect(seen).toHaveLength(1);
    });
    it("delivers to the queue that was named and to no other", async () => {
      const orders = consume();
      const others = consume(undefined, "crm");
      await send("a", 0, "crm");
      await at.pass(1000);
      expect([orders.length, others.length]).toEqual([0, 1]);
    });
    it("holds a delayed message back until its time", async () => {
      const seen = consume();
      await send("a", 5000);
      await at.pass(4999);
      expect(seen).toHaveLength(0);
      await at.pass(2);
      expect(seen).toHaveLength(1);
    });
    it("delivers again what was put off, no sooner than asked, and counts", async () => {
      const seen = consume((d) => (d.receives === 1 ? { kind: "putOff", delayMs: 3000 } : ACK));
      await send("a");
      await at.pass(2999);
      expect(seen).toHaveLength(1);
      await at.pass(2);
      expect(seen.map((d) => d.receives)).toEqual([1, 2]);
    });
    it("delivers again what its receiver threw at, and says so", async () => {
      const seen = consume((d) => {
        if (d.receives === 1) throw new Error("not now");
        return ACK;
      });
      await send("a");
      await at.pass(60_000);
      expect(seen.map((d) => d.receives)).toEqual([1, 2]);
      expect(at.errors).toHaveLength(1);
    });
    it("hands what came to nothing too often to the control queue as a dead letter, and drops it never", async () => {
      const control = consume();
      const node = consume(() => ({ kind: "putOff", delayMs: 1 }), "order.charge");
      await send("a", 0, "order.charge");
      await at.pass(1000);
      expect(node).toHaveLength(MOST_RECEIVES);
      expect(control).toEqual([{ envelope: message("a"), receives: MOST_RECEIVES + 1, dead: true }]);
    });
    it("keeps what is buried aside with its reason", async () => {
      const seen = consume(() => ({ kind: "bury", reason: "no good" }));
      await send("a");
      await at.pass(60_000);
      expect(seen).toHaveLength(1);
      expect(at.buried()).toMatchObject([{ reason: "no good" }]);
    });
    it("delivers nothing more once stopped, and waits for what is being received", async () => {
      let finish = () => {};
      const seen = consume(() => new Promise<Outcome>((resolve) => (finish = () => resolve(ACK))));
      await send("a");
      await at.pass(1);
      let stopped = false;
      const stopping = at.transport.stop().then(() => (stopped = true));
      await at.pass(1);
      expect([seen.length, stopped]).toEqual([1, false]);
      finish();
      await stopping;
      await send("b");
      await at.pass(1000);
      expect(seen).toHaveLength(1);
    });
    it("delivers again, when it is opened again, what was not acknowledged", async (test) => {
      if (!at.reopen) return test.skip(`${name} keeps nothing beyond its process`);
      consume((d) => (d.envelope.kind === "start" && d.envelope.id === "a" ? ACK : { kind: "putOff", delayMs: 1e6 }));
      for (const id of ["a", "b"]) await send(id);
      await send("later", 5000);
      await at.pass(10);
      at = await at.reopen();
      const seen = consume();
      await at.pass(2e6);
      expect(seen.map((d) => d.envelope)).toEqual([message("later"), message("b")]);
    });
  });
}
