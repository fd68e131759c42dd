/** Expressions of a graph: what each sees, and what a state passes on by them. */
import { describe, expect, it } from "vitest";
import { locate } from "../../../lib/kernel/address.ts";
import { type Answer, askFor, type Standing } from "../../../lib/kernel/expression.ts";
import { type Bindings, type Decision, decideKey, START_KEY, stepKey } from "../../../lib/kernel/record.ts";
import { ABSENT, valueAt } from "../../../lib/kernel/ref.ts";
import {
  type RouteContext,
  type Routed,
  routeAfter,
  routeFailed,
  routeLeft,
  routeStart,
} from "../../../lib/kernel/route.ts";
import type { Expression, Seen } from "../../../lib/model/expression.ts";
import type { Data, Scope, State } from "../../../lib/model/graph.ts";
import type { Json } from "../../../lib/model/json.ts";
import { routableOf, scopeOf, task } from "../../support/graphs.ts";
import { ROUTING } from "../../support/walk.ts";

/** Of a language of the test's own: a function of what is seen, by its name. */
const language: Record<string, (seen: Seen) => Json> = {};
function by(name: string, of: (seen: Seen) => Json): Data {
  language[name] = of;
  return { kind: "expression", language: "jsonata", source: name };
}
const asks: string[] = [];

/** Routes on, answering what is asked, with the records that are given. */
function through(
  root: Scope,
  ask: (context: RouteContext) => Routed,
  {
    key = START_KEY,
    output,
    values = {},
    dialect,
  }: {
    readonly key?: string;
    readonly output?: Json;
    readonly values?: Readonly<Record<string, Json>>;
    readonly dialect?: NonNullable<RouteContext["program"]["dialect"]>;
  } = {},
): Decision {
  asks.length = 0;
  const answers = new Map<string, Answer>();
  const found = new Set<string>();
  const read: RouteContext["read"] = (ref) => (found.has(ref) ? values[ref] : ABSENT);
  const program = { ...routableOf(root), ...(dialect && { dialect }) };
  const context = { ...ROUTING, program, key, read, answers, ...(output !== undefined && { output }) };
  let routed = ask(context);
  for (; routed.kind !== "decided"; routed = routed.resume()) {
    if (routed.kind === "missing") found.add(routed.ref);
    else {
      const { id, expression, seen } = routed.asked;
      asks.push(id);
      answers.set(id, answerTo(expression, seen));
    }
  }
  return routed.decision;
}

function answerTo({ source }: Expression, seen: Seen): Answer {
  try {
    return { kind: "value", value: language[String(source)]?.(seen) ?? null };
  } catch (error) {
    return { kind: "threw", code: "Odd", message: String(error) };
  }
}

const start = (root: Scope, input: Json = { n: 1 }) => through(root, (ctx) => routeStart(ctx, input));
/** The value at a reference into a decision. */
const at = (decision: Decision, ref: string): Json | undefined =>
  valueAt(ref, { kind: "decision", atMs: 0, ...decision });
const bindOf = (decision: Decision, path: string): Bindings => {
  const effect = decision.next.find((one) => one.kind === "step" && one.path === path);
  if (effect?.kind !== "step") throw new Error(`no step ${path} in ${JSON.stringify(decision.next)}`);
  return effect.bind;
};
const set = (value: Data, more: Partial<State> = {}): State => ({ kind: "set", value, next: null, ...more }) as State;
const PREVIOUS: Data = { kind: "previous" };

