/**
 * Long lists lie in chunks, each in a record of its own: who needs one item reads a hundred, however long the list is.
 * A list is named after what it holds, so whoever makes it again writes the same records, and whoever makes another one
 * writes beside it, never over it.
 *
 *     list/pack#4be7…             the list
 *     list/pack#4be7….12          its chunk of the items 1200 to 1299
 */
import { digestOf } from "../model/digest.ts";
import type { Json } from "../model/json.ts";
import type { ListRecord, ValueRef } from "./record.ts";

export const CHUNK_SIZE = 100;
const PREFIX = "list/";

export interface LongList {
  readonly ref: ValueRef;
  readonly items: readonly Json[];
}

/** @param path the state that has made it */
export const listOf = (path: string, items: readonly Json[]): LongList => ({
  ref: `${PREFIX}${path}#${digestOf(items)}`,
  items,
});
/** All lists that are referred to in what is printed as JSON. */
export const LIST_REFS = /(?<=["?])list\/[^"?]*?#\w+/g;
export const isListRef = (ref: ValueRef): boolean => ref.startsWith(PREFIX);

/** The record that holds the item, and where in it the item lies. */
export const chunkOf = (list: ValueRef, index: number): { readonly key: string; readonly at: number } => ({
  key: `${list}.${Math.floor(index / CHUNK_SIZE)}`,
  at: index % CHUNK_SIZE,
});

/** The records of a list, by key. To be written before anything that refers to it. */
export function chunksOf({ ref, items }: LongList): ReadonlyMap<string, ListRecord> {
  const chunks = new Map<string, ListRecord>();
  for (let i = 0; i < items.length; i += CHUNK_SIZE)
    chunks.set(chunkOf(ref, i).key, { kind: "list", items: items.slice(i, i + CHUNK_SIZE) });
  return chunks;
}
