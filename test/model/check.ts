/**
 * What must hold of every run, read from the log with eyes of its own: nothing here is shared with the protocol but the
 * graph's keys and the view of a generation.
 */

import { checkCalls, checkChild } from "./check-calls.ts";
import { checkSignals } from "./check-signals.ts";
import { checkUndone } from "./check-undo.ts";
import { insideOf, targetOf } from "./effect.ts";
import type { Generation, PhysicalKey } from "./generation.ts";
import { undoneBy } from "./graph.ts";
import { history, isClosed, isStep, type Node } from "./history.ts";
import { type Key, START, stepKey } from "./keys.ts";
import type { Decision, StepLog, StepRecord } from "./log.ts";
import { generationAt } from "./redrive.ts";
import { Violation } from "./violation.ts";
import type { Parts } from "./work.ts";

/** A generation has just ended: nothing is open. Gives back what it came to. */
export function checkEnd(parts: Parts, epoch: number): string {
  const view = generationAt(parts.log, epoch);
  const nodes = history(parts, view);
  for (const { key, record } of nodes.values()) {
    if (!record || (isStep(record) && record.status !== "settled"))
      throw new Violation(`epoch ${epoch} ended with ${key} open`);
    if (!record.next) throw new Violation(`${key} settled without a decision`);
  }
  checkUndone(parts, epoch, nodes);
  checkCalls(parts);
  return print(nodes);
}

const print = (nodes: ReadonlyMap<Key, Node>): string =>
  [...nodes.values()]
    .map(({ key, record }) => `${key}=${JSON.stringify(record && { ...record, members: undefined })}`)
    .sort()
    .join("\n");

export interface Outcome {
  readonly ended: ReadonlyMap<number, string>;
  readonly cancelled: ReadonlySet<number>;
  readonly stuck: ReadonlyMap<number, ReadonlySet<PhysicalKey>>;
}

/** The execution has ended, and no message is left. */
export function checkRun(parts: Parts, { ended, cancelled, stuck }: Outcome): void {
  const { log } = parts;
  const header = log.headers.current;
  if (!header) throw new Violation("there is no header");
  const broken = new Set<string>();
  for (let epoch = 0; epoch <= header.epoch; epoch++) {
    const view = generationAt(log, epoch);
    const nodes = history(parts, view);
    checkChance(view, nodes, broken);
    const failed = ended.has(epoch) ? brokenBy(view, nodes) : (stuck.get(epoch) ?? []);
    for (const key of failed) broken.add(key);
    if (!ended.has(epoch) && stuck.has(epoch)) continue; // it went on undoing in the next
    if (epoch > 0 && !log.edits.has(epoch)) throw new Violation(`epoch ${epoch} has no edit`);
    if (print(nodes) !== ended.get(epoch)) throw new Violation(`epoch ${epoch} changed after its end`);
    checkOrigins(view, nodes);
    checkRuns(parts, nodes, epoch);
  }
  checkSignals(log);
  checkChild(parts);
  const view = generationAt(log, header.epoch);
  const causes = { cancelled: parts.parent !== undefined || cancelled.size > 0, stuck: stuck.size > 0 };
  checkStatus(history(parts, view), header, causes);
  checkIdempotencyKeys(parts, header.epoch);
}

/** Each record was worked out from the records that lead to it in this generation, and from no others. */
function checkOrigins(view: Generation, nodes: ReadonlyMap<Key, Node>): void {
  for (const { key, record, by, of } of nodes.values()) {
    if (!record || isClosed(record) || key === START || key.includes("#undo~") || !(isStep(record) || record.members))
      continue;
    const origins = new Map([...by].map(([member, origin]) => [member, view.key(origin)]));
    const seen = isStep(record) ? new Map([[0, record.from]]) : record.members;
    if (key.endsWith("#won") && [...by.values(), ...others(nodes, key)].some((it) => view.key(it) === seen?.get(0)))
      continue;
    const same = seen?.size === of && [...seen].every(([member, from]) => origins.get(member) === from);
    if (!same) throw new Violation(`${key} was worked out from ${show(seen)}, not from ${show(origins)}`);
  }
}
/** Who else came to the end of the same scope. */
const others = (nodes: ReadonlyMap<Key, Node>, won: Key): readonly Key[] =>
  [...nodes.values()].flatMap(({ key, record }) =>
    (record?.next ?? []).some((it) => it.kind === "leave" && targetOf(it) === won) ? [key] : [],
  );
