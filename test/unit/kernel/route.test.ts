import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Ended, event, node, workflow } from "../../../lib/index.ts";
import { locate } from "../../../lib/kernel/address.ts";
import type { Bindings, Decision, Effect } from "../../../lib/kernel/record.ts";
import { ABSENT } from "../../../lib/kernel/ref.ts";
import { type RouteContext, routeAfter, routeStart } from "../../../lib/kernel/route.ts";
import type { Routable } from "../../../lib/kernel/view.ts";
import type { Scope, State } from "../../../lib/model/graph.ts";
import type { Json } from "../../../lib/model/json.ts";
import { cyclic, empty, routableOf, scopeOf, slot, task } from "../../support/graphs.ts";
import { answer, meaningOf, programOf as planned, plannedWorkflow } from "../../support/plan.ts";
import { everything, nothing, ROUTING, Walk } from "../../support/walk.ts";

const json = { input: z.json(), output: z.json() };
const step = node("step", json);
const shipped = event("shop", "Shipped", { version: 1, data: z.json() });
const begin = () => workflow("flow", { input: z.json() });
/** A workflow that ends with fail or succeed is none for the compiler. */
const programOf = (ended: Ended): Routable => (ended as unknown as { program: Routable }).program;
const either = <K extends string>(pick: K, _other: K): K => pick;

const context = (program: Routable, over: Partial<RouteContext> = {}): RouteContext => ({
  ...{ program, key: "decide/#start", read: () => undefined, ...ROUTING },
  ...over,
});
function decided(routed: ReturnType<typeof routeStart>): Decision {
  if (routed.kind !== "decided") throw new Error(JSON.stringify(routed));
  return routed.decision;
}
const start = (program: Routable, input: Json = 0, over: Partial<RouteContext> = {}) =>
  decided(routeStart(context(program, over), input));
const after = (program: Routable, path: string, bind: Bindings, output: Json = "out") => {
  const key = locate(program.graph, path)?.state.kind === "task" ? `step/${path}` : `decide/${path}`;
  return decided(routeAfter(context(program, { key, output }), path, key, bind));
};
/** Effects in short: what and where. */
const brief = (next: readonly Effect[]) => next.map(inShort);
function inShort(e: Effect): string {
  switch (e.kind) {
    case "step":
      return `step ${e.path}`;
    case "arrive":
      return `arrive ${e.path} ${e.member}/${e.of} ${e.output}`;
    case "emit":
      return `emit ${e.path} ${e.data}`;
    case "succeed":
      return `succeed ${e.output}`;
    case "fail":
      return `fail ${e.error.code} at ${e.error.path}: ${e.error.message}`;
    default:
      return e.kind;
  }
}
const input = "decide/#start!input";

