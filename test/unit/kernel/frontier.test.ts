import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frontier } from "../../../lib/kernel/frontier.ts";
import {
  type DecisionRecord,
  type Effect,
  type LogRecord,
  START_KEY,
  type StepRecord,
} from "../../../lib/kernel/record.ts";
import type { Json } from "../../../lib/model/json.ts";
import { answer, plannedWorkflow, programOf } from "../../support/plan.ts";
import { Walk } from "../../support/walk.ts";

const to = (path: string): Effect => ({ kind: "step", path, bind: { prev: "x" } });
const arriveAt = (path: string, member: number): Effect => ({
  ...{ kind: "arrive", path, member, of: 2, output: "x", bind: { prev: "x" } },
});
const decision = (...next: Effect[]): DecisionRecord => ({ kind: "decision", atMs: 0, next });
const step = (status: StepRecord["status"], ...next: Effect[]): StepRecord => ({
  ...{ kind: "step", node: "x", status, fence: 1, failures: 0, crashes: 0 },
  ...(status === "settled" && { next }),
});
const at = (records: Record<string, LogRecord>) => {
  const found = frontier(new Map(Object.entries(records)));
  return {
    steps: found.steps.map((s) => s.path),
    undecided: found.undecided.map((j) => ("path" in j ? j.path : j.scope)),
    reached: found.reached,
  };
};