describe("an expression", () => {
  it("sees what came in, and is asked once for a decision", () => {
    const root = scopeOf({
      a: set(
        by("a", ({ input }) => [input]),
        { next: "b" },
      ),
      b: set(
        by("b", ({ input, result }) => ({ input, result: result ?? "none" })),
        { next: "t" },
      ),
      t: task(null),
    });
    const decision = start(root);
    expect(asks).toEqual(["a ", "b "]);
    expect(at(decision, bindOf(decision, "t").prev)).toEqual({ input: [{ n: 1 }], result: "none" });
  });
  it("sees the context that it names: the state, the execution's input, the item", () => {
    language["$$.it"] = ({ context }) => context;
    const it_: Data = { kind: "expression", language: "jsonpath", source: "$$.it" };
    const each = scopeOf({ s: set(it_) });
    const over = by("two", () => ["x", "y"]);
    const root = scopeOf({ m: { kind: "map", over, each, concurrency: 2, next: null } });
    const decision = start(root, { n: 1 });
    const entered = new Date(ROUTING.nowMs).toISOString();
    expect(decision.values?.["m/1/s"]).toEqual({
      State: { EnteredTime: entered, Name: "m/1/s" },
      Execution: { Input: { n: 1 } },
      Map: { Item: { Index: 1, Value: "y" } },
    });
    const deep = scopeOf({ b: { kind: "block", body: scopeOf({ s: set(it_) }), next: null } });
    const inBlock = start(scopeOf({ m: { kind: "map", over, each: deep, concurrency: 2, next: null } }));
    expect(inBlock.values?.["m/1/b/done/s"]).toMatchObject({ Map: { Item: { Index: 1, Value: "y" } } });
    const plain = start(scopeOf({ s: set(by("short", ({ context }) => context)) }));
    expect(plain.values?.s).toEqual({ State: { EnteredTime: entered, Name: "s" } });
  });
  it("that fails gives its state the code, and nothing that follows happens", () => {
    const root = scopeOf({
      s: set(
        by("odd", () => {
          throw new Error("no");
        }),
        { next: "t" },
      ),
      t: task(null),
    });
    expect(start(root).next).toEqual([{ kind: "fail", error: { code: "Odd", message: "Error: no", path: "s" } }]);
  });
  it("of a wait, a choice, a fail and the items of a map is asked for as well", () => {
    const wait = start(scopeOf({ w: { kind: "wait", until: by("when", () => "2026-01-01T00:00:00Z"), next: null } }));
    expect(wait.next).toMatchObject([{ kind: "wait", dueAtMs: Date.UTC(2026, 0, 1) }]);
    const pick = by("pick", () => "yes");
    const choice = scopeOf({ c: { kind: "choice", pick, branches: { yes: { to: "t" } }, next: null }, t: task(null) });
    expect(start(choice).next).toMatchObject([{ kind: "step", path: "t" }]);
    const failure = by("failure", () => ({ Error: "Mine", Cause: "why" }));
    const fail = scopeOf({ f: { kind: "fail", code: "", message: PREVIOUS, failure } });
    const error = { code: "Mine", message: "why", path: "f", data: { Error: "Mine", Cause: "why" } };
    expect(start(fail).next).toEqual([{ kind: "fail", error }]);
    expect(asks).toEqual(["f failure"]);
    language.failure = () => ({});
    expect(start(fail).next).toEqual([{ kind: "fail", error: { code: "", message: "", path: "f", data: {} } }]);
  });
});

describe("a state passes on", () => {
  const values = { before: { n: 1 } };
  const after = (root: Scope, output: Json, bind: Bindings = { prev: "before" }) =>
    through(root, (ctx) => routeAfter(ctx, "t", stepKey("t"), bind), { key: stepKey("t"), output, values });

  it("what its result is worked out to be, of what it made and what came in", () => {
    const result = by("both", ({ input, result: made }) => ({ input, made: made ?? null }));
    const root = scopeOf({ t: { ...task("u"), result } as State, u: task(null) });
    const decision = after(root, "out");
    expect(asks).toEqual(["t result"]);
    expect(at(decision, bindOf(decision, "u").prev)).toEqual({ input: { n: 1 }, made: "out" });
  });
  it("what it made, where it only assigns; variables are seen where they are named, the innermost first", () => {
    const assign = by("assign", ({ result }) => ({ x: result ?? null, y: 2 }));
    const use: Data = { kind: "expression", language: "jsonata", source: "$x" };
    language.$x = ({ variables }) => variables;
    const inner = scopeOf({
      own: set(PREVIOUS, { assign: by("inner", () => ({ x: "inner" })), next: "see" }),
      see: set(use, { next: "v" }),
      v: task(null),
    });
    const root = scopeOf({
      t: { ...task("outer"), assign } as State,
      outer: set(use, { next: "p" }),
      p: { kind: "parallel", branches: { one: inner }, next: null },
    });
    const decision = after(root, "out");
    expect(decision.values?.outer).toEqual({ x: "out" });
    expect(decision.values?.["p/one/see"]).toEqual({ x: "inner" });
    const { refs } = bindOf(decision, "p/one/v");
    expect(Object.keys(refs ?? {}).filter((name) => name.includes("$"))).toEqual(["$x", "$y", "p/one/$x"]);
    expect([at(decision, refs?.$x ?? ""), at(decision, refs?.["p/one/$x"] ?? "")]).toEqual(["out", "inner"]);
  });
  it("nothing but its failure, where its result cannot be worked out: its own catch takes that", () => {
    const result = by("bad", () => {
      throw new Error("no");
    });
    const caught = by("caught", ({ input, result: error }) => ({ input, error: error ?? null }));
    const rule = { codes: ["Odd"], branch: { to: "u" }, result: caught, assign: by("told", () => ({ seen: true })) };
    const root = scopeOf({ t: { ...task("never"), result, catch: [rule] } as State, u: task(null), never: task(null) });
    const decision = after(root, "out");
    expect(asks).toEqual(["t result", "t assign caught", "t result caught"]);
    const bind = bindOf(decision, "u");
    expect(at(decision, bind.prev)).toEqual({ input: { n: 1 }, error: {} });
    expect(at(decision, bind.refs?.$seen ?? "")).toBe(true);
  });
  it("of a choice what it is worked out to be, with the variables, where it leads on by a transition", () => {
    const more = { result: by("chosen", ({ input }) => ({ of: input })), assign: by("told", () => ({ seen: true })) };
    const c = { kind: "choice", pick: by("pick", () => "yes"), branches: { yes: { to: "u" } }, next: null, ...more };
    const decision = start(scopeOf({ c: c as State, u: task(null) }));
    const bind = bindOf(decision, "u");
    expect([at(decision, bind.prev), at(decision, bind.refs?.$seen ?? "")]).toEqual([{ of: { n: 1 } }, true]);
  });
  it("of a wait what came in, as it is worked out", () => {
    const result = by("waited", ({ input, result: made }) => ({ input, made: made ?? "nothing" }));
    const root = scopeOf({ t: { kind: "wait", forMs: 1, result, next: "u" }, u: task(null) });
    const key = decideKey("t");
    const decision = through(root, (ctx) => routeAfter(ctx, "t", key, { prev: "before" }), { key, values });
    expect(at(decision, bindOf(decision, "u").prev)).toEqual({ input: { n: 1 }, made: "nothing" });
  });
});