describe("a mapping that passes on what it was given", () => {
  const child = contract("child", json);
  const given = { id: "a", lines: [1, 2] };
  /** What is stored, and where the last effect finds its value. */
  const stored = (program: Routable, from: Json = given) => {
    const { values, next } = start(program, from);
    const last = next.at(-1) as Effect;
    const {
      input: called,
      data,
      output,
      bind,
    } = last as Partial<Record<"input" | "data" | "output", string>> & {
      readonly bind?: Bindings;
    };
    return { stored: Object.keys(values ?? {}), at: called ?? data ?? output ?? bind?.prev };
  };

  it.each<[string, Routable]>([
    ["as the execution's output", begin().output((s) => s.input).program],
    ["to a called workflow", begin().call(child, { input: (s) => s.input }).program],
    ["with an event", begin().emit(shipped, (s) => s.input).program],
    [
      "into a loop",
      begin().loop("again", { from: (s) => s.input, each: (b) => b.task(step), until: () => true, max: 2 }).program,
    ],
  ])("%s has it stored once", (what, program) => {
    const { stored: names, at } = stored(program);
    expect(names).toEqual(["input"]);
    if (what !== "with an event") expect(at).toBe(input);
    else expect(start(program, given).next[0]).toMatchObject({ kind: "emit", data: input });
  });

  it("stores a part of it, a copy, and what costs no more than a reference", () => {
    const output = (of: (value: typeof given) => Json) =>
      stored(begin().output((s) => of(s.input as typeof given)).program);
    const own = { stored: ["input", "output"], at: "decide/#start!output" };
    expect(output(({ lines }) => lines)).toEqual(own);
    expect(output((value) => ({ ...value }))).toEqual(own);
    expect(output(({ id }) => id)).toEqual(own);
    expect(stored(begin().output((s) => s.input).program, "text")).toEqual(own);
    expect(stored(begin().output(() => null).program, null)).toEqual(own);
  });

  it("refers to the branch that a choice took, with its output", () => {
    const { program } = begin()
      .choice("way", () => either("left", "right"), { left: (b) => b.set("one", (s) => s.input), right: (b) => b })
      .output((s) => s.way);
    expect(stored(program).at).toBe("left?decide/#start!way/left/one");
  });

  it("makes a round of a loop anew: it lies nowhere", () => {
    const { program } = begin().loop("again", {
      from: () => given,
      each: (b) => b.call(child, { input: (s) => s.round as never }).set("same", () => given),
      until: () => true,
      max: 2,
    });
    expect(stored(program)).toEqual({
      stored: ["input", "again", "again/1/child/input"],
      at: "decide/#start!again/1/child/input",
    });
  });
});

describe("the size of what a state makes", () => {
  const each = scopeOf({ step: task(null) });
  const map = { kind: "map", over: slot("items"), each, concurrency: 1, next: "end" } as const;
  const end = { kind: "set", value: slot("end"), next: null } as const;
  const checked = (reads: object | undefined) => {
    const all = { ...map, ...(reads && { reads }) } as unknown as State;
    const program = routableOf(scopeOf({ all, end }), { items: () => [1], end: () => "e" });
    const seen: (readonly [string, boolean])[] = [];
    start(program, 0, { checkSize: (what, _, read) => void seen.push([what, read]) });
    return seen;
  };

  it("is that of a list of values where it was read from outside, and of one value else", () => {
    expect(checked({ buckets: ["lines"] })).toEqual([["what 'all' made", true]]);
    expect(checked(undefined)).toEqual([["what 'all' made", false]]);
    const { program } = begin().output(() => 1);
    const seen: boolean[] = [];
    start(program, 0, { checkSize: (_what, _value, read) => void seen.push(read) });
    expect(seen).toEqual([false]);
  });
});

