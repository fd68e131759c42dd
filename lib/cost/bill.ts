/** Counts in dollars. What messages of a batch share is one request, one invocation, one time of waiting. */
import { DAY_MS, DEFAULT_LIFE_MS } from "../model/life.ts";
import type { Assumptions } from "./assumptions.ts";
import type { Counts } from "./counts.ts";
import { usd } from "./prices.ts";
import { CHUNK_BYTES } from "./sizes.ts";

export interface Bill {
  readonly sqs: number;
  readonly writes: number;
  readonly reads: number;
  readonly invocations: number;
  readonly time: number;
  readonly events: number;
  readonly objects: number;
  /** Records and objects, until they expire. */
  readonly kept: number;
  readonly total: number;
}

/** Of an execution, where messages come so many at a time. */
export interface Terms {
  readonly batch: number;
  readonly assumed: Assumptions;
  /** How long its records stay. */
  readonly keptDays: number;
}

export const GIGABYTE = 1e9;
/** "Developer guide, Time to Live" says days; 15 is what `contract/payload-terms.ts` keeps after the longest life. */
export const RETENTION_DAYS = 15;

export const keptDaysOf = (timeoutMs = 0): number => Math.max(timeoutMs, DEFAULT_LIFE_MS) / DAY_MS + RETENTION_DAYS;

/** Requests to queues: to send, to receive and to delete, and those that put off. */
export function sqsRequestsOf(counts: Counts, batch: number): number {
  const { sends, messages, messageBytes, putOffs } = counts;
  if (messages === 0) return sends / batch + putOffs;
  const chunks = Math.max(1, Math.ceil(((messageBytes / messages) * batch) / CHUNK_BYTES));
  // A request that sends has ten messages at most, however many are sent.
  return (Math.max(sends / batch, messages / 10) + (messages * 2) / batch) * chunks + putOffs;
}

/** What functions are billed: the messages of a batch wait side by side, and compute one after the other. */
export const billedMsOf = ({ handlerMs, waitsMs }: Counts, { batch, assumed: { busy } }: Terms): number =>
  (handlerMs + waitsMs) * (busy + (1 - busy) / batch);

export function billOf(counts: Counts, terms: Terms): Bill {
  const { assumed, batch, keptDays } = terms;
  const months = keptDays / 30;
  const gigabytes = (counts.itemBytes / GIGABYTE) * months;
  const parts = {
    sqs: usd("sqsRequest", sqsRequestsOf(counts, batch)),
    writes: usd("writeUnit", counts.writeUnits),
    reads: usd("readUnit", counts.readUnits),
    invocations: usd("invocation", counts.messages / batch),
    time: usd("armGigabyteSecond", (billedMsOf(counts, terms) / 1000) * (assumed.memoryMiB / 1024)),
    events: usd("event", counts.events) + usd("scheduledInvocation", counts.schedules),
    objects: usd("objectPut", counts.objectPuts) + usd("objectGet", counts.objectGets),
    kept:
      usd("tableGigabyteMonth", gigabytes) +
      (assumed.recovery ? usd("recoveryGigabyteMonth", gigabytes) : 0) +
      usd("objectGigabyteMonth", (counts.objectBytes / GIGABYTE) * months),
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}
