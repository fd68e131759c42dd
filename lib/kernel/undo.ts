/**
 * Undo: what was done is taken back in stages, the latest first. The order is that of the recorded decisions: what one
 * of them leads to is undone before it, and what stands in no order is undone at once.
 */
import type { Graph } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { locate, scopesAbove, undoPath } from "./address.ts";
import { type Frontier, frontier, keyOf, type Records } from "./frontier.ts";
import type { Generation } from "./generation.ts";
import { CHUNK_SIZE, listOf } from "./list.ts";
import {
  type Decision,
  decideKey,
  type Effect,
  type EffectOf,
  type ListRecord,
  type StepRecord,
  stepKey,
  undoKey,
  undoStage,
  type ValueRef,
} from "./record.ts";
import { valueRef } from "./ref.ts";

/** At most so many are undone at once. */
const STAGE_SIZE = 100;
/** Failures before a handler was begun. */
const NOT_BEGUN = new Set(["slot_failed", "invalid_input"]);

export interface Undoing {
  readonly graph: Graph;
  /** All that the log holds, in whichever generation. */
  readonly log: Records;
  readonly generation: Generation;
  /** "" is the whole execution. */
  readonly scope: string;
  /** Not what lies below this path. */
  readonly except?: string;
  /** What follows once all is undone. */
  readonly follows: Effect;
}

/** What is to be decided, and what it refers to: to be in the log before it. */
export interface UndoPlan {
  readonly decision: Decision;
  readonly lists: ReadonlyMap<string, ListRecord>;
}

export function planUndo({ graph, log, generation, scope, except, follows }: Undoing): UndoPlan {
  const records = generation.view(log);
  const attempts = (path: string): readonly StepRecord[] =>
    [records.get(stepKey(path)), ...generation.earlierPlaces(stepKey(path)).map((place) => log.get(place))].filter(
      (record) => record?.kind === "step",
    );
  const found = frontier(records);
  const planned = plannedIn(records);
  const below = (path: string, above: string) => above === "" || path.startsWith(`${above}/`);
  const wanted = (effect: EffectOf<"step">): boolean =>
    below(effect.path, scope) &&
    !(except !== undefined && below(effect.path, except)) &&
    // By another plan, of this generation or of an older one.
    !planned.has(undoPath(effect.path)) &&
    !records.has(stepKey(undoPath(effect.path))) &&
    isUndoable(graph, effect.path, attempts(effect.path));
  const undone = [...found.effects.values()].filter((effect) => effect.kind === "step" && wanted(effect));
  const values: Record<string, Json> = { none: null };
  const outputOf = (path: string): ValueRef => {
    const made = attempts(path).find(({ output }) => output !== undefined);
    if (made && made === records.get(stepKey(path))) return stepKey(path);
    if (made?.output === undefined) return valueRef(undoKey(scope), "none");
    // It lies in an older generation, where no reference leads.
    values[`${path}/output`] = made.output;
    return valueRef(undoKey(scope), `${path}/output`);
  };
  const plan = inStages(undone as EffectOf<"step">[], records, found).map((steps, stage) =>
    steps.map((effect, member) =>
      undoEffect(effect, outputOf(effect.path), { scope, stage, member, of: steps.length }),
    ),
  );
  const { stored, lists } =
    undone.length > CHUNK_SIZE ? apart(scope, plan, follows) : { stored: { stages: plan, follows } };
  // As JSON: a later stage is read out of it.
  values.plan = stored as unknown as Json;
  return { decision: { next: plan[0] ?? [follows], values }, lists: lists ?? new Map() };
}

/** As it stands in its decision, or each stage in a record of its own, so that no stage has to read all of them. */
type StoredPlan =
  | { readonly stages: readonly (readonly Effect[])[]; readonly follows: Effect }
  | { readonly list: string; readonly of: number; readonly follows: Effect };

function apart(scope: string, stages: readonly (readonly Effect[])[], follows: Effect) {
  // As JSON, as above.
  const list = listOf(`${scope}#undo`, stages as unknown as Json[]).ref;
  const lists = new Map(
    stages.map((items, stage) => [stageKey(list, stage), { kind: "list", items: items as unknown as Json[] } as const]),
  );
  return { stored: { list, of: stages.length, follows } satisfies StoredPlan, lists };
}
const stageKey = (list: string, stage: number): string => `${list}.${stage}`;

/** What follows once a stage is undone: there, or where it is to be read. */
export function nextStage(plan: Json, stage: number): readonly Effect[] | { readonly lies: string } {
  const stored = plan as unknown as StoredPlan; // as written above
  const { follows } = stored;
  if ("stages" in stored) return stored.stages[stage + 1] ?? [follows];
  return stage + 1 < stored.of ? { lies: valueRef(stageKey(stored.list, stage + 1), "items") } : [follows];
}