describe("the start of", () => {
  it.each<[string, Routable, string[]]>([
    ["an empty workflow succeeds with its input", begin().program, [`succeed ${input}`]],
    ["a task leads to its step", begin().task(step).program, ["step step"]],
    [
      "a set goes on with its value",
      begin()
        .set("a", () => 1)
        .task(step).program,
      ["step step"],
    ],
    [
      "a parallel leads to every branch, in order; an empty one arrives at once with what came in",
      begin().parallel("p", { one: (b) => b.task(step), none: (b) => b, two: (b) => b.task(step) }).program,
      ["step p/one/step", `arrive p 0/3 ${input}`, "step p/two/step"],
    ],
    [
      "a choice leads into the branch that it picks",
      begin().choice("c", () => either("yes", "no"), { yes: (b) => b.task(step), no: (b) => b }).program,
      ["step c/yes/step"],
    ],
    [
      "a choice with an empty branch goes on behind it",
      begin()
        .choice("c", () => either("no", "yes"), { yes: (b) => b.task(step), no: (b) => b })
        .task(step).program,
      ["step step"],
    ],
    [
      "a match leads into the branch that the value names, with the value",
      begin().match("m", "kind", (): { kind: "a" | "b" } => ({ kind: "b" }), { a: (b) => b, b: (b) => b }).program,
      ["succeed b?decide/#start!m"],
    ],
    ["a block leads into it", begin().block("x", (b) => b.task(step)).program, ["step x/done/step"]],
    ["an empty block goes on with what came in", begin().block("x", (b) => b).program, [`succeed ${input}`]],
    [
      "a map over nothing goes on with an empty list",
      begin().map("m", { over: () => [], each: (b) => b.task(step) }).program,
      ["succeed decide/#start!m"],
    ],
    [
      "a map with fewer lanes than items leads to as many as it has lanes",
      begin().map("m", { over: () => [1, 2, 3], each: (b) => b.task(step), concurrency: 2 }).program,
      ["step m/0/step", "step m/1/step"],
    ],
    [
      "a map with more lanes than items leads to all",
      begin().map("m", { over: () => [1, 2], each: (b) => b.task(step), concurrency: 3 }).program,
      ["step m/0/step", "step m/1/step"],
    ],
    [
      "a map of empty branches takes every lane to its end",
      begin().map("m", { over: () => [1, 2, 3], each: (b) => b, concurrency: 2 }).program,
      ["arrive m 0/3 decide/#start!m[0]", "arrive m 2/3 decide/#start!m[2]", "arrive m 1/3 decide/#start!m[1]"],
    ],
    [
      "an emit sends the event and goes on",
      begin()
        .emit(shipped, () => 1)
        .task(step).program,
      ["emit emitShipped decide/#start!emitShipped", "step step"],
    ],
    ["a fail fails", programOf(begin().fail("TooLate", () => "by far")), ["fail TooLate at fail: by far"]],
    [
      "a fail whose message is no text shows it as JSON",
      programOf(begin().fail("TooLate", () => ({ days: 3 }) as unknown as string)),
      ['fail TooLate at fail: {"days":3}'],
    ],
    ["a succeed ends the execution", programOf(begin().succeed(() => 1)), ["succeed decide/#start!succeed"]],
    [
      "a succeed in a branch ends the execution too",
      begin()
        .choice("c", () => either("x", "y"), { x: (b) => b.succeed(() => 1), y: (b) => b })
        .task(step).program,
      ["succeed decide/#start!c/x/succeed"],
    ],
    ["an output gives its value", begin().output(() => 1).program, ["succeed decide/#start!output"]],
  ])("%s", (_, program, effects) => {
    expect(brief(start(program).next)).toEqual(effects);
  });

  it("a workflow records the input, what sets gave and which branches were taken", () => {
    const { program } = begin()
      .set("a", () => "A")
      .choice("c", () => either("yes", "no"), { yes: (b) => b.set("d", (s) => [s.a, s.input]), no: (b) => b })
      .map("m", { over: () => [7], each: (b) => b.task(step) });
    expect(start(program, { id: 1 })).toMatchObject({
      values: { input: { id: 1 }, a: "A", "c/yes/d": ["A", { id: 1 }], m: [7] },
      taken: { c: "yes" },
    });
  });

  it("a task alone records nothing but the input", () => {
    const decision = start(begin().task(step).program, 5);
    expect(decision).toEqual({ next: [{ kind: "step", path: "step", bind: { prev: input } }], values: { input: 5 } });
  });
});

