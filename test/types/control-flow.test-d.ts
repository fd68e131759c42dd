/** Waits, races, loops, calls, catches and undo: what compiles, and what must not, each with the reason why. */
import { type CaughtError, contract, type ItemResult, type MapSummary, node, signal, workflow } from "pawl";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";

const Order = z.object({ orderId: z.string(), cents: z.number(), items: z.array(z.string()) });
const Receipt = z.object({ chargeId: z.string() });
const charge = node("charge", { input: Order, output: Receipt, errors: ["CardDeclined", "CardExpired"] });
const hold = node("hold", { input: Order, output: z.object({ heldId: z.string() }), errors: ["OutOfStock"] });
const pack = node("pack", { input: z.string(), output: z.object({ parcelId: z.string() }), errors: ["TooHeavy"] });
const decision = signal("decision", { data: z.object({ approved: z.boolean() }) });
const billing = contract("billing", { input: Order, output: Receipt, errors: ["Bankrupt"] });
const begin = () => workflow("order", { input: Order });

test("codes come together from nodes, fails and contracts", () => {
  const built = begin()
    .parallel("p", { a: (b) => b.task(charge), b: (b) => b.task(hold) })
    .choice("c", (s) => (s.input.cents > 5 ? "big" : "small"), {
      big: (b) => b.fail("TooDear", () => "no"),
      small: (b) => b,
    })
    .race("r", {
      call: (b) => b.call(billing, { input: (s) => s.input }),
      late: (b) => b.wait("nap", { for: "1 day" }),
    })
    .map("m", { over: (s) => s.input.items, each: (b) => b.task(pack) });
  expectTypeOf(built["~errors"]).toEqualTypeOf<
    "CardDeclined" | "CardExpired" | "OutOfStock" | "TooDear" | "Bankrupt" | "TooHeavy"
  >();
  const tolerated = begin().map("m", { over: (s) => s.input.items, each: (b) => b.task(pack), tolerate: { count: 1 } });
  expectTypeOf(tolerated["~errors"]).toEqualTypeOf<never>();
  const detached = begin().call(billing, { detached: true });
  expectTypeOf(detached["~errors"]).toEqualTypeOf<never>();
});

test("a block catches what can fail inside, and leaves the branch it went on with", () => {
  const caught = begin().block("payment", (b) => b.task(charge), {
    catch: {
      CardDeclined: (b) =>
        b.set("why", (s) => {
          expectTypeOf(s.error).toEqualTypeOf<CaughtError<"CardDeclined">>();
          return s.error.code;
        }),
      timeout: (b) => b.fail("Slow", (s) => s.error.message),
    },
  });
  expectTypeOf(caught["~out"]).toEqualTypeOf<
    | { readonly branch: "done"; readonly output: { chargeId: string } }
    | { readonly branch: "CardDeclined"; readonly output: "CardDeclined" }
  >();
  expectTypeOf(caught["~errors"]).toEqualTypeOf<"CardExpired" | "Slow">();
  const all = begin().block("payment", (b) => b.task(charge), { catch: { any: (b) => b } });
  expectTypeOf(all["~errors"]).toEqualTypeOf<never>();
  const plain = begin().block("payment", (b) => b.task(charge));
  expectTypeOf(plain["~out"]).toEqualTypeOf<{ chargeId: string }>();
  expectTypeOf(plain["~errors"]).toEqualTypeOf<"CardDeclined" | "CardExpired">();
});

test("a block catches nothing else", () => {
  begin().block("payment", (b) => b.task(charge), {
    catch: {
      CardDeclined: (b) => b,
      // @ts-expect-error nothing inside fails with 'OutOfStock'
      OutOfStock: (b) => b,
    },
  });
  begin().block("payment", (b) => b.task(charge), {
    // @ts-expect-error nothing inside fails with 'CardDeclned'
    catch: { CardDeclned: (b) => b },
  });
  begin()
    .block("payment", (b) => b.task(charge), { catch: { CardDeclined: (b) => b.set("why", () => 1) } })
    // @ts-expect-error names inside a catch are not visible after it
    .set("x", (s) => s.why);
  begin().block("outer", (b) => b.block("inner", (c) => c.task(charge), { catch: { CardDeclined: (c) => c } }), {
    // @ts-expect-error the block inside has caught 'CardDeclined'
    catch: { CardDeclined: (b) => b },
  });
  // @ts-expect-error there is no error outside of a catch
  begin().set("x", (s) => s.error);
});

test("an undo takes what it undoes, or null", () => {
  const refund = node("refund", { input: Receipt.nullable() });
  const strict = node("strict", { input: Receipt });
  const free = node("free", { input: z.object({ id: z.string().nullable(), order: z.string() }) });
  begin().task(charge, { undo: refund });
  begin().task(charge, { input: (s) => s.input, undo: refund, timeout: "10 seconds", heartbeat: "2 seconds" });
  begin().task(charge, {
    undo: { node: free, input: (s) => ({ id: s.output?.chargeId ?? null, order: s.input.orderId }) },
  });
  // @ts-expect-error 'strict' does not take null
  begin().task(charge, { undo: strict });
  // @ts-expect-error 'refund' takes back another output
  begin().task(hold, { undo: refund });
  // @ts-expect-error what is worked out for 'free' lacks 'order'
  begin().task(charge, { undo: { node: free, input: (s) => ({ id: s.output?.chargeId ?? null }) } });
  // @ts-expect-error the output may be null
  begin().task(charge, { undo: { node: strict, input: (s) => s.output } });
});

