/** States that wait for something outside of the workflow's own nodes: its control function goes on with the path. */
import type { CallState, EmitState, WaitForState, WaitState } from "../model/graph.ts";
import { LONGEST_QUEUE_DELAY_MS } from "../model/reach.ts";
import { DYNAMO_MS, SQS_MS } from "./assumptions.ts";
import { START_AND_END } from "./counts.ts";
import type { At, Here, Walker } from "./path.ts";
import { coursePlus } from "./shape.ts";
import { CHUNK_BYTES, EFFECT_BYTES, storedAs, writeOf } from "./sizes.ts";

type Outside = WaitState | WaitForState | CallState | EmitState;
type HereOutside<S extends Outside = Outside> = Here & { readonly state: S };

export function enterOutside(walk: Walker, here: HereOutside, at: At): At {
  at.record.bodyBytes += EFFECT_BYTES;
  const { state } = here;
  switch (state.kind) {
    case "wait":
      return wait(walk, { ...here, state }, at);
    case "waitFor":
      return waitFor(walk, { ...here, state }, at);
    case "call":
      return call(walk, { ...here, state }, at);
    case "emit": {
      walk.keep(at, state.data);
      walk.shape({ emits: 1 });
      walk.add(here.path, { events: Math.ceil(walk.assumed.payloadBytes / CHUNK_BYTES), waitsMs: SQS_MS });
      return at;
    }
  }
}

/** Longer than a queue holds it back, it is scheduled, comes a minute early and is put off. */
function timer(walk: Walker, row: string, delayMs: number): void {
  walk.message(row, 0);
  if (delayMs <= LONGEST_QUEUE_DELAY_MS) return;
  walk.add(row, { schedules: 1, messages: 1, putOffs: 1, sends: -1 });
}

/** In the control function, on a message of its own. */
function wokenAt(walk: Walker, { path, at, bodyBytes, known }: Woken): At {
  const inv = { known: new Set(known), glanced: false };
  const record = walk.decide(path, bodyBytes);
  const course = coursePlus(at.course, { hops: 1, requestsMs: 3 * DYNAMO_MS });
  return { ...at, inv, record, course, sendShare: 1 };
}
interface Woken {
  readonly path: string;
  readonly at: At;
  readonly bodyBytes: number;
  readonly known: readonly string[];
}

function wait(walk: Walker, { path, state }: HereOutside<WaitState>, at: At): At {
  walk.evaluate(at.record.row, state.until, at);
  const delayMs = state.forMs ?? Number.POSITIVE_INFINITY;
  timer(walk, path, delayMs);
  walk.shape({ suspensions: 1 });
  walk.look(path, 2); // the header, and whether it has been decided
  const woken = wokenAt(walk, { path, at, bodyBytes: 60, known: [] });
  return { ...woken, course: coursePlus(woken.course, { pausesMs: state.forMs ?? 0 }) };
}

function waitFor(walk: Walker, { path, name, state }: HereOutside<WaitForState>, at: At): At {
  const { payloadBytes } = walk.assumed;
  // Into the mailbox, with what waits; the signal, as it comes; and out again. Each is read before it is changed.
  const entry = (bytes: number) => {
    walk.look(path, 1);
    walk.add(path, { ...writeOf(storedAs(bytes, walk.assumed)), itemBytes: 0, waitsMs: DYNAMO_MS });
  };
  entry(EFFECT_BYTES);
  timer(walk, path, state.timeoutMs);
  walk.look(path, 1); // once its time is over: the header, of an execution that has ended
  walk.message(path, payloadBytes);
  entry(payloadBytes);
  entry(2 * EFFECT_BYTES);
  walk.look(path, 2);
  walk.shape({ suspensions: 1, signals: 1 });
  return { ...wokenAt(walk, { path, at, bodyBytes: payloadBytes, known: [name] }), prev: name };
}

function call(walk: Walker, { path, name, state }: HereOutside<CallState>, at: At): At {
  const { payloadBytes } = walk.assumed;
  walk.keep(at, state.input);
  if (!at.inv.glanced) walk.add(path, { readUnits: 0.5, dynamo: 1, waitsMs: DYNAMO_MS });
  at.inv.glanced = true;
  walk.add(path, { sends: 1, waitsMs: SQS_MS });
  walk.shape({ suspensions: 1 });
  if (state.detached) {
    at.inv.known.add(name);
    return { ...at, prev: name };
  }
  // Its end is told by its own function, which reads whom to tell.
  walk.look(path, 1);
  walk.message(path, 0);
  walk.look(path, 4); // both headers, its output, whether it has been decided
  return { ...wokenAt(walk, { path, at, bodyBytes: payloadBytes, known: [name] }), prev: name };
}

/** Where the whole execution may take only so long, that is looked at when the time is over. */
export function timeIsLimited(walk: Walker, timeoutMs: number): void {
  timer(walk, START_AND_END, timeoutMs);
  walk.look(START_AND_END, 1);
  walk.add(START_AND_END, { writeUnits: 1, dynamo: 1, waitsMs: DYNAMO_MS }); // refused, and billed
}

/** An execution that runs for a key takes it and lets it go. */
export function keyIsFreed(walk: Walker): void {
  const { trigger, schedule } = walk.graph;
  const keyed = trigger?.whenRunning !== undefined || (schedule !== undefined && !schedule.overlap);
  if (!keyed) return;
  walk.message(START_AND_END, 0);
  walk.look(START_AND_END, 4);
  walk.add(START_AND_END, { writeUnits: 2, dynamo: 2, waitsMs: 2 * DYNAMO_MS });
}
