import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frozen, type Json, toJson } from "../../../lib/model/json.ts";

const cycle: unknown[] = [1];
cycle.push({ back: cycle });
class Money {}
const nested = (levels: number): Json => (levels === 0 ? "bottom" : [nested(levels - 1)]);

describe("a value becomes JSON", () => {
  it.each<[string, unknown, Json]>([
    ["a text", "ü\u2028\ud800", "ü\u2028\ud800"],
    ["a number", 1.5, 1.5],
    ["a zero below zero, which JSON writes as 0", -0, 0],
    ["null", null, null],
    ["a list in a list", [[1], []], [[1], []]],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ["an object whose properties are undefined, without them", { a: undefined, b: { c: undefined } }, { b: {} }],
    ["a list 500 deep", nested(500), nested(500)],
    ["an object that stands in two places", ((x) => ({ a: x, b: [x] }))({ n: 1 }), { a: { n: 1 }, b: [{ n: 1 }] }],
  ])("when it is %s", (_, value, json) => {
    expect(toJson(value)).toStrictEqual({ ok: true, value: json });
  });

  it("with a property named __proto__, which stays a property", () => {
    const got = toJson(JSON.parse('{"__proto__":{"admin":true},"a":1}'));
    expect(JSON.stringify(got.ok && got.value)).toBe('{"__proto__":{"admin":true},"a":1}');
    expect(got.ok && (got.value as { admin?: boolean }).admin).toBeUndefined();
  });

  it("as JSON would give it back, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(toJson(value)).toStrictEqual({ ok: true, value: JSON.parse(JSON.stringify(value)) });
      }),
    );
  });

  it("that is a copy, and that nobody can change", () => {
    const isFrozen = (v: unknown): boolean =>
      typeof v !== "object" || v === null || (Object.isFrozen(v) && Object.values(v).every(isFrozen));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const got = toJson(value);
        expect(got.ok && isFrozen(got.value)).toBe(true);
        if (typeof value === "object" && value !== null) expect(Object.isFrozen(value)).toBe(false);
      }),
    );
  });
});

describe("a value is refused", () => {
  it.each<[string, unknown, string, string]>([
    ["nothing at all", undefined, "", "undefined"],
    ["NaN", { a: [Number.NaN] }, ".a[0]", "NaN"],
    ["infinity", [1, Number.POSITIVE_INFINITY], "[1]", "Infinity"],
    ["a bigint", { a: 1n }, ".a", "bigint"],
    ["a function", { toJSON: () => 1 }, ".toJSON", "function"],
    ["a symbol", [Symbol("x")], "[0]", "symbol"],
    ["undefined in a list", [1, undefined], "[1]", "undefined"],
    // biome-ignore lint/suspicious/noSparseArray: the hole is the point
    ["a hole in a list", [, 1], "[0]", "undefined"],
    ["a date", { at: new Date(0) }, ".at", "a Date"],
    ["a map", new Map(), "", "a Map"],
    ["bytes", { body: new Uint8Array(1) }, ".body", "a Uint8Array"],
    ["an instance of a class", [[new Money()]], "[0][0]", "a Money"],
    ["an error", new Error("x"), "", "a Error"],
    ["a cycle", cycle, "[1].back", "a cycle"],
    ["a list 501 deep", nested(501), "[0]".repeat(500), "more than 500 levels"],
    ["an object whose maker cannot be told", Object.create({ constructor: undefined }), "", "a class instance"],
  ])("when it holds %s, with the place", (_, value, at, found) => {
    expect(toJson(value)).toEqual({ ok: false, at, found });
  });

  it("at the first thing that JSON cannot hold", () => {
    expect(toJson({ a: 1, b: Number.NaN, c: 1n })).toEqual({ ok: false, at: ".b", found: "NaN" });
  });
});

describe("a frozen value", () => {
  it("is the same value, which cannot be changed at any depth", () => {
    const value = { lines: [{ sku: "A" }] };
    const same = frozen(value);
    expect(same).toBe(value);
    expect(() => same.lines.push({ sku: "B" })).toThrow(TypeError);
    expect(() => Object.assign(same.lines[0]!, { sku: "B" })).toThrow(TypeError);
  });
  it.each([1, "x", null, undefined, true])("is the value itself when it is %s", (value) => {
    expect(frozen(value)).toBe(value);
  });
});
