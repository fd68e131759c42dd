/** What every kind of state brings to a comparison of two versions. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, event, node, schedule, signal, workflow } from "../../../lib/index.ts";
import type { Graph, Scope } from "../../../lib/model/graph.ts";
import type { Json } from "../../../lib/model/json.ts";
import type { Program } from "../../../lib/model/program.ts";
import { compareVersions } from "../../../lib/versions/compare.ts";
import { mayReach, staticPath } from "../../../lib/versions/may-reach.ts";
import { surelyBefore } from "../../../lib/versions/ways.ts";

const Bill = z.object({ id: z.string(), cents: z.int() });
const Paid = z.object({ receipt: z.string() });
const PaidTwice = z.object({ receipt: z.string(), bank: z.string() });
const pay = node("pay", { input: Bill, output: Paid, errors: ["Declined"] });
const repay = node("repay", { input: Paid.nullable() });
const look = node("look", { input: Bill, output: Bill });
const verdict = signal("verdict", { data: z.object({ ok: z.boolean() }) });
const billing = contract("billing", { input: Bill, output: Paid, errors: ["NoCard"] });

type Retired = NonNullable<Parameters<typeof workflow>[1]["retired"]>;
const start = (retired?: Retired) => workflow("flow", { input: Bill, ...(retired && { retired }) });
const unsafe = (newer: { readonly program: Program }, older: { readonly program: Program }) =>
  compareVersions(older.program.graph, newer.program)
    .filter(({ verdict }) => verdict !== "safe")
    .map(({ verdict, kind, where }) => `${verdict} ${kind} ${where}`);

describe("of a call,", () => {
  const called = (by = billing, retired?: Retired) =>
    start(retired)
      .call(by, {})
      .output((s) => s.billing.receipt);

  it("the contract has to stay as long as executions call it", () => {
    const without = (retired?: Retired) =>
      start(retired)
        .task(pay)
        .output(() => "");
    expect(unsafe(without(), called())).toEqual(["needs_mapping call_removed billing"]);
    const mapped = without({ calls: [billing], slots: { output: (s) => s.billing.receipt } });
    expect(unsafe(mapped, called())).toEqual([]);
  });

  it("what it answers with may grow for those who come, not for what is recorded", () => {
    const more = contract("billing", { input: Bill, output: PaidTwice, errors: ["NoCard"] });
    expect(unsafe(called(more as never), called())).toEqual(["needs_mapping slot_reads output"]);
    expect(unsafe(called(), called(more as never))).toEqual([]);
  });

  it("what is passed on must be what its contract takes now", () => {
    const wants = contract("billing", { input: Bill.extend({ card: z.string() }), output: Paid, errors: ["NoCard"] });
    const newer = start()
      .call(wants, { input: (s) => ({ ...s.input, card: "1" }) })
      .output((s) => s.billing.receipt);
    expect(unsafe(newer, called())).toEqual(["safe_once_drained call_changed billing"]);
  });

  it("one that is detached leaves another thing than one that is waited for", () => {
    const detached = start()
      .call(billing, { detached: true })
      .output((s) => s.billing.execution);
    expect(unsafe(detached, called())).toEqual(["needs_mapping slot_reads output"]);
  });
});

describe("of an undo,", () => {
  const undone = (by: typeof repay) => start().task(pay, { undo: by });
  it("the node has to stay as long as executions may be undone, and takes what its task gave, or null", () => {
    expect(unsafe(start().task(pay), undone(repay))).toEqual(["needs_mapping node_removed repay"]);
    expect(unsafe(start({ nodes: { repay } }).task(pay), undone(repay))).toEqual([]);
    const narrow = node("repay", { input: PaidTwice.nullable() });
    const newer = start().task(pay, { undo: { node: narrow, input: (s) => s.output && { ...s.output, bank: "" } } });
    expect(unsafe(newer, undone(repay))).toEqual(["safe_once_drained node_changed pay"]);
  });
  it("a function finds the output that its task gave by its older contract", () => {
    const by = (output: typeof Paid) =>
      start().task(node("pay", { input: Bill, output }), {
        undo: { node: repay, input: (s) => s.output && { receipt: s.output.receipt } },
      });
    expect(unsafe(by(PaidTwice as never), by(Paid))).toEqual(["needs_mapping slot_reads pay.undo"]);
    expect(unsafe(by(Paid), by(PaidTwice as never))).toEqual([]);
  });
});

describe("of a loop,", () => {
  const looped = (of: typeof Bill) =>
    start().loop("rounds", {
      from: (s) => s.input,
      each: (b) => b.task(node("look", { input: of, output: of })),
      until: (state) => state.cents > 2,
      max: 3,
    });
  it("its end is asked of a state that a round of the older contract left", () => {
    const more = Bill.extend({ card: z.string() });
    expect(unsafe(looped(more as never), looped(Bill))).toContain("needs_mapping slot_reads rounds.until");
    expect(unsafe(looped(Bill), looped(more as never))).toEqual([]);
  });
  it("functions inside find the round's state as it was left", () => {
    const inside = (of: typeof Bill) =>
      start().loop("rounds", {
        from: (s) => s.input,
        each: (b) =>
          b
            .set("n", (s) => s.round.state.cents)
            .task(node("look", { input: Bill, output: of }), { input: (s) => s.input }),
        until: () => true,
        max: 3,
      });
    expect(unsafe(inside(Bill.extend({ card: z.string() }) as never), inside(Bill))).toContain(
      "needs_mapping slot_reads rounds/each/n.value",
    );
  });
});

describe("of the other states,", () => {
  it("a map's summary is another thing than its list, and a failed item than one that must not fail", () => {
    const mapped = (options: object) =>
      start()
        .map("all", { over: (s) => [s.input], each: (b) => b.task(look), ...options })
        .output((s) => s.all as unknown as Json);
    expect(unsafe(mapped({ results: "reference" }), mapped({}))).toEqual(["needs_mapping slot_reads output"]);
    expect(unsafe(mapped({ tolerate: { count: 1 } }), mapped({}))).toEqual(["needs_mapping slot_reads output"]);
    expect(unsafe(mapped({ concurrency: 3 }), mapped({}))).toEqual([]);
  });

  it("a wait that comes in between is seen by nobody, and one that goes leaves its time to those who wait", () => {
    const plain = start()
      .task(pay)
      .set("said", (s) => ({ ...s }));
    const waiting = start()
      .task(pay)
      .wait("nap", { for: "2 days" })
      .set("said", (s) => ({ ...s }));
    expect(unsafe(waiting, plain)).toEqual([]);
    expect(unsafe(plain, waiting)).toEqual([]);
  });

  it("timeouts, catches and what may fail are the older graph's own", () => {
    const waiting = (timeout: "2 days" | "3 days") => start().waitFor(verdict, { timeout });
    expect(unsafe(waiting("3 days"), waiting("2 days"))).toEqual([]);
    const caught = start().block("payment", (b) => b.task(pay), {
      catch: { Declined: (b) => b.set("sorry", () => 1) },
    });
    const open = start().block("payment", (b) => b.task(pay));
    expect(unsafe(caught, open)).toEqual([]);
    expect(unsafe(open, caught)).toEqual(["needs_mapping slot_missing payment/Declined/sorry.value"]);
  });

  it("each of a race, a parallel, a block and a block that catches leaves another thing", () => {
    const look1 = (b: never) => (b as ReturnType<typeof start>).task(look);
    const look2 = (b: never) => (b as ReturnType<typeof start>).task(look.as("other"), { input: (s) => s.input });
    const b = start();
    const all = [
      b.race("at", { look: look1, other: look2 } as never),
      b.parallel("at", { look: look1, other: look2 } as never),
      b.block("at", look1 as never),
      b.block("at", look1 as never, { catch: { any: look2 } } as never),
    ] as unknown as { output(slot: (s: { at: Json }) => Json): { readonly program: Program } }[];
    const reading = all.map((one) => one.output((s) => s.at));
    reading.forEach((older, i) => {
      reading.forEach((newer, j) => {
        const reads = unsafe(newer, older).includes("needs_mapping slot_reads output");
        expect(reads, `from ${i} to ${j}`).toBe(i !== j);
      });
    });
  });

  it("a race that loses a branch still calls its functions where it runs", () => {
    const raced = (names: readonly string[]) => {
      const branch = (name: string) =>
        [name, (b: never) => (b as ReturnType<typeof start>).set(`${name}Set`, () => 1)] as const;
      return start().race("first", Object.fromEntries(names.map(branch)) as never) as { readonly program: Program };
    };
    expect(unsafe(raced(["a", "b", "c"]), raced(["a", "b"]))).toEqual([]);
    expect(unsafe(raced(["a", "b"]), raced(["a", "b", "c"]))).toEqual([
      "needs_mapping slot_missing first/c/cSet.value",
    ]);
  });
});

describe("on the ways of a scope that goes back and forks", () => {
  const set = (next: string | null) => ({ kind: "set", value: { kind: "constant", value: 1 }, next }) as const;
  const states: Scope["states"] = {
    begin: set("pick"),
    pick: {
      kind: "choice",
      pick: { kind: "constant", value: "again" },
      branches: { again: { to: "begin" }, left: { to: "left" }, right: { to: "right" } },
      next: null,
    },
    left: set("end"),
    right: set("end"),
    end: set(null),
  };
  it("only those states surely ran that no way leaves out", () => {
    const scope = { start: "begin", states };
    expect(surelyBefore(scope, "end")).toEqual(["begin", "pick"]);
    expect(surelyBefore(scope, "left")).toEqual(["begin", "pick"]);
    expect(surelyBefore(scope, "begin")).toEqual([]);
    expect(surelyBefore(scope, null)).toEqual(["begin", "pick"]);
    expect(surelyBefore({ start: null, states: {} }, null)).toEqual([]);
  });
});

describe("where executions are tells what they may still come to:", () => {
  const { graph } = start()
    .task(look)
    .block("payment", (b) => b.task(pay, { undo: repay }), { catch: { Declined: (b) => b.waitFor(verdict) } })
    .race("first", { told: (b) => b.waitFor(verdict.as("told")), late: (b) => b.wait("nap", { for: "1 day" }) })
    .map("all", { over: (s) => [s.input], each: (b) => b.task(look.as("one")).task(look.as("two")) })
    .task(look.as("last"), { input: (s) => s.input }).program;
  const from = (path: string) => [...mayReach(graph, [path])].sort();

  it("inside a block its catches too, in a race what follows it, in a map the items to come", () => {
    const last = ["all", "all/each/one", "all/each/two", "last"];
    expect(from("last")).toEqual(["last", "payment/done/pay"]); // that may have to be undone
    expect(from("all/each/two")).toEqual([...last, "payment/done/pay"].sort());
    const first = ["first", "first/told/told", "first/late/nap"];
    expect(from("first/told/told")).toEqual([...first, ...last, "payment/done/pay"].sort());
    expect(from("payment/done/pay")).toContain("payment/Declined/verdict");
    expect(from("payment/Declined/verdict")).not.toContain("look");
  });
  it("a path of a step is that of its state", () => {
    expect(staticPath("pack/3/weigh~2")).toBe("pack/each/weigh");
    expect(staticPath("payment/done/pay")).toBe("payment/done/pay");
  });
});

describe("whatever differs between two graphs", () => {
  const shipped = event("shop", "Shipped", { version: 1, data: Bill });
  const whole = (on: object) =>
    workflow("flow", { input: Bill, timeout: "20 days", ...on })
      .task(look, { timeout: "40 seconds" })
      .block("payment", (b) => b.task(pay, { undo: repay }), { catch: { Declined: (b) => b.fail("No", () => "") } })
      .race("first", { told: (b) => b.waitFor(verdict), late: (b) => b.wait("nap", { for: "1 day" }) })
      .choice("kind", (s) => (s.input.cents > 1 ? "a" : "b"), { a: (b) => b, b: (b) => b.succeed(() => 1) })
      .loop("rounds", { from: (s) => s.input, each: (b) => b.task(look.as("again")), until: () => true, max: 3 })
      .map("all", { over: (s) => [s.input], each: (b) => b.task(look.as("one")), tolerate: { count: 1 } })
      .call(billing, { input: (s) => s.input })
      .emit(shipped, (s) => s.input)
      .output((s) => s.billing.receipt);

  it.each([
    ["started by an event", whole({ on: shipped.by((e) => e.data.id, { whenRunning: "queue" }) })],
    ["started at times", whole({ on: schedule({ cron: "0 9 * * *", input: () => ({ id: "", cents: 1 }) }) })],
  ])("is told, of one that is %s", (_, { program }) => {
    const untold: string[] = [];
    let tried = 0;
    for (const [place, mutated] of mutationsOf(program.graph as unknown as Json)) {
      tried++;
      if (compareVersions(mutated as unknown as Graph, program).length === 0) untold.push(place);
    }
    expect(tried).toBeGreaterThan(90);
    expect(untold).toEqual([]);
  });
});

/** Each leaf otherwise, one at a time. The graph's own shape stays: kinds, and names that lead somewhere. */
function* mutationsOf(value: Json, at = ""): Generator<readonly [string, Json]> {
  const kept = /\.(kind|next|start|workflow|node|name|\$schema)$/.test(at) && !at.includes(".properties.");
  if (/^\.trigger\.event\.|^\.events\..*\.(source|type|version)$/.test(at)) return; // said twice in a graph
  if (Array.isArray(value)) {
    for (const [i, one] of value.entries())
      for (const [place, other] of mutationsOf(one, `${at}[${i}]`)) yield [place, value.with(i, other)];
  } else if (typeof value === "object" && value !== null) {
    for (const [name, one] of Object.entries(value))
      for (const [place, other] of mutationsOf(one as Json, `${at}.${name}`))
        yield [place, { ...value, [name]: other }];
  } else if (kept) return;
  else if (typeof value === "string") yield [at, `${value}x`];
  else if (typeof value === "number") yield [at, value + 1];
  else if (typeof value === "boolean") yield [at, !value];
}
