/** Programs that compile, and programs that must not: each with the reason why. */
import { contract, event, node, schedule, signal, type Taken, workflow } from "pawl";
import { implement } from "pawl/node";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";

const Line = z.object({ sku: z.string(), quantity: z.number() });
const Order = z.object({ orderId: z.string(), cents: z.number(), card: z.string(), lines: z.array(Line) });
const Held = z.object({ heldId: z.string() });
const Receipt = z.object({ chargeId: z.string() });
const Parcel = z.object({ parcelId: z.string() });

const hold = node("hold", { input: Order, output: Held });
const pay = node("pay", {
  input: z.object({ cents: z.number(), card: z.string() }),
  output: Receipt,
  errors: ["CardDeclined"],
});
const score = node("score", { input: Order, output: z.object({ points: z.number() }) });
const pack = node("pack", { input: Line, output: Parcel });
const send = node("send", {
  input: z.object({ parcels: z.array(Parcel), receipt: Receipt }),
  output: z.object({ tracking: z.string() }),
});
const placed = event("shop", "Placed", { version: 1, data: Order });
const shipped = event("shop", "Shipped", { version: 1, data: z.object({ tracking: z.string() }) });
const begin = () => workflow("order", { input: Order });

test("an order with a parallel, a choice, a map and an event", () => {
  const order = workflow("order", { input: Order, on: placed.by((e) => e.data.orderId) })
    .task(hold)
    .parallel("check", {
      pay: (b) => b.task(pay, { input: (s) => ({ cents: s.input.cents, card: s.input.card }) }),
      score: (b) => b.task(score, { input: (s) => s.input }),
    })
    .choice("risk", (s) => (s.check.score.points >= 80 ? "high" : "clear"), {
      high: (b) => b.fail("HighRisk", (s) => `order ${s.input.orderId}`),
      clear: (b) => b,
    })
    .map("packed", { over: (s) => s.input.lines, each: (b) => b.task(pack), concurrency: 20 })
    .task(send, { input: (s) => ({ parcels: s.packed, receipt: s.check.pay }) })
    .emit(shipped, (s) => ({ tracking: s.send.tracking }))
    .output((s) => ({ tracking: s.send.tracking, branch: s.risk.branch }));
  expectTypeOf(order["~out"]).toEqualTypeOf<{ tracking: string; branch: "clear" }>();
  expectTypeOf(order["~i"]).toEqualTypeOf<z.infer<typeof Order>>();
});

test("a choice leaves the branches that go on, with their outputs", () => {
  const both = begin().choice("c", (s) => (s.input.cents > 5 ? "big" : "small"), {
    big: (b) => b.task(hold),
    small: (b) => b.set("n", () => 1),
  });
  expectTypeOf(both["~out"]).toEqualTypeOf<
    | { readonly branch: "big"; readonly output: { heldId: string } }
    | { readonly branch: "small"; readonly output: number }
  >();
  type OneLeft = Taken<{ a: { "~out": string } }>;
  expectTypeOf<OneLeft>().toEqualTypeOf<{ readonly branch: "a"; readonly output: string }>();
});

test("a match narrows what goes on", () => {
  const Call = z.discriminatedUnion("tool", [
    z.object({ tool: z.literal("search"), query: z.string() }),
    z.object({ tool: z.literal("sum"), numbers: z.array(z.number()) }),
  ]);
  const search = node("search", { input: z.object({ query: z.string() }), output: z.object({ hits: z.number() }) });
  const sum = node("sum", {
    input: z.object({ numbers: z.array(z.number()) }),
    output: z.object({ total: z.number() }),
  });
  workflow("tools", { input: z.object({ calls: z.array(Call) }) }).map("done", {
    over: (s) => s.input.calls,
    each: (m) => m.match("tool", "tool", (s) => s.item, { search: (b) => b.task(search), sum: (b) => b.task(sum) }),
  });
  workflow("tools", { input: z.object({ call: Call }) })
    // @ts-expect-error the case 'sum' is missing
    .match("tool", "tool", (s) => s.input.call, { search: (b) => b.task(search) });
  workflow("tools", { input: z.object({ call: Call }) }).match("tool", "tool", (s) => s.input.call, {
    search: (b) => b,
    sum: (b) => b,
    // @ts-expect-error no value leads to 'other'
    other: (b: unknown) => b,
  });
});

