/** What every event bus promises: see lib/ports/event-bus.ts. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventOf } from "../../lib/model/contracts.ts";
import type { EventBus, Rules } from "../../lib/ports/event-bus.ts";
import type { Receive } from "../../lib/ports/transport.ts";

export interface EventBusSubject {
  readonly bus: EventBus;
  /** Says which workflow wants what, as the engine or the deployment does. */
  subscribe(...rule: Parameters<Rules["subscribe"]>): Promise<void>;
  /** Receives from a workflow's control queue. */
  consume(workflow: string, receive: Receive): void;
  quiet(): Promise<void>;
  close(): Promise<void>;
}

const event = (over: Partial<EventOf> = {}): EventOf => ({
  ...{ id: "e1", source: "shop", type: "Placed", version: 1, time: "2026-01-01T00:00:00Z", data: { id: 1 } },
  ...over,
});

export function eventBusSuite(adapter: string, make: () => Promise<EventBusSubject>): void {
  describe(`the event bus: ${adapter}`, () => {
    let subject: EventBusSubject;
    /** `workflow event-id`, in the order of arrival. */
    let received: string[];
    let events: EventOf[];
    beforeEach(async () => {
      subject = await make();
      received = [];
      events = [];
      for (const workflow of ["order", "crm", "ticket"])
        subject.consume(workflow, async ({ envelope }) => {
          if (envelope.kind !== "event") return { kind: "bury", reason: envelope.kind };
          received.push(`${envelope.workflow} ${envelope.event.id}`);
          events.push(envelope.event);
          return { kind: "acknowledge" };
        });
      await subject.subscribe("order", { source: "shop", type: "Placed" });
      await subject.subscribe("crm", { source: "shop", type: "Shipped" });
      await subject.subscribe("ticket", { source: "shop", type: "Placed" });
    });
    afterEach(() => subject.close());
    const put = async (...all: EventOf[]) => {
      await subject.bus.put(all);
      await subject.quiet();
    };

    it("takes an event to each workflow that wants it, whole", async () => {
      const whole = event({ version: 3, data: { text: 'ü\u2028\u0000"\\', list: [null, 1.5, { a: {} }] } });
      await put(whole);
      expect(received.toSorted()).toEqual(["order e1", "ticket e1"]);
      expect(events).toEqual([whole, whole]);
    });
    it.each([
      ["of another source", event({ source: "shop2" })],
      ["of another type", event({ type: "Placed2" })],
    ])("takes an event %s nowhere", async (_, e) => {
      await put(e);
      expect(received).toEqual([]);
    });
    it("takes several events, each to its own", async () => {
      await put(event(), event({ id: "e2", type: "Shipped" }), event({ id: "e3", type: "Lost" }));
      expect(received.toSorted()).toEqual(["crm e2", "order e1", "ticket e1"]);
    });
    it("takes many events at once, none twice", async () => {
      const all = Array.from({ length: 35 }, (_, i) =>
        event({ id: `e${i}`, type: "Shipped", data: "x".repeat(20_000) }),
      );
      await put(...all);
      expect(received.toSorted()).toEqual(all.map(({ id }) => `crm ${id}`).toSorted());
    });
    it("takes an event once to a workflow that has said twice that it wants it", async () => {
      await subject.subscribe("order", { source: "shop", type: "Placed" });
      await put(event());
      expect(received.filter((r) => r === "order e1")).toHaveLength(1);
    });
    it("does not ask whether it has seen an event before", async () => {
      await put(event({ type: "Shipped" }));
      await put(event({ type: "Shipped" }));
      expect(received).toEqual(["crm e1", "crm e1"]);
    });
    it("takes nothing when there is nothing", async () => {
      await put();
      expect(received).toEqual([]);
    });
  });
}