describe("a state's failure", () => {
  it.each<[string, Routable, string]>([
    [
      "comes of a choice that picks none of its branches",
      begin().choice("c", () => "maybe" as "yes", { yes: (b) => b }).program,
      'fail slot_failed at c: picked "maybe", which is none of its branches: yes',
    ],
    [
      "comes of a choice that picks what every object has",
      begin().choice("c", () => "constructor" as "yes", { yes: (b) => b }).program,
      'fail slot_failed at c: picked "constructor", which is none of its branches: yes',
    ],
    [
      "comes of a choice that picks no name",
      begin().choice("c", () => 1 as unknown as "yes" | "no", { yes: (b) => b, no: (b) => b }).program,
      "fail slot_failed at c: picked 1, which is none of its branches: yes, no",
    ],
    [
      "comes of a choice that picks a list of a name",
      begin().choice("c", () => ["yes"] as unknown as "yes", { yes: (b) => b }).program,
      'fail slot_failed at c: picked ["yes"], which is none of its branches: yes',
    ],
    [
      "comes of a match on a text",
      begin().match("m", "length", () => "x" as unknown as { length: "a" }, { a: (b) => b }).program,
      "fail slot_failed at m: picked undefined, which is none of its branches: a",
    ],
    [
      "comes of a match on null",
      begin().match("m", "kind", () => null as unknown as { kind: "a" }, { a: (b) => b }).program,
      "fail slot_failed at m: picked undefined, which is none of its branches: a",
    ],
    [
      "comes of a match on a property that is not there",
      begin().match("m", "kind", () => ({}) as { kind: "a" }, { a: (b) => b }).program,
      "fail slot_failed at m: picked undefined, which is none of its branches: a",
    ],
    [
      "comes of a match on a list",
      begin().match("m", "length", () => ["x"] as unknown as { length: "a" }, { a: (b) => b }).program,
      "fail slot_failed at m: picked undefined, which is none of its branches: a",
    ],
    [
      "comes of a map over what is no list",
      begin().map("m", { over: () => ({ length: 1 }) as unknown as string[], each: (b) => b }).program,
      'fail slot_failed at m: over gave {"length":1}, not a list',
    ],
    [
      "comes of a slot that throws",
      begin().set("a", () => {
        throw new Error("no rate for XYZ");
      }).program,
      "fail slot_failed at a: no rate for XYZ",
    ],
    [
      "comes of an output that throws",
      begin().output(() => JSON.parse("{")).program,
      "fail slot_failed at output: Expected property name",
    ],
    [
      "comes of a message that throws",
      programOf(
        begin().fail("TooLate", () => {
          throw new Error("no text");
        }),
      ),
      "fail slot_failed at fail: no text",
    ],
  ])("%s", (_, program, effect) => {
    const [only, ...others] = brief(start(program).next);
    expect(only).toContain(effect);
    expect(others).toEqual([]);
  });

  it("shortens what it shows to 80 characters", () => {
    const long = "x".repeat(200);
    const { program } = begin().choice("c", () => long as "yes", { yes: (b) => b });
    expect(brief(start(program).next)[0]).toContain(`picked "${"x".repeat(78)}…, which`);
    const just = begin().choice("c", () => "y".repeat(78) as "yes", { yes: (b) => b });
    expect(brief(start(just.program).next)[0]).toContain(`picked "${"y".repeat(78)}", which`);
  });

  it("keeps the events before it and starts nothing else", () => {
    const { program } = begin()
      .emit(shipped, () => "sent")
      .parallel("p", {
        one: (b) => b.task(step),
        two: (b) => b.emit(shipped, () => "also sent").fail("Stop", () => "here"),
        three: (b) => b.emit(shipped, () => "never sent"),
      });
    const { next, values } = start(program, "in");
    expect(values).toEqual({ input: "in", emitShipped: "sent", "p/two/emitShipped": "also sent" });
    expect(brief(next)).toEqual([
      "emit emitShipped decide/#start!emitShipped",
      "emit p/two/emitShipped decide/#start!p/two/emitShipped",
      "fail Stop at p/two/fail: here",
    ]);
  });

  it("says in which epoch an event was decided, if not in the first", () => {
    const { program } = begin().emit(shipped, () => 1);
    const emitted = { kind: "emit", path: "emitShipped", event: "shop/Shipped@1", data: "decide/#start!emitShipped" };
    expect(start(program, 0, { epoch: 2 }).next[0]).toEqual({ ...emitted, epoch: 2 });
    expect(start(program, 0, { epoch: 0 }).next[0]).toStrictEqual(emitted);
    expect(start(program).next[0]).toStrictEqual(emitted);
  });

  it("comes of an event whose data breaks its schema", () => {
    const { program } = begin().emit(shipped, () => ({ id: 1 }));
    const checkEvent = (name: string, data: Json) => `${name} ${JSON.stringify(data)} is wrong`;
    expect(brief(start(program, 0, { checkEvent }).next)).toEqual([
      'fail slot_failed at emitShipped: the data of shop/Shipped@1 breaks its schema: shop/Shipped@1 {"id":1} is wrong',
    ]);
  });
});