describe("a parallel or a map", () => {
  const seen = by("joined", ({ input, result }) => ({ input, result: result ?? null }));
  const root = (more: object): Scope =>
    scopeOf({
      p: {
        ...{ kind: "parallel", branches: { a: scopeOf({ x: task(null) }), b: scopeOf({ y: task(null) }) }, next: "u" },
        ...more,
      } as State,
      u: task(null),
    });

  it("begins its branches with its own input, and knows at its join what came into it", () => {
    const graph = root({ input: by("own", ({ input }) => ({ of: input })), result: seen });
    const begun = start(graph);
    const bind = bindOf(begun, "p/a/x");
    expect(at(begun, bind.prev)).toEqual({ of: { n: 1 } });
    const key = stepKey("p/a/x");
    const left = through(graph, (ctx) => routeAfter(ctx, "p/a/x", key, bind), { key, output: 1 });
    const [arrival] = left.next;
    if (arrival?.kind !== "arrive") throw new Error("it arrives");
    expect(arrival).toMatchObject({ path: "p", member: 0, output: key, bind: { prev: `${START_KEY}!input` } });
    const joined = through(graph, (ctx) => routeAfter(ctx, "p", decideKey("p"), arrival.bind), {
      ...{ key: decideKey("p"), output: { a: 1, b: 2 }, values: { [`${START_KEY}!input`]: { n: 1 } } },
    });
    expect(at(joined, bindOf(joined, "u").prev)).toEqual({ input: { n: 1 }, result: { a: 1, b: 2 } });
  });
  it("catches with what came into it, once its branches are at rest", () => {
    const rule = { codes: ["any"], branch: { to: "u" }, result: seen };
    const graph = root({ catch: [rule], input: by("own", () => "for the branches") });
    const bind = bindOf(start(graph), "p/b/y");
    const key = stepKey("p/b/y");
    const error = { code: "Bad", message: "", path: "p/b/y", data: { Error: "Bad" } };
    const failed = through(graph, (ctx) => routeFailed(ctx, error, bind), { key });
    const [leave] = failed.next;
    if (leave?.kind !== "leave") throw new Error("it leaves");
    expect(leave).toMatchObject({ scope: "p", from: "p/b/y", bind: { prev: `${START_KEY}!input` } });
    const values = { [`${START_KEY}!input`]: { n: 1 }, [`${key}!p/any/error`]: error };
    const left = through(graph, (ctx) => routeLeft(ctx, leave.how, leave.bind), { key: decideKey("p"), values });
    expect(at(left, bindOf(left, "u").prev)).toEqual({ input: { n: 1 }, result: { Error: "Bad" } });
    const lost = through(graph, (ctx) => routeLeft(ctx, leave.how, leave.bind), { key: decideKey("p") });
    expect(at(lost, bindOf(lost, "u").prev)).toEqual({ input: null, result: {} });
  });
  it("of items keeps what came into it from lane to lane", () => {
    const each = scopeOf({ x: task(null) });
    const over = by("three", () => [1, 2, 3]);
    const graph = scopeOf({ m: { kind: "map", over, each, concurrency: 1, result: seen, next: "u" }, u: task(null) });
    let bind = bindOf(start(graph), "m/0/x");
    for (const item of [0, 1, 2]) {
      const key = stepKey(`m/${item}/x`);
      const left = through(graph, (ctx) => routeAfter(ctx, `m/${item}/x`, key, bind), { key, output: item });
      expect(left.next[0]).toMatchObject({ kind: "arrive", member: item, bind: { prev: `${START_KEY}!input` } });
      if (item < 2) bind = bindOf(left, `m/${item + 1}/x`);
    }
  });
});

