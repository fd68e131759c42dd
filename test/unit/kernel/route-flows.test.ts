/** What follows where an execution waits, loops, matches and calls. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, node, signal, workflow } from "../../../lib/index.ts";
import type { Bindings, Decision, Effect, EffectOf } from "../../../lib/kernel/record.ts";
import { type RouteContext, type Routed, routeAfter, routeFailed, routeStart } from "../../../lib/kernel/route.ts";
import type { Routable } from "../../../lib/kernel/view.ts";
import type { Json } from "../../../lib/model/json.ts";
import { ROUTING } from "../../support/walk.ts";

const text = z.string();
const step = node("step", { input: z.json(), output: z.json() });
const decision = signal("decision", { data: text });
const child = contract("child", { input: text, output: text, errors: ["Declined"] });
const begin = () => workflow("flow", { input: text });

const NOW_MS = 1_000_000;
const HOUR_MS = 3_600_000;
const input = "decide/#start!input";
const none: Bindings = { prev: input };

function decided(routed: Routed): Decision {
  if (routed.kind !== "decided") throw new Error(JSON.stringify(routed));
  return routed.decision;
}
const context = (program: Routable, over: Partial<RouteContext> = {}): RouteContext => ({
  ...{ program, key: "decide/#start", read: () => undefined, ...ROUTING, nowMs: NOW_MS },
  ...over,
});
const start = (program: Routable): Decision => decided(routeStart(context(program), "in"));
const only = (next: readonly Effect[]): Effect => {
  const [effect, ...more] = next;
  if (!effect || more.length > 0) throw new Error(`not one: ${JSON.stringify(next)}`);
  return effect;
};
/** What follows the state that this effect begins. */
function after(program: Routable, effect: Effect, output?: Json): Decision {
  const { path, bind } = effect as EffectOf<"step" | "wait" | "call">;
  const key = effect.kind === "step" ? `step/${path}` : `decide/${path}`;
  const over = { key, ...(output !== undefined && { output }) };
  return decided(routeAfter(context(program, over), path, key, bind));
}
function failed(program: Routable, effect: Effect, code: string): Decision {
  const { path, bind } = effect as EffectOf<"step" | "wait" | "call">;
  return decided(routeFailed(context(program, { key: `decide/${path}` }), { code, message: code, path }, bind));
}

describe("a wait", () => {
  it("is due so long after its decision", () => {
    const { program } = begin().wait("w", { for: "1 hour" });
    expect(start(program).next).toEqual([
      { kind: "wait", path: "w", dueAtMs: NOW_MS + HOUR_MS, afterMs: HOUR_MS, bind: none },
    ]);
  });
  it("until a time is due then, wherever it is counted from", () => {
    const { program } = begin().wait("w", { until: () => "2026-05-04T09:30:00+02:00" });
    const dueAtMs = Date.parse("2026-05-04T07:30:00Z");
    expect(start(program).next).toEqual([{ kind: "wait", path: "w", dueAtMs, bind: none }]);
  });
  it("until what is no time fails", () => {
    const { program } = begin().wait("w", { until: () => "soon" });
    expect(start(program).next).toMatchObject([{ kind: "fail", error: { code: "slot_failed", path: "w" } }]);
  });
  it("passes on what was before it", () => {
    const { program } = begin().wait("w", { for: "1 hour" }).task(step);
    expect(after(program, only(start(program).next)).next).toEqual([{ kind: "step", path: "step", bind: none }]);
  });
});

describe("a wait for a signal", () => {
  const { program } = begin()
    .waitFor(decision.as("first"), { timeout: "1 hour" })
    .task(step, { input: (s) => s.first });
  const wait = only(start(program).next);
  it("names the signal, and when it is over", () => {
    expect(wait).toEqual({
      kind: "wait",
      path: "first",
      dueAtMs: NOW_MS + HOUR_MS,
      afterMs: HOUR_MS,
      signal: "decision",
      bind: none,
    });
  });
  it("goes on with the signal's data", () => {
    expect(after(program, wait, "yes").next).toEqual([{ kind: "step", path: "step", bind: { prev: "decide/first" } }]);
  });
  it("fails when it is over, which a block around it can catch", () => {
    expect(failed(program, wait, "timeout").next).toMatchObject([{ kind: "fail", error: { code: "timeout" } }]);
    const caught = begin().block("b", (b) => b.waitFor(decision), { catch: { timeout: (b) => b.task(step) } }).program;
    const { next, values } = failed(caught, only(start(caught).next), "timeout");
    expect(next).toMatchObject([{ kind: "step", path: "b/timeout/step", bind: { prev: input } }]);
    expect(values).toEqual({ "b/timeout/error": { code: "timeout", message: "timeout", path: "b/done/decision" } });
  });
});

