/**
 * What one message costs, stage by stage. The counts are those that test/wire/budget.test.ts and large-map.test.ts count
 * on the wire; the times are assumed, since only AWS can show them, and may be given.
 */

/** Capacity units, counted. `test/wire/budget.test.ts` takes its figures from here. */
export const COUNTED = {
  /** Claimed and settled; the header beside. */
  queuedStep: { writeUnits: 2, readUnits: 0.5 },
  /** Settled. */
  repeatableStep: { writeUnits: 1, readUnits: 0.5 },
  /** Inline and repeatable; the header once a message. */
  inlineStep: { writeUnits: 1, readUnits: 0 },
  inlineSegment: { readUnits: 0.5 },
  /** Of which the index takes one. */
  openHeader: { writeUnits: 2 },
  recordStart: { writeUnits: 1 },
  /** Of which the index takes two: the status is a part of its key. */
  closeHeader: { writeUnits: 3 },
  /** Claimed, settled, arrived; lists and sets. By `test/wire/large-map.test.ts`. */
  mapItem: { writeUnits: 3.05, readUnits: 1.5 },
  joinDecision: { writeUnits: 1 },
} as const;

/** Of a log-normal distribution, in ms. */
export interface Time {
  readonly p50: number;
  readonly p99: number;
}

/** Not measured: what is commonly seen within a region. `perMessage` is the processor's time of 512 MB. */
export const ASSUMED = {
  /** From a send to the first line of the function behind the queue. */
  deliver: { p50: 20, p99: 120 },
  write: { p50: 6, p99: 25 },
  send: { p50: 10, p99: 40 },
  coldStartMs: 500,
  perMessageMs: 4,
  handlerMs: 50,
} as const;

export const RESOURCES = ["tableWrites", "tableReads", "indexRunning", "indexEnded"] as const;
export type Resource = (typeof RESOURCES)[number];

/** One queue with its function. */
export interface Stage {
  readonly name: string;
  /** Messages of it that one message of the stage before becomes. */
  readonly fan: number;
  /** For each message. */
  readonly units: Readonly<Record<Resource, number>>;
  /** One after another, without the delivery. */
  readonly times: readonly Time[];
  /** Done by a function of the stage before it: no queue, no message of its own. */
  readonly within?: true;
}

export interface Shape {
  readonly steps: number;
  readonly inline: boolean;
  /** Items of a map, all at once, in place of the chain. */
  readonly fanOut?: number;
  readonly handlerMs: number;
}

const { write, send } = ASSUMED;
const handler = (ms: number): Time => ({ p50: ms, p99: 2 * ms });

/** Of the header's units those that the index takes, by the status in its key. */
const OPENED = { tableWrites: COUNTED.openHeader.writeUnits - 1, indexRunning: 1, indexEnded: 0 };
const CLOSED = { tableWrites: COUNTED.closeHeader.writeUnits - 2, indexRunning: 1, indexEnded: 1 };

/** The stages that an execution's messages go through, one after another. */
export function stagesOf({ steps, inline, fanOut, handlerMs }: Shape): readonly Stage[] {
  if (fanOut !== undefined) return [started("control"), item(fanOut, handlerMs), joined(fanOut)];
  if (inline) return [inlineChain(steps, handlerMs)];
  return [started("control"), ...Array.from({ length: steps }, (_, i) => queued(i + 1, steps, handlerMs))];
}

const started = (name: string): Stage => ({
  name,
  fan: 1,
  units: { ...OPENED, tableWrites: OPENED.tableWrites + COUNTED.recordStart.writeUnits, tableReads: 0 },
  times: [write, write, send],
});

function queued(step: number, of: number, handlerMs: number): Stage {
  const last = step === of;
  return {
    name: `step ${step}`,
    fan: 1,
    units: {
      tableWrites: COUNTED.queuedStep.writeUnits + (last ? CLOSED.tableWrites : 0),
      tableReads: COUNTED.queuedStep.readUnits,
      indexRunning: last ? CLOSED.indexRunning : 0,
      indexEnded: last ? CLOSED.indexEnded : 0,
    },
    times: [write, handler(handlerMs), write, last ? write : send],
  };
}

function inlineChain(steps: number, handlerMs: number): Stage {
  const { units, times } = started("control");
  return {
    name: "control",
    fan: 1,
    units: {
      tableWrites: units.tableWrites + steps * COUNTED.inlineStep.writeUnits + CLOSED.tableWrites,
      tableReads: COUNTED.inlineSegment.readUnits,
      indexRunning: units.indexRunning + CLOSED.indexRunning,
      indexEnded: CLOSED.indexEnded,
    },
    times: [...times.slice(0, 2), ...Array.from({ length: steps }, () => [handler(handlerMs), write]).flat(), write],
  };
}

const item = (fanOut: number, handlerMs: number): Stage => ({
  name: "item",
  fan: fanOut,
  units: {
    tableWrites: COUNTED.mapItem.writeUnits,
    tableReads: COUNTED.mapItem.readUnits,
    indexRunning: 0,
    indexEnded: 0,
  },
  times: [write, handler(handlerMs), write, write],
});

/** What the last item does for all of them. */
const joined = (fanOut: number): Stage => ({
  name: "end",
  fan: 1 / fanOut,
  units: { ...CLOSED, tableWrites: CLOSED.tableWrites + COUNTED.joinDecision.writeUnits, tableReads: 0 },
  times: [write, write],
  within: true,
});
