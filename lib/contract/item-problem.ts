/** What is wrong with an item that JSON can hold and DynamoDB cannot, in one line, or undefined. */
import type { Json } from "../model/json.ts";
import { type Item, itemBytes, levelsOf, MOST_ITEM_BYTES, MOST_ITEM_LEVELS } from "./item-size.ts";

/** Below this, DynamoDB knows no number but 0. */
const LEAST_NUMBER = 1e-130;

export function itemProblem(what: string, item: Item): string | undefined {
  const bytes = itemBytes(item);
  if (bytes > MOST_ITEM_BYTES) return `${what} has ${bytes} bytes, and the limit is ${MOST_ITEM_BYTES}`;
  if (levelsOf(item) > MOST_ITEM_LEVELS) return `${what} has more than ${MOST_ITEM_LEVELS} levels`;
  return valueProblem(what, item);
}

export function valueProblem(at: string, value: Json | undefined): string | undefined {
  if (typeof value === "string" && !value.isWellFormed()) return `${at} has half a surrogate pair, which is no Unicode`;
  if (typeof value === "number") return numberProblem(at, value);
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (name === "") return `${at} has an attribute without a name`;
    const problem = valueProblem(`${at}.${name}`, inner);
    if (problem) return problem;
  }
  return undefined;
}

function numberProblem(at: string, value: number): string | undefined {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return `${at} is ${value}: beyond 2^53 numbers lose digits, use a text`;
  if (value !== 0 && Math.abs(value) < LEAST_NUMBER) return `${at} is ${value}: DynamoDB's least is ${LEAST_NUMBER}`;
  return undefined;
}