describe("the frontier", () => {
  it("of a log without a start's decision is that start", () => {
    expect(at({})).toEqual({ steps: [], undecided: [], reached: [] });
  });
  it("of a start that leads to nothing is empty", () => {
    expect(at({ [START_KEY]: decision() })).toEqual({ steps: [], undecided: [], reached: [] });
  });
  it.each<[string, LogRecord | undefined]>([
    ["has no record", undefined],
    ["is idle", step("idle")],
    ["is running", step("running")],
  ])("holds a step that %s", (_, record) => {
    const found = at({ [START_KEY]: decision(to("a")), ...(record && { "step/a": record }) });
    expect(found).toMatchObject({ steps: ["a"], reached: ["step/a"] });
  });
  it("goes on behind a step that has settled", () => {
    expect(at({ [START_KEY]: decision(to("a")), "step/a": step("settled", to("b")) })).toMatchObject({
      steps: ["b"],
      reached: ["step/a", "step/b"],
    });
  });
  it("does not hold what a step that was closed would have led to", () => {
    expect(at({ [START_KEY]: decision(to("a")), "step/a": step("settled") })).toMatchObject({
      steps: [],
      undecided: [],
    });
  });
  it("does not hold a step that no decision leads to, whatever its record says", () => {
    expect(
      at({ [START_KEY]: decision(), "step/a": step("running"), "step/b": step("settled", to("c")) }),
    ).toMatchObject({
      ...{ steps: [], reached: [] },
    });
  });
  it("holds a join that a branch has arrived at, once", () => {
    const records = { [START_KEY]: decision(arriveAt("p", 0), arriveAt("p", 1)) };
    expect(at(records)).toMatchObject({ steps: [], undecided: ["p"], reached: ["decide/p"] });
  });
  it("goes on behind a join that is decided", () => {
    const records = { [START_KEY]: decision(arriveAt("p", 0)), "decide/p": decision(to("a")) };
    expect(at(records)).toMatchObject({ steps: ["a"], undecided: [], reached: ["decide/p", "step/a"] });
  });
  it("is not moved by the set of arrivals of a join", () => {
    const records: Record<string, LogRecord> = {
      [START_KEY]: decision(arriveAt("p", 0), arriveAt("p", 1)),
      "join/p": { kind: "join", members: { 0: "x", 1: "x" } },
    };
    expect(at(records)).toMatchObject({ undecided: ["p"] });
  });
  const bind = { prev: "x" };
  const how = { kind: "won", path: "r", branch: "x", output: "step/r/x/a" } as const;
  const close: Effect = { kind: "close", scope: "r", how, bind };
  const call = { kind: "call", path: "k", workflow: "child", input: "x", bind } as const;
  it.each<[string, Effect, string, string]>([
    ["a wait", { kind: "wait", path: "w", dueAtMs: 5, bind }, "w", "decide/w"],
    ["a call that is waited for", call, "k", "decide/k"],
    ["a scope that is to be left", { kind: "leave", scope: "r", how, bind }, "r", "decide/r#won"],
    ["a scope that is to be closed", close, "r", "decide/r"],
  ])("holds %s, until that is decided, and then what follows", (_, effect, name, key) => {
    expect(at({ [START_KEY]: decision(effect) })).toEqual({ steps: [], undecided: [name], reached: [key] });
    expect(at({ [START_KEY]: decision(effect), [key]: decision(to("a")) })).toEqual({
      ...{ steps: ["a"], undecided: [], reached: [key, "step/a"] },
    });
  });
  it("does not hold a call that nobody waits for", () => {
    expect(at({ [START_KEY]: decision({ ...call, detached: "child of k" }) })).toMatchObject({ reached: [] });
  });
  it("holds what undoes a scope that was left, before what follows the scope", () => {
    const records = { [START_KEY]: decision(close), "decide/r#undo": decision(to("r/y/b/undo")) };
    expect(at(records)).toEqual({
      ...{ steps: ["r/y/b/undo"], undecided: ["r"] },
      reached: ["decide/r#undo", "decide/r", "step/r/y/b/undo"],
    });
    const { [START_KEY]: _, ...others } = records;
    expect(at({ ...others, [START_KEY]: decision(to("a")) }).reached).toEqual(["step/a"]);
    const left = { ...others, [START_KEY]: decision({ ...close, kind: "leave" }), "decide/r#won": decision(close) };
    expect(at(left).reached).toEqual(["decide/r#won", "decide/r#undo", "decide/r", "step/r/y/b/undo"]);
  });
  it("holds what undoes the execution, behind what it had begun with", () => {
    const records = {
      [START_KEY]: decision(to("a")),
      "step/a": step("settled"),
      "decide/#undo": decision(to("a/undo")),
    };
    expect(at(records)).toEqual({
      steps: ["a/undo"],
      undecided: [],
      reached: ["decide/#undo", "step/a", "step/a/undo"],
    });
  });
  it("tells what was reached in the order of the decisions, a branch to its end before the next", () => {
    const records = {
      [START_KEY]: decision(to("a"), to("b")),
      "step/a": step("settled", to("a2"), to("a3")),
      "step/a2": step("settled", arriveAt("p", 0)),
    };
    expect(at(records).reached).toEqual(["step/a", "step/a2", "decide/p", "step/a3", "step/b"]);
  });
  it("passes over ends and events", () => {
    const end: Effect = { kind: "succeed", output: "x" };
    const emit: Effect = { kind: "emit", path: "e", event: "x/Y@1", data: "x" };
    const fail: Effect = { kind: "fail", error: { code: "X", message: "", path: "f" } };
    expect(at({ [START_KEY]: decision(emit, fail, end, to("a")) })).toMatchObject({
      steps: ["a"],
      reached: ["step/a"],
    });
  });
  it("of a chain of 20,000 steps is found without a deep stack", () => {
    const records: Record<string, LogRecord> = { [START_KEY]: decision(to("s0")) };
    for (let i = 0; i < 20_000; i++) records[`step/s${i}`] = step("settled", to(`s${i + 1}`));
    expect(at(records).steps).toEqual(["s20000"]);
  });

  it("is found by looking at each record once, however many ways lead to it", () => {
    const records: Record<string, LogRecord> = { [START_KEY]: decision(to("s0")) };
    for (let i = 0; i < 40; i++) {
      records[`step/s${i}`] = step("settled", to(`x${i}`), to(`y${i}`));
      for (const one of ["x", "y"]) records[`step/${one}${i}`] = step("settled", to(`s${i + 1}`));
    }
    expect(at(records)).toMatchObject({ steps: ["s40"] });
  });

  it("is at every moment just what has been dispatched and has not settled", () => {
    fc.assert(
      fc.property(plannedWorkflow, fc.jsonValue(), fc.infiniteStream(fc.nat(1000)), (plan, input, order) => {
        const walk = new Walk(programOf(plan), input as Json);
        for (;;) {
          const found = frontier(walk.records);
          expect(found.steps.map((s) => s.path).toSorted()).toEqual(walk.open.map((s) => s.path).toSorted());
          const reached = new Set(found.reached);
          for (const key of walk.records.keys())
            if (key.startsWith("step/") || (key.startsWith("decide/") && key !== START_KEY))
              expect(reached.has(key)).toBe(true);
          const effect = walk.open[(order.next().value ?? 0) % walk.open.length];
          if (!effect) break;
          walk.settle(effect, answer(effect.path, walk.inputOf(effect)));
        }
        expect(frontier(walk.records)).toMatchObject({ steps: [], undecided: [] });
      }),
    );
  });
});
