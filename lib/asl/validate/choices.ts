/** The rules of a Choice state. Amazon States Language, "Choice State". */
import type { JsonObject } from "../json-kinds.ts";
import { assign } from "./assign.ts";
import { checkExpression, jsonataIn } from "./expressions.ts";
import { both, checkFields, type Field, jsonata, jsonPath } from "./fields.ts";
import { path } from "./paths.ts";
import type { Check, Place } from "./place.ts";
import { flag, listOf, number, text, timestamp } from "./values.ts";

const RULE = "Choice State";
const anyNumber = number({ rule: RULE, least: -Number.MAX_VALUE });

/** Each operator with the check of what it compares with. */
const OPERATORS: Readonly<Record<string, Check>> = {
  ...ordered("String", text),
  ...ordered("Numeric", anyNumber),
  ...ordered("Timestamp", timestamp),
  BooleanEquals: flag,
  BooleanEqualsPath: path,
  StringMatches: text,
  ...Object.fromEntries(
    ["IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"].map((name) => [name, flag]),
  ),
};

function ordered(type: string, check: Check): Readonly<Record<string, Check>> {
  const names = ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"].map((it) => type + it);
  return Object.fromEntries(
    names.flatMap((name) => [
      [name, check],
      [`${name}Path`, path],
    ]),
  );
}

const fieldsOf = (checks: Readonly<Record<string, Check>>): Readonly<Record<string, Field>> =>
  Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, jsonPath(check)]));

/** A function of its own, since `And`, `Or` and `Not` hold further ones. */
const inner: Check = (value, at) => {
  if (checkFields(value, at, { rule: RULE, fields: { ...COMPARISON, Comment: both(text) } }))
    checkComparison(value, at);
};

const COMPARISON: Readonly<Record<string, Field>> = {
  Variable: jsonPath(path),
  ...fieldsOf(OPERATORS),
  And: jsonPath(listOf(RULE, inner, { least: 1 })),
  Or: jsonPath(listOf(RULE, inner, { least: 1 })),
  Not: jsonPath(inner),
};

/** Constant `true` and `false` are taken too. */
const condition: Check = (value, at) => {
  if (typeof value === "boolean") return;
  if (typeof value !== "string" || !value.startsWith("{%"))
    at.refuse(RULE, "Condition must be a JSONata expression or a Boolean");
  else checkExpression(value, at, {});
};

const TRANSITION: Readonly<Record<string, Field>> = {
  Comment: both(text),
  Next: both(text),
  Assign: both(assign({})),
  Output: jsonata(jsonataIn({})),
  Condition: jsonata(condition),
  ...COMPARISON,
};

const rule: Check = (value, at) => {
  const isJsonata = at.scene.language === "JSONata";
  const required = isJsonata ? ["Condition", "Next"] : ["Next"];
  if (checkFields(value, at, { rule: RULE, fields: TRANSITION, required }) && !isJsonata) checkComparison(value, at);
};

/** One operator, and a `Variable` beside it unless it joins others. */
function checkComparison(value: JsonObject, at: Place): void {
  const joining = ["And", "Or", "Not"].filter((name) => value[name] !== undefined);
  const operators = Object.keys(OPERATORS).filter((name) => value[name] !== undefined);
  const all = [...joining, ...operators];
  if (all.length > 1) at.refuse(RULE, `Only one comparison may be in a rule, not [${all.join(", ")}]`);
  if (all.length === 0) at.refuse(RULE, "A comparison is required: And, Or, Not, or Variable and an operator");
  if (operators.length > 0 && value.Variable === undefined) at.refuse(RULE, "These fields are required: [Variable]");
  if (operators.length === 0 && joining.length > 0 && value.Variable !== undefined)
    at.field("Variable").refuse(RULE, `Field 'Variable' is not supported beside ${joining.join(", ")}`);
}

export const choices: Check = (value, at) => listOf(RULE, rule, { least: 1 })(value, at);
