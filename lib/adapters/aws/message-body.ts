/**
 * What stands in an SQS message: an envelope of ours; where it is stored, when it is long; or, in a control queue, an
 * event as EventBridge hands it on.
 */
import { type Envelope, parseEnvelope, printEnvelope } from "../../contract/envelope.ts";
import { parseEvent } from "../../contract/event-detail.ts";
import type { Execution } from "../../contract/ids.ts";
import { payloadPrefixes, RETENTION_MS } from "../../contract/payload-terms.ts";
import { PawlError } from "../../errors.ts";
import type { PayloadRef, PayloadStore } from "../../ports/payload-store.ts";
import { compress, decompress } from "../compressed.ts";

/**
 * Longer bodies are stored. Scheduler takes 256 KiB at most ("Quotas for Amazon EventBridge Scheduler"), as do queues
 * that were made before SQS took 1 MiB.
 */
const MOST_BODY_BYTES = 200 * 1024;

/** @param dueMs when it comes into its queue, where that is not now */
export async function printBody(envelope: Envelope, payloads: PayloadStore, dueMs = Date.now()): Promise<string> {
  const body = asText(printEnvelope(envelope));
  if (Buffer.byteLength(body) <= MOST_BODY_BYTES) return body;
  const { workflow } = envelope;
  const payload = await payloads.put(ownerOf(envelope, dueMs), compress(body));
  return JSON.stringify({ v: 1, kind: "stored", workflow, payload, compressed: true });
}

/** What is of no execution that has started is needed until it is out of its queue. */
function ownerOf(envelope: Envelope, dueMs: number): Execution {
  const { workflow } = envelope;
  const id = "id" in envelope ? envelope.id : "~events";
  const expiresAt = "expiresAt" in envelope ? envelope.expiresAt : Math.ceil((dueMs + RETENTION_MS) / 1000);
  return { workflow, id, expiresAt };
}

/**
 * SQS replaces these two characters ("SendMessage", characters that a message can include). JSON.stringify has escaped
 * all others that it does not take.
 */
const asText = (json: string): string =>
  json.replace(/[\uFFFE\uFFFF]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);

export interface Origin {
  readonly workflow: string;
  readonly payloads: PayloadStore;
  /** Whether events come here as well: true for a control queue. */
  readonly events: boolean;
}

/** @throws PawlError `invalid_envelope`, `invalid_event`: it will never be read; `storage_failed`: perhaps later */
export async function parseBody(body: string, { workflow, payloads, events }: Origin): Promise<Envelope> {
  const value = jsonObject(body);
  if (value && events && "detail-type" in value) return { kind: "event", v: 1, workflow, event: parseEvent(value) };
  if (value?.kind !== "stored") return parseEnvelope(body);
  const bytes = await payloads.get(payloadOf(value, workflow));
  // An earlier version stored the text itself.
  return parseEnvelope(value.compressed === true ? decompress(bytes) : new TextDecoder().decode(bytes));
}

/** Undefined for whatever is not an object: parseEnvelope says what is wrong with it. */
function jsonObject(body: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}

/** Only what lies under a prefix of the workflow's own: whoever may send to its queue may not read others' payloads by it. */
function payloadOf(value: Readonly<Record<string, unknown>>, workflow: string): PayloadRef {
  const { key, sha256 } = (value.payload ?? {}) as Readonly<Record<string, unknown>>;
  const isOwn = typeof key === "string" && payloadPrefixes(workflow).some((prefix) => key.startsWith(prefix));
  if (value.v === 1 && isOwn && typeof sha256 === "string") return { key, sha256 };
  throw new PawlError(
    "invalid_envelope",
    `the message says that its body is stored, but names no payload of workflow '${workflow}'`,
  );
}
