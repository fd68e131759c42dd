/** What a choice asks. */
import type { Key, Value } from "./value.ts";

export type Relation = "===" | "<" | "<=" | ">" | ">=";
export type Scalar = string | number | boolean | null;

export type Test =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "all" | "any"; readonly of: readonly Test[] }
  | { readonly kind: "not"; readonly of: Test }
  | { readonly kind: "present"; readonly in: Value; readonly keys: readonly Key[] }
  | { readonly kind: "type"; readonly value: Value; readonly is: "string" | "number" | "boolean" | "time" }
  | { readonly kind: "equals"; readonly value: Value; readonly to: Scalar }
  /** Of two values of this type; it does not hold for others. */
  | {
      readonly kind: "order";
      readonly type: "string" | "number" | "boolean" | "time";
      readonly sides: readonly [Value, Value];
      readonly relation: Relation;
    }
  /** A text of these parts, with any text between them. */
  | { readonly kind: "matches"; readonly value: Value; readonly parts: readonly string[] }
  /** JSONata's `=`, which does not hold where there is nothing. */
  | { readonly kind: "found"; readonly value: Value; readonly equals: Scalar }
  /** JSONata's, which wants a number. */
  | { readonly kind: "number"; readonly value: Value; readonly relation: Relation; readonly than: number };

export const negated = (of: Test): Test =>
  of.kind === "constant" ? { kind: "constant", value: !of.value } : of.kind === "not" ? of.of : { kind: "not", of };

/** One after the other, as far as one decides: what stands behind it is never asked. */
export function several(kind: "all" | "any", tests: readonly Test[]): Test {
  const deciding = kind === "any";
  const asked = tests.filter((test) => test.kind !== "constant" || test.value === deciding);
  const end = asked.findIndex((test) => test.kind === "constant");
  const of = end === -1 ? asked : asked.slice(0, end + 1);
  const [only, ...more] = of;
  if (only === undefined) return { kind: "constant", value: !deciding };
  return more.length === 0 ? only : { kind, of };
}

export function valuesIn(test: Test): readonly Value[] {
  switch (test.kind) {
    case "constant":
      return [];
    case "all":
    case "any":
      return test.of.flatMap(valuesIn);
    case "not":
      return valuesIn(test.of);
    case "present":
      return [test.in];
    case "order":
      return test.sides;
    default:
      return [test.value];
  }
}