describe("after", () => {
  it("a task comes the next state, with the task's output before it", () => {
    const { program } = begin().task(step).task(step.as("second"));
    expect(after(program, "step", { prev: input })).toEqual({
      next: [{ kind: "step", path: "second", bind: { prev: "step/step" } }],
    });
  });
  it("the last task the execution succeeds with its output", () => {
    const { program } = begin().task(step);
    expect(brief(after(program, "step", { prev: input }).next)).toEqual(["succeed step/step"]);
  });
  it("a choice's branch its output says which branch", () => {
    const { program } = begin()
      .choice("c", () => either("x", "y"), { x: (b) => b.task(step), y: (b) => b })
      .task(step);
    expect(after(program, "c/x/step", { prev: input }).next).toEqual([
      {
        ...{ kind: "step", path: "step" },
        bind: { prev: "x?step/c/x/step", refs: { c: "x?step/c/x/step" } },
      },
    ]);
  });
  it("a block its output is that of its last state", () => {
    const { program } = begin()
      .block("x", (b) => b.task(step))
      .task(step);
    expect(after(program, "x/done/step", { prev: input }).next).toEqual([
      { kind: "step", path: "step", bind: { prev: "step/x/done/step", refs: { x: "step/x/done/step" } } },
    ]);
  });
  it("a parallel's branch comes its arrival", () => {
    const { program } = begin().parallel("p", { one: (b) => b, two: (b) => b.task(step) });
    expect(after(program, "p/two/step", { prev: input }).next).toEqual([
      {
        ...{ kind: "arrive", path: "p", member: 1, of: 2, output: "step/p/two/step" },
        bind: { prev: "step/p/two/step" },
      },
    ]);
  });
  it("a parallel's branch it arrives as the same member, in whatever order the branches are written", () => {
    const b = begin();
    const one = b.parallel("p", { x: (c) => c.task(step), a: (c) => c }).program;
    const other = b.parallel("p", { a: (c) => c, x: (c) => c.task(step) }).program;
    expect(one.hash).toBe(other.hash); // an execution that began on one goes on on the other
    expect(after(one, "p/x/step", { prev: input })).toEqual(after(other, "p/x/step", { prev: input }));
  });
  it("a full join comes the next state", () => {
    const { program } = begin()
      .parallel("p", { one: (b) => b.task(step) })
      .task(step);
    expect(after(program, "p", { prev: input }).next).toEqual([
      { kind: "step", path: "step", bind: { prev: "decide/p" } },
    ]);
  });

  const { program: mapped } = begin().map("m", {
    over: (s) => s.input as (typeof s.input)[],
    each: (b) => b.task(step),
    concurrency: 2,
  });
  const inItem = (i: number, of: number): Bindings => ({ prev: `x!m[${i}]`, maps: { m: { items: "x!m", of } } });
  it.each([
    ["the first of five comes the third", 0, 5, ["arrive m 0/5 step/m/0/step", "step m/2/step"]],
    ["the third of five comes the fifth", 2, 5, ["arrive m 2/5 step/m/2/step", "step m/4/step"]],
    ["the fourth of five comes nothing more", 3, 5, ["arrive m 3/5 step/m/3/step"]],
    ["the fifth of five comes nothing more", 4, 5, ["arrive m 4/5 step/m/4/step"]],
    ["the second of four comes the fourth", 1, 4, ["arrive m 1/4 step/m/1/step", "step m/3/step"]],
    ["the second of three comes nothing more", 1, 3, ["arrive m 1/3 step/m/1/step"]],
  ])("an item, the lane goes on: after %s", (_, i, of, effects) => {
    const { next } = after(mapped, `m/${i}/step`, inItem(i, of));
    expect(brief(next)).toEqual(effects);
    for (const effect of next)
      if (effect.kind === "step") expect(effect.bind).toEqual(inItem(Number(effect.path.split("/")[1]), of));
      else if (effect.kind === "arrive") expect(effect.bind).toEqual({ prev: `step/m/${i}/step` });
  });

  it("a scope, names from inside are gone and names from outside have stayed", () => {
    const { program } = begin()
      .set("before", () => 1)
      .map("m", {
        over: () => [1],
        each: (b) => b.set("inner", () => 2).block("deep", (x) => x.set("deeper", () => 3).task(step)),
      })
      .task(step);
    const bind: Bindings = {
      prev: "x!m/0/deep/done/deeper",
      refs: { before: "x!before", "m/0/inner": "x!m/0/inner", "m/0/deep/done/deeper": "x!m/0/deep/done/deeper" },
      maps: { m: { items: "x!m", of: 1 } },
    };
    expect(after(program, "m/0/deep/done/step", bind).next).toStrictEqual([
      {
        ...{ kind: "arrive", path: "m", member: 0, of: 1, output: "step/m/0/deep/done/step" },
        bind: { prev: "step/m/0/deep/done/step", refs: { before: "x!before" } },
      },
    ]);
    const { before: _, ...inside } = bind.refs ?? {};
    const [bare] = after(program, "m/0/deep/done/step", { ...bind, refs: inside }).next;
    expect(bare && "bind" in bare && bare.bind).toStrictEqual({ prev: "step/m/0/deep/done/step" });
  });

  it("a scope whose name begins another's, that other's names have stayed", () => {
    const { program } = begin()
      .set("payment", () => 1)
      .block("pay", (b) => b.task(step))
      .task(step);
    const bind = { prev: "x", refs: { payment: "x!payment" } };
    expect(after(program, "pay/done/step", bind).next).toMatchObject([
      { bind: { refs: { payment: "x!payment", pay: "step/pay/done/step" } } },
    ]);
  });

  it("a state that is not in the graph is a fault of the caller", () => {
    const { program } = begin().task(step);
    expect(() => routeAfter(context(program), "gone", "step/gone", { prev: input })).toThrow("no state at gone");
  });
  it("a map's item whose items are not bound is a fault of the caller", () => {
    expect(() => after(mapped, "m/0/step", { prev: "x" })).toThrow("the items of m are not bound");
  });
  it("a record that is not at hand comes nothing until it is", () => {
    const { program } = begin()
      .task(step)
      .set("a", (s) => s.input);
    const ask = context(program, { key: "step/step", read: () => ABSENT });
    expect(routeAfter(ask, "step", "step/step", { prev: input })).toMatchObject({ kind: "missing", ref: input });
  });
});

