/**
 * What one execution cost, told from its own log: its steps with their attempts, times and values, at the prices of AWS.
 * A log does not say in which batches its messages came, so each counts as one that came alone; nor what was read in
 * vain. An execution of the embedded engine costs nothing: it is told what it would on AWS.
 */
import type { Graph, NodeSpec, StateKind } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { ASSUMED, type Assumptions, DYNAMO_MS } from "./assumptions.ts";
import { type Bill, billOf, keptDaysOf } from "./bill.ts";
import { type Counts, START_AND_END, Tally } from "./counts.ts";
import {
  EFFECT_BYTES,
  ENVELOPE_BYTES,
  HEADER_BYTES,
  ITEM_OVERHEAD_BYTES,
  OPENS_BYTES,
  storedAs,
  writeOf,
} from "./sizes.ts";

/** As `pawl show` has them. */
export interface RanExecution {
  readonly input: Json;
  readonly endedAt: string | null;
  readonly steps: readonly RanStep[];
}
export interface RanStep {
  readonly kind: StateKind;
  readonly node: string | null;
  readonly attempt: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly output: Json;
  readonly wait?: { readonly signal: string | null };
  readonly items?: { readonly done: number };
}

export interface Spent extends Pick<Counts, "writeUnits" | "readUnits" | "messages" | "events"> {
  /** In dollars: so far, where it has not ended. */
  readonly usd: number;
  readonly gigabyteSeconds: number;
  /** The price's parts. */
  readonly parts: Bill;
}

export function spentBy({ input, endedAt, steps }: RanExecution, graph: Graph): Spent {
  const tally = new Tally();
  const start = writeOf(storedAs(bytesOf(input) + OPENS_BYTES + EFFECT_BYTES, ASSUMED));
  tally.add(START_AND_END, { ...message(bytesOf(input)), ...start, waitsMs: DYNAMO_MS });
  const header = { writeUnits: 2, dynamo: 1, itemBytes: 2 * (HEADER_BYTES + ITEM_OVERHEAD_BYTES) };
  tally.add(START_AND_END, header);
  for (const step of steps) {
    const node = step.node === null ? undefined : graph.nodes[step.node];
    if (node) addTask(tally, step, node);
    else addState(tally, step);
  }
  if (endedAt !== null) tally.add(START_AND_END, { writeUnits: 3, dynamo: 1, waitsMs: DYNAMO_MS });
  const assumed: Assumptions = ASSUMED;
  const parts = billOf(tally.total, { batch: 1, assumed, keptDays: keptDaysOf(graph.timeoutMs) });
  const { writeUnits, readUnits, messages, events, handlerMs, waitsMs } = tally.total;
  const gigabyteSeconds = ((handlerMs + waitsMs) / 1000) * (assumed.memoryMiB / 1024);
  return { usd: parts.total, writeUnits, readUnits, messages, events, gigabyteSeconds, parts };
}

const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));
const message = (carriedBytes: number) => ({
  ...{ sends: 1, messages: 1, messageBytes: ENVELOPE_BYTES + carriedBytes },
});

/** Each attempt comes by a message and claims; those that failed are noted, and the last one settles. */
function addTask(tally: Tally, step: RanStep, { name, inline, repeatable }: NodeSpec): void {
  const { attempt, output, startedAt, endedAt } = step;
  const ended = endedAt !== null;
  const attempts = Math.max(1, attempt);
  // Inline, the first one rides; whoever is tried again has a queue.
  tally.add(name, message(0), attempts - (inline ? 1 : 0));
  if (attempt === 0 && !ended) return;
  tally.add(name, { readUnits: 0.5, dynamo: 1 }, attempts);
  if (!repeatable) tally.add(name, { writeUnits: 1, dynamo: 1, waitsMs: DYNAMO_MS }, attempts);
  tally.add(name, { writeUnits: 1, readUnits: 1, dynamo: 2, waitsMs: 2 * DYNAMO_MS }, attempts - 1);
  if (!ended) return;
  tally.add(name, { ...writeOf(storedAs(bytesOf(output) + EFFECT_BYTES, ASSUMED)), waitsMs: DYNAMO_MS });
  // Of the last attempt when it succeeded at once; else the pauses between attempts are in it, which nobody bills.
  const tookMs = startedAt === null || attempts > 1 ? 0 : Date.parse(endedAt) - Date.parse(startedAt);
  tally.add(name, { handlerMs: tookMs });
}

function addState(tally: Tally, { kind, endedAt, output, wait, items }: RanStep): void {
  const decided = endedAt !== null && DECIDED.has(kind);
  if (decided) {
    tally.add(kind, { ...writeOf(storedAs(bytesOf(output) + EFFECT_BYTES, ASSUMED)), waitsMs: DYNAMO_MS });
    tally.add(kind, { readUnits: 2, dynamo: 2, waitsMs: 2 * DYNAMO_MS });
  }
  if (kind === "emit") tally.add(kind, { events: 1 });
  if (items) tally.add(kind, { writeUnits: items.done, readUnits: items.done, dynamo: 2 * items.done });
  if (kind === "parallel") {
    const branches = Object.keys(output ?? {}).length;
    tally.add(kind, { writeUnits: branches, readUnits: branches, dynamo: 2 * branches });
  }
  if (kind === "wait" || kind === "waitFor" || kind === "call") tally.add(kind, message(0));
  // Its mailbox, with what waits, what came, and what was forgotten; and the signal's own message.
  if (wait?.signal) tally.add(kind, { ...message(bytesOf(output)), writeUnits: 3, readUnits: 4, dynamo: 7 });
}

/** What ends by a record of its own. */
const DECIDED: ReadonlySet<StateKind> = new Set(["parallel", "map", "race", "wait", "waitFor", "call"]);
