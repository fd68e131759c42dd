/**
 * A fork: a new execution that begins with what another one has come to, but for a step and all that this step led to.
 * Its log is a copy of the other one's up to a cut, and its first edit says where the cut lies:
 *
 *     copied ──▶ step/reserve ──▶ step/charge ─┃─▶ step/ship@1 ──▶ …
 *                                              ┃    void: written anew, at a place of its own
 *
 * The cut is worked out once and kept. Records at rest never change, so whoever copies later, from a log that has gone
 * on meanwhile, copies the very same.
 */
import { scopesAbove, undoneBy } from "./address.ts";
import { frontier, type Records } from "./frontier.ts";
import { LIST_REFS } from "./list.ts";
import {
  type DecisionRecord,
  decideKey,
  type EditRecord,
  type Effect,
  type ListRecord,
  type LogRecord,
  type RestRecord,
  START_KEY,
  type StepRecord,
  stepKey,
  wonKey,
} from "./record.ts";
import { type Planned, planRedrive, type Redrive } from "./redrive.ts";
import type { Past } from "./voids.ts";

export interface Fork extends Pick<Redrive, "input" | "atMs"> {
  /** The path of a step that has settled. */
  readonly from: string;
}

/** @param records of one generation, of an execution in whichever status. @param earlier as a redrive has it */
export function planFork(records: Records, { from, input, atMs }: Fork, earlier?: Past["earlier"]): Planned {
  const key = stepKey(from);
  if (undoneBy(from) !== undefined) return refused(`'${from}' undoes another step: fork from a step of the graph`);
  if (!isSettled(records.get(key))) return refused(`no step at '${from}' has settled`);
  // What has failed, or is undone or dead, is so for a fork as for a redrive.
  const redriven = planRedrive(records, { from, input, status: "failed", atMs }, earlier);
  if (redriven.kind === "refused") return redriven;
  const out = new Set(redriven.edit.void);
  // They wait for the step, also where the log was read while they came to be decided.
  for (const scope of scopesAbove(from)) out.add(decideKey(scope)).add(wonKey(scope));
  const kept = keptOf(records, out);
  const cut = [...frontier(kept).effects.keys()].filter((it) => !kept.has(it));
  const anew = cut.filter((it) => redriven.edit.anew.includes(it) || !hasOutput(records.get(it)));
  const inputs = input !== undefined && { inputs: { [from]: input } };
  return { kind: "edit", edit: { kind: "edit", void: cut, anew, ...inputs, atMs } };
}

/** What a fork's log begins with, by key: lists, and then each record after what leads to it. */
export function copiesOf(records: Records, { void: cut, anew }: EditRecord): ReadonlyMap<string, RestRecord> {
  const kept = keptOf(records, new Set(cut));
  // A step that gave something, and whose decision failed: it is asked again where to go, and does not run again.
  const given = cut.filter((key) => !anew.includes(key));
  const keys = [START_KEY, ...frontier(kept).reached.filter((key) => kept.has(key)), ...given];
  const copies = keys.map((key) => [key, copyOf(records.get(key) as Following)] as const);
  return new Map<string, RestRecord>([
    ...listsOf(
      copies.map(([, record]) => record),
      records,
    ),
    ...copies,
  ]);
}

type Following = StepRecord | DecisionRecord;

/** The chunks of the lists that what follows refers to. */
function* listsOf(copies: readonly Following[], records: Records): Generator<readonly [string, ListRecord]> {
  const lists = new Set(copies.flatMap(({ next }) => JSON.stringify(next ?? []).match(LIST_REFS) ?? []));
  for (const [key, record] of records)
    if (record.kind === "list" && lists.has(key.slice(0, key.lastIndexOf(".")))) yield [key, record];
}

const refused = (why: string): Planned => ({ kind: "refused", why });

/** What undoes others stays with the execution that undoes them: no plan of it leads on here. */
function keptOf(records: Records, out: ReadonlySet<string>): Records {
  return new Map([...records].filter(([key, record]) => isAtRest(record) && !out.has(key) && !key.includes("#undo")));
}

const isSettled = (record: LogRecord | undefined): record is StepRecord =>
  record?.kind === "step" && record.status === "settled";
const isAtRest = (record: LogRecord): boolean => record.kind === "decision" || isSettled(record);
const hasOutput = (record: LogRecord | undefined): boolean => isSettled(record) && record.output !== undefined;

/** As it stands, but for what is another execution's: its effects, who called it, how it was opened. */
function copyOf(record: Following): Following {
  const next = record.next?.map(copiedEffect);
  const rest = next && { next };
  if (record.kind === "step") {
    const { memo: _, ...kept } = record;
    return { ...kept, ...rest, copied: true };
  }
  const { opens: _opens, edit: _edit, values, ...kept } = record;
  const own = values && Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith("#")));
  return { ...kept, ...rest, ...(own && { values: own }) };
}

/** What happened once does not happen again. A call that is waited for has been answered, or is made anew. */
function copiedEffect(effect: Effect): Effect {
  const isDone = effect.kind === "emit" || (effect.kind === "call" && effect.detached !== undefined);
  return isDone ? { ...effect, copied: true } : effect;
}
