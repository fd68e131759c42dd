/** JSONPath as values: paths that lead to one place, variables, and templates of them. All else only the definition has. */
import type { Json } from "../../model/json.ts";
import { isList, isObject } from "../json-kinds.ts";
import { parsePath } from "../json-path-filter.ts";
import { isDefinite, type PathText } from "../json-path-text.ts";
import { at } from "./known.ts";
import type { Reading } from "./reading.ts";
import { type Key, literal, ref, unsaid, type Value } from "./value.ts";

const VARIABLE = /^\$([\p{ID_Start}_][\p{ID_Continue}]*)/u;

/** What a path's text stands for. */
export function valueOfPath(text: string, reading: Reading): Value {
  const call = /^States\.\w+/.exec(text)?.[0];
  if (call !== undefined) return unsaid(`it calls ${call}`);
  const variable = text.startsWith("$$") ? undefined : VARIABLE.exec(text);
  if (variable) {
    const [matched, name = ""] = variable;
    const value = reading.variables.get(name) ?? unsaid(`nothing tells what the variable '${name}' is here`);
    return along(value.kind === "unknown" ? unsaid(value.why) : value, text, matched.length);
  }
  if (text.startsWith("$$")) return inContext(text, reading);
  return along(reading.document, text, 1);
}

const along = (value: Value, text: string, start: number): Value => {
  const keys = keysOf(text, start);
  return keys ? at(value, keys) : unsaid(`the path '${text}' may find several values, or works one out`);
};

/** Undefined: it does not lead to one place. */
export function keysOf(text: string, start = 1): readonly Key[] | undefined {
  const path = parsePath(text, start);
  return path.call === undefined && isDefinite(path) ? keysIn(path) : undefined;
}

const keysIn = ({ segments }: PathText): readonly Key[] =>
  segments.flatMap(({ names, indexes }): readonly Key[] => names ?? indexes ?? []);

function inContext(text: string, reading: Reading): Value {
  const keys = keysOf(text, 2);
  return (keys && valueInContext(keys, reading)) ?? unsaid(`it reads the context object: '${text}'`);
}

/** The part of the context object that a workflow has as well. */
export function valueInContext(keys: readonly Key[], { item }: Reading): Value | undefined {
  const [first, second, third, ...rest] = keys;
  if (first === "Execution" && second === "Input") return at(ref("input"), keys.slice(2));
  if (first !== "Map" || second !== "Item" || !item) return undefined;
  if (third === "Value") return at(item.value, rest);
  return third === "Index" && rest.length === 0 ? item.index : undefined;
}

/** Amazon States Language, "Payload Template". */
export function valueOfTemplate(template: Json, reading: Reading): Value {
  if (!isDynamic(template)) return literal(template);
  if (isList(template)) return { kind: "list", items: template.map((item) => valueOfTemplate(item, reading)) };
  if (!isObject(template)) return literal(template);
  const fields = new Map<string, Value>();
  for (const [name, field] of Object.entries(template))
    if (name.endsWith(".$") && typeof field === "string") fields.set(name.slice(0, -2), valueOfPath(field, reading));
    else if (field !== undefined) fields.set(name, valueOfTemplate(field, reading));
  return { kind: "object", fields: [...fields] };
}

function isDynamic(template: Json | undefined): boolean {
  if (isList(template)) return template.some(isDynamic);
  return (
    isObject(template) && Object.entries(template).some(([name, field]) => name.endsWith(".$") || isDynamic(field))
  );
}
