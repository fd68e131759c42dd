/** What every event bus promises. */
import { beforeEach, describe, expect, it } from "vitest";
import type { EventBus } from "../../lib/ports/event-bus.ts";

export interface OpenBus {
  readonly bus: EventBus;
  /** The workflows that were given an event, with its id, in order of their names. */
  readonly delivered: () => Promise<readonly string[]>;
}

const event = (id: string, source: string, type: string) => ({ id, source, type, version: 1, time: "", data: { id } });

export function eventBusSuite(name: string, open: () => Promise<OpenBus>): void {
  describe(`the event bus on ${name}`, () => {
    let at: OpenBus;
    beforeEach(async () => {
      at = await open();
      at.bus.subscribe("order", { source: "shop", type: "Placed" });
      at.bus.subscribe("crm", { source: "shop", type: "Shipped" });
      at.bus.subscribe("audit", { source: "shop", type: "Placed" });
    });

    it("gives an event to each workflow that wants its source and type", async () => {
      expect(await at.bus.put([event("1", "shop", "Placed"), event("2", "shop", "Shipped")])).toEqual([
        ["order", "audit"],
        ["crm"],
      ]);
      expect(await at.delivered()).toEqual(["audit 1", "crm 2", "order 1"]);
    });
    it("gives an event that nobody wants to nobody, and says so", async () => {
      expect(await at.bus.put([event("1", "shop", "Lost"), event("2", "other", "Placed")])).toEqual([[], []]);
      expect(await at.delivered()).toEqual([]);
    });
    it("gives an event once to a workflow that subscribed twice", async () => {
      at.bus.subscribe("order", { source: "shop", type: "Placed" });
      await at.bus.put([event("1", "shop", "Placed")]);
      expect(await at.delivered()).toEqual(["audit 1", "order 1"]);
    });
  });
}