const show = (map: ReadonlyMap<number, unknown> | undefined): string => JSON.stringify([...(map ?? [])]);

function checkRuns({ runs }: Parts, nodes: ReadonlyMap<Key, Node>, epoch: number): void {
  for (const run of runs)
    if (run.epoch === epoch && !nodes.has(stepKey(run.path)))
      throw new Violation(`${run.path} ran in epoch ${epoch}, and no recorded decision leads to it`);
}

/** What failed or was closed has another chance in the next generation, which begins without it. */
function checkChance(view: Generation, nodes: ReadonlyMap<Key, Node>, broken: ReadonlySet<PhysicalKey>): void {
  for (const key of nodes.keys())
    if (broken.has(view.key(key))) throw new Violation(`epoch ${view.epoch} still has ${view.key(key)}`);
}

function brokenBy(view: Generation, nodes: ReadonlyMap<Key, Node>): readonly PhysicalKey[] {
  return [...nodes.values()].flatMap(({ key, record }) => {
    if (!record || isOver(nodes, key)) return [];
    const failed = record.next?.some((it) => it.kind === "fail" || it.kind === "stick");
    return failed || isClosed(record) ? [key, ...causesOf(nodes, record)].map((it) => view.key(it)) : [];
  });
}

/** By their records, in whatever generation. */
export const failedUndos = ({ steps }: StepLog): ReadonlySet<PhysicalKey> =>
  new Set([...steps].flatMap(([key, { next }]) => (next?.some((it) => it.kind === "stick") ? [key] : [])));

/** A failure that went out of a race began inside it. */
function causesOf(nodes: ReadonlyMap<Key, Node>, record: StepRecord | Decision): readonly Key[] {
  if (isStep(record) || record.how?.kind !== "failed") return [];
  const cause = nodes.get(record.how.by)?.record;
  return [record.how.by, ...(cause ? causesOf(nodes, cause) : [])];
}

/** It lies in a scope that was ended early. */
function isOver(nodes: ReadonlyMap<Key, Node>, key: Key): boolean {
  const path = key.slice(key.indexOf("/") + 1);
  return [...nodes.values()].some(({ key: won, record }) => {
    if (!won.endsWith("#won") || !record || isStep(record) || !record.how) return false;
    return path.startsWith(insideOf(won.slice("decide/".length, -"#won".length), record.how));
  });
}

interface Causes {
  readonly cancelled: boolean;
  /** An undo step had failed for good. */
  readonly stuck: boolean;
}

/** How it ended follows from what was decided. */
function checkStatus(nodes: ReadonlyMap<Key, Node>, header: { status: string }, { cancelled, stuck }: Causes): void {
  const all = [...nodes.values()].flatMap(({ record }) => record?.next ?? []);
  const decided = new Set(all.map(({ kind }) => kind));
  const closed = [...nodes.values()].some(({ key, record }) => record && isClosed(record) && !isOver(nodes, key));
  const right = {
    succeeded: decided.has("succeed") && !decided.has("fail") && !closed,
    failed: decided.has("fail") || decided.has("stick") || stuck,
    cancelled,
  }[header.status];
  if (!right) throw new Violation(`it ${header.status}, which does not follow from ${[...decided]}`);
}

/**
 * A step that came to its end and runs again does so under a new key, or whoever is called would take it for the same;
 * one that did not keeps its key, for its effect may have happened.
 */
function checkIdempotencyKeys({ runs, log }: Parts, epoch: number): void {
  const view = generationAt(log, epoch);
  for (const path of new Set(runs.map((run) => run.path))) {
    let last: string | undefined;
    let done = false;
    for (const { key } of [...view.versions(stepKey(path))].reverse()) {
      for (const run of runs.filter((it) => it.record === key && !it.late)) {
        done ||= runs.slice(0, runs.indexOf(run)).some(({ undoes }) => undoes === last);
        if (last !== undefined && undoneBy(path) === undefined && (run.idempotencyKey === last) === done)
          throw new Violation(`${key} ran under '${run.idempotencyKey}' after '${last}'`);
        last = run.idempotencyKey;
        done = false;
      }
      done ||= log.steps.get(key)?.result === "output";
    }
  }
}
