/**
 * What a redrive does over, worked out from the records of an execution that has ended: what failed, what was closed
 * because something else failed, and decisions that came to a failure; with `from`, that step and all that its decision
 * led to. What has succeeded stands.
 */
import type { Json } from "../model/json.ts";
import { undoneBy, undoPath } from "./address.ts";
import { frontier, keyOf, type Records } from "./frontier.ts";
import {
  type DecisionRecord,
  type EditRecord,
  type Effect,
  type EffectOf,
  type ExecutionStatus,
  START_KEY,
  type StepRecord,
  stepKey,
  undoKey,
  wonKey,
} from "./record.ts";

export interface Redrive {
  /** The path of a step that has run. */
  readonly from?: string | undefined;
  /** For the step at `from`, in place of what its mapping gives. */
  readonly input?: Json | undefined;
  /** As what it ended. One that was cancelled may have nothing that failed, and still not be at its end. */
  readonly status: ExecutionStatus;
  readonly atMs: number;
}
export type Planned =
  | { readonly kind: "edit"; readonly edit: EditRecord }
  | { readonly kind: "refused"; readonly why: string };

export function planRedrive(records: Records, of: Redrive): Planned {
  const { from, input, status, atMs } = of;
  const start = records.get(START_KEY) as DecisionRecord | undefined;
  if (!start?.values) return { kind: "refused", why: "it has no start" };
  if (status === "stuck") return undoAgain(records, of);
  const dead = deadScopes(records);
  const isDead = (key: string) => dead.some((scope) => pathOf(key).startsWith(`${scope}/`));
  const reached = [START_KEY, ...frontier(records).reached];
  const anew = new Set<string>();
  // What was undone is done again, with all that it led to.
  for (const key of reached) if (isUndone(key, records) && !isDead(key)) follow(records, key, anew);
  if (from !== undefined) {
    const record = records.get(stepKey(from));
    if (record?.kind !== "step") return { kind: "refused", why: `no step at '${from}' has begun` };
    follow(records, stepKey(from), anew);
  } else if (input !== undefined) return { kind: "refused", why: "an input is a step's: say from which" };
  const failed = reached.filter((key) => !isDead(key) && isVoid(key, records));
  const undo = [...records.keys()].filter((key) => ofUndo(key, records, anew));
  const all = [...new Set([...anew, ...failed, ...undo])];
  if (all.length === 0 && status !== "cancelled")
    return { kind: "refused", why: "nothing of it has failed: say from which step" };
  for (const key of undo) if (anew.has(undoneKey(key) ?? "")) anew.add(key);
  const inputs = from !== undefined && input !== undefined && { inputs: { [from]: input } };
  return { kind: "edit", edit: { kind: "edit", void: all, anew: [...anew], ...inputs, atMs } };
}

/** A stuck execution goes on with undoing: all else is as it was. */
function undoAgain(records: Records, { from, input, atMs }: Redrive): Planned {
  if (from !== undefined || input !== undefined)
    return {
      kind: "refused",
      why: "it is stuck, and goes on with undoing what could not be undone: leave from and input out",
    };
  const stuck = [...records].flatMap(([key, record]) =>
    "next" in record && record.next?.some(({ kind }) => kind === "stuck") ? [key] : [],
  );
  return { kind: "edit", edit: { kind: "edit", void: stuck, anew: [], atMs } };
}

/** Scopes that were left early: what lies in them came to rest there, and is not gone on with. */
const deadScopes = (records: Records): readonly string[] =>
  [...records].flatMap(([key, record]) =>
    key.endsWith("#won") && record.kind === "decision" && !record.closed ? [pathOf(key)] : [],
  );

const pathOf = (key: string): string => key.slice(key.indexOf("/") + 1).replace(/#.*/, "");

/** The key of the step that is undone by this one; undefined: it undoes none. */
const undoneKey = (key: string): string | undefined => {
  const path = key.startsWith("step/") ? undoneBy(pathOf(key)) : undefined;
  return path === undefined ? undefined : stepKey(path);
};

/** It may have been taken back: its undo has begun. */
function isUndone(key: string, records: Records): boolean {
  const undo = key.startsWith("step/") ? records.get(stepKey(undoPath(pathOf(key)))) : undefined;
  return undo?.kind === "step" && undo.startedAtMs !== undefined;
}

/** The execution's own plan of what to undo, and undo steps that a later plan is to find undone. */
function ofUndo(key: string, records: Records, anew: ReadonlySet<string>): boolean {
  if (/^(decide|join)\/#undo/.test(key)) return true;
  const undone = undoneKey(key);
  const record = records.get(key);
  return undone !== undefined && record?.kind === "step" && (anew.has(undone) || record.output === undefined);
}

/** It came to nothing, or was closed because something else did. */
function isVoid(key: string, records: Records): boolean {
  const record = records.get(key) as StepRecord | DecisionRecord | undefined;
  if (!record) return false;
  if (record.closed || record.next?.some(({ kind }) => kind === "fail")) return true;
  return record.kind === "step" && record.status !== "settled";
}

/** The record and everything that follows from it. */
function follow(records: Records, from: string, found: Set<string>): void {
  const todo = [from];
  for (let key = todo.pop(); key !== undefined; key = todo.pop()) {
    if (found.has(key)) continue;
    found.add(key);
    const record = records.get(key) as StepRecord | DecisionRecord | undefined;
    for (const effect of record?.next ?? []) todo.push(...keysOf(effect, records));
  }
}

function keysOf(effect: Effect, records: Records): readonly string[] {
  const key = keyOf(effect);
  if (key === undefined) return [];
  if (effect.kind === "arrive") return [`join/${effect.path}`, key];
  if (effect.kind === "close") return [undoKey(effect.scope), key];
  return effect.kind === "leave" && !isHeard(effect, records) ? [] : [key];
}

/** Another was the first to leave the scope. */
function isHeard({ scope, how }: EffectOf<"leave">, records: Records): boolean {
  const won = records.get(wonKey(scope)) as DecisionRecord | undefined;
  const [close] = won?.next ?? [];
  return close?.kind !== "close" || JSON.stringify(close.how) === JSON.stringify(how);
}
