/** Plans of what is to be undone: which steps, in which order, with which input. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../../lib/index.ts";
import { Generation } from "../../../lib/kernel/generation.ts";
import {
  type DecisionRecord,
  type EditRecord,
  type Effect,
  type Leaving,
  type LogRecord,
  START_KEY,
  type StepError,
  type StepRecord,
  undoKey,
} from "../../../lib/kernel/record.ts";
import { recordKeyOf, valueAt } from "../../../lib/kernel/ref.ts";
import { afterUndo, isUndone, nextStage, planRef, planUndo, type Undoing } from "../../../lib/kernel/undo.ts";
import type { RaceState, Scope } from "../../../lib/model/graph.ts";
import type { Json } from "../../../lib/model/json.ts";

const json = { input: z.json(), output: z.json() };
const step = node("step", { ...json, errors: ["Declined"] });
const undo = node("undo", json);
const task = <const N extends string>(name: N) => [step.as(name), { input: () => 1, undo }] as const;
const { graph } = workflow("flow", { input: z.json() })
  .task(...task("a"))
  .parallel("p", { x: (b) => b.task(...task("x")).task(...task("x2")), y: (b) => b.task(...task("y")) })
  .race("r", { u: (b) => b.task(...task("u")), v: (b) => b.task(...task("v")) })
  .block("b", (b) => b.parallel("q", { k: (c) => c.task(...task("k")), l: (c) => c.task(...task("l")) }), {
    catch: { any: (b) => b.task(...task("n")) },
  })
  .map("m", { over: () => [], each: (b) => b.task(...task("i")) })
  .task(step.as("plain"), { input: () => 1 }).program;

const to = (path: string): Effect => ({ kind: "step", path, bind: { prev: "x" } });
const arrive = (path: string, member: number): Effect => ({
  ...{ kind: "arrive", path, member, of: 2, output: "x", bind: { prev: "x" } },
});
const start = (...next: Effect[]): DecisionRecord => ({ kind: "decision", atMs: 0, next, values: { input: 1 } });
const decision = (...next: Effect[]): DecisionRecord => ({ kind: "decision", atMs: 0, next });
const record = (over: Partial<StepRecord>): StepRecord => ({
  ...{ kind: "step", node: "step", status: "settled", fence: 1, failures: 0, crashes: 0, startedAtMs: 1, next: [] },
  ...over,
});
const done = (...next: Effect[]) => record({ output: "out", next });
const failed = (code: string, over: Partial<StepRecord> = {}) =>
  record({ error: { code, message: "", path: "a" } satisfies StepError, ...over });
const closed = record({ closed: true });
const end: Effect = { kind: "end" };
const edit = (voided: readonly string[], anew: readonly string[] = []): EditRecord => ({
  ...{ kind: "edit", void: voided, anew, atMs: 0 },
});

const planned = (log: Record<string, LogRecord>, over: Partial<Undoing> = {}) =>
  planUndo({
    ...{ graph, log: new Map(Object.entries(log)), generation: new Generation([]), scope: "", follows: end },
    ...over,
  });
const plan = (log: Record<string, LogRecord>, over: Partial<Undoing> = {}) => planned(log, over).decision;
/** The paths that are undone, by stages: in the decision, or, where they are many, in lists of their own. */
function stages(log: Record<string, LogRecord>, over: Partial<Undoing> = {}): readonly (readonly string[])[] {
  const { decision: made, lists } = planned(log, over);
  const stored = (made.values?.plan ?? null) as unknown as { readonly stages?: readonly { path: string }[][] };
  const apart = [...lists.values()].map(({ items }) => items as unknown as readonly { path: string }[]);
  return (stored.stages ?? apart).map((stage) => stage.map(({ path }) => path.replace(/\/undo$/, "")).sort());
}
const won = (scope: string, branch: string): { how: Leaving; close: Effect } => {
  const how: Leaving = { kind: "won", path: scope, branch, output: "x" };
  return { how, close: { kind: "close", scope, how, bind: { prev: "x" } } };
};

