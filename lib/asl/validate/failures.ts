/** `Retry` and `Catch`. Amazon States Language, "Errors". */
import { isList } from "../json-kinds.ts";
import { assign } from "./assign.ts";
import { jsonataIn } from "./expressions.ts";
import { both, checkFields, jsonata, jsonPath, type ObjectShape } from "./fields.ts";
import { resultPath } from "./paths.ts";
import type { Check, Place } from "./place.ts";
import { listOf, number, oneOf, text, wholeNumber } from "./values.ts";

const RETRY = "Retrying after error";
const CATCH = "Fallback states";

const errorEquals = (rule: string): Check => listOf(rule, text, { least: 1 });

const RETRIER: ObjectShape = {
  rule: RETRY,
  required: ["ErrorEquals"],
  fields: {
    Comment: both(text),
    ErrorEquals: both(errorEquals(RETRY)),
    IntervalSeconds: both(wholeNumber({ rule: RETRY, least: 1 })),
    MaxAttempts: both(wholeNumber({ rule: RETRY, least: 0 })),
    BackoffRate: both(number({ rule: RETRY, least: 1 })),
    MaxDelaySeconds: both(wholeNumber({ rule: RETRY, least: 1, most: 31_622_399 })),
    JitterStrategy: both(oneOf(RETRY, "FULL", "NONE")),
  },
};

const CATCHER: ObjectShape = {
  rule: CATCH,
  required: ["ErrorEquals", "Next"],
  fields: {
    Comment: both(text),
    ErrorEquals: both(errorEquals(CATCH)),
    Next: both(text),
    ResultPath: jsonPath(resultPath),
    Output: jsonata(jsonataIn({ errorOutput: true })),
    Assign: both(assign({ errorOutput: true })),
  },
};

export const retry: Check = (value, at) => {
  listOf(RETRY, retrier)(value, at);
  if (isList(value)) for (const index of value.keys()) checkAll(value, at, { index, rule: RETRY });
};

export const catchers: Check = (value, at) => {
  listOf(CATCH, (it, place) => void checkFields(it, place, CATCHER))(value, at);
  if (isList(value)) for (const index of value.keys()) checkAll(value, at, { index, rule: CATCH });
};

const retrier: Check = (value, at) => {
  if (!checkFields(value, at, RETRIER)) return;
  const { IntervalSeconds: interval = 1, MaxDelaySeconds: most } = value;
  if (typeof interval === "number" && typeof most === "number" && most <= interval)
    at.field("MaxDelaySeconds").refuse(RETRY, `MaxDelaySeconds must be greater than IntervalSeconds, ${interval}`);
};

/** `States.ALL` stands alone, and in the last. */
function checkAll(
  list: readonly Parameters<Check>[0][],
  at: Place,
  { index, rule }: { index: number; rule: string },
): void {
  // A list or a text has no such field: the check of its shape has refused it.
  const errors = (list[index] as { readonly ErrorEquals?: unknown } | null)?.ErrorEquals;
  if (!Array.isArray(errors) || !errors.includes("States.ALL")) return;
  const place = at.item(index).field("ErrorEquals");
  if (errors.length > 1) place.refuse(rule, "States.ALL must appear alone in ErrorEquals");
  if (index < list.length - 1) place.refuse(rule, "States.ALL must appear in the last one of the list");
}
