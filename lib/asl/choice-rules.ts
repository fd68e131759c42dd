/**
 * Which rule of a Choice state holds. Amazon States Language, "Choice Rules": a comparison of values of different types
 * does not hold, whatever its operator; only `IsPresent` may name a path where there is nothing.
 */
import { ExpressionError } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import { isList, isObject, type JsonObject, property } from "./json-kinds.ts";
import { lookUp, runtimeError, type Scope } from "./path-scope.ts";
import { matchesPattern } from "./string-matches.ts";
import { parseTimestamp } from "./timestamps.ts";

/** @returns the number of the first rule that holds, as a text, or `"default"` */
export function chooseByRules(choices: Json | undefined, scope: Scope): string {
  const rules = isList(choices) ? choices : [];
  const index = rules.findIndex((rule) => isObject(rule) && holds(rule, scope));
  return index === -1 ? "default" : String(index);
}

function holds(rule: JsonObject, scope: Scope): boolean {
  // One after the other: `IsPresent` before a comparison protects it.
  if (isList(rule.And)) return rule.And.every((it) => isObject(it) && holds(it, scope));
  if (isList(rule.Or)) return rule.Or.some((it) => isObject(it) && holds(it, scope));
  if (isObject(rule.Not)) return !holds(rule.Not, scope);
  const variable = property(rule, "Variable");
  const operator = Object.keys(rule).find((it) => OPERATOR.test(it));
  if (typeof variable !== "string" || operator === undefined)
    throw runtimeError(`A choice rule needs Variable and an operator: ${JSON.stringify(rule)}`);
  if (operator === "IsPresent") return (lookUp(variable, scope) !== undefined) === rule.IsPresent;
  const value = conditionValue(variable, scope);
  if (!operator.endsWith("Path")) return compare(operator, value, rule[operator]);
  return compare(operator.slice(0, -"Path".length), value, conditionValue(String(rule[operator]), scope));
}

const OPERATOR =
  /^(?:Is(?:Null|Present|Numeric|String|Boolean|Timestamp)|StringMatches|BooleanEquals(?:Path)?|(?:String|Numeric|Timestamp)(?:Equals|(?:Less|Greater)Than(?:Equals)?)(?:Path)?)$/;

function conditionValue(path: string, scope: Scope): Json {
  const value = lookUp(path, scope);
  if (value !== undefined) return value;
  throw new ExpressionError(
    "States.Runtime",
    `Invalid path '${path}': The choice state's condition path references an invalid value.`,
  );
}

type Ordered = string | number | bigint;

function compare(operator: string, value: Json, wanted: Json | undefined): boolean {
  if (operator.startsWith("Is")) return isOf(operator.slice(2), value) === wanted;
  if (operator === "StringMatches")
    return typeof value === "string" && typeof wanted === "string" && matchesPattern(value, wanted);
  if (operator === "BooleanEquals") return typeof value === "boolean" && value === wanted;
  const [, type = "", relation = ""] = /^(String|Numeric|Timestamp)(.+)$/.exec(operator) ?? [];
  const [a, b] = [ordered(type, value), ordered(type, wanted)];
  return a !== undefined && b !== undefined && RELATIONS[relation]?.(a, b) === true;
}

/** Both sides are of one type: see `ordered`. Texts compare by code unit, as Java's do. */
const RELATIONS: Readonly<Record<string, (a: Ordered, b: Ordered) => boolean>> = {
  Equals: (a, b) => a === b,
  LessThan: (a, b) => a < b,
  LessThanEquals: (a, b) => a <= b,
  GreaterThan: (a, b) => a > b,
  GreaterThanEquals: (a, b) => a >= b,
};

function ordered(type: string, value: Json | undefined): Ordered | undefined {
  if (type === "Timestamp") return parseTimestamp(value);
  const isOne = type === "String" ? typeof value === "string" : typeof value === "number";
  // A text or a number, by the line before.
  return isOne ? (value as Ordered) : undefined;
}

function isOf(type: string, value: Json): boolean {
  switch (type) {
    case "Null":
      return value === null;
    case "Numeric":
      return typeof value === "number";
    case "Timestamp":
      return parseTimestamp(value) !== undefined;
    default:
      return typeof value === type.toLowerCase();
  }
}