describe("what is undone", () => {
  const one = (over: Partial<StepRecord>) => ({ [START_KEY]: start(to("a")), "step/a": record(over) });
  it.each<[string, Partial<StepRecord>, boolean]>([
    ["has an output", { output: "out" }, true],
    [
      "has an output, and its decision came to a failure",
      { output: "out", next: [{ kind: "fail", error: { code: "x", message: "", path: "" } }] },
      true,
    ],
    ["was closed after it had begun", { closed: true }, true],
    ["was closed before it began", { closed: true, startedAtMs: undefined as never }, false],
    ["crashed", failed("crashed"), true],
    ["failed by a code that its node does not declare", failed("handler_failed"), true],
    ["failed by a code that its node declares", failed("Declined"), false],
    ["got an input that its schema refuses, at once", failed("invalid_input"), false],
    ["got one after attempts that failed and crashed", failed("invalid_input", { failures: 1, crashes: 1 }), true],
    ["got one after an attempt that crashed", failed("invalid_input", { crashes: 1 }), true],
    ["has a mapping that failed, at once", failed("slot_failed"), false],
    ["has one that failed after an attempt that failed", failed("slot_failed", { failures: 1 }), true],
    ["ran in the execution that this one was forked from", { output: "out", copied: true }, false],
    ["was closed there", { closed: true, copied: true }, false],
  ])("of a step that %s: %s, %s", (_, over, undone) => {
    expect(stages(one(over))).toEqual(undone ? [["a"]] : []);
  });
  it("is no step that declares no undo, and nothing that no decision leads to", () => {
    expect(stages({ [START_KEY]: start(to("plain")), "step/plain": done(), "step/a": done() })).toEqual([]);
  });
  it("is nothing but what lies in the scope, and nothing of the branch that won, whatever is called alike", () => {
    const log = {
      [START_KEY]: start(to("r/u/u"), to("r/v/v"), to("r/uv/v"), to("rr/v/v"), to("a")),
      ...Object.fromEntries(["r/u/u", "r/v/v", "r/uv/v", "rr/v/v", "a"].map((path) => [`step/${path}`, done()])),
    };
    const race = graph.root.states.r as RaceState;
    const branches = { ...race.branches, uv: race.branches.v as Scope };
    const states = { ...graph.root.states, r: { ...race, branches }, rr: race, undefined: race };
    const alike = { ...graph, root: { ...graph.root, states } };
    const { close } = won("r", "u");
    expect(stages(log, { graph: alike, scope: "r", except: "r/u", follows: close })).toEqual([["r/uv/v", "r/v/v"]]);
    const nothing = { [START_KEY]: start(to("undefined/u/u")), "step/undefined/u/u": done() };
    expect(stages(nothing, { graph: alike })).toEqual([["undefined/u/u"]]);
  });
  it("is also what an older generation has begun under the same key", () => {
    const generation = new Generation([edit(["step/a"])]);
    const log = {
      [START_KEY]: start(to("a")),
      "step/a": failed("crashed"),
      "step/a@1": record({ closed: true, startedAtMs: undefined as never }),
    };
    expect(stages(log, { generation })).toEqual([["a"]]);
    expect(stages(log, { generation: new Generation([edit(["step/a"], ["step/a"])]) })).toEqual([]);
  });
  it("is no step that has not begun at all", () => {
    expect(stages({ [START_KEY]: start(to("a"), to("r/u/u")), "step/r/u/u": done() })).toEqual([["r/u/u"]]);
  });
  it("is what has an output in an older generation, whatever became of it since, unless another execution made it", () => {
    const generation = new Generation([edit(["step/a"])]);
    const log = (older: StepRecord) => ({
      [START_KEY]: start(to("a")),
      "step/a": older,
      "step/a@1": failed("Declined"),
    });
    expect(stages(log(done()), { generation })).toEqual([["a"]]);
    expect(stages(log({ ...done(), copied: true }), { generation })).toEqual([]);
  });
  it("is not what failed on purpose in the end, whatever was before", () => {
    const generation = new Generation([edit(["step/a"])]);
    const log = { [START_KEY]: start(to("a")), "step/a": failed("crashed"), "step/a@1": failed("Declined") };
    expect(stages(log, { generation })).toEqual([]);
  });
  it("is nothing that was undone before, by a plan of whichever generation", () => {
    const log = { [START_KEY]: start(to("a")), "step/a": done(), "step/a/undo": done() };
    expect(stages(log)).toEqual([]);
  });
  it("is nothing that the plan of a race has", () => {
    const { close } = won("r", "u");
    const log = {
      [START_KEY]: start(to("r/u/u"), to("r/v/v")),
      "step/r/u/u": done({ ...close, kind: "leave" } as Effect),
      "step/r/v/v": done(),
      "decide/r#won": decision(close),
    };
    const inner = plan(log, { scope: "r", except: "r/u", follows: close });
    const standing: DecisionRecord = { kind: "decision", atMs: 0, ...inner };
    expect(stages({ ...log, "decide/r#undo": standing })).toEqual([["r/u/u"]]);
    const nothing: DecisionRecord = { ...decision(), closed: true };
    expect(stages({ ...log, "decide/r#undo": nothing })).toEqual([["r/u/u", "r/v/v"]]);
  });
  it("is told by plans alone, and not by a state that is called so", () => {
    const log = { [START_KEY]: { ...start(to("a")), values: { plan: 1 } }, "step/a": done() };
    expect(stages(log)).toEqual([["a"]]);
  });
  it("are the losers of a race, and not the branch that won", () => {
    const { close } = won("r", "u");
    const log = {
      [START_KEY]: start(to("r/u/u"), to("r/v/v"), to("a")),
      "step/r/u/u": done(),
      "step/r/v/v": closed,
      "step/a": done(),
    };
    expect(stages(log, { scope: "r", except: "r/u", follows: close })).toEqual([["r/v/v"]]);
  });
});

