/**
 * JSON as it lies in the data folder's file: short ones as text, as all were in earlier versions, longer ones compressed
 * with a checksum. What is damaged is told as such, and never taken for something else.
 */
import { messageOf, PawlError } from "../../errors.ts";
import { compress, decompress } from "../compressed.ts";

export type StoredBody = string | Uint8Array;

/**
 * A value of 1 KiB, with what a record has around it, is still text: compressing so little takes longer than writing it.
 */
const MOST_TEXT_CHARS = 1536;

export const printStored = (json: string): StoredBody => (json.length > MOST_TEXT_CHARS ? compress(json) : json);

export interface Found {
  readonly folder: string;
  /** Whose body it is, for the message. */
  readonly what: string;
}

/** @throws PawlError `data_folder_damaged` */
export function parseStored(body: unknown, found: Found): { readonly value: unknown; readonly chars: number } {
  try {
    const json = textOf(body as StoredBody); // `printStored` alone writes here
    return { value: JSON.parse(json), chars: json.length };
  } catch (error) {
    throw damaged(found, error);
  }
}

/** Of a message that may be undecodable, and is kept as it is: the text, or damaged bytes in base 64. */
export function showStored(body: StoredBody): string {
  try {
    return textOf(body);
  } catch {
    return Buffer.from(body as Uint8Array).toString("base64"); // only bytes can be damaged
  }
}

/** @throws what zstd says of damaged bytes */
export const textOf = (body: StoredBody): string => (typeof body === "string" ? body : decompress(body));

/** V8's message on broken JSON shows a part of the payload, which is for nobody's log. */
function damaged({ folder, what }: Found, error: unknown): PawlError {
  const why = error instanceof SyntaxError ? "it is no JSON" : messageOf(error);
  return new PawlError(
    "data_folder_damaged",
    `${what} in the data folder ${folder} is damaged: ${why}. Nothing was changed: keep a copy of the folder, or put back an older one`,
    { folder, what },
    error instanceof SyntaxError ? undefined : error,
  );
}
