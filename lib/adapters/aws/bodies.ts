/**
 * Payloads as attributes, as small as they come, since a write is billed per KiB and an item has at most 400 KB:
 *
 * | JSON | is kept as |
 * |---|---|
 * | up to 768 bytes | its text |
 * | more | compressed, when that is smaller |
 * | more than 32 KiB even so | compressed in the payload store, with a pointer here |
 *
 * `JSON.stringify` escapes half a surrogate pair, so the text is always Unicode that DynamoDB gives back unchanged.
 */
import type { Execution } from "../../contract/ids.ts";
import { PawlError } from "../../errors.ts";
import type { PayloadRef, PayloadStore } from "../../ports/payload-store.ts";
import { compress, decompress } from "../compressed.ts";

/** What is billed is the item, and its other attributes take some 150 bytes: with these it is still one KiB. */
export const MOST_TEXT_BYTES = 768;
export const MOST_INLINE_BYTES = 32 * 1024;

export type Body = string | Uint8Array | PayloadRef;

export interface WithValues {
  readonly output?: unknown;
  readonly values?: unknown;
}

export class Bodies {
  readonly #payloads: PayloadStore;

  constructor(payloads: PayloadStore) {
    this.#payloads = payloads;
  }

  /** @param execution whose payload it is, and until when it must stay */
  async print(execution: Execution, value: unknown): Promise<Body> {
    const small = shrink(value);
    if (sizeOf(small) <= MOST_INLINE_BYTES) return small;
    return this.#payloads.put(execution, typeof small === "string" ? compress(small) : small);
  }

  /** Where a record's body lies apart, what leads on from it stays with the item: a list without values reads no more. */
  async printRecord<R extends WithValues>(
    execution: Execution,
    record: R,
  ): Promise<{ readonly b: Body; readonly nx?: Body }> {
    const b = await this.print(execution, record);
    if (typeof b === "string" || b instanceof Uint8Array) return { b };
    const { output: _output, values: _values, ...leads } = record;
    return { b, nx: await this.print(execution, leads) };
  }

  /** @throws PawlError `storage_failed` when the payload store has lost it */
  async parse(body: Body): Promise<unknown> {
    if (typeof body === "string" || body instanceof Uint8Array) return grow(body);
    return grow(await this.#payloads.get(body));
  }
}

/** For what must not lie outside of the table. @throws PawlError `payload_too_large` */
export function printWithin(
  value: unknown,
  most: { readonly bytes: number; readonly what: string },
): string | Uint8Array {
  const small = shrink(value);
  const bytes = sizeOf(small);
  if (bytes <= most.bytes) return small;
  throw new PawlError(
    "payload_too_large",
    `${most.what} has ${bytes} bytes even when compressed, and the limit is ${most.bytes}`,
    { bytes, limit: most.bytes },
  );
}

export const grow = (body: string | Uint8Array): unknown =>
  JSON.parse(typeof body === "string" ? body : decompress(body));

function shrink(value: unknown): string | Uint8Array {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MOST_TEXT_BYTES) return text;
  const compressed = compress(text);
  return compressed.length < bytes ? compressed : text;
}

const sizeOf = (body: string | Uint8Array): number => Buffer.byteLength(body);
