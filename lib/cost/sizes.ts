/**
 * How large items and messages become, and what that is in units: "DynamoDB item sizes and formats", and the limits of
 * `adapters/aws/bodies.ts` and `lambda/container.ts`, which a test compares.
 */
import type { Assumptions } from "./assumptions.ts";
import type { Counts } from "./counts.ts";

const KIB = 1024;
/** Bodies up to here are text, longer ones are compressed, and those that are longer even so are objects. */
export const MOST_TEXT_BYTES = 768;
export const MOST_INLINE_BYTES = 32 * KIB;
/** Larger values are not sent along. */
export const MOST_CARRIED_BYTES = 32 * KIB;
/** Key, status, times and the rest of a record's item, without its body. */
const RECORD_BYTES = 110;
/** What a step that follows, a wait, an arrival takes in a decision. */
export const EFFECT_BYTES = 90;
/** What the start's decision says beside the input and what follows. */
export const OPENS_BYTES = 190;
/** A header, and again in the index. */
export const HEADER_BYTES = 260;
/** A message without the value that goes along. */
export const ENVELOPE_BYTES = 420;
/** What DynamoDB bills an item's storage beside its bytes, for its index. */
export const ITEM_OVERHEAD_BYTES = 100;
/** "Amazon SQS pricing" and EventBridge's: each 64 KiB of a request is a request. */
export const CHUNK_BYTES = 64 * KIB;

export const writeUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / KIB));
/** Consistently; else it is half. */
export const readUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / (4 * KIB)));

export interface Stored {
  /** The item with the body, or with a pointer to it. */
  readonly itemBytes: number;
  /** Of an object; 0: there is none. */
  readonly objectBytes: number;
}

/** @param bodyBytes of its JSON */
export function storedAs(bodyBytes: number, { compressed }: Pick<Assumptions, "compressed">): Stored {
  const body = bodyBytes <= MOST_TEXT_BYTES ? bodyBytes : bodyBytes * compressed;
  if (body <= MOST_INLINE_BYTES) return { itemBytes: RECORD_BYTES + body, objectBytes: 0 };
  return { itemBytes: RECORD_BYTES * 3, objectBytes: body };
}

/** A record's write. */
export function writeOf({ itemBytes, objectBytes }: Stored): Partial<Counts> {
  return {
    writeUnits: writeUnitsOf(itemBytes),
    dynamo: 1,
    itemBytes: itemBytes + ITEM_OVERHEAD_BYTES,
    ...(objectBytes > 0 && { objectPuts: 1, objectBytes }),
  };
}

/** A record's reading. */
export const readOf = ({ itemBytes, objectBytes }: Stored): Partial<Counts> => ({
  readUnits: readUnitsOf(itemBytes),
  dynamo: 1,
  ...(objectBytes > 0 && { objectGets: 1 }),
});
