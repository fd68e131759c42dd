/** Failures on their way outwards: who takes them up, what they take along, and where they come out. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, event, node, workflow } from "../../../lib/index.ts";
import { locate } from "../../../lib/kernel/address.ts";
import { catchLabel, leavableScopes, takerOf } from "../../../lib/kernel/catch.ts";
import type { Bindings, Decision, Effect, Leaving } from "../../../lib/kernel/record.ts";
import { type RouteContext, type Routed, routeFailed, routeLeft, routeStart } from "../../../lib/kernel/route.ts";
import type { Routable } from "../../../lib/kernel/view.ts";
import type { CatchRule, Scope, State } from "../../../lib/model/graph.ts";
import type { Json } from "../../../lib/model/json.ts";
import { ROUTING } from "../../support/walk.ts";

const any = z.json() as z.ZodType<Json>;
const json = { input: any, output: any };
const step = node("step", { ...json, errors: ["Declined", "Gone"] });
const after = node("after", json);
const begin = () => workflow("flow", { input: any });
const bind: Bindings = { prev: "x" };

const context = (program: Routable, over: Partial<RouteContext> = {}): RouteContext => ({
  ...{ program, key: "step/x", read: () => null, ...ROUTING },
  ...over,
});
function decided(routed: Routed): Decision {
  if (routed.kind !== "decided") throw new Error(JSON.stringify(routed));
  return routed.decision;
}
const failedAt = (program: Routable, path: string, code = "Declined", of: Bindings = bind): Decision =>
  decided(routeFailed(context(program), { code, message: "no", path }, of));
const brief = (next: readonly Effect[]): readonly string[] =>
  next.map((e) => {
    if (e.kind === "leave") return `leave ${e.scope}: ${e.how.kind} from ${e.from}`;
    if (e.kind === "arrive") return `arrive ${e.path} ${e.member} ${e.output}`;
    if (e.kind === "fail") return `fail ${e.error.code} from ${e.from ?? e.error.path}`;
    return "path" in e ? `${e.kind} ${e.path}` : e.kind;
  });

const alone = begin()
  .block("pay", (b) => b.task(step), {
    catch: { Declined: (b) => b.task(after, { input: (s) => s.error.code }), any: (b) => b },
  })
  .task(node("end", json), { input: (s) => s.pay.branch }).program;
const forked = begin().block(
  "pay",
  (b) => b.parallel("p", { x: (c) => c.task(step), y: (c) => c.task(after, { input: () => 1 }) }),
  { catch: { Declined: (b) => b.task(step.as("note"), { input: () => 1 }) } },
).program;
const race = begin().race("first", { x: (b) => b.task(step), y: (b) => b.task(after) }).program;
const nested = begin().block(
  "pay",
  (b) =>
    b.race("outer", {
      x: (c) => c.race("inner", { u: (d) => d.task(step), v: (d) => d.task(after) }),
      y: (c) => c.task(after),
    }),
  { catch: { Declined: (b) => b.task(after) } },
).program;
const map = begin().map("m", {
  over: () => [1, 2, 3],
  each: (b) => b.task(step),
  concurrency: 2,
  tolerate: { count: 1 },
}).program;
/** Any state may catch in a graph, also where the builder has no word for it. */
const catching: readonly CatchRule[] = [{ codes: ["Declined"], branch: { to: "own" } }];
const everyKind = ((): Routable => {
  const flow = { next: null };
  const t: Scope = { start: "t", states: { t: { kind: "task", node: "step", input: { kind: "previous" }, ...flow } } };
  const bare: State = { kind: "parallel", branches: { x: t, y: t }, ...flow };
  const both: State = { ...bare, catch: catching };
  const each: Scope = { start: "t", states: { ...t.states, both, bare } };
  const strict: State = { kind: "map", over: { kind: "previous" }, each, concurrency: 1, catch: catching, ...flow };
  const items: State = { ...strict, tolerate: { count: 1 } };
  const inBlock: Scope = { start: "strict", states: { strict } };
  const block: State = {
    ...{ kind: "block", body: inBlock, ...flow },
    catch: [{ codes: ["any"], branch: { scope: inBlock } }],
  };
  const own: State = { kind: "task", node: "step", input: { kind: "previous" }, ...flow, catch: catching };
  const once: State = {
    kind: "choice",
    pick: { kind: "previous" },
    branches: { x: { scope: t } },
    ...flow,
    catch: catching,
  };
  const root: Scope = { start: "own", states: { own, both, once, strict, items, block } };
  return { ...map, graph: { ...map.graph, root } };
})();
const maps = { m: { items: "decide/#start!m", of: 3 } };

