import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { JsonSchema } from "../../../lib/model/json.ts";
import { misfitOf, type Taking } from "../../../lib/versions/schema-fits.ts";

const schemaOf = (type: z.ZodType) => z.toJSONSchema(type, { io: "input" }) as JsonSchema;
const misfit = (from: z.ZodType, to: z.ZodType, taking: Taking = "parsed") =>
  misfitOf(schemaOf(from), schemaOf(to), taking);

const Tree: z.ZodType = z.object({ value: z.string(), below: z.array(z.lazy(() => Tree)) });
const Wider: z.ZodType = z.object({ value: z.string().nullable(), below: z.array(z.lazy(() => Wider)) });

describe("a value of one schema", () => {
  it.each<[string, z.ZodType, z.ZodType]>([
    ["the same", z.object({ a: z.string() }), z.object({ a: z.string() })],
    ["one property less wanted", z.object({ a: z.string(), b: z.number() }), z.object({ a: z.string() })],
    ["an optional one more", z.object({ a: z.string() }), z.object({ a: z.string(), b: z.number().optional() })],
    ["a union with one more", z.enum(["x"]), z.enum(["x", "y"])],
    ["nullable now", z.string(), z.string().nullable()],
    ["any number for an integer", z.int(), z.number()],
    ["a looser bound", z.number().min(2), z.number().min(1)],
    ["a literal for its type", z.literal("a"), z.string()],
    [
      "a discriminated union with one more",
      z.discriminatedUnion("k", [z.object({ k: z.literal("a") })]),
      z.discriminatedUnion("k", [z.object({ k: z.literal("a") }), z.object({ k: z.literal("b") })]),
    ],
    ["anything", z.object({ a: z.string() }), z.json()],
    ["a default where it is parsed again", z.object({}), z.object({ a: z.string().default("x") })],
    ["a recursive one that is wider", Tree, Wider],
    ["a tuple for a list", z.tuple([z.string(), z.string()]), z.array(z.string())],
    ["a record of less", z.record(z.string(), z.int()), z.record(z.string(), z.number())],
    ["a text that needs no form now", z.email(), z.string()],
  ])("fits where the other is %s", (_, from, to) => {
    expect(misfit(from, to)).toBeUndefined();
  });

  it.each<[string, z.ZodType, z.ZodType, string]>([
    ["a property that is required now", z.object({}), z.object({ a: z.string() }), ".a may be missing"],
    ["optional before", z.object({ a: z.string().optional() }), z.object({ a: z.string() }), ".a may be missing"],
    [
      "of another type",
      z.object({ a: z.string() }),
      z.object({ a: z.number() }),
      ".a was of type string and is number",
    ],
    ["a value less", z.enum(["x", "y"]), z.enum(["x"]), 'may be "y", which is not taken'],
    ["not nullable now", z.string().nullable(), z.string(), "was of type null"],
    ["an integer now", z.number(), z.int(), "was of type number and is integer"],
    ["a tighter bound", z.string(), z.string().max(3), "maxLength of 3"],
    ["a form now", z.string(), z.email(), "another"],
    ["inside of a list", z.array(z.object({ a: z.string() })), z.array(z.object({ a: z.int() })), "[].a was of type"],
    ["strict now", z.object({ a: z.string(), b: z.int() }), z.strictObject({ a: z.string() }), ".b is not taken"],
    ["a recursive one that is narrower", Wider, Tree, ".value"],
    ["a default that nobody fills in", z.json(), z.object({ a: z.string() }), ""],
  ])("does not where the other is %s", (_, from, to, why) => {
    expect(misfit(from, to)).toEqual(expect.stringContaining(why));
  });

  it("is read without its defaults: what was recorded before there was one lacks it", () => {
    const [before, now] = [z.object({}), z.object({ a: z.string().default("x") })];
    expect(misfit(before, now, "read")).toMatch(/^\.a may be missing/);
    expect(misfit(now, now, "read")).toBeUndefined();
  });
});

/** Schemas with values of theirs, two of which may or may not fit. */
interface Sample {
  readonly type: z.ZodType;
  readonly value: fc.Arbitrary<unknown>;
}
const leaf: fc.Arbitrary<Sample> = fc.oneof(
  fc.constant({ type: z.string(), value: fc.string() }),
  fc.constant({ type: z.int(), value: fc.integer() }),
  fc.constant({ type: z.number(), value: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
  fc.constant({ type: z.boolean(), value: fc.boolean() }),
  fc.constant({ type: z.null(), value: fc.constant(null) }),
  fc
    .subarray(["a", "b", "c"], { minLength: 1 })
    .map((some) => ({ type: z.enum(some), value: fc.constantFrom(...some) })),
  fc.nat(4).map((max) => ({ type: z.string().max(max), value: fc.string({ maxLength: max }) })),
  fc.nat(4).map((min) => ({ type: z.int().min(min), value: fc.integer({ min }) })),
);
const { any } = fc.letrec<{ any: Sample }>((tie) => {
  const inner = tie("any");
  const property = fc.record({ of: inner, optional: fc.boolean() });
  const object = fc.dictionary(fc.constantFrom("a", "b"), property).map((properties): Sample => {
    const entries = Object.entries(properties);
    return {
      type: z.object(
        Object.fromEntries(entries.map(([k, { of, optional }]) => [k, optional ? of.type.optional() : of.type])),
      ),
      value: fc.record(Object.fromEntries(entries.map(([k, { of }]) => [k, of.value])), {
        requiredKeys: entries.flatMap(([k, { optional }]) => (optional ? [] : [k])),
      }),
    };
  });
  return {
    any: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      object,
      inner.map((one): Sample => ({ type: z.array(one.type), value: fc.array(one.value, { maxLength: 3 }) })),
      fc
        .tuple(inner, inner)
        .map(([a, b]): Sample => ({ type: z.union([a.type, b.type]), value: fc.oneof(a.value, b.value) })),
      inner.map((one): Sample => ({ type: one.type.nullable(), value: fc.oneof(one.value, fc.constant(null)) })),
    ),
  };
});

describe("two schemas", () => {
  it("that fit take each other's values, and a schema fits itself", () => {
    let fitting = 0;
    fc.assert(
      fc.property(
        fc.tuple(any, any).chain(([from, to]) => fc.tuple(fc.constant([from, to] as const), from.value)),
        ([[from, to], value]) => {
          expect(misfit(from.type, from.type)).toBeUndefined();
          if (misfit(from.type, to.type) !== undefined) return;
          fitting++;
          expect(to.type.safeParse(value).error).toBeUndefined();
        },
      ),
      { numRuns: 600 },
    );
    expect(fitting).toBeGreaterThan(20);
  });
});
