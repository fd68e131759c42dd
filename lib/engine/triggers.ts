/**
 * Events of a trigger that says what a second event for a running key does. What an execution begins with is recorded
 * first, then it takes its key, then its header opens; whoever frees a key starts the next one. Each can be done again:
 *
 *     event ──▶ decision of the start ──▶ take ──▶ runs: header, dispatch
 *                                            ├───▶ waits: nothing (`queue`), or cancel the one that runs (`replace`)
 *                                            └───▶ tells: a signal to the one that runs (`signal`)
 *     its end ─▶ `freed` ──▶ free ──▶ header of the next one, dispatch
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { controlQueue, type Execution, keyPartition, markedId } from "../contract/ids.ts";
import type { WhenRunning } from "../kernel/occupancy.ts";
import { hasEnded, KEY_KEY, START_KEY } from "../kernel/record.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import type { Context } from "./context.ts";
import { keyOf, tellFreed, whenRunningOf } from "./freed.ts";
import { expiresAtOf } from "./lifetime.ts";
import { type Begun, begin, open } from "./start.ts";

const ACKNOWLEDGE: Outcome = { kind: "acknowledge" };

/** One event for one key. */
interface Keyed {
  readonly start: EnvelopeOf<"start">;
  readonly mark: string;
  readonly key: string;
  readonly partition: Execution;
  readonly whenRunning: WhenRunning;
}

/** Undefined: the trigger does not say what a second event does. The key is the execution's id then. */
export function receiveKeyed(
  context: Context,
  delivery: Delivery,
  start: EnvelopeOf<"start">,
): Promise<Outcome> | undefined {
  const { trigger, workflow, id } = start;
  const key = keyOf(trigger);
  const whenRunning = whenRunningOf(context.programs.newest(workflow).graph);
  if (key === undefined || whenRunning === undefined) return undefined;
  const partition = partitionOf(context, { workflow, key });
  return take(context, delivery, { start, mark: markIn(id, key), key, partition, whenRunning });
}

/** Who runs for a key holds it as long as it lives. */
function partitionOf(context: Context, { workflow, key }: { workflow: string; key: string }): Execution {
  const { timeoutMs } = context.programs.newest(workflow).graph;
  return { ...keyPartition(workflow, key), expiresAt: expiresAtOf(context, timeoutMs) };
}

/** The rest of an execution's id, after its key. */
const markIn = (id: string, key: string): string => id.slice(markedId(key, "").length);

async function take(context: Context, delivery: Delivery, keyed: Keyed): Promise<Outcome> {
  const { log } = context;
  const { start, mark, partition, whenRunning } = keyed;
  const others = await lookAtOthers(context, delivery, keyed);
  const begun = mayWait(whenRunning) || !others.running ? await begin(context, delivery, start) : undefined;
  const answer = await log.occupy(partition, { kind: "take", mark, whenRunning, begun: begun !== undefined });
  switch (answer.kind) {
    case "runs":
      return open(context, delivery, { name: start, ...(begun ?? (await begin(context, delivery, start))) });
    case "waits":
      if (whenRunning === "replace") return cancel(context, delivery, { ...keyed, running: answer.running });
      return others.outcome;
    case "tells":
      await signal(context, keyed, answer.running);
      return others.outcome;
    case "free":
      return take(context, delivery, keyed); // it was let go a moment ago
    case "full":
      return { kind: "bury", reason: `key_full: as many events wait for the key '${keyed.key}' as may` };
    default:
      return others.outcome;
  }
}

/** Each event has a place in line. */
const mayWait = (whenRunning: WhenRunning): boolean => whenRunning === "queue" || whenRunning === "replace";

/** Sent again, it is one signal: the mailbox knows it by the event's mark. */
async function signal({ programs, transport }: Context, { mark, ...keyed }: Keyed, running: string): Promise<void> {
  const { workflow, input: data } = keyed.start;
  const name = programs.newest(workflow).graph.trigger?.signal;
  if (name === undefined) throw new Error(`the trigger of '${workflow}' names no signal`);
  const of = {
    kind: "signal",
    v: 1,
    ...nameOf(keyed, running),
    signal: name,
    signalId: `event:${mark}`,
    data,
  } as const;
  await transport.send([{ queue: controlQueue(workflow), envelope: of }]);
}