describe("a succeed that stands in a fork (which the builder refuses and Amazon States Language allows)", () => {
  const succeed = { kind: "succeed", output: slot("value") } as const;
  const inner = scopeOf({
    x: { kind: "block", body: scopeOf({ end: succeed, never: task(null) }), next: "never" },
    never: task(null),
  });
  it.each<[string, Scope, string[]]>([
    [
      "ends its parallel branch and no other",
      scopeOf({ p: { kind: "parallel", branches: { one: inner, two: scopeOf({ work: task(null) }) }, next: null } }),
      ["arrive p 0/2 decide/#start!p/one/x/done/end", "step p/two/work"],
    ],
    [
      "ends its item, and the lane goes on",
      scopeOf({
        m: { kind: "map", over: { kind: "constant", value: [1, 2] }, each: inner, concurrency: 1, next: null },
      }),
      ["arrive m 0/2 decide/#start!m/0/x/done/end", "arrive m 1/2 decide/#start!m/1/x/done/end"],
    ],
    [
      "ends the execution when the fork is not around it",
      scopeOf({ x: { kind: "block", body: scopeOf({ end: succeed }), next: "never" }, never: task(null) }),
      ["succeed decide/#start!x/done/end"],
    ],
  ])("%s", (_, root, effects) => {
    expect(brief(start(routableOf(root, { value: () => "done" })).next)).toEqual(effects);
  });
});

