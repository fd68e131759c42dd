/** Values from values: where the definition says what is there, it is taken from there; else it is looked up. */
import type { Json } from "../../model/json.ts";
import { isList, isObject } from "../json-kinds.ts";
import { type Key, literal, type Ref, unsaid, type Value } from "./value.ts";

/** What the definition says that it is, where it says so. */
const shapeOf = (value: Value): Value | undefined => (value.kind === "ref" ? value.of && shapeOf(value.of) : value);

/** The name of a state that holds `value`. */
export const named = (path: readonly string[], value: Value): Ref => ({ kind: "ref", path, of: value });

function isKnownObject(value: Value): boolean {
  const shape = shapeOf(value);
  if (shape?.kind === "literal") return isObject(shape.value);
  return shape?.kind === "object" || shape?.kind === "with" || shape?.kind === "put";
}

/** `false`: its type is known, and is no text and not null. */
export function mayBeTextOrNull(value: Value): boolean {
  const shape = shapeOf(value);
  if (shape?.kind === "literal") return shape.value === null || typeof shape.value === "string";
  return !(isKnownObject(value) || shape?.kind === "list" || shape?.kind === "items");
}

/** What is at `keys`. */
export function at(value: Value, keys: readonly Key[]): Value {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (value.kind === "unknown") return unsaid(value.why);
  if (value.kind === "at") return { ...value, keys: [...value.keys, ...keys] };
  const found = part(value, key);
  return found ? at(found, rest) : { kind: "at", in: value, keys };
}

/** What JSONata finds by these names. */
export function query(value: Value, names: readonly string[]): Value {
  const [name, ...rest] = names;
  if (name === undefined) return value;
  if (value.kind === "unknown") return unsaid(value.why);
  const found = isKnownObject(value) ? part(value, name) : undefined;
  return found ? query(found, rest) : { kind: "query", in: value, names };
}

/** Undefined: what is there is not known, or that nothing is. */
function part(value: Value, key: Key): Value | undefined {
  switch (value.kind) {
    case "literal":
      return partOfJson(value.value, key);
    case "object":
      return value.fields.find(([name]) => name === key)?.[1];
    case "list":
      return typeof key === "number" ? value.items.at(key) : undefined;
    case "with":
      return value.key === key ? value.value : part(value.into, key);
    case "put":
      return value.keys.length === 1 && value.keys[0] === key ? value.value : undefined;
    case "ref":
      return partOfName(value, key);
    default:
      return undefined;
  }
}

function partOfJson(json: Json, key: Key): Value | undefined {
  let found: Json | undefined;
  if (typeof key === "number") found = isList(json) ? json.at(key) : undefined;
  else found = isObject(json) && Object.hasOwn(json, key) ? json[key] : undefined;
  return found === undefined ? undefined : literal(found);
}

/** By its own name where the compiler knows the property; else by what it was made of. */
function partOfName({ of, path, ...name }: Ref, key: Key): Value | undefined {
  const found = of && part(of, key);
  if (!of || !found || found.kind === "unknown" || found.kind === "ref" || typeof key === "number") return found;
  return isTyped(of) ? { ...name, path: [...path, key], of: found } : found;
}

/** The compiler knows its properties, and does not take it for any JSON. */
export function isTyped(value: Value): boolean {
  const shape = shapeOf(value);
  return shape?.kind === "with" ? isTyped(shape.into) : shape?.kind !== "put";
}

/** Amazon States Language, "ResultPath": into what came in, with the objects on the way. */
export function put(into: Value, keys: readonly string[], value: Value): Value {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (into.kind === "unknown") return into;
  if (!isKnownObject(into)) return { kind: "put", into, keys, value };
  if (rest.length === 0) return withField(into, key, value);
  const inner = part(into, key);
  if (inner)
    return isKnownObject(inner) ? withField(into, key, put(inner, rest, value)) : { kind: "put", into, keys, value };
  return isClosed(into) ? withField(into, key, put(literal({}), rest, value)) : { kind: "put", into, keys, value };
}

/** All of its properties are known. */
function isClosed(value: Value): boolean {
  const shape = shapeOf(value);
  if (shape?.kind === "with") return isClosed(shape.into);
  return shape?.kind === "object" || shape?.kind === "literal";
}

function withField(into: Value, key: string, value: Value): Value {
  const fields = fieldsOf(into);
  if (!fields) return { kind: "with", into, key, value };
  return { kind: "object", fields: [...fields.filter(([name]) => name !== key), [key, value]] };
}

const fieldsOf = (value: Value) => {
  if (value.kind === "object") return value.fields;
  if (value.kind !== "literal" || !isObject(value.value)) return undefined;
  return Object.entries(value.value).flatMap(([name, field]) =>
    field === undefined ? [] : [[name, literal(field)] as const],
  );
};
