import { describe, expect, it } from "vitest";
import { z } from "zod";
import { event, node, signal, workflow } from "../../../lib/index.ts";
import type { Program } from "../../../lib/model/program.ts";
import { worstOf } from "../../../lib/versions/change.ts";
import { compareVersions } from "../../../lib/versions/compare.ts";

const Order = z.object({ id: z.string(), cents: z.int() });
const Receipt = z.object({ charge: z.string() });
const charge = node("charge", { input: Order, output: Receipt });
const payCard = node("payCard", { input: Order, output: Receipt });
const weigh = node("weigh", { input: Order, output: z.object({ grams: z.int() }) });
const ship = node("ship", { input: z.object({ to: z.string(), receipt: z.string() }), output: z.string() });
const check = node("check", { input: Order, output: z.object({ fine: z.boolean() }) });

const start = (retired?: Parameters<typeof workflow>[1]["retired"]) =>
  workflow("order", { input: Order, ...(retired && { retired }) });
const toShip = (s: { input: { id: string }; charge: { charge: string } }) => ({
  to: s.input.id,
  receipt: s.charge.charge,
});
const v1 = start()
  .task(weigh)
  .task(charge, { input: (s) => s.input })
  .task(ship, { input: (s) => ({ to: s.input.id, receipt: s.charge.charge }) }).program;

const told = (newer: { readonly program: Program }, older: Program = v1) =>
  compareVersions(older.graph, newer.program).map(({ verdict, kind, where }) => `${verdict} ${kind} ${where}`);
const unsafe = (newer: { readonly program: Program }, older: Program = v1) =>
  told(newer, older).filter((line) => !line.startsWith("safe "));