describe("a graph whose transitions go back", () => {
  const visits = (...picks: string[]) => {
    const program = routableOf(cyclic, { "again.pick": (s) => ((s.ask as number) > 0 ? "back" : "on") });
    const paths: string[] = [];
    const walk = new Walk(program, "begin").run((path) => {
      paths.push(path);
      return path.startsWith("ask") ? Number(picks.shift() ?? 0) : path;
    });
    return { paths, ended: walk.ended };
  };

  it("gives each visit a path of its own, numbered by the transitions that led to it", () => {
    expect(visits("0").paths).toEqual(["ask~1"]);
    expect(visits("1", "0").paths).toEqual(["ask~1", "note~3/done/write", "ask~4"]);
    expect(visits("2", "1", "0").paths).toEqual(["ask~1", "note~3/done/write", "ask~4", "note~6/done/write", "ask~7"]);
  });
  it("reads what the last visit left, not the first", () => {
    // `again` asks for `ask`: were it the first visit's, the loop would never end.
    expect(visits("1", "1", "1", "0").ended).toEqual({ output: { branch: "on", output: 0 } });
  });
  it("hands what a visit left to the next state", () => {
    const program = routableOf(cyclic, { "again.pick": (s) => ((s.ask as number) > 0 ? "back" : "on") });
    const inputs: Json[] = [];
    const walk = new Walk(program, "begin");
    while (walk.open[0]) {
      const effect = walk.open[0];
      inputs.push(walk.inputOf(effect));
      walk.settle(effect, effect.path === "ask~1" ? 1 : effect.path === "ask~4" ? 0 : "noted");
    }
    expect(inputs).toEqual(["begin", 1, "noted"]);
  });
  it("fails when it goes round without a step", () => {
    const program = routableOf(
      scopeOf({
        a: { kind: "set", value: { kind: "constant", value: 1 }, next: "b" },
        b: { kind: "set", value: { kind: "constant", value: 2 }, next: "a" },
      }),
    );
    const decision = start(program, "in");
    expect(brief(decision.next)).toEqual([
      "fail slot_failed at b~100000: went through 100000 states without a step between them",
    ]);
    expect(decision.values).toEqual({ input: "in" }); // not the 100,000 that it passed
  });
});

describe("the items of a map", () => {
  const ofLength = (length: number, concurrency = 1000) =>
    begin().map("m", {
      over: () => Array.from({ length }, (_, i) => `item ${i}`),
      each: (b) => b.set("seen", (s) => s.item).task(step),
      concurrency,
    }).program;

  it("lie in the decision as long as they are 100", () => {
    const routed = routeStart(context(ofLength(100)), 0);
    expect(routed).not.toHaveProperty("lists");
    expect(decided(routed).values?.m).toHaveLength(100);
  });
  it("lie beside it, in chunks, when they are more, and are seen there by what the decision itself passes", () => {
    const routed = routeStart(context(ofLength(101)), 0);
    if (routed.kind !== "decided") throw new Error("nothing is missing");
    expect(routed.lists?.m?.items).toHaveLength(101);
    expect(routed.decision.values).not.toHaveProperty("m");
    expect(routed.decision.values?.["m/100/seen"]).toBe("item 100");
    expect(routed.decision.next).toHaveLength(101);
  });
  it("are named by each lane's next item", () => {
    const routed = routeStart(context(ofLength(205, 10)), 0);
    if (routed.kind !== "decided") throw new Error("nothing is missing");
    const { ref } = routed.lists?.m ?? {};
    const [, , third] = routed.decision.next;
    if (third?.kind !== "step") throw new Error("it begins with steps");
    const ninetyTwo = { ...third.bind, maps: { m: { items: ref ?? "", of: 205 } } };
    const read = () => "item 102";
    const lane = routeAfter(context(ofLength(205, 10), { key: "step/m/92/step", read }), "m/92/step", "x", ninetyTwo);
    expect(decided(lane).next.at(-1)).toMatchObject({
      kind: "step",
      path: "m/102/step",
      bind: { maps: { m: { of: 205 } } },
    });
  });
  it("go nowhere with a decision that fails", () => {
    const program = begin().map("m", {
      over: () => Array.from({ length: 101 }, () => 0),
      each: (b) => b.set("x", () => Number.NaN),
    }).program;
    const routed = routeStart(context(program), 0);
    expect(routed).not.toHaveProperty("lists");
    expect(brief(decided(routed).next)).toEqual([expect.stringMatching(/^fail slot_failed at m\/0\/x: /)]);
  });
});

