/**
 * How long a large payload stays. It lies apart from the records that refer to it, in a bucket that removes by prefix and
 * age, so its key begins with how long that is:
 *
 *     month/order/1042/<sha-256>      year/order/1043/<sha-256>
 *
 * No key begins as two terms do: of two rules that match an object, S3 follows the shorter one ("Lifecycle configuration
 * elements", conflicting rules).
 */
import { DAY_MS, DEFAULT_LIFE_MS, LONGEST_LIFE_MS } from "../model/life.ts";
import { type Execution, printExecution } from "./ids.ts";

/** Records stay after an execution's life. A queue keeps a message for 14 days, and what it needs is there until then. */
export const RETENTION_MS = 15 * DAY_MS;
/** A record may outlive its time by some days ("Using time to live (TTL) in DynamoDB"), and an object goes after it. */
const LINGER_MS = 4 * DAY_MS;
/** An execution begins a while before its payloads are put, and by another clock. */
const MARGIN_MS = DAY_MS;

export interface PayloadTerm {
  readonly prefix: "month/" | "year/";
  /** After which an object goes. */
  readonly days: number;
}

const term = (prefix: PayloadTerm["prefix"], lifeMs: number): PayloadTerm => ({
  prefix,
  days: Math.ceil((lifeMs + RETENTION_MS + LINGER_MS + MARGIN_MS) / DAY_MS),
});
const MONTH = term("month/", DEFAULT_LIFE_MS);
const YEAR = term("year/", LONGEST_LIFE_MS);
export const PAYLOAD_TERMS: readonly PayloadTerm[] = [MONTH, YEAR];

/** Of what is put now. Nothing stays longer than a year's. */
function termOf({ expiresAt }: Execution, nowMs: number): PayloadTerm {
  return expiresAt * 1000 + LINGER_MS <= nowMs + MONTH.days * DAY_MS ? MONTH : YEAR;
}

/** @param sha256 of its bytes, in hex */
export const payloadKey = (of: Execution, sha256: string, nowMs: number): string =>
  `${termOf(of, nowMs).prefix}${printExecution(of)}/${sha256}`;

/** What the key of every payload of a workflow begins with, and of no other's. */
export const payloadPrefixes = (workflow: string): string[] =>
  PAYLOAD_TERMS.map(({ prefix }) => `${prefix}${workflow}/`);
