/**
 * Whether every value of one JSON Schema is a value of another, as far as schemas that zod writes go. Structural and
 * careful: what it does not understand and is not the same on both sides does not fit. (No library that is kept does
 * this for 2020-12.)
 */
import canonicalize from "canonicalize";
import type { JsonSchema } from "../model/json.ts";

/**
 * How the receiver takes a value. `parsed`: by its schema again, which fills in defaults. `read`: as it was recorded,
 * so that a property with a default has to be there already.
 */
export type Taking = "parsed" | "read";

/** Undefined: it fits; else the first place that does not, and why. */
export function misfitOf(from: JsonSchema, to: JsonSchema, taking: Taking): string | undefined {
  return new Fit(from, to, taking).misfit(from, to, "");
}

type Schema = JsonSchema | boolean;

/** Each holds one of these bounds: the value on the left side of the sign is the wider one. */
const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
const SAME = ["pattern", "format", "multipleOf", "contentEncoding", "uniqueItems", "propertyNames", "not", "contains"];
/** Looked at by a rule of its own, or telling nothing of values. */
const KNOWN = new Set([
  ...[...LOWER, ...UPPER, ...SAME],
  ...["type", "enum", "const", "anyOf", "oneOf", "allOf", "properties", "required", "additionalProperties", "items"],
  ...["prefixItems", "$ref", "$defs", "$schema", "$id", "title", "description", "default", "examples", "deprecated"],
  ...["readOnly", "writeOnly", "secret", "id"],
]);
const DEEPEST = 200;

class Fit {
  readonly #roots: readonly [JsonSchema, JsonSchema];
  readonly #taking: Taking;
  /** Pairs under way: a recursive schema fits if nothing else speaks against it. */
  readonly #open = new Set<string>();

  constructor(from: JsonSchema, to: JsonSchema, taking: Taking) {
    this.#roots = [from, to];
    this.#taking = taking;
  }

  misfit(given: Schema, wanted: Schema, at: string): string | undefined {
    if (at.split(/[.[]/).length > DEEPEST) return `${at}: it is nested too deeply to be compared`;
    if (refOf(given) === undefined && refOf(wanted) === undefined) return this.#resolved(given, wanted, at);
    const pair = `${named(given)} ${named(wanted)}`;
    if (this.#open.has(pair)) return undefined;
    this.#open.add(pair);
    const misfit = this.#resolved(given, wanted, at);
    this.#open.delete(pair);
    return misfit;
  }

  #resolved(given: Schema, wanted: Schema, at: string): string | undefined {
    const from = this.#resolve(given, 0);
    const to = this.#resolve(wanted, 1);
    if (to === true || isEmpty(to)) return undefined;
    if (to === false) return from === false ? undefined : `${here(at)} is not taken any more`;
    if (from === false) return undefined;
    if (from === true) return `${here(at)} may be anything, and is ${show(to)} now`;
    return this.#objects(from, to, at);
  }

  #objects(from: JsonSchema, to: JsonSchema, at: string): string | undefined {
    const some = unionOf(from);
    if (some) return first(some, (one) => this.misfit(one, to, at));
    if (Array.isArray(from.type)) return first(from.type, (type) => this.misfit({ ...from, type }, to, at));
    if (Array.isArray(from.allOf)) {
      // One part that fits is enough: the value is of all of them.
      const parts = [without(from, "allOf"), ...(from.allOf as JsonSchema[])];
      const misfits = parts.map((part) => this.misfit(part, to, at));
      return misfits.includes(undefined) ? undefined : misfits[0];
    }
    const any = unionOf(to);
    if (any) {
      const misfits = any.map((one) => this.misfit(from, one, at));
      if (!misfits.includes(undefined))
        return misfits.length === 1 ? misfits[0] : `${here(at)} fits none of ${show(to)}`;
      const rest = without(without(to, "anyOf"), "oneOf");
      return isEmpty(rest) ? undefined : this.misfit(from, rest, at);
    }
    if (Array.isArray(to.type)) {
      const misfits = to.type.map((type) => this.misfit(from, { ...to, type }, at));
      return misfits.includes(undefined) ? undefined : `${here(at)} fits none of ${show(to)}`;
    }
    if (Array.isArray(to.allOf)) {
      const parts = [without(to, "allOf"), ...(to.allOf as JsonSchema[])];
      return first(parts, (part) => this.misfit(from, part, at));
    }
    return this.#plain(from, to, at);
  }

