import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DecisionRecord, decideKey, type LogRecord, START_KEY, stepKey } from "../../../lib/kernel/record.ts";
import { branchRef, INPUT_REF, itemRef, recordKeyOf, valueAt, valueRef } from "../../../lib/kernel/ref.ts";
import type { Json } from "../../../lib/model/json.ts";

const step: LogRecord = {
  ...{ kind: "step", node: "x", status: "settled", fence: 1, failures: 0, crashes: 0, next: [] },
  output: { total: 3 },
  values: { "pack~2": [10, { sku: "a" }, null], note: "n" },
};
const decision: LogRecord = { kind: "decision", atMs: 0, next: [], output: [1], values: { input: { id: 7 } } };
const header: LogRecord = {
  ...{ kind: "header", workflow: "w", id: "1", graph: "h", status: "succeeded", epoch: 0, output: "step/x" },
  ...{ trigger: { kind: "direct" }, startedAtMs: 0, expiresAt: 9 },
};

const list: LogRecord = { kind: "list", items: ["a", { line: 1 }] };

describe("a reference", () => {
  it("to an item of a list in chunks names the chunk, and any other the list itself", () => {
    expect(itemRef("list/pack#4be7", 301)).toBe("list/pack#4be7.3!items[1]");
    expect(itemRef("step/x!pack", 301)).toBe("step/x!pack[301]");
  });
  it.each<[string, string, LogRecord | undefined, Json | undefined]>([
    ["to a step is its output", "step/x", step, { total: 3 }],
    ["to a join's decision is its output", "decide/pay", decision, [1]],
    ["to the input is the start's named value", INPUT_REF, decision, { id: 7 }],
    ["to a named value is that value", "step/x!note", step, "n"],
    ["to an item is that item", "step/x!pack~2[1]", step, { sku: "a" }],
    ["to an item that is null is null", "step/x!pack~2[2]", step, null],
    ["to an item past the end is not there", "step/x!pack~2[3]", step, undefined],
    ["to an item of what is no list is not there", "step/x!note[0]", step, undefined],
    ["to a name that the record lacks is not there", "step/x!other", step, undefined],
    ["to a name that every object has is not there", "step/x!constructor", step, undefined],
    ["into a record that is missing is not there", "step/x", undefined, undefined],
    ["into a step that has not settled is not there", "step/x", { ...step, output: undefined } as never, undefined],
    ["into a set of arrivals is not there", "join/pay", { kind: "join", members: {} }, undefined],
    ["to an item of a chunk is that item", "list/pack#4be7.0!items[1]", list, { line: 1 }],
    ["to a chunk's items is all of them", "list/pack#4be7.0!items", list, ["a", { line: 1 }]],
    ["to another name of a chunk is not there", "list/pack#4be7.0!lines", list, undefined],
    ["to a chunk without a name is not there", "list/pack#4be7.0", list, undefined],
    ["into a header is not there, though a header names an output", "#", header, undefined],
    ["through a branch says which", "clear?step/x", step, { branch: "clear", output: { total: 3 } }],
    [
      "through branches has the outermost outside",
      "a?b?step/x!note",
      step,
      { branch: "a", output: { branch: "b", output: "n" } },
    ],
    ["through a branch to what is not there is not there", "clear?step/x!other", step, undefined],
  ])("%s", (_, ref, record, value) => {
    expect(valueAt(ref, record)).toEqual(value);
  });

  it.each(["", "!x", "?x", "step/x![0]", "step/x!n[x]", "step/x!n[1"])("of no known form throws: %j", (ref) => {
    expect(() => recordKeyOf(ref)).toThrow("no known form");
  });
});

const name = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,8}$/);
const segment = fc.tuple(name, fc.option(fc.integer({ min: 1, max: 99 }))).map(([n, hop]) => (hop ? `${n}~${hop}` : n));
const path = fc
  .tuple(fc.array(fc.tuple(segment, fc.oneof(name, fc.nat(9999).map(String))), { maxLength: 3 }), segment)
  .map(([above, last]) => [...above.flat(), last].join("/"));
const key = fc.oneof(path.map(stepKey), path.map(decideKey), fc.constant(START_KEY));

describe("a reference that is printed", () => {
  it("is read back: record, name, item and branches", () => {
    fc.assert(
      fc.property(
        key,
        fc.option(fc.tuple(fc.oneof(path, fc.constantFrom("input", "output")), fc.option(fc.nat(200)))),
        fc.array(name, { maxLength: 4 }),
        fc.jsonValue() as fc.Arbitrary<Json>,
        (key, named, branches, value) => {
          let ref = named ? valueRef(key, named[0]) : key;
          let held: Json = value;
          if (named && named[1] !== null) {
            ref = itemRef(ref, named[1]);
            held = [...Array.from({ length: named[1] }, () => "another"), value];
          }
          for (const branch of branches) ref = branchRef(branch, ref);
          const record: DecisionRecord = named
            ? { kind: "decision", atMs: 0, next: [], values: { [named[0]]: held } }
            : { kind: "decision", atMs: 0, next: [], output: held };
          const wanted = branches.reduce<Json>((output, branch) => ({ branch, output }), value);
          expect(recordKeyOf(ref)).toBe(key);
          expect(valueAt(ref, record)).toEqual(wanted);
        },
      ),
    );
  });
});
