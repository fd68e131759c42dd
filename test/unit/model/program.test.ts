import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type EventContract, event, node, workflow } from "../../../lib/index.ts";
import { hashOf } from "../../../lib/model/program.ts";

const Line = z.object({ sku: z.string(), quantity: z.number() });
const Order = z.object({ id: z.string(), lines: z.array(Line) });
const packing = { input: Line, output: z.object({ parcelId: z.string() }) };
const placed = event("shop", "OrderPlaced", { version: 1, data: Order });
const shipped = event("shop", "OrderShipped", { version: 1, data: z.object({ id: z.string() }) });

const flow = (
  change: {
    threshold?: number;
    parallel?: "ab" | "ba";
    pack?: Partial<Parameters<typeof node>[1]>;
    on?: EventContract<string, string, z.infer<typeof Order>>;
    lanes?: number;
    name?: string;
    version?: number;
  } = {},
) => {
  const { threshold = 5, parallel = "ab", pack = {}, on = placed, lanes = 10, name = "flow", version = 1 } = change;
  const done = event("shop", "OrderShipped", { version, data: shipped.data as z.ZodType<{ id: string }> });
  return workflow(name, { input: Order, on: on.by((e) => e.data.id) })
    .map("pack", {
      over: (s) => s.input.lines,
      each: (b) => b.task(node("packLine", { ...packing, ...(pack as object) })),
      concurrency: lanes,
    })
    .parallel(
      "p",
      parallel === "ab"
        ? { a: (b) => b.set("x", () => 1), b: (b) => b }
        : { b: (b) => b, a: (b) => b.set("x", () => 1) },
    )
    .choice("size", (s) => (s.pack.length > threshold ? "large" : "small"), { large: (b) => b, small: (b) => b })
    .emit(done, (s) => ({ id: s.input.id }))
    .output((s) => s.size.branch);
};
const { hash } = flow().program;

describe("a graph's hash", () => {
  it("has 32 hexadecimal digits", () => {
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ["when it is built again", flow()],
    ["when a function's text differs", flow({ threshold: 6 })],
    // So nothing that is recorded may depend on it: see the members of a join.
    ["when a parallel's branches are written in another order", flow({ parallel: "ba" })],
    [
      "when a default is written out",
      flow({ pack: { inline: false, timeout: "30 seconds", retry: { maxAttempts: 3 } } }),
    ],
  ])("is the same %s", (_, other) => {
    expect(other.program.hash).toBe(hash);
  });

  it("is the same when the properties of its data stand in another order", () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([k, v]) => [k, turned(v)]),
      );
    };
    const { graph } = flow().program;
    expect(hashOf(turned(graph) as typeof graph)).toBe(hash);
  });

  it.each([
    ["its name", flow({ name: "flow2" })],
    ["a node's schema", flow({ pack: { output: z.object({ parcelId: z.string().min(1) }) } })],
    ["a node's declared errors", flow({ pack: { errors: ["TooHeavy"] } })],
    ["a node's place", flow({ pack: { inline: true } })],
    ["a node's timeout", flow({ pack: { timeout: "31 seconds" } })],
    ["a node's attempts", flow({ pack: { retry: { maxAttempts: 4 } } })],
    ["the number of lanes", flow({ lanes: 11 })],
    ["an event's version", flow({ version: 2 })],
    ["the trigger", flow({ on: event("shop", "OrderChanged", { version: 1, data: Order }) })],
    [
      "the order of two states",
      workflow("flow", { input: Order })
        .set("a", () => 1)
        .set("b", () => 1),
    ],
    [
      "a state's name",
      workflow("flow", { input: Order })
        .set("b", () => 1)
        .set("c", () => 1),
    ],
    [
      "a state's kind",
      workflow("flow", { input: Order })
        .set("b", () => 1)
        .block("a", (b) => b),
    ],
  ])("changes with %s", (_, other) => {
    const base = workflow("flow", { input: Order })
      .set("b", () => 1)
      .set("a", () => 1);
    expect(other.program.hash).not.toBe(hash);
    expect(other.program.hash).not.toBe(base.program.hash);
  });
});
