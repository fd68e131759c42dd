/** What each kind of state hands to what it leads to: its own name, what came in, and nothing that nobody asks for. */
import { describe, expect, it } from "vitest";
import { type Bindings, type Decision, type Leaving, START_KEY } from "../../../lib/kernel/record.ts";
import { ABSENT } from "../../../lib/kernel/ref.ts";
import { type RouteContext, type Routed, routeAfter, routeLeft, routeStart } from "../../../lib/kernel/route.ts";
import type { Data, Scope, State } from "../../../lib/model/graph.ts";
import type { Json } from "../../../lib/model/json.ts";
import type { Slot } from "../../../lib/model/program.ts";
import { graphOf, routableOf, scopeOf, slot, task } from "../../support/graphs.ts";
import { ROUTING } from "../../support/walk.ts";

const INPUT = `${START_KEY}!input`;
const PREVIOUS: Data = { kind: "previous" };
const constant = (value: Json): Data => ({ kind: "constant", value });
const set = (value: Data, next: string | null): State => ({ kind: "set", value, next });
const work = scopeOf({ work: task(null) });
const flow = { next: "end" } as const;
const behind = (states: Readonly<Record<string, State>>): Scope => scopeOf({ ...states, end: task(null) });

const context = (root: Scope, over: Partial<RouteContext> = {}): RouteContext => ({
  ...{ ...ROUTING, program: routableOf(root), key: START_KEY, read: () => ABSENT },
  ...over,
});
function decided(routed: Routed): Decision {
  if (routed.kind !== "decided") throw new Error(JSON.stringify(routed));
  return routed.decision;
}
const start = (root: Scope, over: Partial<RouteContext> = {}) => decided(routeStart(context(root, over), 0));
const after = (root: Scope, path: string, bind: Bindings = { prev: "x" }) =>
  decided(routeAfter(context(root, { key: `step/${path}`, output: 1 }), path, `step/${path}`, bind));
const left = (root: Scope, how: Leaving) => decided(routeLeft(context(root, { key: "decide/x" }), how, { prev: "x" }));
const step = (path: string, bind: Bindings) => ({ kind: "step", path, bind });

describe("the name of a state whose place the graph alone does not tell travels along", () => {
  it("of a set in a block", () => {
    const body = scopeOf({ a: set(constant(1), "work"), work: task(null) });
    expect(start(scopeOf({ block: { kind: "block", body, next: null } })).next).toEqual([
      step("block/done/work", {
        prev: `${START_KEY}!block/done/a`,
        refs: { "block/done/a": `${START_KEY}!block/done/a` },
      }),
    ]);
  });
  it("of a map over nothing", () => {
    const { next, values } = start(
      behind({ m: { kind: "map", over: constant([]), each: work, concurrency: 1, ...flow } }),
    );
    expect(values).toEqual({ input: 0, m: [] });
    expect(next).toEqual([step("end", { prev: `${START_KEY}!m`, refs: { m: `${START_KEY}!m` } })]);
  });
  it("of a call that nobody waits for", () => {
    const call: State = { kind: "call", workflow: "other", input: PREVIOUS, detached: true, ...flow };
    expect(start(behind({ call })).next[1]).toEqual(
      step("end", { prev: `${START_KEY}!call`, refs: { call: `${START_KEY}!call` } }),
    );
  });
  it("of a race, with the branch that won, whose output nobody has to read", () => {
    const race: State = { kind: "race", branches: { x: work, y: work }, ...flow };
    const how: Leaving = { kind: "won", path: "race", branch: "x", output: "step/race/x/work" };
    expect(left(behind({ race }), how).next).toEqual([
      step("end", { prev: "x?step/race/x/work", refs: { race: "x?step/race/x/work" } }),
    ]);
  });
  it("of a loop that is done", () => {
    const loop: State = { kind: "loop", from: PREVIOUS, each: work, until: constant(true), max: 3, ...flow };
    expect(after(behind({ loop }), "loop/2/work").next).toEqual([
      step("end", { prev: "step/loop/2/work", refs: { loop: "step/loop/2/work" } }),
    ]);
  });
});

describe("nothing but what came in is bound", () => {
  it("in the branches of a parallel or a race, and none is arrived at before", () => {
    for (const kind of ["parallel", "race"] as const)
      expect(start(scopeOf({ p: { kind, branches: { x: work, y: work }, next: null } })).next).toEqual([
        step("p/x/work", { prev: INPUT }),
        step("p/y/work", { prev: INPUT }),
      ]);
  });
  it("in an item of a map, but the item and the list", () => {
    const map: State = { kind: "map", over: constant([7]), each: work, concurrency: 1, next: null };
    expect(start(scopeOf({ m: map })).next).toEqual([
      step("m/0/work", { prev: `${START_KEY}!m[0]`, maps: { m: { items: `${START_KEY}!m`, of: 1 } } }),
    ]);
  });
});

