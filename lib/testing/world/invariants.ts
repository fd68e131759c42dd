/**
 * What must hold, whatever goes wrong. As it happens: what is settled or decided never changes, and nothing is done that
 * no recorded decision leads to. At rest: every recorded decision is carried out, the execution has ended, and its end
 * is what its decisions say.
 */
import { emittedEventId, printExecution } from "../../contract/ids.ts";
import { undoneBy } from "../../kernel/address.ts";
import { frontier, keyOf } from "../../kernel/frontier.ts";
import { keyAt } from "../../kernel/generation.ts";
import {
  type DecisionRecord,
  decideKey,
  editKey,
  type Header,
  hasEnded,
  type JoinRecord,
  type LogRecord,
  type MailboxRecord,
  START_KEY,
  type StepRecord,
  undoKey,
} from "../../kernel/record.ts";
import type { Program } from "../../model/program.ts";
import { generationsOf } from "./generations.ts";
import { print, type Replayed, replay } from "./replay.ts";
import { type Undone, wrongEnd as wrongEndOfScope } from "./undone.ts";

type Records = ReadonlyMap<string, LogRecord>;

/** What is wrong with a record in place of another. */
export function wrongChange(key: string, records: Records, after: LogRecord): string | undefined {
  const before = records.get(key);
  if (before && before.kind !== after.kind) return `${key} was a ${before.kind} and is a ${after.kind}`;
  if (before?.kind === "decision") return `${key} is decided again`;
  if (before?.kind === "edit" || before?.kind === "list") return `${key} changes`;
  if (before?.kind === "step") return wrongStep(key, before, after as StepRecord);
  if (before?.kind === "join") return wrongJoin(key, before, after as JoinRecord);
  if (after.kind === "mailbox") return wrongMailbox(key, before?.kind === "mailbox" ? before : undefined, after);
  if (after.kind === "key") return undefined;
  // A list is written before the decision that refers to it, which may come to nothing.
  if (after.kind === "parked" || after.kind === "edit" || after.kind === "list") return undefined;
  const early = wrongScopeEnd(key, records, after);
  if (early) return early;
  return leadsTo(records, key) ? undefined : `no recorded decision leads to ${key}, which is written`;
}

/** Looked at in the newest generation that the record can belong to. */
function wrongScopeEnd(place: string, records: Records, after: LogRecord): string | undefined {
  const key = keyAt(place);
  const generation = generationsOf(records).findLast((it) => it.place(key) === place);
  return key.startsWith("decide/") && generation ? wrongEndOfScope(key, after, generation.view(records)) : undefined;
}

function wrongStep(key: string, before: StepRecord, after: StepRecord): string | undefined {
  if (before.status === "settled") return `${key} changes after it has settled`;
  if (after.fence < before.fence) return `the fence of ${key} falls`;
  return undefined;
}

function wrongJoin(key: string, before: JoinRecord, after: JoinRecord): string | undefined {
  for (const [member, ref] of Object.entries(before.members))
    if (after.members[member] !== ref) return `${key} loses its member ${member}`;
  return undefined;
}

/** A signal goes to one place, a place has one signal, and what is used up is not given out again. */
export function wrongMailbox(key: string, before: MailboxRecord | undefined, after: MailboxRecord): string | undefined {
  if (after.version !== (before?.version ?? 0) + 1) return `${key} is written over a change that was not seen`;
  const places = after.signals.flatMap(({ place }) => (place === undefined ? [] : [place]));
  if (
    new Set([...places, ...after.waiting, ...after.gone]).size <
    places.length + after.waiting.length + after.gone.length
  )
    return `${key} has a place twice`;
  if (new Set([...after.signals.map(({ id }) => id), ...after.known]).size < after.signals.length + after.known.length)
    return `${key} has a signal twice`;
  for (const { id, place } of before?.signals ?? []) {
    const signal = after.signals.find((other) => other.id === id);
    if (signal ? place !== undefined && signal.place !== place : !after.known.includes(id))
      return `${key} loses its signal ${id}`;
  }
  return undefined;
}

/** @param place of a record, in whichever generation */
export function leadsTo(records: Records, place: string): boolean {
  const key = keyAt(place);
  if (key === START_KEY) return true;
  // Whoever stops the execution asks for its plan, and whoever leaves a scope for that one's.
  if (key === undoKey("")) return true;
  const plan = /^(decide\/.*)#undo$/.exec(key)?.[1];
  const wanted = plan ?? wantedBy(key);
  return generationsOf(records).some(
    (generation) => generation.place(key) === place && frontier(generation.view(records)).reached.includes(wanted),
  );
}

/** A fork's log is copied in whatever order, until its header stands. */
export function isCopied(records: Records): boolean {
  const start = records.get(START_KEY);
  return start?.kind === "decision" && start.edit !== undefined;
}