describe("many states between two steps", () => {
  it("are passed without a deep stack: 10,000 empty items", () => {
    const items = Array.from({ length: 10_000 }, (_, i) => i);
    const { program } = begin().map("m", { over: () => items, each: (b) => b, concurrency: 1 });
    const { next } = start(program);
    expect(next).toHaveLength(10_000);
    expect(brief(next).at(-1)).toMatch(/^arrive m 9999\/10000 list\/m#[0-9a-f]{20}\.99!items\[99\]$/);
  });
  it("are passed without a deep stack: a chain of 1,000 sets, and 200 blocks in one another", () => {
    const set = (value: number, next: string | null) =>
      ({ kind: "set", value: { kind: "constant", value }, next }) as const;
    const sets = Array.from({ length: 1000 }, (_, i) => [`s${i}`, set(i, i < 999 ? `s${i + 1}` : "x")] as const);
    let inner: Scope = scopeOf({ last: set(1, null) });
    for (let i = 0; i < 200; i++) inner = scopeOf({ x: { kind: "block", body: inner, next: null } });
    const root = scopeOf({ ...Object.fromEntries(sets), x: { kind: "block", body: inner, next: null } });
    expect(brief(start(routableOf(root)).next)).toEqual([`succeed decide/#start!${"x/done/".repeat(201)}last`]);
  });
});

describe("a random workflow", () => {
  const input = fc.jsonValue() as fc.Arbitrary<Json>;
  /** Which open step settles next, and which values are at hand. */
  const chance = [fc.infiniteStream(fc.nat(1000)), fc.func(fc.boolean())] as const;

  it("comes to what its plan means, whatever order its steps settle in and whatever was at hand", () => {
    fc.assert(
      fc.property(plannedWorkflow, input, ...chance, (plan, value, order, atHand) => {
        const meaning = meaningOf(plan, value);
        const inputs: Record<string, Json> = {};
        const walk = new Walk(planned(plan), value, [nothing, everything, atHand]);
        walk.run(
          (path, given) => {
            inputs[path] = given;
            return answer(path, given);
          },
          (open) => (order.next().value ?? 0) % open,
        );
        expect(walk.ended).toEqual({ output: meaning.output });
        expect(inputs).toEqual(meaning.tasks);
        expect(walk.emitted.toSorted()).toEqual(meaning.emitted);
      }),
      { numRuns: 300 },
    );
  });

  it("leads only to states that its graph has", () => {
    fc.assert(
      fc.property(plannedWorkflow, input, (plan, value) => {
        const { graph, ...program } = planned(plan);
        const walk = new Walk({ graph, ...program }, value).run(answer);
        for (const record of walk.records.values())
          if (record.kind === "step" || record.kind === "decision")
            for (const effect of record.next ?? [])
              if ("path" in effect) expect(locate(graph, effect.path)).toBeDefined();
      }),
    );
  });
});

describe("an empty scope", () => {
  it("passes on what came in, in every kind of state that has one", () => {
    const root = scopeOf({
      c: { kind: "choice", pick: { kind: "constant", value: "x" }, branches: { x: { scope: empty } }, next: "b" },
      b: { kind: "block", body: empty, next: null },
    });
    expect(brief(start(routableOf(root)).next)).toEqual([`succeed x?${input}`]);
  });
});

describe("a graph that no check has let through", () => {
  it("leads to a state that is not there: that is a fault of the caller", () => {
    const root = scopeOf({ x: { kind: "set", value: { kind: "constant", value: 1 }, next: "gone" } });
    expect(() => start(routableOf(root))).toThrow("no state 'gone' at gone");
  });
});