describe("a dialect", () => {
  it("names what goes wrong, once, and says which catch is for it", () => {
    const dialect = {
      nameError: (error: { code: string; message: string; path: string }) => ({
        ...error,
        code: `Named.${error.code}`,
      }),
      matches: (codes: readonly string[], { code }: { code: string }) => codes.some((one) => code.endsWith(one)),
    };
    const rule = (code: string, to: string) => ({ codes: [code], branch: { to } });
    const state = { ...task(null), catch: [rule("any", "v"), rule("Bad", "u")] } as State;
    const graph = scopeOf({ t: state, u: task(null), v: task(null) });
    const error = { code: "Bad", message: "", path: "t" };
    const taken = through(graph, (ctx) => routeFailed(ctx, error, { prev: "x" }), { key: stepKey("t"), dialect });
    expect(taken.next).toMatchObject([{ kind: "step", path: "u" }]);
    const other = { ...error, code: "Odd" };
    const failed = through(graph, (ctx) => routeFailed(ctx, other, { prev: "x" }), { key: stepKey("t"), dialect });
    expect(failed.next).toEqual([{ kind: "fail", error: { ...other, code: "Named.Odd" } }]);
  });
});

describe("what an expression is told", () => {
  const each = scopeOf({ weigh: task(null) });
  const boxes: State = { kind: "map", over: { kind: "previous" }, each, concurrency: 1, next: null };
  const block: State = { kind: "block", body: scopeOf({ pay: task(null) }), next: "boxes" };
  const { graph } = routableOf(scopeOf({ block, boxes }));
  const context: Expression = { kind: "expression", language: "jsonata", source: "$$.context" };
  const told = (path: string, over: Partial<Standing> = {}) => {
    const frames = locate(graph, path)?.frames ?? [];
    const standing = { frames, bind: { prev: "step/x" }, read: () => 7, path, role: "input", nowMs: 0, ...over };
    const asking = askFor(context, standing);
    return asking.kind === "asked" ? asking.asked.seen : asking;
  };
  const State = { EnteredTime: "1970-01-01T00:00:00.000Z" };
  const Execution = { Input: 7 };

  it("is null where there is nothing, and no result where its state has made none", () => {
    const seen = {
      input: null,
      variables: {},
      context: { State: { ...State, Name: "boxes" }, Execution: { Input: null } },
    };
    expect(told("boxes", { read: () => undefined })).toStrictEqual(seen);
    expect(told("boxes", { read: () => undefined, result: null })).toStrictEqual({ ...seen, result: null });
  });
  it("of a task, is how many attempts were before", () => {
    expect(told("block/done/pay", { attempt: 3 })).toMatchObject({
      context: { State: { ...State, Name: "block/done/pay", RetryCount: 2 } },
    });
    expect(told("block/done/pay")).toHaveProperty("context", {
      State: { ...State, Name: "block/done/pay" },
      Execution,
    });
  });
  it("in a map is the item, where its items are bound", () => {
    const bind = { prev: "step/x", maps: { boxes: { items: "step/x!boxes", of: 3 } } };
    const read = (ref: string) => ref;
    const item = { Item: { Index: 2, Value: "step/x!boxes[2]" } };
    expect(told("boxes/2/weigh", { bind, read })).toMatchObject({ context: { Map: item } });
    for (const other of [{ prev: "step/x" }, { prev: "step/x", maps: { other: { items: "y", of: 1 } } }])
      expect(told("boxes/2/weigh", { bind: other })).toHaveProperty("context", {
        State: { ...State, Name: "boxes/2/weigh" },
        Execution,
      });
  });
});