describe("a failure", () => {
  it("goes on in the branch of its code, which begins as the block did and sees the error", () => {
    const { next, values } = failedAt(alone, "pay/done/step", "Declined", { prev: "x", refs: { "pay/~": "before" } });
    expect(brief(next)).toEqual(["step pay/Declined/after"]);
    expect(next[0]).toMatchObject({
      bind: { prev: "before", refs: { "pay/Declined/error": "step/x!pay/Declined/error" } },
    });
    expect(values).toEqual({ "pay/Declined/error": { code: "Declined", message: "no", path: "pay/done/step" } });
  });
  it("of a code without a branch goes on in that of any", () => {
    expect(brief(failedAt(alone, "pay/done/step", "crashed").next)).toEqual(["step end"]);
  });
  it("of no code that is caught goes on outwards", () => {
    expect(brief(failedAt(forked, "pay/done/p/x/step", "Gone").next)).toEqual(["fail Gone from pay/done/p/x/step"]);
  });
  it("in a catch is not caught by it", () => {
    expect(brief(failedAt(forked, "pay/Declined/note").next)).toEqual(["fail Declined from pay/Declined/note"]);
  });
  it("waits for what runs beside it in the block", () => {
    expect(brief(failedAt(forked, "pay/done/p/x/step").next)).toEqual([
      "leave pay/done: caught from pay/done/p/x/step",
    ]);
  });
  it("fails the race that it is in, and nothing else yet", () => {
    expect(brief(failedAt(race, "first/x/step").next)).toEqual(["leave first: failed from first/x/step"]);
  });
  it("of a tolerated item arrives, and the item's lane goes on", () => {
    expect(brief(failedAt(map, "m/0/step", "Declined", { prev: "x", maps }).next)).toEqual([
      "arrive m 0 failed?step/x!m/0/error",
      "step m/2/step",
    ]);
  });
  it("of what undoes a step makes the execution stuck", () => {
    const undo = { scope: "", stage: 0, member: 0, of: 1 };
    expect(failedAt(alone, "pay/done/step/undo", "crashed", { prev: "x", undo }).next).toMatchObject([
      { kind: "stuck", error: { code: "crashed", path: "pay/done/step/undo" } },
    ]);
  });
});

describe("a failure while a decision is made", () => {
  const never = (): never => {
    throw new Error("no");
  };
  it("takes along what lies in the scope that takes it up, and nothing beside it", () => {
    const { program } = begin().parallel("p", {
      x: (b) =>
        b.block("pay", (c) => c.parallel("q", { u: (d) => d.task(step), v: (d) => d.set("bad", never) }), {
          catch: { slot_failed: (c) => c.task(step.as("note"), { input: () => 1 }) },
        }),
      y: (b) => b.task(after),
    });
    expect(brief(decided(routeStart(context(program), 0)).next)).toEqual([
      "leave p/x/pay/done: caught from p/x/pay/done/q/v/bad",
      "step p/y/after",
    ]);
  });
  it("keeps the events before it, with their data, and calls that nobody waits for, and drops all else in its scope", () => {
    const placed = event("shop", "Placed", { version: 1, data: any });
    const other = contract("other", { input: any, output: any });
    const { program } = begin().parallel("p", {
      x: (b) =>
        b.block(
          "pay",
          (c) =>
            c.parallel("q", {
              t: (d) => d.wait("later", { for: "1 hour" }),
              u: (d) => d.call(other, { as: "asked", input: () => 1 }),
              v: (d) =>
                d
                  .emit(placed, () => 1)
                  .call(other, { as: "told", input: () => 1, detached: true })
                  .set("bad", never),
            }),
          { catch: { slot_failed: (c) => c.task(step.as("note"), { input: () => 1 }) } },
        ),
      y: (b) => b.task(after),
    });
    const { next } = decided(routeStart(context(program, { key: "decide/#start" }), 0));
    expect(next.map(({ kind }) => kind).toSorted()).toEqual(["call", "emit", "leave", "step"]);
    expect(next).toContainEqual(expect.objectContaining({ kind: "call", detached: "child of p/x/pay/done/q/v/told" }));
  });
  it("of one item lets the others begin", () => {
    const { program } = begin().map("m", {
      over: () => [1, 2, 3],
      each: (b) => b.set("n", (s) => (s.item === 2 ? never() : 1)).task(step),
      tolerate: { count: 1 },
    });
    expect(brief(decided(routeStart(context(program, { key: "decide/#start" }), 0)).next)).toEqual([
      "step m/0/step",
      "arrive m 1 failed?decide/#start!m/1/error",
      "step m/2/step",
    ]);
  });
  it("by a value that is too large is caught like any other", () => {
    const { program } = begin().block("pay", (b) => b.set("big", () => "xxx").task(step), {
      catch: { payload_too_large: (b) => b.task(after) },
    });
    const checkSize = (_: string, value: Json) => (value === "xxx" ? "too large" : undefined);
    expect(brief(decided(routeStart(context(program, { checkSize }), 0)).next)).toEqual([
      "step pay/payload_too_large/after",
    ]);
  });
});

