/** JSONata as values and tests: paths of names, variables, literals, and comparisons of them. All else only the definition has. */
import jsonata from "jsonata";
import type { Json } from "../../model/json.ts";
import { isList, isObject } from "../json-kinds.ts";
import { query } from "./known.ts";
import { valueInContext } from "./paths.ts";
import type { Reading } from "./reading.ts";
import { several, type Test } from "./test.ts";
import { literal, unsaid, type Value } from "./value.ts";

/** What the library's types leave out. */
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly lhs?: Node | readonly (readonly [Node, Node])[];
  readonly rhs?: Node;
  readonly expressions?: readonly Node[];
}

const EXPRESSION = /^\{%([\s\S]*)%\}$/;
const parse = (text: string): Node => jsonata(text.trim()).ast() as unknown as Node;

/** Each expression in it, wherever it stands. */
export function valueOfQueries(template: Json, reading: Reading): Value {
  if (typeof template === "string") {
    const [, text] = EXPRESSION.exec(template) ?? [];
    if (text === undefined) return literal(template);
    return asValue(parse(text), reading) ?? unsaid(`it works out '${text.trim()}'`);
  }
  if (!hasQueries(template)) return literal(template);
  if (isList(template)) return { kind: "list", items: template.map((item) => valueOfQueries(item, reading)) };
  const fields = Object.entries(isObject(template) ? template : {}).flatMap(([name, field]) =>
    field === undefined ? [] : [[name, valueOfQueries(field, reading)] as const],
  );
  return { kind: "object", fields };
}

function hasQueries(template: Json | undefined): boolean {
  if (typeof template === "string") return EXPRESSION.test(template);
  return typeof template === "object" && template !== null && Object.values(template as object).some(hasQueries);
}

/** Undefined: it has no form here. */
function asValue(node: Node, reading: Reading): Value | undefined {
  const constant = constantOf(node);
  if (constant !== undefined) return literal(constant);
  if (node.type === "variable") return variable(String(node.value), [], reading);
  const [first, ...steps] = node.type === "path" && isPlain(node, PATH) ? (node.steps ?? []) : [];
  if (first?.type !== "variable" || !isPlain(first, STEP)) return undefined;
  if (!steps.every((step) => step.type === "name" && isPlain(step, STEP))) return undefined;
  return variable(
    String(first.value),
    steps.map((step) => String(step.value)),
    reading,
  );
}

/** No predicate, order, group or bind. */
const isPlain = (node: Node, allowed: ReadonlySet<string>): boolean =>
  Object.keys(node).every((key) => allowed.has(key));
const PATH: ReadonlySet<string> = new Set(["type", "steps", "position"]);
const STEP: ReadonlySet<string> = new Set(["type", "value", "position"]);

function variable(name: string, names: readonly string[], reading: Reading): Value | undefined {
  if (name !== "states") {
    const value = reading.variables.get(name);
    return value && query(value.kind === "unknown" ? unsaid(value.why) : value, names);
  }
  const [part, ...rest] = names;
  if (part === "input") return query(reading.document, rest);
  if (part === "result") return reading.result && query(reading.result, rest);
  if (part === "errorOutput") return unsaid("it uses the error that a Catch passes on");
  return part === "context" ? valueInContext(rest, reading) : undefined;
}

function constantOf(node: Node): Json | undefined {
  const { type, value, lhs, expressions } = node;
  if (type === "string" || type === "number" || type === "value") return value as Json; // a literal's
  if (type !== "unary") return undefined;
  if (value === "{" && Array.isArray(lhs)) {
    const fields = (lhs as readonly (readonly [Node, Node])[]).map(([name, field]) => [
      constantOf(name),
      constantOf(field),
    ]);
    return fields.every(([name, field]) => typeof name === "string" && field !== undefined)
      ? (Object.fromEntries(fields) as Json) // just checked
      : undefined;
  }
  const items = value === "[" ? expressions?.map(constantOf) : undefined;
  return items?.every((item) => item !== undefined) ? items : undefined;
}

/** A Condition. Undefined: it has no form here. */
export function testOfQuery(condition: Json | undefined, reading: Reading): Test | undefined {
  if (typeof condition === "boolean") return { kind: "constant", value: condition };
  const [, text] = typeof condition === "string" ? (EXPRESSION.exec(condition) ?? []) : [];
  return text === undefined ? undefined : (numberTest(parse(text), reading) ?? testOf(parse(text), reading));
}

/** Of the whole condition: within another one, nothing is false there, and here it is an error. */
function numberTest({ type, value, lhs, rhs }: Node, reading: Reading): Test | undefined {
  if (type !== "binary" || !isRelation(value) || !lhs || !("type" in lhs) || !rhs) return undefined;
  const [found, than] = [asValue(lhs, reading), constantOf(rhs)];
  return found && typeof than === "number" ? { kind: "number", value: found, relation: value, than } : undefined;
}

function testOf(node: Node, reading: Reading): Test | undefined {
  const { type, value, lhs, rhs, expressions } = node;
  if (type === "value" && typeof value === "boolean") return { kind: "constant", value };
  const [only, ...more] = type === "block" ? (expressions ?? []) : [];
  if (only && more.length === 0) return testOf(only, reading);
  if (type !== "binary" || !lhs || !("type" in lhs) || !rhs) return undefined;
  if (value === "and" || value === "or") {
    const of = [testOf(lhs, reading), testOf(rhs, reading)];
    return of.every((one) => one !== undefined) ? several(value === "and" ? "all" : "any", of) : undefined;
  }
  const [found, wanted] = [asValue(lhs, reading), constantOf(rhs)];
  if (value !== "=" || !found || wanted === undefined || (typeof wanted === "object" && wanted !== null))
    return undefined;
  return { kind: "found", value: found, equals: wanted };
}

const isRelation = (value: unknown): value is "<" | "<=" | ">" | ">=" => ["<", "<=", ">", ">="].includes(String(value));
