/** Choice rules of JSONPath as tests. Amazon States Language, "Choice Rules". */
import type { Json } from "../../model/json.ts";
import { isList, isObject, type JsonObject } from "../json-kinds.ts";
import { literalsOf } from "../string-matches.ts";
import { valueOfPath } from "./paths.ts";
import type { Reading } from "./reading.ts";
import { negated, type Relation, type Scalar, several, type Test } from "./test.ts";
import { literal, type Value } from "./value.ts";

export function testOfRule(rule: JsonObject, reading: Reading): Test {
  const inner = (of: Json | undefined): Test => testOfRule(isObject(of) ? of : {}, reading);
  if (isList(rule.And)) return several("all", rule.And.map(inner));
  if (isList(rule.Or)) return several("any", rule.Or.map(inner));
  if (rule.Not !== undefined) return negated(inner(rule.Not));
  const { Variable, Next: _, Comment: __, Assign: ___, Output: ____, ...operators } = rule;
  const [operator = "", wanted] = Object.entries(operators)[0] ?? [];
  const value = valueOfPath(String(Variable), reading);
  if (operator === "IsPresent") return wanted === false ? negated(presence(value)) : presence(value);
  if (operator.startsWith("Is"))
    return wanted === false ? negated(typeTest(operator.slice(2), value)) : typeTest(operator.slice(2), value);
  if (operator === "StringMatches") return { kind: "matches", value, parts: literalsOf(String(wanted)) };
  if (!operator.endsWith("Path")) return comparison(operator, value, literal(wanted as Scalar)); // validated
  return comparison(operator.slice(0, -"Path".length), value, valueOfPath(String(wanted), reading));
}

const presence = (value: Value): Test =>
  value.kind === "at" ? { kind: "present", in: value.in, keys: value.keys } : unlessUnknown(value);

/** Asked for, so that it is told why it is not known. */
const unlessUnknown = (value: Value): Test =>
  value.kind === "unknown" ? { kind: "present", in: value, keys: [] } : { kind: "constant", value: true };

function typeTest(type: string, value: Value): Test {
  if (type === "Null") return { kind: "equals", value, to: null };
  if (type === "Numeric") return { kind: "type", value, is: "number" };
  return { kind: "type", value, is: type === "Timestamp" ? "time" : type === "String" ? "string" : "boolean" };
}

const RELATIONS: Readonly<Record<string, Relation>> = {
  ...{ Equals: "===", LessThan: "<", LessThanEquals: "<=", GreaterThan: ">", GreaterThanEquals: ">=" },
};

function comparison(operator: string, value: Value, wanted: Value): Test {
  const [, type = "", relation = ""] = /^(String|Numeric|Timestamp|Boolean)(.+)$/.exec(operator) ?? [];
  const isScalar = wanted.kind === "literal" && type !== "Timestamp";
  // A text is never equal to a number, and so is it in TypeScript.
  if (isScalar && relation === "Equals") return { kind: "equals", value, to: wanted.value as Scalar }; // of that type: validated
  const kind = type === "Timestamp" ? "time" : type === "Numeric" ? "number" : type === "String" ? "string" : "boolean";
  return { kind: "order", type: kind, sides: [value, wanted], relation: RELATIONS[relation] ?? "===" };
}
