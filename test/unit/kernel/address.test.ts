import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isCyclic,
  locate,
  nodeAtPath,
  scopesAbove,
  segmentFor,
  undoneBy,
  undoPath,
} from "../../../lib/kernel/address.ts";
import { type Scope, type State, statesOf } from "../../../lib/model/graph.ts";
import { cyclic, empty, graphOf, scopeOf, slot, task } from "../../support/graphs.ts";
import { plannedWorkflow, programOf } from "../../support/plan.ts";

const inner = scopeOf({ packLine: task(null) });
const graph = graphOf(
  scopeOf({
    reserve: task("pay"),
    pay: { kind: "parallel", branches: { charge: scopeOf({ charge: task(null) }), none: empty }, next: "pack" },
    pack: { kind: "map", over: slot("pack.over"), each: inner, concurrency: 2, next: "risk" },
    risk: { kind: "choice", pick: slot("risk.pick"), branches: { high: { scope: inner } }, next: "wrap" },
    wrap: { kind: "block", body: scopeOf({ deep: { kind: "block", body: inner, next: null } }), next: null },
  }),
);
const cyclicGraph = graphOf(cyclic);

describe("a path", () => {
  it.each([
    ["reserve", "task", [""]],
    ["pay", "parallel", [""]],
    ["pay/charge/charge", "task", ["", "pay/charge/"]],
    ["pack/0/packLine", "task", ["", "pack/0/"]],
    ["pack/9999/packLine", "task", ["", "pack/9999/"]],
    ["risk/high/packLine", "task", ["", "risk/high/"]],
    ["wrap/done/deep/done/packLine", "task", ["", "wrap/done/", "wrap/done/deep/done/"]],
  ])("%s leads to a state, through its scopes", (path, kind, prefixes) => {
    const at = locate(graph, path);
    expect(at?.state.kind).toBe(kind);
    expect(at?.name).toBe(path.split("/").at(-1));
    expect(at?.frames.map((f) => f.prefix)).toEqual(prefixes);
  });

  it("tells what each scope lies in", () => {
    const [root, frame] = locate(graph, "pack/3/packLine")?.frames ?? [];
    expect(root).toEqual({ scope: graph.root, prefix: "" });
    expect(frame?.owner).toEqual({ path: "pack", state: graph.root.states.pack, branch: "3" });
  });

  it.each([
    ["ask~12", "ask"],
    ["note~3/done/write", "write"],
  ])("%s leads to the state without its number", (path, name) => {
    expect(locate(cyclicGraph, path)?.name).toBe(name);
  });

  it.each([
    ["is empty", ""],
    ["names no state", "refund"],
    ["names what every object has", "constructor"],
    ["ends in a branch", "pay/charge"],
    ["goes through a task", "reserve/charge/charge"],
    ["goes through a branch that is not there", "pay/refund/charge"],
    ["goes through a branch that every object has", "pay/constructor/charge"],
    ["has a word for an item's number", "pack/each/packLine"],
    ["has a number below zero", "pack/-1/packLine"],
    ["has a number and more", "pack/3x/packLine"],
    ["has no word for an item", "pack//packLine"],
    ["ends with a slash", "pay/charge/"],
  ])("that %s leads nowhere: %s", (_, path) => {
    expect(locate(graph, path)).toBeUndefined();
  });

  it("that is a graph's own leads to the state that stands there, item by item", () => {
    fc.assert(
      fc.property(plannedWorkflow, fc.nat(300), (plan, item) => {
        const program = programOf(plan);
        for (const [path, state] of statesOf(program.graph.root))
          expect(locate(program.graph, path.replaceAll("/each/", `/${item}/`))?.state).toBe(state);
      }),
    );
  });
});

const choice = (branches: Record<string, string>, next: string | null = null): State => ({
  ...{ kind: "choice", pick: slot("x.pick"), next },
  branches: Object.fromEntries(Object.entries(branches).map(([name, to]) => [name, { to }])),
});
const match = (branches: Record<string, string>): State => ({
  ...{ kind: "match", of: slot("x.of"), by: "x", next: null },
  branches: Object.fromEntries(Object.entries(branches).map(([name, to]) => [name, { to }])),
});
const forks = (count: number): Scope =>
  scopeOf(
    Object.fromEntries([
      ...Array.from({ length: count }, (_, i) => [
        [`s${i}`, choice({ x: `x${i}`, y: `y${i}` })],
        [`x${i}`, task(`s${i + 1}`)],
        [`y${i}`, task(`s${i + 1}`)],
      ]).flat(),
      [`s${count}`, task(null)],
    ]),
  );
const backwards = (scope: Scope): Scope => ({
  ...scope,
  states: Object.fromEntries(Object.entries(scope.states).reverse()),
});
const chain = (length: number, last: string | null): Scope =>
  scopeOf(Object.fromEntries(Array.from({ length }, (_, i) => [`t${i}`, task(i + 1 < length ? `t${i + 1}` : last)])));

