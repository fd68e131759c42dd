/** Values by themselves: texts, numbers in their range, lists, and numbers that a JSONata state may compute. */
import { isList, kindOf } from "../json-kinds.ts";
import { parseTimestamp } from "../timestamps.ts";
import { checkExpression } from "./expressions.ts";
import type { Check } from "./place.ts";

/** What AWS takes for a number of seconds or of attempts at the most. */
export const MOST = 99_999_999;

export const text: Check = (value, at) => {
  if (typeof value !== "string")
    at.refuse("Structure of a state machine", `Expected value of type String, not ${kindOf(value)}`);
};

export const flag: Check = (value, at) => {
  if (typeof value !== "boolean")
    at.refuse("Structure of a state machine", `Expected value of type Boolean, not ${kindOf(value)}`);
};

export const anything: Check = () => {};

export const oneOf =
  (rule: string, ...names: readonly string[]): Check =>
  (value, at) => {
    if (typeof value !== "string" || !names.includes(value))
      at.refuse(rule, `Value ${JSON.stringify(value)} is not allowed: one of [${names.join(", ")}]`);
  };

interface Range {
  readonly rule: string;
  readonly least: number;
  readonly most?: number;
}

export const wholeNumber =
  ({ rule, least, most = MOST }: Range): Check =>
  (value, at) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
      at.refuse(rule, `Expected an integer from ${least} to ${most}, not ${JSON.stringify(value)}`);
  };

export const number =
  ({ rule, least, most = Number.MAX_VALUE }: Range): Check =>
  (value, at) => {
    if (typeof value !== "number" || value < least || value > most) {
      const bounds = most === Number.MAX_VALUE ? `of at least ${least}` : `from ${least} to ${most}`;
      at.refuse(rule, `Expected a number ${bounds}, not ${JSON.stringify(value)}`);
    }
  };

/** In a JSONata state, a text is an expression that gives the value. */
export const orExpression =
  (check: Check): Check =>
  (value, at) => {
    const isComputed = at.scene.language === "JSONata" && typeof value === "string" && /^\{%|%\}$/.test(value);
    if (isComputed) checkExpression(value, at, {});
    else check(value, at);
  };

/** RFC 3339, which wants the seconds that our reading of times at run time can do without. */
export const timestamp: Check = (value, at) => {
  const isWhole = typeof value === "string" && /T\d\d:\d\d:\d\d/.test(value) && parseTimestamp(value) !== undefined;
  if (!isWhole) at.refuse("Timestamps", "String does not match RFC3339 timestamp");
};

export const listOf =
  (rule: string, check: Check, { least = 0 }: { least?: number } = {}): Check =>
  (value, at) => {
    if (!isList(value)) at.refuse(rule, `Expected value of type Array, not ${kindOf(value)}`);
    else if (value.length < least) at.refuse(rule, "Array must not be empty");
    else for (const [index, item] of value.entries()) check(item, at.item(index));
  };