test("a node is used twice under another name, and a block leaves its last output", () => {
  const twice = begin()
    .task(hold)
    .task(hold.as("again"), { input: (s) => s.input })
    .block("inner", (b) => b.task(pay, { input: (s) => ({ cents: 1, card: s.again.heldId }) }))
    .output((s) => s.inner.chargeId + s.hold.heldId);
  expectTypeOf(twice["~out"]).toEqualTypeOf<string>();
  begin()
    .block("inner", (b) => b.task(hold))
    // @ts-expect-error names inside a block are not visible after it
    .output((s) => s.hold.heldId);
});

test("an edge that does not fit", () => {
  const held = begin().task(hold);
  // @ts-expect-error what goes on is { heldId }, and pack wants { sku, quantity }
  held.task(pack);
  // @ts-expect-error property 'receipt' is missing
  held.task(send, { input: () => ({ parcels: [] }) });
  // @ts-expect-error there is no 's.pay' yet
  held.task(send, { input: (s) => ({ parcels: [], receipt: s.pay }) });
});

test("branches that do not fit their choice", () => {
  // @ts-expect-error the branch 'small' is missing
  begin().choice("c", (s) => (s.input.cents > 5 ? "big" : "small"), { big: (b) => b });
  begin().choice("c", (s) => (s.input.cents > 5 ? "big" : "small"), {
    big: (b) => b,
    small: (b) => b,
    // @ts-expect-error no value leads to 'typo'
    typo: (b: unknown) => b,
  });
});

test("names that are taken or reserved", () => {
  const held = begin().task(hold);
  // @ts-expect-error 'hold' is taken here
  held.task(hold, {});
  // @ts-expect-error 'input' is reserved
  begin().set("input", () => 1);
  // @ts-expect-error 'item' is reserved
  begin().map("item", { over: (s) => s.input.lines, each: (b) => b.task(pack) });
  // @ts-expect-error a name from outside is taken inside as well
  held.block("b", (b) => b.set("hold", () => 1));
});

test("nothing follows an end", () => {
  const failed = begin().fail("No", () => "no");
  // @ts-expect-error fail ends its branch
  failed.task(hold);
  const succeeded = begin().succeed(() => 1);
  // @ts-expect-error succeed ends its branch
  succeeded.set("x", () => 1);
});

test("schemas describe JSON", () => {
  // @ts-expect-error a date is no JSON
  node("d", { input: Order, output: z.object({ at: z.date() }) });
  const withId = <T extends z.ZodType<{ id: string }>>(input: T) => node("withId", { input });
  expectTypeOf(withId(z.object({ id: z.string(), n: z.number() }))["~i"]).toEqualTypeOf<{ id: string; n: number }>();
  // @ts-expect-error a map is no JSON
  event("shop", "Odd", { version: 1, data: z.map(z.string(), z.string()) });
});

test("events fit what they carry and what they start", () => {
  // @ts-expect-error 'tracking' is missing
  begin().emit(shipped, () => ({}));
  // @ts-expect-error the event carries no order
  workflow("w", { input: Order, on: shipped });
  workflow("w", { input: z.object({ orderId: z.string() }), on: placed });
  // @ts-expect-error the event has no 'customer'
  placed.by((e) => e.data.customer);
  placed.by((e) => e.data.orderId, { whenRunning: "replace" });
  const again = signal("again", { data: z.object({ orderId: z.string() }) });
  placed.by((e) => e.data.orderId, { whenRunning: { signal: again } });
  const other = signal("other", { data: z.object({ customer: z.string() }) });
  // @ts-expect-error the event has no 'customer' for the signal
  placed.by((e) => e.data.orderId, { whenRunning: { signal: other } });
  // @ts-expect-error there is no such policy
  placed.by((e) => e.data.orderId, { whenRunning: "wait" });
});

