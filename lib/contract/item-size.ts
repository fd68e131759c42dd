/**
 * Bytes of an item as DynamoDB counts them (developer guide, "DynamoDB item sizes and formats"): names and texts in
 * UTF-8; a number about a byte for two digits and one more; 1 for true, false and null; 3 for a list or a map, and 1 for
 * each thing in it. Numbers are counted as what they can take at most, so the sum may be a few bytes over the service's.
 */
import type { Json } from "../model/json.ts";

/** The largest item of a table. */
export const MOST_ITEM_BYTES = 400 * 1024;
/** How deep lists and maps may lie in one another; the item itself is the first level. */
export const MOST_ITEM_LEVELS = 32;

export type Item = { readonly [attribute: string]: Json };

export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);
}

function bytesOf(value: Json | undefined): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number") return numberBytes(value);
  if (typeof value !== "object" || value === null) return 1;
  if (Array.isArray(value)) return (value as readonly Json[]).reduce<number>((sum, it) => sum + 1 + bytesOf(it), 3);
  return Object.entries(value).reduce((sum, [name, it]) => sum + 1 + Buffer.byteLength(name) + bytesOf(it), 3);
}

/** Digits are stored in pairs, which lie on even places: one more byte where the first or last pair is not full. */
function numberBytes(value: number): number {
  if (value === 0) return 1;
  const digits = value
    .toExponential()
    .replace(/e.*$/, "")
    .replace(/[^0-9]/g, "").length;
  return 1 + Math.ceil((digits + 1) / 2) + (value < 0 ? 1 : 0);
}

/** How many lists and maps lie in one another, at most. */
export function levelsOf(value: Json | undefined): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce<number>((most, it) => Math.max(most, levelsOf(it)), 0);
}