interface Others {
  readonly running: boolean;
  /** Of what was done for the other one under this event's message. */
  readonly outcome: Outcome;
}

/** The message about one that has ended may be lost, and so may what was to start the one whose turn it is. */
async function lookAtOthers(context: Context, delivery: Delivery, keyed: Keyed): Promise<Others> {
  const { log } = context;
  const { partition, whenRunning } = keyed;
  const standing = await log.read(partition, KEY_KEY);
  const running = standing?.kind === "key" ? standing.running : undefined;
  if (running === undefined || running === keyed.mark) return { running: false, outcome: ACKNOWLEDGE };
  const header = await log.header(nameOf(keyed, running));
  if (!header) return { running: true, outcome: await openNext(context, delivery, { ...keyed, next: running }) };
  if (!hasEnded(header)) return { running: true, outcome: ACKNOWLEDGE };
  // Where nobody waits it is let go here. Else whoever hears of it starts the next one, which may be this one.
  if (mayWait(whenRunning)) await tellFreed(context, header);
  else await log.occupy(partition, { kind: "free", mark: running });
  return { running: mayWait(whenRunning), outcome: ACKNOWLEDGE };
}

/** Asked as often as the event comes: the first stop decides as what it ends. One that has not begun yet begins first. */
async function cancel(
  context: Context,
  delivery: Delivery,
  { running, ...keyed }: Keyed & { readonly running: string },
): Promise<Outcome> {
  const { log, transport } = context;
  const name = nameOf(keyed, running);
  const standing = await log.header(name);
  const outcome = standing ? ACKNOWLEDGE : await openNext(context, delivery, { ...keyed, next: running });
  const header = standing ?? (await log.header(name));
  if (!header || hasEnded(header)) return outcome;
  const { workflow, id, graph, epoch, expiresAt } = header;
  const message = `a newer event for the key '${keyed.key}' takes its place`;
  const error = { code: "cancelled", message, path: "" };
  const envelope = { kind: "stop", v: 1, workflow, id, graph, epoch, expiresAt, error, as: "cancelled" } as const;
  await transport.send([{ queue: controlQueue(workflow), envelope }]);
  return outcome;
}

/** An execution has ended, which ran for a key. */
export async function receiveFreed(
  context: Context,
  delivery: Delivery,
  message: EnvelopeOf<"freed">,
): Promise<Outcome> {
  const header = await context.log.header(message);
  const key = header && keyOf(header.trigger);
  // A redrive has set it going again: its next end frees the key.
  if (!header || key === undefined || !hasEnded(header)) return ACKNOWLEDGE;
  const { workflow, id } = header;
  const partition = partitionOf(context, { workflow, key });
  return free(context, delivery, { start: message, key, partition, ended: markIn(id, key) });
}

type Place = Pick<Keyed, "key" | "partition"> & { readonly start: { readonly workflow: string } };

async function free(
  context: Context,
  delivery: Delivery,
  { ended, ...place }: Place & { readonly ended: string },
): Promise<Outcome> {
  const answer = await context.log.occupy(place.partition, { kind: "free", mark: ended });
  const next = answer.kind === "next" ? answer.running : undefined;
  return next === undefined ? ACKNOWLEDGE : openNext(context, delivery, { ...place, next });
}

/** What it begins with stands since its event came; if it does not, that event is still in its queue. */
async function openNext(
  context: Context,
  delivery: Delivery,
  { next, ...place }: Place & { readonly next: string },
): Promise<Outcome> {
  const { log, clock } = context;
  const name = nameOf(place, next);
  const record = await log.read(name, START_KEY);
  if (record?.kind !== "decision") return ACKNOWLEDGE;
  const begun: Begun = { record, mine: false };
  return open(context, delivery, { name, ...begun, startedAtMs: clock.now() });
}

const nameOf = ({ key, start: { workflow } }: Place, mark: string) => ({ workflow, id: markedId(key, mark) });
