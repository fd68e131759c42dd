/** The functions that AWS adds to JSONata. AWS's developer guide, "JSONata functions provided by Step Functions". */
import { randomUUID } from "node:crypto";
import type { Expression } from "jsonata";
import type { Json } from "../model/json.ts";
import { chunks } from "./intrinsics/arrays.ts";
import { hashOf } from "./intrinsics/texts.ts";
import { anyShare, seededShare } from "./random-share.ts";

/** In a signature `x` is any JSON. An argument that is nothing (`undefined`) makes the result nothing. */
export function registerAdded(expression: Expression): void {
  expression.registerFunction("partition", partition, "<an:a>");
  expression.registerFunction("range", range, "<nnn:x>");
  expression.registerFunction("hash", hash, "<ss:s>");
  expression.registerFunction("uuid", () => randomUUID(), "<:s>");
  expression.registerFunction("parse", parse, "<s:x>");
  expression.registerFunction("random", (seed?: number) => (seed === undefined ? anyShare() : seededShare(seed)));
  // AWS has no $eval: what it would run is not in the definition that was checked.
  expression.assign("eval", undefined);
}

function partition(list: readonly Json[] | undefined, size: number | undefined): Json[][] | undefined {
  if (list === undefined || size === undefined) return undefined;
  return chunks(list, positive(Math.round(size), "$partition: the size of a chunk"));
}

/** One number alone stands for a list of it, as JSONata's sequences do: AWS gives `1` for `$range(1, 9, 9)`. */
function range(first?: number, last?: number, delta?: number): Json | undefined {
  if (first === undefined || last === undefined || delta === undefined) return undefined;
  if (![first, last, delta].every(Number.isInteger)) throw new RangeError("$range: first, last and delta are integers");
  if (delta === 0) throw new RangeError("$range: delta must not be 0");
  const count = Math.max(0, Math.floor((last - first) / delta) + 1);
  if (count > MOST_IN_A_RANGE) throw new RangeError(`$range: at most ${MOST_IN_A_RANGE} numbers, not ${count}`);
  if (count < 2) return count === 0 ? undefined : first;
  return Array.from({ length: count }, (_, i) => first + i * delta);
}

/** No more than any list that an expression makes: `jsonata.ts`. */
const MOST_IN_A_RANGE = 1_000_000;

function hash(text: string | undefined, algorithm: string | undefined): string | undefined {
  if (text === undefined || algorithm === undefined) return undefined;
  const digest = hashOf(text, algorithm);
  if (digest === undefined) throw new RangeError(`$hash: ${algorithm} is not an algorithm`);
  return digest;
}

// What JSON.parse gives is JSON.
const parse = (text?: string): Json | undefined => (text === undefined ? undefined : (JSON.parse(text) as Json));

function positive(value: number, what: string): number {
  if (value >= 1) return value;
  throw new RangeError(`${what} must be a positive integer, not ${value}`);
}
