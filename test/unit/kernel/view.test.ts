import { describe, expect, it } from "vitest";
import { type Frame, locate } from "../../../lib/kernel/address.ts";
import type { Bindings } from "../../../lib/kernel/record.ts";
import { ABSENT, type Read } from "../../../lib/kernel/ref.ts";
import { type Evaluated, evaluate, evaluateData, evaluateOn, refOf } from "../../../lib/kernel/view.ts";
import type { Data } from "../../../lib/model/graph.ts";
import type { Json } from "../../../lib/model/json.ts";
import type { Slot } from "../../../lib/model/program.ts";
import { cyclic, graphOf, routableOf, scopeOf, slot, task } from "../../support/graphs.ts";

const inEach = scopeOf({ weigh: task("seal"), seal: task(null) });
const root = scopeOf({
  reserve: task("pay"),
  pay: { kind: "parallel", branches: { card: scopeOf({ charge: task(null) }) }, next: "note" },
  note: { kind: "set", value: slot("note.value"), next: "boxes" },
  boxes: {
    ...{ kind: "map", over: slot("boxes.over"), concurrency: 1, next: "ship" },
    each: scopeOf({ pack: { kind: "map", over: slot("pack.over"), each: inEach, concurrency: 1, next: null } }),
  },
  ship: task(null),
});
const graph = graphOf(root);
const framesAt = (path: string): readonly Frame[] => locate(graph, path)?.frames ?? [];
const bind: Bindings = {
  prev: "step/reserve",
  refs: { note: "step/reserve!note" },
  maps: { boxes: { items: "step/x!boxes", of: 3 }, "boxes/2/pack": { items: "step/x!boxes/2/pack", of: 5 } },
};

describe("a name", () => {
  it.each([
    ["input", "ship", "decide/#start!input"],
    ["reserve", "ship", "step/reserve"],
    ["pay", "ship", "decide/pay"],
    ["boxes", "ship", "decide/boxes"],
    ["note", "ship", "step/reserve!note"],
    ["charge", "pay/card/charge", "step/pay/card/charge"],
    ["reserve", "pay/card/charge", "step/reserve"],
    ["item", "boxes/2/pack", "step/x!boxes[2]"],
    ["item", "boxes/2/pack/4/weigh", "step/x!boxes/2/pack[4]"],
    ["weigh", "boxes/2/pack/4/seal", "step/boxes/2/pack/4/weigh"],
    ["input", "boxes/2/pack/4/seal", "decide/#start!input"],
  ])("%s, seen from %s, lies at %s", (name, from, ref) => {
    expect(refOf(name, framesAt(from), bind)).toBe(ref);
  });

  it.each([
    ["of a scope that has been left", "charge", "ship"],
    ["of a scope below", "weigh", "boxes/2/pack"],
    ["that nothing has", "refund", "ship"],
    ["that every object has", "constructor", "ship"],
    ["for an item outside any map", "item", "ship"],
  ])("%s is not in sight", (_, name, from) => {
    expect(refOf(name, framesAt(from), bind)).toBeUndefined();
  });

  it("of a map's item is not in sight where the items are not bound", () => {
    expect(refOf("item", framesAt("boxes/2/pack"), { prev: "x" })).toBeUndefined();
  });
  it("of a set that has not run is not in sight", () => {
    expect(refOf("note", framesAt("ship"), { prev: "step/reserve" })).toBeUndefined();
  });

  it("in a scope that goes back is what its last visit left, and nothing before that", () => {
    const frames = locate(graphOf(cyclic), "again~4")?.frames ?? [];
    expect(refOf("ask", frames, { prev: "x", refs: { ask: "step/ask~3" } })).toBe("step/ask~3");
    expect(refOf("ask", frames, { prev: "x" })).toBeUndefined();
  });
});