describe("a loop", () => {
  const counting = (max: number, last: number) =>
    begin()
      .loop("l", { from: () => 0, each: (b) => b.set("n", (s) => s.round.n), until: (n) => n === last, max })
      .task(step).program;
  it("goes round, from 1, until its state says so, and goes on with that", () => {
    const { next, values } = start(counting(5, 3));
    expect(values).toEqual({ input: "in", l: 0, "l/1/n": 1, "l/2/n": 2, "l/3/n": 3 });
    expect(next).toMatchObject([{ kind: "step", path: "step", bind: { prev: "decide/#start!l/3/n" } }]);
  });
  it("goes round as often as its limit says, and no more", () => {
    expect(start(counting(3, 3)).next).toMatchObject([{ kind: "step" }]);
    expect(start(counting(2, 3)).next).toMatchObject([
      { kind: "fail", error: { code: "loop_limit", path: "l", message: expect.stringMatching("after 2 rounds") } },
    ]);
  });
  it("goes round once where its first state says so already", () => {
    expect(Object.keys(start(counting(3, 1)).values ?? {})).toEqual(["input", "l", "l/1/n"]);
  });
  it("gives each round its number and the state that the round before has left", () => {
    const { program } = begin().loop("l", {
      from: (s) => s.input,
      each: (b) => b.task(step, { input: (s) => [s.round.n, s.round.state] }).set("out", (s) => String(s.step)),
      until: () => false,
      max: 9,
    });
    const first = only(start(program).next) as EffectOf<"step">;
    expect(first).toMatchObject({ path: "l/1/step", bind: { prev: "decide/#start!l" } });
    expect(first.bind.refs).toEqual({ "l/1/round": "decide/#start!l" });
    const second = only(after(program, first, "a").next) as EffectOf<"step">;
    expect(second).toMatchObject({ path: "l/2/step", bind: { prev: "step/l/1/step!l/1/out" } });
    expect(second.bind.refs).toEqual({ "l/2/round": "step/l/1/step!l/1/out" });
  });
  it("carries no more from round to round than the state", () => {
    const { program } = begin().loop("l", {
      from: (s) => s.input,
      each: (b) =>
        b
          .set("x", () => "x")
          .task(step)
          .set("out", () => "out"),
      until: () => false,
      max: 1000,
    });
    let effect = only(start(program).next);
    const sizes = Array.from({ length: 50 }, () => {
      effect = only(after(program, effect, "a").next);
      return Object.keys((effect as EffectOf<"step">).bind.refs ?? {}).length;
    });
    expect(new Set(sizes)).toEqual(new Set([2]));
  });
  it("fails where the function that asks whether it is done throws", () => {
    const { program } = begin().loop("l", {
      from: () => 0,
      each: (b) => b.set("n", () => 1),
      until: () => {
        throw new Error("broken");
      },
      max: 9,
    });
    expect(start(program).next).toMatchObject([{ kind: "fail", error: { code: "slot_failed", path: "l" } }]);
  });
  it("inside of another has the inner round in sight", () => {
    const { program } = begin().loop("o", {
      from: () => 0,
      each: (b) =>
        b.loop("i", {
          from: () => 10,
          each: (c) => c.set("n", (s) => s.round.state + s.round.n),
          until: (n) => n > 12,
          max: 9,
        }),
      until: () => true,
      max: 1,
    });
    expect(start(program).values).toMatchObject({ "o/1/i/1/n": 11, "o/1/i/2/n": 13 });
  });
});

describe("a match", () => {
  const program = begin().match(
    "m",
    "kind",
    (s) => ({ kind: s.input === "in" ? ("a" as const) : ("b" as const), more: 1 }),
    {
      a: (b) => b.task(step),
      b: (b) => b,
    },
  ).program;
  it("goes into the branch of the value's property, with the value", () => {
    expect(start(program)).toMatchObject({
      next: [{ kind: "step", path: "m/a/step", bind: { prev: "decide/#start!m" } }],
      values: { m: { kind: "a", more: 1 } },
      taken: { m: "a" },
    });
  });
  it("leaves the branch with its output", () => {
    expect(after(program, only(start(program).next), 1).next).toEqual([{ kind: "succeed", output: "a?step/m/a/step" }]);
  });
});

describe("a call", () => {
  it("starts the other workflow with what its mapping gives, and goes on with its output", () => {
    const { program } = begin()
      .call(child, { input: (s) => `${s.input}!` })
      .task(step);
    const { next, values } = start(program);
    expect(values).toEqual({ input: "in", "child/input": "in!" });
    const call = { kind: "call", path: "child", workflow: "child", input: "decide/#start!child/input", bind: none };
    expect(next).toEqual([call]);
    expect(after(program, only(next), "out").next).toMatchObject([{ kind: "step", bind: { prev: "decide/child" } }]);
  });
  it("fails as the other one has failed, which a block around it can catch", () => {
    const { program } = begin().block("b", (b) => b.call(child, {}), { catch: { Declined: (b) => b.task(step) } });
    const call = only(start(program).next);
    expect(failed(program, call, "Declined").next).toMatchObject([{ kind: "step", path: "b/Declined/step" }]);
    expect(failed(program, call, "Other").next).toMatchObject([{ kind: "fail", error: { code: "Other" } }]);
  });
  it("that nothing waits for goes on at once, with the other execution's name", () => {
    const { program } = begin().call(child, { detached: true }).task(step);
    const { next, values } = start(program);
    expect(next).toMatchObject([
      { kind: "call", detached: "child of child" },
      { kind: "step", bind: { prev: "decide/#start!child" } },
    ]);
    expect(values?.child).toEqual({ execution: "child/child of child" });
  });
});

describe("a workflow's timeout", () => {
  it("stands in the start's decision, before all that it starts", () => {
    const { program } = workflow("flow", { input: text, timeout: "1 hour" }).task(step);
    const deadline = { kind: "deadline", dueAtMs: NOW_MS + HOUR_MS, afterMs: HOUR_MS };
    expect(start(program).next).toEqual([deadline, { kind: "step", path: "step", bind: none }]);
  });
});
