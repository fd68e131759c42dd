import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Generation } from "../../../lib/kernel/generation.ts";
import type { EditRecord, LogRecord } from "../../../lib/kernel/record.ts";
import type { Json } from "../../../lib/model/json.ts";

const edit = (voided: readonly string[], more: Partial<EditRecord> = {}): EditRecord => ({
  ...{ kind: "edit", void: voided, anew: [], atMs: 0 },
  ...more,
});
const decision = (atMs: number): LogRecord => ({ kind: "decision", atMs, next: [] });

describe("the first generation", () => {
  const first = new Generation([]);
  it.each(["step/charge", "decide/#start", "decide/p", "join/p", "join/p#0.3"])("has %s where it always was", (key) => {
    expect(first.place(key)).toBe(key);
    expect(first.earlierPlaces(key)).toEqual([]);
    expect(first.effectEpoch(key)).toBe(0);
  });
  it("is epoch 0 and gives no step another input", () => {
    expect(first.epoch).toBe(0);
    expect(first.inputOf("charge")).toBeUndefined();
  });
});

describe("a record that an edit has voided", () => {
  const third = new Generation([
    edit(["step/charge", "join/p"]),
    edit(["step/ship"]),
    edit(["step/charge", "decide/#start"]),
  ]);
  it.each([
    ["step/charge", "step/charge@3"],
    ["step/ship", "step/ship@2"],
    ["decide/#start", "decide/#start@3"],
    ["join/p", "join/p@1"],
    ["join/p#0.3", "join/p@1#0.3"],
    ["join/p#0.12", "join/p@1#0.12"],
    ["step/reserve", "step/reserve"],
    ["join/pq", "join/pq"],
    ["join/pq#0.3", "join/pq#0.3"],
    ["step/charge#1", "step/charge#1"],
  ])("%s lies at %s, which its newest edit tells", (key, place) => {
    expect(third.epoch).toBe(3);
    expect(third.place(key)).toBe(place);
  });
  it("of an undo's stage is none of the scope's own join", () => {
    const undo = new Generation([edit(["join/first#undo~0", "join/#undo~0"]), edit(["join/first"])]);
    expect(undo.place("join/first#undo~0")).toBe("join/first#undo~0@1");
    expect(undo.place("join/first#undo~0#1.2")).toBe("join/first#undo~0@1#1.2");
    expect(undo.place("join/#undo~0")).toBe("join/#undo~0@1");
    expect(undo.place("join/first")).toBe("join/first@2");
    expect(undo.place("join/first#undo~1")).toBe("join/first#undo~1");
  });
  it("lay at other places before, the newest first", () => {
    expect(third.earlierPlaces("step/charge")).toEqual(["step/charge@1", "step/charge"]);
    expect(third.earlierPlaces("step/ship")).toEqual(["step/ship"]);
    expect(third.earlierPlaces("step/reserve")).toEqual([]);
  });
});

describe("a record whose effects are to happen anew", () => {
  it("has the epoch in which that was asked last", () => {
    const generation = new Generation([
      edit(["step/a", "step/b"], { anew: ["step/a"] }),
      edit(["step/a"], { anew: ["step/a"] }),
      edit(["step/a", "step/b"]),
    ]);
    expect(generation.effectEpoch("step/a")).toBe(2);
    expect(generation.effectEpoch("step/b")).toBe(0);
  });
  it("does not go on with what lay there before that", () => {
    const generation = new Generation([edit(["step/a"]), edit(["step/a"], { anew: ["step/a"] }), edit(["step/a"])]);
    expect(generation.place("step/a")).toBe("step/a@3");
    expect(generation.earlierPlaces("step/a")).toEqual(["step/a@2"]);
  });
  it("goes on with nothing when it was asked last", () => {
    expect(new Generation([edit(["step/a"], { anew: ["step/a"] })]).earlierPlaces("step/a")).toEqual([]);
  });
});

it("a step's input is the one of the newest edit that gives it one", () => {
  const given = (...inputs: (Record<string, Json> | undefined)[]) =>
    new Generation(inputs.map((it) => edit(["step/a"], it && { inputs: it })));
  expect(given({ a: 1 }, { a: 2 }).inputOf("a")).toBe(2);
  expect(given({ a: 1 }, undefined, { b: 2 }).inputOf("a")).toBe(1);
  expect(given({ a: null }).inputOf("a")).toBeNull();
});