test("a loop goes on with its state", () => {
  type State = { tries: number; done: boolean };
  const looped = begin().loop("ask", {
    from: (s): State => ({ tries: s.input.cents, done: false }),
    each: (b) =>
      b.set("next", (s): State => {
        expectTypeOf(s.round).toEqualTypeOf<{ readonly n: number; readonly state: State }>();
        return { tries: s.round.n, done: s.round.state.tries > 1 };
      }),
    until: (state) => state.done,
    max: 5,
  });
  expectTypeOf(looped["~out"]).toEqualTypeOf<State>();
  begin().loop("ask", {
    from: (): State => ({ tries: 0, done: false }),
    // @ts-expect-error a round leaves the next state, and this one leaves a number
    each: (b) => b.set("next", (s) => s.round.n),
    until: (state) => state.done,
    max: 5,
  });
  looped
    // @ts-expect-error the round is visible inside only
    .set("x", (s) => s.round)
    // @ts-expect-error names inside a loop are not visible after it
    .set("y", (s) => s.next);
});

test("a loop in a loop, and a map in a map, see the inner one", () => {
  begin().loop("outer", {
    from: () => "a",
    each: (b) =>
      b
        .loop("inner", {
          from: () => 1,
          each: (c) => c.set("n", (s) => s.round.state + 1),
          until: (n) => n > 2,
          max: 3,
        })
        .set("next", (s) => s.round.state + s.inner),
    until: (text) => text.length > 2,
    max: 3,
  });
  begin().map("outer", {
    over: () => [["a"], ["b"]],
    each: (b) => b.map("inner", { over: (s) => s.item, each: (c) => c.set("size", (s) => s.item.length) }),
  });
});

test("a race leaves the branch that was first", () => {
  const raced = begin().race("first", {
    answered: (b) => b.waitFor(decision, { timeout: "7 days" }),
    late: (b) => b.wait("nap", { until: (s) => s.input.orderId }),
    never: (b) => b.fail("Never", () => "no"),
  });
  expectTypeOf(raced["~out"]).toEqualTypeOf<
    | { readonly branch: "answered"; readonly output: { approved: boolean } }
    | { readonly branch: "late"; readonly output: z.infer<typeof Order> }
  >();
  // @ts-expect-error names inside a race are not visible after it
  raced.set("x", (s) => s.decision);
});

test("a signal is waited for once in a scope, or under another name", () => {
  const twice = begin().waitFor(decision).waitFor(decision.as("second"), { timeout: "1 hour" });
  expectTypeOf(twice["~out"]).toEqualTypeOf<{ approved: boolean }>();
  // @ts-expect-error 'decision' is taken here
  begin().waitFor(decision).waitFor(decision, {});
  // @ts-expect-error 'decision' is taken here
  begin().waitFor(decision).waitFor(decision);
  begin()
    .waitFor(decision)
    // @ts-expect-error a name from outside is taken inside as well
    .block("b", (b) => b.waitFor(decision));
  // @ts-expect-error "soon" is no duration
  begin().waitFor(decision, { timeout: "soon" });
});

test("a wait has a duration or a time, and lets the output before pass", () => {
  const waited = begin().task(hold).wait("nap", { for: "3 days" });
  expectTypeOf(waited["~out"]).toEqualTypeOf<{ heldId: string }>();
  // @ts-expect-error no time at all
  begin().wait("nap", {});
  // @ts-expect-error 'input' is reserved
  begin().wait("input", { for: "1 day" });
});

test("a call leaves the output of the other workflow, or its execution when it is detached", () => {
  const called = begin()
    .call(billing, {})
    .call(billing, { as: "again", input: (s) => s.input, detached: true });
  called.output((s) => {
    expectTypeOf(s.billing).toEqualTypeOf<{ chargeId: string }>();
    expectTypeOf(s.again.execution).toEqualTypeOf<string>();
    return null;
  });
  // @ts-expect-error what goes on is a receipt, and billing wants an order
  begin().task(charge).call(billing, {});
  // @ts-expect-error 'cents' is missing
  begin().call(billing, { input: (s) => ({ orderId: s.input.orderId, items: [] }) });
  begin()
    .call(billing, {})
    // @ts-expect-error the name 'billing' is taken, and there is no 'as'
    .call(billing, { input: () => ({ orderId: "", cents: 0, items: [] }) });
  // @ts-expect-error 'input' is reserved
  begin().call(billing, { as: "input" });
});

test("a map that tolerates failures, or answers by reference", () => {
  const items = { over: (s: { input: z.infer<typeof Order> }) => s.input.items };
  const some = begin().map("m", { ...items, each: (b) => b.task(pack), tolerate: { share: 0.1 } });
  expectTypeOf(some["~out"]).toEqualTypeOf<ItemResult<{ parcelId: string }>[]>();
  const large = begin().map("m", {
    ...items,
    each: (b) => b.task(pack),
    tolerate: { count: 3 },
    results: "reference",
  });
  expectTypeOf(large["~out"]).toEqualTypeOf<MapSummary>();
  // @ts-expect-error a share or a count
  begin().map("m", { ...items, each: (b) => b.task(pack), tolerate: { most: 1 } });
  // @ts-expect-error by reference or not at all
  begin().map("m", { ...items, each: (b) => b.task(pack), results: "list" });
});

test("a node says which codes are tried again", () => {
  const input = z.string();
  node("n", { input, errors: ["Busy"], retry: { on: ["Busy", "timeout"], rate: 1, jitter: false } });
  // @ts-expect-error 'Bussy' is neither declared nor the system's
  node("n", { input, errors: ["Busy"], retry: { on: ["Bussy"] } });
});