/** Who sees the header finds the whole of what a fork begins with. */
export function wrongOpening(header: Header, records: Records): string | undefined {
  if (!isCopied(records))
    return header.epoch > 0 ? `${printExecution(header)} begins in epoch ${header.epoch}` : undefined;
  const edit = records.get(editKey(1));
  if (header.epoch !== 1 || edit?.kind !== "edit") return `${printExecution(header)} begins without its edit`;
  if (print((records.get(START_KEY) as DecisionRecord).edit) !== print(edit))
    return `${printExecution(header)} begins with another edit than its start says`;
  const view = generationsOf(records)[1]?.view(records) ?? new Map();
  const { effects } = frontier(view);
  const missing = [...effects.keys()].filter((key) => !edit.void.includes(key) && !view.has(key));
  const early = [...view.keys()].filter((key) => edit.void.includes(key));
  const wrong = [...missing.map((key) => `${key} is not there`), ...early.map((key) => `${key} is there already`)];
  return wrong.length > 0 ? `${printExecution(header)} begins when ${wrong.join(", ")}` : undefined;
}

const wantedBy = (key: string): string =>
  key.startsWith("join/") ? decideKey(key.slice("join/".length).replace(/#\d+\.\d+$/, "")) : key;

export function wrongTurn(before: Header, after: Header): string | undefined {
  const redriven = after.epoch === before.epoch + 1 && after.status === "running";
  if (hasEnded(before) && !redriven) return `${printExecution(after)} changes after it has ended`;
  if (before.status === "stuck" && after.epoch !== before.epoch + 1)
    return `${printExecution(after)} is stuck no longer, in the same epoch`;
  if (!hasEnded(before) && before.status !== "stuck" && after.epoch !== before.epoch)
    return `${printExecution(after)} is redriven before its end`;
  return undefined;
}

export interface AtRest {
  readonly program: Program;
  readonly header: Header;
  /** In every generation. */
  readonly records: Records;
  /** Whether the graph's functions answer alike each time. */
  readonly alike: boolean;
  /** Ids of the events that were put. */
  readonly put: ReadonlySet<string>;
  /** Whether somebody outside has cancelled it. */
  readonly cancelled: boolean;
  readonly undone: Undone;
}

/** By how much the times of two workers may be apart. */
const APART_MS = 60_000;

/** What is wrong with an execution for which nothing is left to do. */
export async function wrongAtRest(at: AtRest): Promise<readonly string[]> {
  const { header } = at;
  const wrong: string[] = [];
  if (!hasEnded(header)) wrong.push(`it is ${header.status} for ever`);
  const generation = generationsOf(at.records)[header.epoch];
  if (!generation) return [...wrong, `it is in epoch ${header.epoch}, and the edit that begins it is not there`];
  const records = generation.view(at.records);
  if (!records.has(START_KEY)) wrong.push("it never started");
  const open = frontier(records);
  for (const effect of [...open.steps, ...open.undecided]) wrong.push(`${keyOf(effect)} is open for ever`);
  const reached = new Set(open.reached);
  for (const [key, record] of records)
    if (record.kind === "step" && !reached.has(key) && !hasUndone(key, record))
      wrong.push(`no recorded decision leads to ${key}`);
  const replayed = await replay({ ...at, generation, records });
  wrong.push(...replayed.wrong, ...wrongEnd(at, replayed.ends));
  if (hasEnded(header))
    wrong.push(...at.undone.wrong(header, { graph: at.program.graph, generation, records, log: at.records }));
  const execution = printExecution(header);
  for (const { path, epoch = 0 } of replayed.emits)
    if (!at.put.has(emittedEventId({ execution, path, epoch }))) wrong.push(`the event at ${path} was never put`);
  return wrong;
}

/** Of a plan that is void: what it undid stays undone. */
const hasUndone = (key: string, { output }: StepRecord): boolean =>
  output !== undefined && undoneBy(key.slice("step/".length)) !== undefined;

/** The end is one that a recorded decision, or somebody outside, has asked for. */
function wrongEnd({ program, header, ...of }: AtRest, ends: Replayed["ends"]): readonly string[] {
  const { status, output, error } = header;
  // Whoever calls it may cancel it.
  const cancelled = of.cancelled || program.graph.trigger?.whenRunning === "replace" || header.parent !== undefined;
  if (status === "succeeded" && !ends.some((end) => end.kind === "succeed" && end.output === output))
    return [`it succeeded with ${output}, which no recorded decision says`];
  if (status === "cancelled" && !cancelled) return ["it is cancelled, and nobody asked for that"];
  if (status !== "failed") return [];
  const { timeoutMs = Number.POSITIVE_INFINITY } = program.graph;
  if (error?.code === "timeout" && error.path === "")
    return header.startedAtMs + timeoutMs <= (header.endedAtMs ?? 0) + APART_MS ? [] : ["it timed out too early"];
  if (ends.some((end) => end.kind === "fail" && print(end.error) === print(error))) return [];
  return [`it failed with ${print(error)}, which no recorded decision says`];
}
