/**
 * Going on with what has stopped. Heal works out from the log alone what ought to be under way, and sets it going
 * again: every effect is idempotent, so nothing that is under way is harmed. Redrive begins a new generation of an
 * execution that has ended, and heals it.
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { frontier, type Records } from "../kernel/frontier.ts";
import { seatOf } from "../kernel/join.ts";
import {
  type DecisionRecord,
  decideKey,
  type EffectOf,
  type Header,
  hasEnded,
  type LogRecord,
  START_KEY,
  type StepRecord,
} from "../kernel/record.ts";
import { planRedrive, type Redrive } from "../kernel/redrive.ts";
import { INPUT_REF, valueAt } from "../kernel/ref.ts";
import type { Json } from "../model/json.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { atOnce } from "./at-once.ts";
import { invocationOf } from "./attempt.ts";
import { bothWhole, type Context, type Invocation, outcomeOf, unknownGraph, WHOLE, type Whole } from "./context.ts";
import { decideStart } from "./decide.ts";
import { drain } from "./drain.ts";
import { isAtRest } from "./ends.ts";
import { earlierIn } from "./generation-log.ts";
import { tooOld } from "./lifetime.ts";

/** Each part is done once, so that a redrive that is delivered again does the rest. */
export async function redrive(context: Context, delivery: Delivery, message: EnvelopeOf<"redrive">): Promise<Outcome> {
  const { epoch } = message;
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  const header = await inv.log.header(inv.execution);
  if (header?.epoch === epoch && isAtRest(header)) {
    const why = tooOld(context, header) ?? (await nextGeneration(inv, header, message));
    if (why !== undefined) return { kind: "bury", reason: `redrive: ${why}` };
  }
  return heal(context, delivery, { ...message, kind: "heal", epoch: epoch + 1 });
}

/**
 * The edit, and then the header as the edit that stands has it.
 *
 * @returns why there can be none
 */
export async function nextGeneration(
  inv: Invocation,
  header: Header,
  asked: Pick<Redrive, "from" | "input" | "ends">,
): Promise<string | undefined> {
  const { context, generation, execution } = inv;
  const { epoch, status } = header;
  const all = await context.log.list(execution);
  const of = { ...asked, status, atMs: context.clock.now() };
  const planned = planRedrive(generation.view(all), of, earlierIn(generation, all));
  if (planned.kind === "refused") return planned.why;
  const { ends } = await context.log.edit(execution, epoch + 1, planned.edit);
  const ending = ends && ({ to: "stopping", keep: true, ending: ends.as, error: ends.error } as const);
  const to = status === "stuck" && header.ending ? "stopping" : "running";
  await context.log.turn(execution, { epoch, from: [status], reopen: true, ...(ending ?? { to }) });
  return undefined;
}

export async function heal(context: Context, delivery: Delivery, message: EnvelopeOf<"heal">): Promise<Outcome> {
  const header = await context.log.header(message);
  if (header?.epoch !== message.epoch) return { kind: "acknowledge" };
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  if (header.status === "stopping") return drain(inv, delivery);
  if (hasEnded(header)) return { kind: "acknowledge" };
  // No step is to run here: each has a queue of its own, and what has settled is walked through, also a repeatable one.
  return outcomeOf(await setGoing({ ...inv, deadlineMs: 0, again: true }));
}

/** Dispatches again what every record says, from the start on: sends go only to steps that have not settled. */
async function setGoing(inv: Invocation): Promise<Whole> {
  const { log } = inv;
  const begun = await startAnew(inv);
  if (begun) return begun;
  const records = await log.list(inv.execution, { values: false });
  const full = new Set<string>();
  const all = await atOnce([START_KEY, ...frontier(records).reached], async (key) => {
    const record = records.get(key);
    if (!record || !hasCome(record) || inv.seen.has(key)) return WHOLE;
    inv.seen.add(key);
    const next = (record.next ?? []).filter((effect) => effect.kind !== "arrive" || !isDone(effect, records, full));
    return inv.dispatch(inv, next, true);
  });
  return bothWhole(all);
}

const hasCome = (record: LogRecord): record is StepRecord | DecisionRecord =>
  record.kind === "decision" || (record.kind === "step" && record.status === "settled");

/**
 * What a large map's items have to do that arrived long ago: nothing, but one of each full set sees to the set above.
 *
 * @param full the sets that somebody sees to
 */
function isDone({ path, member, of }: EffectOf<"arrive">, records: Records, full: Set<string>): boolean {
  if (records.has(decideKey(path))) return true; // goes on by itself
  const seat = seatOf(path, member, of);
  const set = records.get(seat.key);
  if (set?.kind !== "join" || !Object.hasOwn(set.members, seat.member)) return false;
  if (Object.keys(set.members).length < seat.of || full.has(seat.key)) return true;
  full.add(seat.key);
  return false;
}

/** A start whose decision came to a failure is decided again, by the newest slots, with the input that it had. */
async function startAnew(inv: Invocation): Promise<Whole | undefined> {
  const { log, context } = inv;
  const places = inv.generation.earlierPlaces(START_KEY);
  if (places.length === 0 || (await log.read(inv.execution, START_KEY))) return undefined;
  let input: Json | undefined;
  // One that was closed has none.
  for (const place of places) input ??= valueAt(INPUT_REF, await context.log.read(inv.execution, place));
  const decision = await decideStart(inv, { key: START_KEY }, input ?? null);
  const atMs = context.clock.now();
  const { record } = await log.decide(inv.execution, START_KEY, { kind: "decision", ...decision, atMs });
  return inv.dispatch(inv, record.next, true);
}