  #plain(from: JsonSchema, to: JsonSchema, at: string): string | undefined {
    const unknown = Object.keys({ ...from, ...to }).find((key) => !KNOWN.has(key) && !same(from[key], to[key]));
    if (unknown) return `${here(at)}: '${unknown}' differs, which cannot be compared`;
    const values = valuesOf(from);
    const wanted = valuesOf(to);
    if (wanted) {
      if (!values) return `${here(at)} is one of ${show(wanted)} now`;
      const lost = values.find((value) => !wanted.some((one) => same(one, value)));
      return lost === undefined ? undefined : `${here(at)} may be ${show(lost)}, which is not taken any more`;
    }
    const types = values ? [...new Set(values.map(typeOf))] : [from.type];
    const other = types.find((type) => to.type !== undefined && type !== to.type && !isNumber(type, to.type));
    if (types.includes(undefined) && to.type !== undefined) return `${here(at)} is of type ${String(to.type)} now`;
    if (other !== undefined) return `${here(at)} was of type ${String(other)} and is ${String(to.type)} now`;
    return (
      this.#bounds(values ? boundsOf(values) : from, to, at) ??
      this.#properties(from, to, at) ??
      this.#items(from, to, at)
    );
  }

  #bounds(from: JsonSchema, to: JsonSchema, at: string): string | undefined {
    for (const key of [...LOWER, ...UPPER]) {
      const limit = to[key];
      if (limit === undefined || isDefaultBound(key, limit)) continue;
      const had = from[key];
      const narrower = typeof had !== "number" || (LOWER.includes(key) ? had < Number(limit) : had > Number(limit));
      if (narrower) return `${here(at)} has a ${key} of ${show(limit)} now`;
    }
    const changed = SAME.find((key) => to[key] !== undefined && !same(from[key], to[key]) && !isAnyName(key, to[key]));
    return changed === undefined ? undefined : `${here(at)} has another ${changed} now`;
  }

  #properties(from: JsonSchema, to: JsonSchema, at: string): string | undefined {
    const has = propertiesOf(from);
    const wants = propertiesOf(to);
    const always = new Set((from.required as string[] | undefined) ?? []);
    const filled = ([, schema]: [string, Schema]) => typeof schema === "object" && schema.default !== undefined;
    const withDefault = this.#taking === "read" ? Object.entries(wants).filter(filled) : [];
    for (const name of [...((to.required as string[] | undefined) ?? []), ...withDefault.map(([name]) => name)]) {
      const recorded = always.has(name) || (this.#taking === "read" && filled([name, has[name] ?? true]));
      if (!recorded) return `${at}.${name} may be missing, and is required now`;
    }
    for (const [name, schema] of Object.entries(has)) {
      const wanted = Object.hasOwn(wants, name) ? wants[name] : to.additionalProperties;
      // An object without a word on other properties drops them where it is parsed, and ignores them where it is read.
      const misfit = this.misfit(schema, (wanted as Schema | undefined) ?? true, `${at}.${name}`);
      if (misfit) return misfit;
    }
    const more = from.additionalProperties as Schema | undefined;
    if (more === undefined || more === false) return undefined; // recorded without what its schema does not name
    const undeclared = Object.keys(wants).find((name) => !Object.hasOwn(has, name));
    if (undeclared !== undefined) {
      const misfit = this.misfit(more, wants[undeclared] as Schema, `${at}.${undeclared}`);
      if (misfit) return misfit;
    }
    return this.misfit(more, (to.additionalProperties as Schema | undefined) ?? true, `${at}.*`);
  }

  #items(from: JsonSchema, to: JsonSchema, at: string): string | undefined {
    const has = (from.prefixItems as Schema[] | undefined) ?? [];
    const wants = (to.prefixItems as Schema[] | undefined) ?? [];
    const rest = (schema: JsonSchema): Schema => (schema.items as Schema | undefined) ?? true;
    if (wants.length > has.length && to.type === "array") return `${here(at)} has more fixed items now`;
    for (let i = 0; i < has.length; i++) {
      const misfit = this.misfit(has[i] as Schema, wants[i] ?? rest(to), `${at}[${i}]`);
      if (misfit) return misfit;
    }
    if (from.type !== "array" || to.items === undefined) return undefined;
    if (has.length > 0 && from.items === undefined) return undefined; // a tuple of just these
    return this.misfit(rest(from), rest(to), `${at}[]`);
  }

  #resolve(schema: Schema, side: 0 | 1): Schema {
    let found: Schema = schema;
    for (let hops = 0; hops < DEEPEST; hops++) {
      const ref = refOf(found);
      if (ref === undefined || typeof found !== "object") return found;
      const rest: JsonSchema = without(found, "$ref");
      const target = ref === "#" ? without(this.#roots[side], "$defs") : definition(this.#roots[side], ref);
      if (target === undefined) return { $ref: ref, unresolved: side };
      found = isEmpty(rest) || typeof target === "boolean" ? target : { ...target, ...rest };
    }
    return found;
  }
}

