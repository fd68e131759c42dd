/** JSON as DynamoDB compares it: a value of another type is never equal, before or after. Absent is `undefined`. */
import type { Json } from "../../../model/json.ts";

export type Value = Json | undefined;
export type ValueMap = { readonly [name: string]: Json | undefined };
export type AttributeType = "S" | "N" | "BOOL" | "NULL" | "L" | "M";

/** Sets and binary values are types of DynamoDB's that no JSON has. */
export const ATTRIBUTE_TYPES: readonly string[] = ["S", "N", "BOOL", "NULL", "L", "M", "SS", "NS", "B", "BS"];

export function typeOf(value: Json): AttributeType {
  if (value === null) return "NULL";
  if (typeof value === "string") return "S";
  if (typeof value === "number") return "N";
  if (typeof value === "boolean") return "BOOL";
  return Array.isArray(value) ? "L" : "M";
}

export const isList = (value: Value): value is readonly Json[] => Array.isArray(value);
export const isMap = (value: Value): value is ValueMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Of an attribute's own: an item may well have one that is called `constructor`, and mostly has not. */
export const attributeOf = (map: ValueMap, name: string): Value => (Object.hasOwn(map, name) ? map[name] : undefined);

export function equal(a: Value, b: Value): boolean {
  if (isList(a) && isList(b)) return a.length === b.length && a.every((it, index) => equal(it, b[index]));
  if (!isMap(a) || !isMap(b)) return a !== undefined && a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((it) => equal(a[it], attributeOf(b, it)));
}

/** Negative, 0 or positive; undefined where there is no order. Texts go by the bytes of their UTF-8. */
export function order(a: Value, b: Value): number | undefined {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return undefined;
}

/** What `size` gives: of a text its UTF-16 units, of a list or map how many are in it, of others nothing. */
export function sizeOf(value: Value): number | undefined {
  if (typeof value === "string" || isList(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : undefined;
}