describe("what comes to its end", () => {
  const race: State = { kind: "race", branches: { x: work, y: work }, next: null };
  it("in a race wins it", () => {
    const how = { kind: "won", path: "race", branch: "x", output: "step/race/x/work" };
    expect(after(scopeOf({ race }), "race/x/work").next).toEqual([
      { kind: "leave", scope: "race", how, bind: { prev: "step/race/x/work" } },
    ]);
  });
  it("by a succeed in a race wins it as well", () => {
    const succeed: State = { kind: "succeed", output: constant(1) };
    const branches = { x: scopeOf({ succeed }), y: work };
    expect(start(scopeOf({ race: { ...race, branches } as State })).next).toMatchObject([
      { kind: "leave", scope: "race", how: { kind: "won", branch: "x", output: `${START_KEY}!race/x/succeed` } },
      { kind: "step", path: "race/y/work" },
    ]);
  });
  it("as a tolerated item arrives as one that is well", () => {
    const map: State = { kind: "map", over: PREVIOUS, each: work, concurrency: 1, tolerate: { count: 1 }, next: null };
    const bind = { prev: "x", maps: { m: { items: "x", of: 1 } } };
    expect(after(scopeOf({ m: map }), "m/0/work", bind).next).toMatchObject([
      { kind: "arrive", path: "m", member: 0, output: "ok?step/m/0/work" },
    ]);
  });
});

describe("a failure", () => {
  const never: Slot = () => {
    throw new Error("no");
  };
  const slots = { never };
  const fails = (root: Scope) => start(root, { program: { graph: graphOf(root), slots } }).next;
  const bad = scopeOf({ bad: set(slot("never"), null) });
  const catching = (body: Scope, code: string, next: string | null = null): State => ({
    ...{ kind: "block", body, next },
    catch: [{ codes: [code], branch: { scope: work } }],
  });

  it("keeps what comes behind it in its scope from beginning", () => {
    const q: State = { kind: "parallel", branches: { u: bad, v: work }, next: null };
    expect(fails(scopeOf({ pay: catching(scopeOf({ q }), "slot_failed") }))).toMatchObject([
      { kind: "leave", scope: "pay/done", from: "pay/done/q/u/bad" },
    ]);
  });
  it("keeps what was to be left in its scope from being left of its own", () => {
    const inner: State = { kind: "parallel", branches: { u: bad, v: work }, next: null };
    const none = scopeOf({ none: { kind: "fail", code: "Other", message: constant("") } });
    const branches = { a: scopeOf({ pay: catching(scopeOf({ inner }), "slot_failed") }), b: none };
    const p: State = { kind: "parallel", branches, next: null };
    const root = { ...graphOf(scopeOf({ all: catching(scopeOf({ p }), "Other") })), timeoutMs: 5 };
    expect(decided(routeStart(context(root.root, { program: { graph: root, slots } }), 0)).next).toMatchObject([
      { kind: "deadline", dueAtMs: 5 },
      { kind: "leave", scope: "all/done", from: "all/done/p/b/none" },
    ]);
  });
  it("of a time that is none shows it", () => {
    const wait: State = { kind: "wait", until: constant(5), next: null };
    const message = "until gave 5, which is no time: write 2026-05-04T09:30:00Z";
    expect(start(scopeOf({ wait })).next).toEqual([
      { kind: "fail", error: { code: "slot_failed", message, path: "wait" } },
    ]);
  });
  it("of what is too large says what it is, also of a list in chunks", () => {
    const checkSize = (what: string) => `${what} is too large`;
    const each = work;
    const items = Array.from({ length: 101 }, () => 0);
    const map: State = { kind: "map", over: constant(items), each, concurrency: 1, next: null };
    const error = { code: "payload_too_large", message: "what 'a' made is too large", path: "a" };
    for (const state of [set(constant(1), null), map])
      expect(start(scopeOf({ a: state }), { checkSize }).next).toEqual([{ kind: "fail", error }]);
  });
  it("goes into no catch that its state does not have: that is a fault of the caller", () => {
    const how: Leaving = { kind: "caught", path: "a", branch: "Odd", error: "x" };
    for (const a of [task(null), set(PREVIOUS, null), catching(work, "Other")])
      expect(() => left(scopeOf({ a }), how)).toThrow("the state at a catches no Odd");
  });
});