const refOf = (schema: Schema): string | undefined =>
  typeof schema === "object" && typeof schema.$ref === "string" ? schema.$ref : undefined;
const definition = (root: JsonSchema, ref: string): Schema | undefined =>
  ref.startsWith("#/$defs/")
    ? (root.$defs as Record<string, Schema> | undefined)?.[ref.slice("#/$defs/".length)]
    : undefined;
const unionOf = (schema: JsonSchema): readonly Schema[] | undefined => {
  const union = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (!union) return undefined;
  const rest = without(without(schema, "anyOf"), "oneOf");
  return union.map((one) => (typeof one === "object" && !isEmpty(rest) ? { ...rest, ...one } : one));
};
const valuesOf = (schema: JsonSchema): readonly unknown[] | undefined =>
  "const" in schema ? [schema.const] : (schema.enum as unknown[] | undefined);
const propertiesOf = (schema: JsonSchema) => (schema.properties as Record<string, Schema> | undefined) ?? {};

const WORDS_ONLY = new Set(["$schema", "$defs", "$id", "title", "description", "default", "examples", "secret", "id"]);
const isEmpty = (schema: Schema): boolean =>
  typeof schema === "object" && Object.keys(schema).every((key) => WORDS_ONLY.has(key));

function without(schema: JsonSchema, key: string): JsonSchema {
  const { [key]: _, ...rest } = schema;
  return rest;
}
function first<T>(all: readonly T[], find: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}
/** What values that are written out have of bounds. */
function boundsOf(values: readonly unknown[]): JsonSchema {
  const lengths = values.map((value) => (typeof value === "string" ? value.length : 0));
  const numbers = values.map((value) => (typeof value === "number" ? value : 0));
  return {
    ...{ minLength: Math.min(...lengths), maxLength: Math.max(...lengths) },
    ...{ minimum: Math.min(...numbers), maximum: Math.max(...numbers) },
  };
}
/** zod writes the safe integers' bounds beside every integer. */
const isDefaultBound = (key: string, limit: unknown): boolean =>
  (key === "minimum" && limit === Number.MIN_SAFE_INTEGER) || (key === "maximum" && limit === Number.MAX_SAFE_INTEGER);
/** Every name is a string. */
const isAnyName = (key: string, rule: unknown): boolean => key === "propertyNames" && same(rule, { type: "string" });
const isNumber = (type: unknown, wanted: unknown): boolean => type === "integer" && wanted === "number";
const typeOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
};
const same = (a: unknown, b: unknown): boolean => canonicalize(a) === canonicalize(b);
const named = (schema: Schema): string => canonicalize(schema) ?? "";
const here = (at: string): string => (at === "" ? "the value" : at);
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
