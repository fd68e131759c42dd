/** What a field's value must be, whichever language gave it: a number in its limits, a time, a text. */
import type { ExpressionError } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import { excerpt, kindOf } from "./json-kinds.ts";
import { parseTimestamp, printTimestamp } from "./timestamps.ts";

export type Fail = (message: string) => ExpressionError;

interface Limits {
  readonly least: number;
  readonly most: number;
  readonly fraction?: true;
}

/** AWS's developer guide, of each field. */
const LIMITS: Readonly<Record<string, Limits>> = {
  Seconds: { least: 0, most: 99_999_999 },
  TimeoutSeconds: { least: 1, most: 99_999_999 },
  HeartbeatSeconds: { least: 1, most: 99_999_999 },
  MaxConcurrency: { least: 0, most: Number.MAX_SAFE_INTEGER },
  MaxItems: { least: 0, most: 100_000_000 },
  MaxItemsPerBatch: { least: 1, most: 100_000_000 },
  MaxInputBytesPerBatch: { least: 1, most: 262_144 },
  ToleratedFailureCount: { least: 0, most: Number.MAX_SAFE_INTEGER },
  ToleratedFailurePercentage: { least: 0, most: 100, fraction: true },
};

/** Those that stand alone in a state, as `Source` has them. */
export const NUMBER_FIELDS: readonly string[] = [
  "TimeoutSeconds",
  "HeartbeatSeconds",
  "MaxConcurrency",
  "ToleratedFailureCount",
  "ToleratedFailurePercentage",
];

/** @param field without `Path` */
export function numberIn(field: string, value: Json, fail: Fail): number {
  const { least, most, fraction } = LIMITS[field] ?? { least: 0, most: Number.MAX_SAFE_INTEGER };
  // A variable of text `"1"` is taken for 1: AWS reads the value as Java's parseLong does.
  const isNumeral = typeof value === "string" && (fraction ? /^-?\d+(?:\.\d+)?$/ : /^-?\d+$/).test(value);
  const number = isNumeral ? Number(value) : value;
  if (typeof number !== "number" || !(fraction || Number.isInteger(number)))
    throw fail(`${field} refers to value "${shown(value)}" which is not a valid ${fraction ? "float" : "integer"}`);
  if (number >= least && number <= most) return number;
  throw fail(
    number < 0 && most > 100 ? `${field} cannot be negative.` : `${field} must be between ${least} and ${most}.`,
  );
}

const shown = (value: Json): string => (typeof value === "string" ? value : excerpt(value));

export function timeIn(field: string, value: Json, fail: Fail): string {
  const time = parseTimestamp(value);
  if (time !== undefined) return printTimestamp(time);
  throw fail(
    `The ${field} field cannot be parsed as an ISO-8601 extended offset date-time format string: ${shown(value)}`,
  );
}

export function textIn(field: string, value: Json, fail: Fail): string {
  if (typeof value === "string") return value;
  throw fail(`The ${field} field must be a string, but was ${kindOf(value)}: ${excerpt(value)}`);
}

/** @param context its `State.EnteredTime` is when the wait began */
export function afterSeconds(seconds: number, context: Json, fail: Fail): string {
  const entered = parseTimestamp(enteredTime(context));
  if (entered === undefined) throw fail("The context has no State.EnteredTime to count seconds from.");
  return printTimestamp(entered + BigInt(seconds) * 1_000_000_000n);
}

function enteredTime(context: Json): unknown {
  // Any shape may come; what is missing is `undefined`.
  const { State } = context as { State?: { EnteredTime?: unknown } };
  return State?.EnteredTime;
}
