/** How large a value may be, and how that is found out without printing what is large more than once. */
import { PawlError } from "../errors.ts";
import type { Json } from "../model/json.ts";

/**
 * The largest value that an execution carries, where nothing else is set: its input, an output of a node or of a join,
 * what a state makes. Of JSON.
 */
export const DEFAULT_PAYLOAD_MIB = 32;
/** Every value is one text in memory, several times over while it is stored: V8's longest has 512 MiB. */
const MOST_PAYLOAD_MIB = 256;

/**
 * The largest event that a workflow emits, as it is put on the bus: EventBridge takes 256 KiB an entry, and counts its
 * source, type and time as well (PutEvents, "Calculating Amazon EventBridge PutEvents event entry size").
 */
export const MOST_EVENT_BYTES = 255 * 1024;

/** @throws PawlError `usage` when it is no whole number from 1 to 256 */
export function payloadBytesOf(mebibytes: number = DEFAULT_PAYLOAD_MIB): number {
  if (Number.isInteger(mebibytes) && mebibytes >= 1 && mebibytes <= MOST_PAYLOAD_MIB) return mebibytes * 1024 * 1024;
  throw new PawlError(
    "usage",
    `the payload limit is a whole number of MiB from 1 to ${MOST_PAYLOAD_MIB}, not ${mebibytes}`,
    { payloadLimitMiB: mebibytes },
  );
}

/** The environment's name for it, on this machine and in a deployed function. */
export const PAYLOAD_LIMIT_VARIABLE = "PAWL_PAYLOAD_LIMIT_MIB" as const;

/** As the environment says it; undefined when it does not. @throws PawlError `usage` */
export function payloadLimitIn(variables: Readonly<Record<string, string | undefined>>): number | undefined {
  const text = variables[PAYLOAD_LIMIT_VARIABLE];
  if (text === undefined || text === "") return undefined;
  const mebibytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(mebibytes))
    throw new PawlError("usage", `${PAYLOAD_LIMIT_VARIABLE} is '${text}': write it as a whole number of MiB, as in 64`);
  payloadBytesOf(mebibytes);
  return mebibytes;
}

/** What is wrong with a value's size, or undefined. Prints nothing of a value that is obviously small enough. */
export function tooLarge(what: string, json: Json | undefined, mostBytes: number): string | undefined {
  if (fits(json, mostBytes)) return undefined;
  const enough = mostBytes * 4; // of what is far too large, nobody needs to know how much
  const bytes = sizeOf(json, exactly, enough);
  const told = bytes > enough ? `more than ${enough}` : bytes;
  return `${what} has ${told} bytes of JSON and the limit is ${mostBytes}: store it elsewhere and pass on where`;
}

/** Whether its JSON has this many bytes or less. Only a value about whose size there is doubt is printed. */
export function fits(json: Json | undefined, bytes: number): boolean {
  if (sizeOf(json, atMost, bytes) <= bytes) return true;
  return sizeOf(json, atLeast, bytes) <= bytes && sizeOf(json, exactly, bytes) <= bytes;
}

type Scalar = string | number | boolean | null;
const LONGEST_NUMBER = "-1.2345678901234567e+308".length;
/** A character has at most six bytes: `\u0000`. */
const atMost = (value: Scalar): number => (typeof value === "string" ? value.length * 6 + 2 : LONGEST_NUMBER);
const atLeast = (value: Scalar): number => (typeof value === "string" ? value.length + 2 : 1);
const exactly = (value: Scalar): number => Buffer.byteLength(JSON.stringify(value));

/** Bytes of its JSON, each scalar measured so. Once it is more than `enough`, how much more is not looked for. */
function sizeOf(json: Json | undefined, ofScalar: (value: Scalar) => number, enough: number): number {
  if (json === undefined) return 0;
  if (typeof json !== "object" || json === null) return ofScalar(json);
  let size = 2;
  if (Array.isArray(json)) {
    const items = json as readonly Json[];
    size += Math.max(0, items.length - 1);
    for (const item of items) {
      if (size > enough) break;
      size += sizeOf(item, ofScalar, enough - size);
    }
    return size;
  }
  let comma = 0;
  for (const [key, inner] of Object.entries(json)) {
    if (size > enough) break;
    if (inner === undefined) continue;
    size += comma + ofScalar(key) + 1;
    size += sizeOf(inner, ofScalar, enough - size);
    comma = 1;
  }
  return size;
}