describe("the order of undoing", () => {
  it("is that of the decisions, reversed; what is in no order is undone at once", () => {
    const log = {
      [START_KEY]: start(to("a")),
      "step/a": done(to("p/x/x"), to("p/y/y")),
      "step/p/x/x": done(to("p/x/x2")),
      "step/p/x/x2": done(arrive("p", 0)),
      "step/p/y/y": done(arrive("p", 1)),
      "decide/p": decision(to("plain")),
    };
    expect(stages(log)).toEqual([["p/x/x2", "p/y/y"], ["p/x/x"], ["a"]]);
  });
  it("has what follows a scope that was left after all that ran in it", () => {
    const how: Leaving = { kind: "caught", path: "b", branch: "any", error: "x" };
    const at = { scope: "b/done", how, bind: { prev: "x" } };
    const log = {
      [START_KEY]: start(to("b/done/q/k/k"), to("b/done/q/l/l")),
      "step/b/done/q/k/k": failed("crashed", { next: [{ kind: "leave", ...at }] }),
      "step/b/done/q/l/l": closed,
      "decide/b/done#won": decision({ kind: "close", ...at }),
      "decide/b/done": decision(to("b/any/n")),
      "step/b/any/n": done(),
    };
    expect(stages(log)).toEqual([["b/any/n"], ["b/done/q/k/k", "b/done/q/l/l"]]);
  });
  it("is found without a deep stack, and a stage has a hundred steps at most", () => {
    const many = Array.from({ length: 250 }, (_, i) => `m/${i}/i`);
    const chain = Array.from({ length: 5_000 }, (_, i) => `m/${1_000 + i}/i`);
    const log = Object.fromEntries<LogRecord>([
      [START_KEY, start(...many.map(to), to(chain[0] as string))],
      ...many.map((path) => [`step/${path}`, done()] as const),
      ...chain.map((path, i) => [`step/${path}`, done(...chain.slice(i + 1, i + 2).map(to))] as const),
    ]);
    const sizes = stages(log).map((stage) => stage.length);
    expect(sizes.slice(0, 4)).toEqual([100, 100, 51, 1]);
    expect(sizes).toHaveLength(5_002);
  });
});

describe("an undo step", () => {
  const inputOf = (log: Record<string, LogRecord>, over: Partial<Undoing> = {}) => {
    const { next, values } = plan(log, over);
    const [effect] = next;
    return [effect?.kind === "step" && effect.bind, values] as const;
  };
  it("gets the step's output, and has its seat in the plan", () => {
    const [bind] = inputOf({ [START_KEY]: start(to("a")), "step/a": done() });
    expect(bind).toEqual({
      ...{ prev: "step/a", refs: { output: "step/a" } },
      undo: { scope: "", stage: 0, member: 0, of: 1 },
    });
  });
  it("sees the output beside what its step saw, under that step's scope", () => {
    const effect: Effect = { kind: "step", path: "p/x/x", bind: { prev: "y", refs: { a: "step/a" } } };
    const [bind] = inputOf({ [START_KEY]: start(effect), "step/p/x/x": done() });
    expect(bind).toMatchObject({ prev: "step/p/x/x", refs: { a: "step/a", "p/x/output": "step/p/x/x" } });
  });
  it("has its own seat among those that are undone at once", () => {
    const { next } = plan({ [START_KEY]: start(to("a"), to("r/u/u")), "step/a": done(), "step/r/u/u": done() });
    expect(next.map((effect) => effect.kind === "step" && [effect.path, effect.bind.undo])).toEqual([
      ["a/undo", { scope: "", stage: 0, member: 0, of: 2 }],
      ["r/u/u/undo", { scope: "", stage: 0, member: 1, of: 2 }],
    ]);
  });
  it("gets null where there is no output", () => {
    const [bind, values] = inputOf({ [START_KEY]: start(to("a")), "step/a": closed });
    expect(bind).toMatchObject({ prev: "decide/#undo!none" });
    expect(values?.none).toBe(null);
  });
  it("gets the output that an older generation has", () => {
    const generation = new Generation([edit(["step/a"])]);
    const log = { [START_KEY]: start(to("a")), "step/a": done(), "step/a@1": closed };
    const [bind, values] = inputOf(log, { generation });
    expect(bind).toMatchObject({ prev: "decide/#undo!a/output" });
    expect(values?.["a/output"]).toBe("out");
  });
  it("arrives at its stage, which is followed by the next one, and in the end by what follows the plan", () => {
    const bind = { prev: "x" };
    const seat = { scope: "r", stage: 1, member: 2, of: 3 };
    expect(afterUndo(seat, "step/x", bind)).toMatchObject({ kind: "arrive", path: "r#undo~1", member: 2, of: 3 });
    const of = { stages: [[to("a")], [to("b")]], follows: end } as unknown as Json;
    expect([nextStage(of, 0), nextStage(of, 1)]).toEqual([[to("b")], [end]]);
  });
});