describe("what was looked for", () => {
  const each = scopeOf({ line: task(null) });
  const graph = () => graphOf(scopeOf({ pack: { ...map, each } as State }));
  const map = { kind: "map", over: slot("items"), concurrency: 1, next: null } as const;
  const line = (i: number) => `pack/${i}/line`;

  it("is known the next time, of each path and of each graph", () => {
    const one = graph();
    const other = graph();
    const found = locate(one, line(1));
    expect(found?.name).toBe("line");
    expect(locate(one, line(2))).not.toBe(found);
    expect(locate(other, line(1))).not.toBe(found);
    expect(locate(one, line(1))).toBe(found);
  });

  it("is forgotten when there is too much of it", () => {
    const one = graph();
    const found = locate(one, line(0));
    for (let i = 1; i < 4_096; i++) locate(one, line(i));
    expect(locate(one, line(0))).toBe(found);
    locate(one, line(4_096));
    expect(locate(one, line(0))).not.toBe(found);
    expect(locate(one, line(0))).toEqual(found);
  });

  it("is not there when it was not there before", () => {
    const one = graph();
    expect(locate(one, "pack/0/nobody")).toBeUndefined();
    expect(locate(one, "pack/0/nobody")).toBeUndefined();
  });
});

describe("a scope", () => {
  it.each<[string, Scope, boolean]>([
    ["with nothing in it does not go back", empty, false],
    ["of one state does not go back", scopeOf({ a: task(null) }), false],
    ["whose state leads to itself goes back", scopeOf({ a: task("a") }), true],
    ["whose choice leads to itself goes back", scopeOf({ a: choice({ again: "a" }) }), true],
    ["whose match leads before itself goes back", scopeOf({ a: task("b"), b: match({ again: "a" }) }), true],
    ["whose match leads on does not go back", scopeOf({ a: match({ on: "b" }), b: task(null) }), false],
    ["of 40 forks that meet again does not go back", forks(40), false],
    ["of 40 forks that meet again, the last one first, does not go back", backwards(forks(40)), false],
    ["whose choice leads before itself goes back", scopeOf({ a: task("b"), b: choice({ again: "a" }) }), true],
    [
      "whose ways only meet again does not go back",
      scopeOf({ a: choice({ x: "b", y: "c" }), b: task("d"), c: task("d"), d: task(null) }),
      false,
    ],
    [
      "in which a catch leads before its state goes back",
      scopeOf({ a: task("b"), b: { ...task(null), catch: [{ codes: ["X"], branch: { to: "a" } }] } as State }),
      true,
    ],
    [
      "that goes back where its start never leads goes back",
      scopeOf({ a: task(null), b: task("c"), c: task("b") }),
      true,
    ],
    ["is not its inner scope, which goes back", scopeOf({ a: { kind: "block", body: cyclic, next: null } }), false],
    ["of 20,000 states does not go back", chain(20_000, null), false],
    ["of 20,000 states whose last leads to the first goes back", chain(20_000, "t0"), true],
    ["of 20,000 states whose last leads to itself goes back", chain(20_000, "t19999"), true],
  ])("%s", (_, scope, goesBack) => {
    expect(isCyclic(scope)).toBe(goesBack);
    expect(isCyclic(scope)).toBe(goesBack); // the second answer is remembered
  });
});

describe("a state's segment", () => {
  it("is its name where nothing goes back", () => {
    expect(segmentFor(graph.root, "pay", "reserve")).toBe("pay");
    expect(segmentFor(graph.root, "reserve", undefined)).toBe("reserve");
  });
  it.each([
    [undefined, "ask~1"],
    ["ask~1", "ask~2"],
    ["note~9", "ask~10"],
    ["outer~7/done/ask~2", "ask~3"],
  ])("counts the transitions that led to it: from %s to %s", (from, segment) => {
    expect(segmentFor(cyclic, "ask", from)).toBe(segment);
  });
});

it("the states and scopes around a path are all that it goes through, the outermost first", () => {
  expect(scopesAbove("a/b/c/d")).toEqual(["a", "a/b", "a/b/c"]);
  expect(scopesAbove("a")).toEqual([]);
});

describe("the path of what undoes a task", () => {
  it("is the task's and a word, and tells the task again", () => {
    expect(undoPath("pay/charge/charge")).toBe("pay/charge/charge/undo");
    expect(undoneBy("pay/charge/charge/undo")).toBe("pay/charge/charge");
    expect(undoneBy("charge/undo")).toBe("charge");
  });
  it.each([
    "charge",
    "pay/undo/charge",
    "pay/charge/undo",
    "undo",
    "pay/charge",
    "undo/charge",
    "pay/charge/x/undoing",
  ])("is not %s", (path) => {
    expect(undoneBy(path)).toBeUndefined();
  });
});

describe("the node that runs at a path", () => {
  const undo = { node: "refund", input: { kind: "previous" } } as const;
  const charge: State = { kind: "task", node: "charge", input: { kind: "previous" }, undo, next: "plain" };
  const plain: State = { kind: "task", node: "pack", input: { kind: "previous" }, next: null };
  const block: State = { kind: "block", body: scopeOf({ charge }), next: null };
  const graph = graphOf(scopeOf({ charge, plain, block }));
  it.each([
    ["charge", "charge"],
    ["charge/undo", "refund"],
    ["block/done/charge/undo", "refund"],
    ["plain", "pack"],
    ["plain/undo", undefined],
    ["block", undefined],
    ["block/undo", undefined],
    ["nowhere", undefined],
    ["nowhere/undo", undefined],
  ])("%s is the task's or its undo's: %s", (path, node) => {
    expect(nodeAtPath(graph, path)).toBe(node);
  });
});
