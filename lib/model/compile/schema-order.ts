/**
 * A schema without the order in which its parts were written down, where that order says nothing: so that moving a
 * property, a value or a type makes no other graph. The alternatives of a union keep theirs, for the first that fits is
 * taken.
 */
import type { JsonSchema } from "../json.ts";

const SETS = new Set(["required", "enum", "type"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const BY_NAME = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
/** These hold values, not schemas. */
const VALUES = new Set(["const", "default", "examples"]);

export function inOrder(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, partInOrder(key, part)]));
}

function partInOrder(key: string, part: unknown): unknown {
  if (VALUES.has(key)) return part;
  if (Array.isArray(part)) {
    if (SETS.has(key)) return part.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
    return LISTS.has(key) ? part.map(schemaInOrder) : part;
  }
  if (!isObject(part)) return part;
  if (!BY_NAME.has(key)) return inOrder(part);
  return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, schemaInOrder(one)]));
}

const schemaInOrder = (schema: unknown): unknown => (isObject(schema) ? inOrder(schema) : schema);
const isObject = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => JSON.stringify(value) ?? "";