describe("what a state is given", () => {
  const loop = scopeOf({
    tries: {
      ...{ kind: "loop", from: { kind: "constant", value: 0 }, until: slot("tries.until"), max: 9, next: "ask" },
      each: scopeOf({ work: task(null), pays: { kind: "block", body: scopeOf({ pay: task(null) }), next: null } }),
    },
    ask: { kind: "waitFor", signal: "answer", timeoutMs: 1_000, next: "child" },
    child: { kind: "call", workflow: "child", input: { kind: "previous" }, detached: false, next: "last" },
    last: task(null),
  });
  const frames = (path: string) => locate(graphOf(loop), path)?.frames ?? [];
  const refs = {
    ...{ "tries/7/round": "step/a!state", "tries/7/pays/done/error": "step/b!error" },
    "tries/7/pays/done/output": "step/c",
  };
  const within = (slotFn: Slot, state: ReturnType<Read>, of: Bindings = { prev: "x", refs }) =>
    evaluate(slotFn, frames("tries/7/pays/done/pay"), of, (ref) => (ref === "step/a!state" ? state : ref));

  it("as an answer or by another workflow lies in its decision", () => {
    expect(["ask", "child"].map((name) => refOf(name, frames("last"), { prev: "x" }))).toEqual([
      ...["decide/ask", "decide/child"],
    ]);
  });
  it("is the error of a catch and the output of what is undone, in their scope and below it alone", () => {
    expect(within((s) => [s.error, s.output], 5)).toEqual({ kind: "value", value: ["step/b!error", "step/c"] });
    expect(refOf("error", frames("tries/7/work"), { prev: "x", refs })).toBeUndefined();
    expect(refOf("error", frames("tries/7/pays/done/pay"), { prev: "x" })).toBeUndefined();
    expect(refOf("other", frames("tries/7/pays/done/pay"), { prev: "x", refs: { "tries/7/other": "y" } })).toBe(
      undefined,
    );
  });
  it("is a loop's round, by its number, with the state that the round before has left", () => {
    expect(within((s) => s.round, 5)).toEqual({ kind: "value", value: { n: 7, state: 5 } });
    expect(within((s) => s.round, undefined)).toEqual({ kind: "value", value: { n: 7, state: null } });
    expect(within((s) => s.round, 0)).toEqual({ kind: "value", value: { n: 7, state: 0 } });
    expect(within((s) => s.round, ABSENT)).toEqual({ kind: "missing", ref: "step/a!state" });
  });
  it("is among the keys where it is in sight, and nowhere else", () => {
    const keys: Slot = (s) => Object.keys(s).toSorted();
    const states = ["ask", "child", "last", "pay", "work"];
    const given = ["error", "input", "output", "round"];
    expect(within(keys, 5)).toEqual({ kind: "value", value: [...states, ...given].toSorted() });
    const undoing = evaluate(keys, frames("last"), { prev: "x", refs: { output: "step/last" } }, (ref) => ref);
    expect(undoing).toMatchObject({ value: ["ask", "child", "input", "last", "output"] });
    expect(within(keys, 5, { prev: "x" })).toEqual({ kind: "value", value: [...states, "input"].toSorted() });
  });
});

describe("a slot that is given a value itself", () => {
  const program = routableOf(root, {
    half: (n) => n / 2,
    nothing: () => undefined,
    grow: (list) => list.push(1),
    words: () => {
      throw "words";
    },
  });
  const on = (name: string, value: Json) => evaluateOn(slot(name), program, value);

  it("gives JSON of it, and cannot change it", () => {
    expect(on("half", 4)).toEqual({ kind: "value", value: 2 });
    expect(on("nothing", 4)).toEqual({ kind: "value", value: null });
    expect(on("half", "x")).toEqual({ kind: "threw", message: "the result is not JSON: NaN" });
    expect(on("grow", [])).toEqual({ kind: "threw", message: expect.stringContaining("not extensible") });
    expect(on("words", 1)).toEqual({ kind: "threw", message: "words" });
  });
  it("may be a constant in its place, and must be there", () => {
    expect(evaluateOn({ kind: "constant", value: 1 }, program, 4)).toEqual({ kind: "value", value: 1 });
    for (const data of [slot("gone"), slot("constructor"), { kind: "previous" } as const])
      expect(evaluateOn(data, program, 4)).toEqual({
        ...{ kind: "threw", message: `the code at hand has no function for ${JSON.stringify(data)}` },
      });
  });
});