describe("a plan of many steps", () => {
  const items = (count: number) => Array.from({ length: count }, (_, i) => `m/${i}/i`);
  const log = (paths: readonly string[], ...last: readonly string[]) => ({
    [START_KEY]: start(...paths.map(to)),
    ...Object.fromEntries(paths.map((path) => [`step/${path}`, done(...last.map(to))])),
    ...Object.fromEntries(last.map((path) => [`step/${path}`, done()])),
  });
  const stored = (of: Record<string, LogRecord>) => planned(of).decision.values?.plan as unknown as object;

  it("of up to a hundred stands in its decision, and of more in lists of its own, one for each stage", () => {
    const few = planned(log(items(100)));
    expect([few.lists.size, Object.keys(stored(log(items(100))))]).toEqual([0, ["stages", "follows"]]);
    const { decision: made, lists } = planned(log(items(100), "a"));
    const ref = [...lists.keys()][0]?.replace(/\.0$/, "");
    expect(ref).toMatch(/^list\/#undo#\w+$/);
    expect(made.values?.plan).toEqual({ list: ref, of: 2, follows: end });
    expect([...lists].map(([key, list]) => [key, list.kind, list.items.length])).toEqual([
      [`${ref}.0`, "list", 1],
      [`${ref}.1`, "list", 100],
    ]);
    expect(made.next).toEqual(lists.get(`${ref}.0`)?.items);
  });
  it("is found where it is told to lie", () => {
    const { decision: made } = planned({ [START_KEY]: start(to("a")), "step/a": done() }, { scope: "r" });
    expect(recordKeyOf(planRef("r"))).toBe(undoKey("r"));
    expect(valueAt(planRef("r"), { kind: "decision", atMs: 0, ...made })).toEqual(made.values?.plan);
  });
  it("in lists is gone through stage by stage, each read where it lies", () => {
    const of = stored(log(items(100), "a")) as { readonly list: string };
    expect(nextStage(of as unknown as Json, 0)).toEqual({ lies: `${of.list}.1!items` });
    expect(nextStage(of as unknown as Json, 1)).toEqual([end]);
  });
  it("in lists is known to others", () => {
    const { decision: made, lists } = planned(log(items(101)), { scope: "m" });
    const standing: DecisionRecord = { kind: "decision", atMs: 0, ...made };
    const all = { ...log([...items(101), "a"]), "decide/m#undo": standing, ...Object.fromEntries(lists) };
    expect(stages(all)).toEqual([["a"]]);
  });
});

describe("a plan is carried out", () => {
  it("once what follows it follows its last stage", () => {
    const at = (...records: [string, DecisionRecord][]) => isUndone(new Map<string, LogRecord>(records), "r");
    expect(at(["decide/r#undo~0", decision(to("a"))])).toBe(false);
    expect(at(["decide/r#undo~0", { ...decision(), closed: true }])).toBe(false);
    expect(at(["decide/r#undo~0", decision(to("a"))], ["decide/r#undo~1", decision(won("r", "u").close)])).toBe(true);
    expect(isUndone(new Map([["decide/#undo~0", decision(end)]]), "")).toBe(true);
  });
  it("where nothing is to be undone, what follows comes at once", () => {
    expect(plan({ [START_KEY]: start() }).next).toEqual([end]);
  });
});
