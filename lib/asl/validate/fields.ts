/** Objects by their fields: which there are, in which query language, and which must be there. AWS takes no others. */
import type { Json } from "../../model/json.ts";
import type { QueryLanguage } from "../definition.ts";
import { isObject, type JsonObject, kindOf } from "../json-kinds.ts";
import type { Check, Place } from "./place.ts";

export interface Field {
  readonly check: Check;
  /** Both when absent. */
  readonly language?: QueryLanguage;
}

export interface ObjectShape {
  /** The section of the specification. */
  readonly rule: string;
  readonly fields: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
}

export const both = (check: Check): Field => ({ check });
export const jsonPath = (check: Check): Field => ({ check, language: "JSONPath" });
export const jsonata = (check: Check): Field => ({ check, language: "JSONata" });

export function isObjectAt(value: Json | undefined, at: Place, rule: string): value is JsonObject {
  if (isObject(value)) return true;
  at.refuse(rule, `Expected value of type Object, not ${kindOf(value ?? null)}`);
  return false;
}

/** Every field that is there by itself; what holds between fields is the caller's. */
export function checkFields(value: Json, at: Place, { rule, fields, required = [] }: ObjectShape): value is JsonObject {
  if (!isObjectAt(value, at, rule)) return false;
  const missing = required.filter((name) => value[name] === undefined);
  if (missing.length > 0) at.refuse(rule, `These fields are required: [${missing.join(", ")}]`);
  for (const [name, it] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (it === undefined) continue;
    if (field === undefined) at.field(name).refuse(rule, `Field '${name}' is not supported`);
    else if (field.language !== undefined && field.language !== at.scene.language)
      at.field(name).refuse(
        rule,
        `Field '${name}' is for ${field.language}: the query language here is ${at.scene.language}`,
      );
    else field.check(it, at.field(name));
  }
  return true;
}

const present = (value: JsonObject, names: readonly string[]): readonly string[] =>
  names.filter((name) => value[name] !== undefined);

export function atMostOne(
  value: JsonObject,
  at: Place,
  { rule, names }: { rule: string; names: readonly string[] },
): void {
  const there = present(value, names);
  if (there.length > 1) at.refuse(rule, `Only one of these fields may be present: [${there.join(", ")}]`);
}

export function exactlyOne(value: JsonObject, at: Place, given: { rule: string; names: readonly string[] }): void {
  atMostOne(value, at, given);
  if (present(value, given.names).length === 0)
    at.refuse(given.rule, `One of these fields is required: [${given.names.join(", ")}]`);
}
