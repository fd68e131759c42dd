/**
 * `ItemBatcher` of a distributed Map: items go into its iterations by batches, `{ Items, BatchInput }`. AWS's developer
 * guide, "ItemBatcher".
 */
import type { Json } from "../model/json.ts";
import { type Fail, numberIn } from "./field-values.ts";
import type { JsonObject } from "./json-kinds.ts";

export interface Batching {
  readonly mostItems: number;
  readonly mostBytes: number;
  /** Goes into each batch. */
  readonly input: { readonly BatchInput?: Json };
}

/** @param batcher its paths and expressions replaced by their values */
export function parseBatching({ BatchInput, ...batcher }: JsonObject, fail: Fail): Batching {
  const limit = (field: string, otherwise: number): number => {
    const value = batcher[field];
    return value === undefined ? otherwise : numberIn(field, value, fail);
  };
  return {
    mostItems: limit("MaxItemsPerBatch", Number.POSITIVE_INFINITY),
    mostBytes: limit("MaxInputBytesPerBatch", MOST_BYTES),
    input: BatchInput === undefined ? {} : { BatchInput },
  };
}

/** An item that is larger than a batch may be makes a batch of its own. */
export function inBatches(items: readonly Json[], batching: Batching | undefined): Json {
  if (batching === undefined) return items;
  const batches: Json[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const size = bytesOf(item);
    const batch = batches.at(-1);
    if (batch !== undefined && batch.length < batching.mostItems && bytes + COMMA + size <= batching.mostBytes) {
      batch.push(item);
      bytes += COMMA + size;
    } else {
      batches.push([item]);
      bytes = bytesOf({ Items: [], ...batching.input }) + size;
    }
  }
  return batches.map((batch) => ({ ...batching.input, Items: batch }));
}

const COMMA = 1;
/** What an iteration may be given at all. */
const MOST_BYTES = 256 * 1024;

const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));