it("a step's input is what its mapping gives, once a redrive from a step on has done it anew", () => {
  const given = edit(["step/p/a", "step/b"], { from: "p/a", anew: ["step/p/a"], inputs: { "p/a": 1 } });
  const from = edit(["step/z", "step/p/a"], { from: "z", anew: ["step/z", "step/p/a"] });
  const failed = edit(["step/p/a"], { from: "z", anew: ["step/z"] });
  const undone = edit(["step/p/a"], { anew: ["step/p/a"] });
  expect(new Generation([given]).inputOf("p/a")).toBe(1);
  expect(new Generation([given, from]).inputOf("p/a")).toBeUndefined();
  expect(new Generation([given, from, given]).inputOf("p/a")).toBe(1);
  expect(new Generation([given, failed]).inputOf("p/a")).toBe(1);
  expect(new Generation([given, undone]).inputOf("p/a")).toBe(1);
});

it("when a record was voided last is told of it, and of a join's sets with the join", () => {
  const generation = new Generation([
    edit(["step/a", "join/p"], { atMs: 5 }),
    edit(["step/a"], { atMs: 7 }),
    edit([], { atMs: 9 }),
  ]);
  expect(["step/a", "join/p", "join/p#0.3", "step/b"].map((key) => generation.voidedAtMs(key))).toEqual([
    ...[7, 5, 5],
    undefined,
  ]);
  expect(generation.begunAtMs).toBe(9);
  expect(new Generation([]).begunAtMs).toBeUndefined();
});

describe("the records of a generation", () => {
  it("are those at the newest places, by their keys; parked messages, edits and mailboxes belong to none", () => {
    const records = new Map<string, LogRecord>([
      ["decide/#start", decision(1)],
      ["decide/p", decision(2)],
      ["decide/p@1", decision(3)],
      ["join/p", { kind: "join", members: { 0: "old" } }],
      ["join/p#0.1", { kind: "join", members: { 1: "old" } }],
      ["join/p@1#0.1", { kind: "join", members: { 1: "new" } }],
      ["edit/1", edit([])],
      ["mailbox/s", { kind: "mailbox", version: 1, signals: [], waiting: [], binds: {}, gone: [], known: [] }],
      ["parked/a", { kind: "parked", id: "x", epoch: 0, path: "a", bind: { prev: "" }, attempt: 1 }],
    ]);
    const second = new Generation([edit(["decide/p", "join/p"])]);
    expect([...second.view(records)]).toEqual([
      ["decide/#start", decision(1)],
      ["decide/p", decision(3)],
      ["join/p#0.1", { kind: "join", members: { 1: "new" } }],
    ]);
    expect([...new Generation([]).view(records).keys()]).toEqual(["decide/#start", "decide/p", "join/p", "join/p#0.1"]);
  });
  it("are found in the tenth generation and after it", () => {
    const eleventh = new Generation(Array.from({ length: 11 }, () => edit(["step/a", "join/p"])));
    const records = new Map<string, LogRecord>([
      ["step/a@9", decision(9)],
      ["step/a@11", decision(11)],
      ["join/p@11#0.3", { kind: "join", members: {} }],
    ]);
    expect([...eleventh.view(records).keys()]).toEqual(["step/a", "join/p#0.3"]);
  });
  it("are found again at their places, whatever was voided how often", () => {
    const keys = ["step/a", "step/a~12", "decide/p", "join/p", "step/p/0/a"];
    const edits = fc.array(fc.subarray(keys), { maxLength: 12 });
    fc.assert(
      fc.property(edits, (all) => {
        const records = new Map<string, LogRecord>();
        const written = new Map<string, LogRecord>();
        for (let epoch = 0; epoch <= all.length; epoch++) {
          const generation = new Generation(all.slice(0, epoch).map((voided) => edit(voided)));
          for (const key of all[epoch - 1] ?? []) written.delete(key);
          expect(generation.view(records)).toEqual(written);
          for (const key of keys) {
            const place = generation.place(key);
            if (records.has(place)) continue;
            records.set(place, decision(epoch));
            written.set(key, decision(epoch));
          }
        }
      }),
    );
  });
});