describe("a scope that was left", () => {
  const left = (program: Routable, how: Leaving, of: Bindings = bind) =>
    decided(routeLeft(context(program, { key: "decide/x" }), how, of));
  const error = { code: "Declined", message: "no", path: "pay/done/outer/x/inner/u/step" };

  it("is gone on from with the branch that won", () => {
    const { next } = left(race, { kind: "won", path: "first", branch: "x", output: "step/first/x/step" });
    expect(next).toEqual([{ kind: "succeed", output: "x?step/first/x/step" }]);
  });
  it("by a failure fails where it stands: in the race around it, and from there in the block's catch", () => {
    const inner = left(nested, { kind: "failed", path: "pay/done/outer/x/inner", error });
    expect(brief(inner.next)).toEqual(["leave pay/done/outer: failed from pay/done/outer/x/inner"]);
    const outer = left(nested, { kind: "failed", path: "pay/done/outer", error });
    expect(brief(outer.next)).toEqual(["step pay/Declined/after"]);
  });
  it("by a failure that nothing takes up fails the execution, out of itself", () => {
    expect(brief(left(race, { kind: "failed", path: "first", error }).next)).toEqual(["fail Declined from first"]);
  });
});

describe("what another can leave while a state is at work", () => {
  it.each<[string, Routable, string, readonly string[]]>([
    ["a race", race, "first/x/step", ["first"]],
    [
      "races in one another, and the block around them",
      nested,
      "pay/done/outer/x/inner/u/step",
      ["pay/done/outer/x/inner", "pay/done/outer", "pay/done"],
    ],
    ["a block in which others run", forked, "pay/done/p/x/step", ["pay/done"]],
    ["not a block in which nothing else runs", alone, "pay/done/step", []],
    ["not a block whose catch it is in", forked, "pay/Declined/note", []],
    ["not its own item", map, "m/1/step", []],
    ["an item in which others run", everyKind, "items/2/bare/x/t", ["items/2", "items"]],
    ["not an item that is not tolerated", everyKind, "strict/2/bare/x/t", ["strict"]],
    ["a state that catches, whichever it is, in which others run", everyKind, "both/x/t", ["both"]],
    ["a map that catches", everyKind, "strict/2/t", ["strict"]],
    [
      "a block around a map, not around its catches",
      everyKind,
      "block/done/strict/0/t",
      ["block/done/strict", "block/done"],
    ],
    ["not a block whose catch a map is in", everyKind, "block/any/strict/0/t", ["block/any/strict"]],
    ["nothing, of a path that leads nowhere", everyKind, "nowhere", []],
  ])("is %s", (_, { graph }, path, scopes) => {
    expect(leavableScopes(graph, path)).toEqual(scopes);
  });
});

describe("who takes a failure up", () => {
  const takes = ({ graph }: Routable, path: string, code = "Declined") => {
    const at = locate(graph, path);
    const error = { code, message: "no", path };
    return takerOf(error, { frames: at?.frames ?? [], path, state: at?.state });
  };
  const rule = catching[0];

  it("is the state that failed, if it catches the code: nothing else runs in it", () => {
    expect(takes(everyKind, "own")).toEqual({ kind: "catch", path: "own", rule, scope: "own", forked: false });
    expect(takes(everyKind, "own", "Gone")).toBe(undefined);
  });
  it("is a parallel or a map around it that catches: with what runs beside it", () => {
    expect(takes(everyKind, "both/x/t")).toEqual({ kind: "catch", path: "both", rule, scope: "both", forked: true });
    expect(takes(everyKind, "strict/3/t")).toEqual({
      kind: "catch",
      path: "strict",
      rule,
      scope: "strict",
      forked: true,
    });
    expect(takes(everyKind, "once/x/t")).toEqual({ kind: "catch", path: "once", rule, scope: "once", forked: false });
  });
  it("is the map that tolerates the item, before any catch of its own", () => {
    const item = { kind: "item", path: "items", member: 2, scope: "items/2" };
    expect(takes(everyKind, "items/2/t")).toEqual({ ...item, forked: false });
    expect(takes(everyKind, "items/2/bare/x/t")).toEqual({ ...item, forked: true });
  });
  it("is the block around a map, with what runs in the block", () => {
    expect(takes(everyKind, "block/done/strict/0/t", "Gone")).toMatchObject({
      ...{ kind: "catch", path: "block", scope: "block/done", forked: true },
    });
  });
});

it("a catch is called in paths by its codes, where what has a meaning there is percent-encoded", () => {
  expect(catchLabel({ codes: ["Declined", "any"] })).toBe("Declined|any");
  expect(catchLabel({ codes: ["a/b", "50%\n"] })).toBe("a%2fb|50%25%0a");
  const special = '%/~#?!@$"\\[]\u0000\u001f\u007f';
  expect(catchLabel({ codes: [special] })).toMatch(/^(%[0-9a-f]{2}){15}$/);
});

it("an execution's own output is taken up by nobody", () => {
  const frames = locate(race.graph, "first")?.frames ?? [];
  expect(
    takerOf({ code: "slot_failed", message: "", path: "output" }, { frames, path: "output", state: undefined }),
  ).toBe(undefined);
});