describe("between two versions of a workflow", () => {
  it("nothing has changed where the graph is the same", () => {
    expect(told({ program: v1 })).toEqual([]);
  });

  it("a node that is inserted is safe, as long as no function of a state that was there reads it", () => {
    const inserted = start()
      .task(weigh)
      .task(check, { input: (s) => s.input })
      .task(charge, { input: (s) => s.input });
    expect(told(inserted.task(ship, { input: (s) => ({ to: s.input.id, receipt: s.charge.charge }) }))).toEqual([
      "safe state_changed weigh",
      "safe state_added check",
      "safe node_added check",
    ]);
    const reads = inserted.task(ship, { input: (s) => ({ to: String(s.check.fine), receipt: s.charge.charge }) });
    expect(unsafe(reads)).toEqual(["needs_mapping slot_reads ship.input"]);
    const mayRead = inserted.task(ship, { input: (s) => toShip({ ...s }) });
    expect(unsafe(mayRead)).toEqual(["safe_once_drained slot_reads ship.input"]);
  });

  it("a node that is removed is to be mapped, with its functions; then its queue stays", () => {
    const without = (retired?: Parameters<typeof start>[0]) =>
      start(retired)
        .task(charge, { input: (s) => s.input })
        .task(ship, { input: (s) => ({ to: s.input.id, receipt: s.charge.charge }) });
    const [change] = compareVersions(v1.graph, without().program);
    expect(change).toMatchObject({
      kind: "node_removed",
      where: "weigh",
      verdict: "needs_mapping",
      at: "weigh",
      do: expect.stringMatching(/retired: \{ nodes: \{ weigh \} \}/),
    });
    expect(unsafe(without({ nodes: { weigh } }))).toEqual([]);
  });

  it("a node that is renamed is told with its new name; its state, its functions and those who read it as well", () => {
    const renamed = (retired?: Parameters<typeof start>[0]) =>
      start(retired)
        .task(weigh)
        .task(payCard, { input: (s) => s.input })
        .task(ship, { input: (s) => ({ to: s.input.id, receipt: s.payCard.charge }) });
    expect(unsafe(renamed())).toEqual([
      "needs_mapping node_renamed charge",
      "needs_mapping slot_missing charge.input",
      "needs_mapping slot_reads ship.input",
    ]);
    const mapped = renamed({
      nodes: { charge: payCard },
      slots: { "charge.input": "payCard.input", "ship.input": toShip },
    });
    expect(unsafe(mapped)).toEqual([]);
    // Under the name of its state as it was, only the node itself is another one.
    const kept = (retired?: Parameters<typeof start>[0]) =>
      start(retired)
        .task(weigh)
        .task(payCard.as("charge"), { input: (s) => s.input })
        .task(ship, { input: (s) => ({ to: s.input.id, receipt: s.charge.charge }) });
    expect(unsafe(kept())).toEqual(["needs_mapping node_renamed charge"]);
    expect(unsafe(kept({ nodes: { charge: payCard } }))).toEqual([]);
  });

  it("what a node gives may be narrowed for those who come, not for what is recorded", () => {
    const giving = (output: z.ZodType<{ charge: string }>) => {
      const changed = node("charge", { input: Order, output });
      return start()
        .task(weigh)
        .task(changed, { input: (s) => s.input })
        .task(ship, { input: (s) => ({ to: s.input.id, receipt: s.charge.charge }) });
    };
    expect(told(giving(z.object({ charge: z.string(), bank: z.string().optional() })))).toEqual([
      "safe node_changed charge",
    ]);
    expect(unsafe(giving(z.object({ charge: z.string(), bank: z.string() })))).toEqual([
      "needs_mapping slot_reads ship.input",
    ]);
  });

  it("a node that takes the output before it must take what it took", () => {
    const older = start()
      .task(weigh)
      .task(node("label", { input: z.object({ grams: z.int() }) })).program;
    const newer = (grams: z.ZodType<number>) =>
      start()
        .task(weigh)
        .task(node("label", { input: z.object({ grams }) }));
    expect(told(newer(z.number()), older)).toEqual(["safe node_changed label"]);
    const narrower = start()
      .task(weigh)
      .task(node("label", { input: z.object({ grams: z.int(), box: z.string() }) }), {
        input: (s) => ({ ...s.weigh, box: "small" }),
      });
    expect(unsafe(narrower, older)).toEqual(["safe_once_drained node_changed label"]);
  });

  it("a branch that is added leads executions in flight astray, one that is removed does not", () => {
    const picking = (...branches: readonly string[]) => {
      const made = Object.fromEntries(branches.map((name) => [name, (b: never) => b]));
      return start().choice("kind", (s) => s.input.id, made as never);
    };
    expect(unsafe(picking("a", "b", "c"), picking("a", "b").program)).toEqual(["needs_mapping slot_gives kind.pick"]);
    expect(unsafe(picking("a"), picking("a", "b").program)).toEqual([]);
  });

  it("an input that is narrowed turns away starts on their way, and is not what was recorded", () => {
    const taking = (input: z.ZodType<{ id: string }>) => workflow("order", { input }).set("said", (s) => s.input.id);
    const newer = z.object({ id: z.string(), cents: z.int() });
    expect(unsafe(taking(newer), taking(z.object({ id: z.string() })).program)).toEqual([
      "needs_mapping slot_reads said.value",
      "safe_once_drained input_changed order",
    ]);
    expect(unsafe(taking(z.object({ id: z.string() })), taking(newer).program)).toEqual([]);
    // A default is filled in at a start, and in nothing that had started.
    const filled = z.object({ id: z.string(), cents: z.int().default(0) });
    expect(unsafe(taking(filled), taking(z.object({ id: z.string() })).program)).toEqual([
      "needs_mapping slot_reads said.value",
    ]);
  });

  it("an event keeps its data under its version: others know it", () => {
    const shipped = (data: z.ZodType<{ id: string }>) => event("shop", "Shipped", { version: 1, data });
    const [one, more] = [z.object({ id: z.string() }), z.object({ id: z.string(), at: z.string() })];
    const emitting = (data: typeof one) => start().emit(shipped(data), (s) => ({ ...s.input, at: "" }));
    const listening = (data: typeof one) => workflow("order", { input: one, on: shipped(data) });
    const key = "shop/Shipped@1";
    expect(unsafe(emitting(more), emitting(one).program)).toEqual([]);
    expect(unsafe(emitting(one), emitting(more).program)).toEqual([`refused event_changed ${key}`]);
    expect(unsafe(listening(more), listening(one).program)).toEqual([`refused event_changed ${key}`]);
    expect(unsafe(listening(one), listening(more).program)).toEqual([]);
    expect(unsafe(start(), emitting(one).program)).toEqual([
      `needs_mapping event_removed ${key}`,
      "needs_mapping slot_missing emitShipped.data",
    ]);
    const mapped = start({ events: [shipped(one)], slots: { "emitShipped.data": (s) => s.input } });
    expect(unsafe(mapped, emitting(one).program)).toEqual([]);
    expect(unsafe(workflow("order", { input: one }), listening(one).program)).toEqual([
      `safe_once_drained trigger_changed ${key}`,
    ]);
  });

  it("a signal's contract that is gone, or asks for more, is safe once nobody waits for it", () => {
    type Waiting = { waitFor(of: unknown, options: object): { readonly program: Program } };
    const waiting = (data: z.ZodType<{ ok: boolean }>) =>
      (start() as unknown as Waiting).waitFor(signal("verdict", { data }), {});
    const one = z.object({ ok: z.boolean() });
    expect(unsafe(start(), waiting(one).program)).toEqual(["needs_mapping signal_removed verdict"]);
    expect(unsafe(waiting(z.object({ ok: z.boolean(), why: z.string() })), waiting(one).program)).toEqual([
      "safe_once_drained signal_changed verdict",
    ]);
    expect(unsafe(start({ signals: [signal("verdict", { data: one })] }), waiting(one).program)).toEqual([]);
  });

  it("tells the worst first, and what is worst of all", () => {
    const changes = compareVersions(v1.graph, start().task(check).program);
    expect(worstOf(changes)).toBe("needs_mapping");
    expect(changes[0]?.verdict).toBe("needs_mapping");
    expect(worstOf([])).toBe("safe");
  });
});

describe("what is retired", () => {
  it("is refused where the workflow still has it, or where its name is none", () => {
    const problems = (retired: Parameters<typeof start>[0]) => () => start(retired).task(charge).program;
    expect(problems({ nodes: { charge } })).toThrow(/retired\.nodes\.charge: a state of this workflow visits 'charge'/);
    expect(problems({ slots: { "a.input": "nothing" } })).toThrow(/retired\.slots\.a\.input: a function is wanted/);
  });
  it("is no part of the graph's hash", () => {
    expect(start({ nodes: { weigh } }).task(charge).program.hash).toBe(start().task(charge).program.hash);
  });
});