/** Its last stage has been undone: what follows the plan follows that stage. */
export function isUndone(records: Records, scope: string): boolean {
  for (let stage = 0; ; stage++) {
    const record = records.get(decideKey(undoStage(scope, stage)));
    if (record?.kind !== "decision") return false;
    if (record.next.some(({ kind }) => kind === "close" || kind === "end")) return true;
  }
}

export const planRef = (scope: string): string => valueRef(undoKey(scope), "plan");

/** Every undo step of a plan that stands. */
function plannedIn(records: Records): ReadonlySet<string> {
  const planned = new Set<string>();
  for (const [key, record] of records) {
    const plan = key.endsWith("#undo") && record.kind === "decision" ? record.values?.plan : undefined;
    if (plan) for (const effect of stepsOf(plan as unknown as StoredPlan, records)) planned.add(effect.path);
  }
  return planned;
}

function stepsOf(stored: StoredPlan, records: Records): readonly EffectOf<"step">[] {
  if ("stages" in stored) return stored.stages.flat() as EffectOf<"step">[]; // a plan has no others
  const lists = Array.from({ length: stored.of }, (_, stage) => records.get(stageKey(stored.list, stage)));
  // Each was put before the plan was.
  return (lists as ListRecord[]).flatMap(({ items }) => items as unknown as EffectOf<"step">[]);
}

/**
 * What has an output, and what was begun and may have had its effect: unless it failed on purpose in the end.
 *
 * @param attempts newest first, all under one idempotency key
 */
function isUndoable(graph: Graph, path: string, attempts: readonly StepRecord[]): boolean {
  const state = locate(graph, path)?.state;
  if (state?.kind !== "task" || !state.undo || attempts.some(({ copied }) => copied)) return false;
  if (attempts.some(({ output }) => output !== undefined)) return true;
  const begun = attempts.filter(hasBegun);
  const [last] = begun;
  return last !== undefined && !graph.nodes[state.node]?.errors.includes(last.error?.code ?? "");
}

const hasBegun = ({ startedAtMs, error, failures, crashes }: StepRecord): boolean =>
  startedAtMs !== undefined && !(error && NOT_BEGUN.has(error.code) && failures + crashes === 0);

function undoEffect(
  { path, bind }: EffectOf<"step">,
  output: ValueRef,
  undo: NonNullable<EffectOf<"step">["bind"]["undo"]>,
): EffectOf<"step"> {
  const prefix = path.slice(0, path.lastIndexOf("/") + 1);
  const refs = { ...bind.refs, [`${prefix}output`]: output };
  return { kind: "step", path: undoPath(path), bind: { ...bind, prev: output, refs, undo } };
}

/** By how many undoable steps follow one another after each: the last ones first. */
function inStages(
  undone: readonly EffectOf<"step">[],
  records: Records,
  found: Frontier,
): readonly (readonly EffectOf<"step">[])[] {
  const counts = new Set(undone.map(({ path }) => stepKey(path)));
  const height = heights(records, found, counts);
  const stages: EffectOf<"step">[][] = [];
  for (const effect of undone) {
    const stage = height.get(stepKey(effect.path)) ?? 0;
    const steps = stages[stage] ?? [];
    steps.push(effect);
    stages[stage] = steps;
  }
  return stages.flatMap((steps) =>
    Array.from({ length: Math.ceil(steps.length / STAGE_SIZE) }, (_, i) =>
      steps.slice(i * STAGE_SIZE, (i + 1) * STAGE_SIZE),
    ),
  );
}

/** For each record, the longest row of counted ones after it. Decisions lead on and never back. */
function heights(records: Records, found: Frontier, counted: ReadonlySet<string>): ReadonlyMap<string, number> {
  const height = new Map<string, number>();
  const after = (key: string): readonly string[] => {
    const record = records.get(key) as Partial<Decision> | undefined;
    // What is decided of a state or a scope around it waited for all that ran in there.
    const around = scopesAbove(key.slice(key.indexOf("/") + 1)).map(decideKey);
    return [...(record?.next ?? []).flatMap((effect) => keyOf(effect) ?? []), ...around];
  };
  for (const root of found.effects.keys()) {
    const stack = [root];
    for (let key = stack.at(-1); key !== undefined; key = stack.at(-1)) {
      const open = height.has(key) ? [] : after(key).filter((it) => !height.has(it));
      if (open.length > 0) {
        stack.push(...open);
        continue;
      }
      stack.pop();
      height.set(key, Math.max(0, ...after(key).map((it) => (height.get(it) ?? 0) + (counted.has(it) ? 1 : 0))));
    }
  }
  return height;
}

/** What follows an undo step that has settled. */
export const afterUndo = (
  { scope, stage, member, of }: NonNullable<EffectOf<"step">["bind"]["undo"]>,
  output: string,
  bind: EffectOf<"step">["bind"],
): Effect => ({ kind: "arrive", path: undoStage(scope, stage), member, of, output, bind });