const values: Readonly<Record<string, Json>> = {
  "decide/#start!input": { id: 7, lines: [{ sku: "A" }] },
  "step/reserve": { reservationId: "r1" },
  "decide/pay": { card: null },
};
const read: Read = (ref) => values[ref];
const at = (slotFn: Slot, reader: Read = read): Evaluated => evaluate(slotFn, framesAt("ship"), { prev: "x" }, reader);
const partly =
  (...known: string[]): Read =>
  (ref) =>
    known.includes(ref) ? values[ref] : ABSENT;

describe("a slot", () => {
  it("sees names and gives JSON", () => {
    expect(at((s) => ({ id: s.input.id, reservation: s.reserve.reservationId, note: s.note }))).toEqual({
      kind: "value",
      value: { id: 7, reservation: "r1" },
    });
  });
  it("gives null when it gives nothing", () => {
    expect(at(() => undefined)).toEqual({ kind: "value", value: null });
  });
  it("sees what is there with `in`, with spread and as keys", () => {
    expect(at((s) => ["reserve" in s, "note" in s, "refund" in s])).toMatchObject({ value: [true, false, false] });
    expect(at((s) => Object.keys(s).toSorted())).toMatchObject({ value: ["input", "pay", "reserve"] });
    expect(at((s) => ({ ...s }).pay)).toMatchObject({ value: { card: null } });
  });

  it("sees its item inside a map, also as a key", () => {
    const inMap = (slotFn: Slot) => evaluate(slotFn, framesAt("boxes/2/pack/4/seal"), bind, () => "there");
    expect(inMap((s) => Object.keys(s).includes("item"))).toMatchObject({ value: true });
    expect(inMap((s) => s.item)).toMatchObject({ value: "there" });
    expect(at((s) => Reflect.ownKeys(s).toSorted())).toMatchObject({ value: ["input", "pay", "reserve"] });
  });
  it("sees no property where nothing is there", () => {
    expect(at((s) => [Object.hasOwn(s, "reserve"), Object.hasOwn(s, "note")])).toMatchObject({ value: [true, false] });
    expect(at((s) => ({ ...Object.getOwnPropertyDescriptor(s, "pay") }))).toMatchObject({
      value: { value: { card: null }, enumerable: true, configurable: true, writable: false },
    });
  });
  it("asks for no record of a name that is not in sight", () => {
    expect(at((s) => s.refund ?? "none", partly())).toEqual({ kind: "value", value: "none" });
  });

  it.each<[string, Slot]>([
    ["reads it", (s) => s.reserve],
    ["reads it second", (s) => [s.input, s.reserve]],
    ["asks whether it is there", (s) => "reserve" in s],
    ["spreads everything", (s) => ({ ...s })],
    ["takes it apart", ({ input, reserve }) => [input, reserve]],
  ])("is stopped at a value that is not at hand when it %s", (_, slotFn) => {
    expect(at(slotFn, partly("decide/#start!input", "decide/pay"))).toEqual({ kind: "missing", ref: "step/reserve" });
  });
  it("still loads what it needs when it swallows the stop", () => {
    const swallow: Slot = (s) => {
      try {
        return s.reserve.reservationId;
      } catch {
        return "never mind";
      }
    };
    expect(at(swallow, partly())).toEqual({ kind: "missing", ref: "step/reserve" });
    expect(at(swallow)).toEqual({ kind: "value", value: "r1" });
  });
  it("still loads what it needs when it throws something else for the stop", () => {
    const change: Slot = (s) => {
      try {
        return s.reserve;
      } catch {
        throw new Error("no reservation");
      }
    };
    expect(at(change, partly())).toEqual({ kind: "missing", ref: "step/reserve" });
  });
  it("asks for the first thing missing, and then for the next", () => {
    const both: Slot = (s) => [s.input.id, s.reserve];
    expect(at(both, partly())).toEqual({ kind: "missing", ref: "decide/#start!input" });
    expect(at(both, partly("decide/#start!input"))).toEqual({ kind: "missing", ref: "step/reserve" });
  });

  it.each<[string, Slot, string]>([
    [
      "throws",
      () => {
        throw new Error("no such customer");
      },
      "no such customer",
    ],
    [
      "throws what is no error",
      () => {
        throw "text";
      },
      "text",
    ],
    ["reads a property of what is not there", (s) => s.note.text, "Cannot read properties of undefined"],
    ["gives a promise", async () => 1, "the result is not JSON: a Promise"],
    ["gives a date", () => ({ at: [new Date(0)] }), "the result is not JSON: a Date at .at[0]"],
    ["gives NaN", () => Number.NaN, "the result is not JSON: NaN"],
    [
      "changes `s`",
      (s) => {
        s.input = 1;
      },
      "'set' on proxy",
    ],
    [
      "defines in `s`",
      (s) => Object.defineProperty(s, "more", { value: 1, configurable: true }),
      "'defineProperty' on proxy",
    ],
    ["deletes from `s`", (s) => delete s.input, "'deleteProperty' on proxy"],
    [
      "changes a value",
      (s) => {
        s.input.id = 8;
      },
      "Cannot assign to read only property",
    ],
    ["changes a value deep inside", (s) => Object.assign(s.input.lines[0], { sku: "B" }), "read only"],
    ["adds to a list", (s) => s.input.lines.push(1), "object is not extensible"],
    ["changes what spread gave it", (s) => ({ ...s }).input.lines.pop(), "Cannot delete"],
  ])("that %s has failed", (_, slotFn, message) => {
    expect(at(slotFn)).toEqual({ kind: "threw", message: expect.stringContaining(message) });
  });
});