test("a schedule's input fits the workflow's", () => {
  const Day = z.object({ day: z.string() });
  workflow("w", { input: Day, on: schedule({ cron: "0 9 * * *", input: (tick) => ({ day: tick.time }) }) });
  // @ts-expect-error 'day' is missing
  workflow("w", { input: Day, on: schedule({ cron: "0 9 * * *", input: () => ({}) }) });
  // @ts-expect-error seconds are too short
  schedule({ rate: "30 seconds", input: () => null });
});

test("a handler fits its contract", () => {
  implement(pay, async (input, step) => {
    expectTypeOf(input).toEqualTypeOf<{ cents: number; card: string }>();
    if (input.cents < 0) step.fail("CardDeclined", { cents: input.cents });
    // @ts-expect-error 'Other' is not declared
    if (input.cents < 1) step.fail("Other");
    return { chargeId: "c" };
  });
  // @ts-expect-error the output has no 'chargeId'
  implement(pay, async () => ({ id: "c" }));
});

test("a schema is one of zod's, and its output is JSON", () => {
  const ask = node("ask", { input: z.enum(["a", "b"]), output: z.object({ n: z.number().optional() }).nullable() });
  expectTypeOf(ask["~i"]).toEqualTypeOf<"a" | "b">();
  expectTypeOf(ask["~o"]).toEqualTypeOf<{ n?: number | undefined } | null>();
  expectTypeOf(node("silent", { input: z.string() })["~o"]).toEqualTypeOf<null>();
  expectTypeOf(node("cut", { input: z.string().transform((text) => text.length) })["~i"]).toEqualTypeOf<number>();
  const withId = <T extends z.ZodType<{ id: string }>>(input: T) => node("withId", { input });
  expectTypeOf(withId(z.object({ id: z.string(), n: z.number() }))["~i"]).toEqualTypeOf<{ id: string; n: number }>();
  // @ts-expect-error a map is no JSON
  node("map", { input: z.map(z.string(), z.string()) });
  // @ts-expect-error neither is what nothing is known of
  node("unknown", { input: z.object({ all: z.unknown() }) });
  // @ts-expect-error zod/mini's schemas are no zod schemas
  node("mini", { input: mini.object({ n: mini.number() }) });
});

test("a node that the output before does not fit says what it lacks, and one whose name is taken what to do", () => {
  const built = begin().task(hold);
  // @ts-expect-error the output before has no 'cents': give this node an input
  built.task(pay);
  // @ts-expect-error the input lacks 'card'
  built.task(pay, { input: (s) => ({ cents: s.input.cents }) });
  // @ts-expect-error an input is missing
  built.task(pay, { timeout: "2 seconds" });
  built.task(score.as("again"), { input: (s) => s.input, timeout: "2 seconds" });
});

test("a mapping may give a word where one of a few is wanted, in whatever scope it stands", () => {
  const Told = z.object({ to: z.enum(["guest", "host"]), text: z.string() });
  const tell = node("tell", { input: Told, output: z.null() });
  const told = event("house", "Told", { version: 1, data: Told });
  const telling = contract("telling", { input: Told, output: z.null() });
  begin().task(tell, { input: (s) => ({ to: "guest", text: s.input.card }) });
  begin().task(hold, { undo: { node: tell, input: (s) => ({ to: "host", text: s.input.card }) } });
  begin().emit(told, (s) => ({ to: "guest", text: s.input.card }));
  begin().call(telling, { input: (s) => ({ to: "guest", text: s.input.card }) });
  begin().parallel("all", {
    one: (b) => b.task(tell, { input: (s) => ({ to: "guest", text: s.input.card }) }),
    other: (b) => b.block("in", (inner) => inner.task(tell, { input: () => ({ to: "host", text: "" }) })),
  });
  // @ts-expect-error 'nobody' is none of them
  begin().task(tell, { input: () => ({ to: "nobody", text: "" }) });
  // @ts-expect-error neither is just any string
  begin().parallel("all", { one: (b) => b.task(tell, { input: (s) => ({ to: s.input.card, text: "" }) }) });
});
