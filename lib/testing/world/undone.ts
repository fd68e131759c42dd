/**
 * What must hold of undoing, whatever goes wrong: of an execution that did not succeed, what may have had its effect is
 * undone, under one key, and after all that it led to; what was undone leads to no success.
 */
import { printExecution } from "../../contract/ids.ts";
import { locate, undoneBy, undoPath } from "../../kernel/address.ts";
import { frontier, keyOf } from "../../kernel/frontier.ts";
import type { Generation } from "../../kernel/generation.ts";
import {
  type Decision,
  type DecisionRecord,
  type Header,
  type LogRecord,
  type StepRecord,
  stepKey,
  wonKey,
} from "../../kernel/record.ts";
import type { Graph } from "../../model/graph.ts";
import type { HandlerCall } from "../../ports/handlers.ts";

type Records = ReadonlyMap<string, LogRecord>;

export interface At {
  readonly graph: Graph;
  readonly generation: Generation;
  /** Of that generation. */
  readonly records: Records;
  /** Of every one. */
  readonly log: Records;
}

/** The keys under which handlers were at work. */
export class Undone {
  readonly #ran = new Set<string>();
  /** By what was undone, the keys of what undid it. */
  readonly #undone = new Map<string, Set<string>>();

  /** A handler begins. Gives back what is wrong with that. */
  begins({ step: { execution, path, epoch, undoes } }: HandlerCall, at: At): string | undefined {
    this.#ran.add(`${execution} ${path} ${epoch}`);
    if (!undoes) return undefined;
    const of = `${execution} ${undoes.path} ${undoes.epoch}`;
    const keys = this.#undone.get(of) ?? new Set();
    this.#undone.set(of, keys.add(`${path} ${epoch}`));
    if (keys.size > 1) return `${undoes.path} is undone under the keys ${[...keys].join(" and ")}`;
    const before = ledTo(stepKey(undoes.path), at.records).find((key) => this.#isLeft(execution, key, at));
    return before && `${undoes.path} is undone before ${before}, to which it led`;
  }

  /** @param header of one that has ended */
  wrong(header: Header, at: At): readonly string[] {
    const execution = printExecution(header);
    const reached = frontier(at.records).reached.filter((key) => key.startsWith("step/"));
    if (header.status === "succeeded") {
      const undone = reached.filter((key) => this.#undone.has(this.#nameOf(execution, key, at)));
      const gone = undone.filter((key) => [key, ...ledTo(key, at.records)].some((it) => succeeds(at.records.get(it))));
      return gone.map((key) => `it succeeded by ${key}, which was undone`);
    }
    if (header.keep) return [];
    return reached.filter((key) => this.#isLeft(execution, key, at)).map((key) => `${key} is not undone`);
  }

  /** It may have had its effect, and has not been undone. */
  #isLeft(execution: string, key: string, at: At): boolean {
    const path = key.slice("step/".length);
    const state = key.startsWith("step/") && undoneBy(path) === undefined ? locate(at.graph, path)?.state : undefined;
    if (state?.kind !== "task" || !state.undo || !this.#ran.has(this.#nameOf(execution, key, at))) return false;
    const attempts = [at.records.get(key), ...at.generation.earlierPlaces(key).map((place) => at.log.get(place))];
    const last = attempts.find((record) => record?.kind === "step" && record.startedAtMs !== undefined);
    if (at.graph.nodes[state.node]?.errors.includes((last as StepRecord | undefined)?.error?.code ?? "")) return false;
    const undo = at.records.get(stepKey(undoPath(path)));
    return !(undo?.kind === "step" && undo.output !== undefined);
  }
  #nameOf(execution: string, key: string, { generation }: At): string {
    return `${execution} ${key.slice("step/".length)} ${generation.effectEpoch(key)}`;
  }
}

const decision = (records: Records, key: string) => records.get(key) as StepRecord | DecisionRecord | undefined;
const succeeds = (record: LogRecord | undefined): boolean =>
  ((record as Partial<Decision> | undefined)?.next ?? []).some(({ kind }) => kind === "succeed");

/** What follows from a record, itself left out. Who came to the end of a scope too late led nowhere. */
function ledTo(from: string, records: Records): readonly string[] {
  const found = new Set<string>([from]);
  for (const key of found)
    for (const effect of decision(records, key)?.next ?? []) {
      const [close] = effect.kind === "leave" ? (decision(records, wonKey(effect.scope))?.next ?? []) : [];
      const late =
        effect.kind === "leave" && close?.kind === "close" && JSON.stringify(close.how) !== JSON.stringify(effect.how);
      const next = late ? undefined : keyOf(effect);
      if (next !== undefined) found.add(next);
    }
  found.delete(from);
  return [...found];
}

/** A scope is gone on from: nothing in it may be open. */
export function wrongEnd(key: string, after: LogRecord, records: Records): string | undefined {
  const scope = key.slice("decide/".length);
  if (after.kind !== "decision" || after.closed || !records.has(wonKey(scope))) return undefined;
  const { steps, undecided } = frontier(records);
  const inside = (path: string) => path.startsWith(`${scope}/`);
  const left = [...steps, ...undecided].find((effect) => inside("scope" in effect ? effect.scope : effect.path));
  return left && `${scope} is gone on from, and ${keyOf(left)} in it is open`;
}
