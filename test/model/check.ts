/**
 * What must hold of every run, read from the log with eyes of its own: nothing here is shared with the protocol but the
 * graph's keys and the view of a generation.
 */
import type { Generation } from "./generation.ts";
import type { Decision, StepRecord } from "./log.ts";
import { generationAt } from "./redrive.ts";
import { decideKey, type Effect, type Key, START, stepKey } from "./route.ts";
import { Violation } from "./violation.ts";
import type { Parts } from "./work.ts";

interface Node {
  readonly key: Key;
  readonly record: StepRecord | Decision | undefined;
  /** The records whose decisions led here; of a join, by member. */
  readonly by: Map<number, Key>;
  of: number;
}

/** Everything that the decisions of a generation lead to. */
function history(parts: Parts, view: Generation): Map<Key, Node> {
  const { log } = parts;
  const nodes = new Map<Key, Node>();
  const visit = (key: Key, record: StepRecord | Decision | undefined, by: [number, Key], of: number): void => {
    const known = nodes.get(key);
    const node: Node = known ?? { key, record, by: new Map(), of };
    node.by.set(...by);
    nodes.set(key, node);
    if (!known) for (const effect of record?.next ?? []) follow(effect);
  };
  const follow = (effect: Effect): void => {
    if (effect.kind === "step") {
      const key = stepKey(effect.path);
      visit(key, log.steps.get(view.key(key)), [0, effect.by], 1);
    } else if (effect.kind === "arrive") {
      const key = decideKey(effect.path);
      visit(key, log.decisions.get(view.key(key)), [effect.member, effect.by], effect.of);
    }
  };
  visit(START, log.decisions.get(view.key(START)), [0, START], 1);
  return nodes;
}

const isStep = (record: StepRecord | Decision): record is StepRecord => "fence" in record;
const isClosed = (record: StepRecord | Decision): boolean =>
  isStep(record) ? record.result === "closed" : record.closed;

/** A generation has just ended: nothing is open. Gives back what it came to. */
export function checkEnd(parts: Parts, epoch: number): string {
  const view = generationAt(parts.log, epoch);
  const nodes = history(parts, view);
  for (const { key, record } of nodes.values()) {
    if (!record || (isStep(record) && record.status !== "settled"))
      throw new Violation(`epoch ${epoch} ended with ${key} open`);
    if (!record.next) throw new Violation(`${key} settled without a decision`);
  }
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
}

/** The execution has ended, and no message is left. */
export function checkRun(parts: Parts, { ended, cancelled }: Outcome): void {
  const { log } = parts;
  const header = log.headers.current;
  if (!header) throw new Violation("there is no header");
  const broken = new Set<string>();
  for (let epoch = 0; epoch <= header.epoch; epoch++) {
    const view = generationAt(log, epoch);
    const nodes = history(parts, view);
    if (epoch > 0 && !log.edits.has(epoch)) throw new Violation(`epoch ${epoch} has no edit`);
    if (print(nodes) !== ended.get(epoch)) throw new Violation(`epoch ${epoch} changed after its end`);
    checkOrigins(view, nodes);
    checkRuns(parts, nodes, epoch);
    checkChance(view, nodes, broken);
  }
  checkStatus(history(parts, generationAt(log, header.epoch)), header, cancelled.has(header.epoch));
  checkIdempotencyKeys(parts, header.epoch);
}

/** Each record was worked out from the records that lead to it in this generation, and from no others. */
function checkOrigins(view: Generation, nodes: ReadonlyMap<Key, Node>): void {
  for (const { key, record, by, of } of nodes.values()) {
    if (!record || isClosed(record) || key === START) continue;
    const origins = new Map([...by].map(([member, origin]) => [member, view.key(origin)]));
    const seen = isStep(record) ? new Map([[0, record.from]]) : record.members;
    const same = seen?.size === of && [...seen].every(([member, from]) => origins.get(member) === from);
    if (!same) throw new Violation(`${key} was worked out from ${show(seen)}, not from ${show(origins)}`);
  }
}
const show = (map: ReadonlyMap<number, unknown> | undefined): string => JSON.stringify([...(map ?? [])]);

function checkRuns({ runs }: Parts, nodes: ReadonlyMap<Key, Node>, epoch: number): void {
  for (const run of runs)
    if (run.epoch === epoch && !nodes.has(stepKey(run.path)))
      throw new Violation(`${run.path} ran in epoch ${epoch}, and no recorded decision leads to it`);
}

/** What failed or was closed has another chance in the next generation, which begins without it. */
function checkChance(view: Generation, nodes: ReadonlyMap<Key, Node>, broken: Set<string>): void {
  for (const { key, record } of nodes.values()) {
    if (broken.has(view.key(key))) throw new Violation(`epoch ${view.epoch} still has ${view.key(key)}`);
    const failed = record?.next?.some(({ kind }) => kind === "fail");
    if (record && (failed || isClosed(record))) broken.add(view.key(key));
  }
}

/** How it ended follows from what was decided. */
function checkStatus(nodes: ReadonlyMap<Key, Node>, header: { status: string }, cancelled: boolean): void {
  const all = [...nodes.values()].flatMap(({ record }) => record?.next ?? []);
  const decided = new Set(all.map(({ kind }) => kind));
  const closed = [...nodes.values()].some(({ record }) => record && isClosed(record));
  const right = {
    succeeded: decided.has("succeed") && !decided.has("fail") && !closed,
    failed: decided.has("fail"),
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
      for (const run of runs.filter((it) => it.record === key)) {
        if (last !== undefined && (run.idempotencyKey === last) === done)
          throw new Violation(`${key} ran under '${run.idempotencyKey}' after '${last}'`);
        last = run.idempotencyKey;
        done = false;
      }
      done ||= log.steps.get(key)?.result === "output";
    }
  }
}