describe("a value of the graph", () => {
  const program = routableOf(root, { "note.value": (s) => s.reserve });
  const dataAt = (data: Data, reader: Read = read) =>
    evaluateData(
      data,
      program,
      { frames: framesAt("ship"), bind, read: reader, path: "ship", role: "", nowMs: 0 },
      new Map(),
    );

  it("may be the output before", () => {
    expect(dataAt({ kind: "previous" })).toEqual({ kind: "value", value: { reservationId: "r1" } });
    expect(dataAt({ kind: "previous" }, partly())).toEqual({ kind: "missing", ref: "step/reserve" });
    expect(dataAt({ kind: "previous" }, () => undefined)).toEqual({
      kind: "threw",
      message: "nothing lies at step/reserve",
    });
  });
  it("may be null before", () => {
    expect(dataAt({ kind: "previous" }, () => null)).toEqual({ kind: "value", value: null });
  });
  it("may be a constant", () => {
    expect(dataAt({ kind: "constant", value: { a: [1] } })).toEqual({ kind: "value", value: { a: [1] } });
  });
  it("may be a slot", () => {
    const value = { reservationId: "r1" };
    expect(dataAt(slot("note.value"))).toEqual({ kind: "value", value, ref: "step/reserve" });
  });
  it.each([["text"], [7], [true], [null]])(
    "may be a slot that passes %j on, which has no place of its own",
    (value) => {
      expect(dataAt(slot("note.value"), () => value)).toStrictEqual({ kind: "value", value });
    },
  );
  it.each(["gone.value", "constructor"])("of the slot %s, which the code at hand lacks, fails", (name) => {
    expect(dataAt(slot(name))).toEqual({
      kind: "threw",
      message: `the code at hand has no function for '${name}'`,
    });
  });
  it("by an expression is asked for, with what it sees, and taken from the answer", () => {
    const expression = { kind: "expression", language: "jsonata", source: "$x" } as const;
    const seen = {
      input: { reservationId: "r1" },
      variables: {},
      context: { State: { EnteredTime: expect.any(String), Name: "ship" } },
    };
    expect(dataAt(expression)).toEqual({ kind: "asked", asked: { id: "ship ", expression, seen } });
    expect(dataAt(expression, partly())).toEqual({ kind: "missing", ref: "step/reserve" });
    const at = { frames: framesAt("ship"), bind, read, path: "ship", role: "", nowMs: 0 };
    const answer = { kind: "threw", code: "States.Runtime", message: "no" } as const;
    expect(evaluateData(expression, program, at, new Map([["ship ", answer]]))).toEqual(answer);
  });
});
