/** Every state that an execution's recorded decisions lead to, in their order. */
import { calledId, type ExecutionName, printExecution } from "../contract/ids.ts";
import { isCyclic, locate, nodeAtPath, undoneBy } from "../kernel/address.ts";
import type { Generation } from "../kernel/generation.ts";
import { FAILED_ITEM } from "../kernel/join.ts";
import {
  type Decision,
  type DecisionRecord,
  decideKey,
  type Effect,
  type EffectOf,
  type LogRecord,
  START_KEY,
  type StepError,
  type StepRecord,
  stepKey,
  undoKey,
  type ValueRef,
  wonKey,
} from "../kernel/record.ts";
import { recordKeyOf, valueAt } from "../kernel/ref.ts";
import type { Graph } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { withScopes } from "./scope-views.ts";
import type { ItemsView, StepStatus, StepView } from "./step-view.ts";

export interface Walked {
  readonly execution: ExecutionName;
  readonly graph: Graph;
  readonly generation: Generation;
  /** Those of the generation. */
  readonly records: ReadonlyMap<string, LogRecord>;
  /** Paths of steps whose messages are held back. */
  readonly parked: ReadonlySet<string>;
}

export const stepsOf = (walked: Walked): readonly StepView[] => new Walk(walked).steps();

class Walk {
  readonly #of: Walked;
  readonly #steps = new Map<string, StepView>();
  readonly #items = new Map<string, ItemsView>();
  /** Where the outputs lie of states whose records are others'. */
  readonly #outputs = new Map<string, ValueRef>();
  /** The branches that failures were caught in, by the state that caught. */
  readonly #caught = new Map<string, string>();
  readonly #todo: Effect[] = [];
  /** Joins and ends of scopes: after all that leads to them. */
  readonly #later: EffectOf<"arrive" | "close">[] = [];
  readonly #seen = new Set<string>();

  constructor(of: Walked) {
    this.#of = of;
  }

  steps(): readonly StepView[] {
    this.#followAt(START_KEY);
    this.#run();
    this.#followAt(undoKey(""));
    this.#run();
    const { graph } = this.#of;
    const known = { outputAt: (path: string) => this.#outputAt(path), caught: this.#caught };
    return withScopes([...this.#steps.values()], graph, known);
  }

  #run(): void {
    for (;;) {
      const effect = this.#todo.pop();
      const late = effect ? undefined : this.#later.shift();
      if (effect) this.#visit(effect);
      else if (late?.kind === "arrive") this.#join(late.path);
      else if (late) this.#close(late);
      else return;
    }
  }

  #visit(effect: Effect): void {
    if ("bind" in effect)
      for (const [path, ref] of Object.entries(effect.bind.refs ?? {})) this.#outputs.set(path, ref);
    switch (effect.kind) {
      case "step": {
        const record = this.#record<StepRecord>(stepKey(effect.path));
        this.#task(effect.path, record);
        if (record?.status === "settled") this.#follow(record, record.endedAtMs);
        return;
      }
      case "arrive":
        return this.#arrive(effect);
      case "leave":
        return this.#followAt(wonKey(effect.scope));
      case "close":
        if (this.#isNew(`close ${effect.scope}`)) this.#later.push(effect);
        return;
      case "wait": {
        const { dueAtMs, signal = null } = effect;
        const record = this.#decided(effect.path);
        const startedAt = iso(dueAtMs - (effect.afterMs ?? Number.NaN));
        this.#decision(effect.path, record, { startedAt, wait: { until: iso(dueAtMs) ?? "", signal } });
        return this.#followAt(decideKey(effect.path));
      }
      case "call":
        return this.#call(effect);
      case "emit":
        return this.#set(effect.path, { status: "succeeded", output: this.#value(effect.data) });
      case "fail":
        return this.#failed(effect.error);
      case "succeed":
        return this.#last(effect.output);
      case "deadline":
      case "stuck":
      case "end":
        return; // these tell of the execution, not of a state
    }
  }

  /** Whatever is decided there, once. */
  #followAt(key: string): void {
    const record = this.#record<DecisionRecord>(key);
    if (record && this.#isNew(key)) this.#follow(record, record.atMs);
  }

  #follow(decision: Partial<Decision>, atMs: number | undefined): void {
    this.#passed(decision, atMs);
    for (const effect of [...(decision.next ?? [])].reverse()) this.#todo.push(effect);
  }

  /** States that were passed within a decision: choices by the branch they took, sets by their values. */
  #passed({ taken = {}, values = {} }: Partial<Decision>, atMs: number | undefined): void {
    const when = { startedAt: iso(atMs), endedAt: iso(atMs) };
    for (const [path, branch] of Object.entries(taken)) this.#set(path, { status: "succeeded", branch, ...when });
    for (const [path, output] of Object.entries(values)) {
      const kind = this.#kindAt(path);
      if (kind === "set" || kind === "succeed" || (kind === "map" && Array.isArray(output) && output.length === 0))
        this.#set(path, { status: "succeeded", output, ...when });
      const caught = caughtError(path, output);
      if (!caught) continue;
      const [branch = "", ...above] = path.split("/").reverse().slice(1);
      this.#caught.set(above.reverse().join("/"), branch);
      this.#failed(caught);
    }
  }

  /** The execution's output is that of the state at its end, unless it has one of its own. */
  #last(output: ValueRef): void {
    const { root, output: own } = this.#of.graph;
    if (own.kind !== "previous" || isCyclic(root)) return;
    for (const [name, state] of Object.entries(root.states))
      if ("next" in state && state.next === null && !this.#outputs.has(name)) this.#outputs.set(name, output);
  }

  #failed(error: StepError): void {
    if (!this.#steps.has(error.path) && this.#kindAt(error.path)) this.#set(error.path, { status: "failed", error });
  }

  #arrive(effect: EffectOf<"arrive">): void {
    const { path, of, output } = effect;
    const { done = 0, failed = 0 } = this.#items.get(path) ?? {};
    const isFailed = output.startsWith(`${FAILED_ITEM}?`);
    this.#items.set(path, { of, done: done + 1, failed: failed + (isFailed ? 1 : 0) });
    if (!this.#isNew(`join ${path}`)) return;
    // What a scope's undo leads to comes before what follows the scope.
    if (effect.bind.undo) this.#later.unshift(effect);
    else this.#later.push(effect);
  }

  #join(path: string): void {
    const items = this.#items.get(path);
    // A stage of an undo is no state.
    if (this.#kindAt(path))
      this.#decision(path, this.#decided(path), {
        ...(items && this.#kindAt(path) === "map" && { items }),
        ...(this.#decided(path) ? {} : { status: "running" }),
      });
    this.#followAt(decideKey(path));
  }

  #close(effect: EffectOf<"close">): void {
    const { scope, how } = effect;
    const plan = undoKey(scope);
    if (this.#of.records.has(plan) && !this.#seen.has(plan)) {
      this.#later.unshift(effect); // after its undo
      return this.#followAt(plan);
    }
    const record = this.#decided(scope);
    const when = { endedAt: iso(record?.atMs) };
    const closed = record?.closed === true;
    if (how.kind === "won") {
      const output = record && !closed ? { branch: how.branch, output: this.#value(how.output) } : null;
      const status = record ? (closed ? "closed" : "succeeded") : "running";
      this.#set(scope, { status, branch: how.branch, output, ...when });
    }
    if (how.kind === "failed") this.#set(scope, { status: record ? "failed" : "running", error: how.error, ...when });
    this.#followAt(decideKey(scope));
  }

  #call(effect: EffectOf<"call">): void {
    const { path, workflow, detached } = effect;
    const { execution, generation } = this.#of;
    const place = generation.place(decideKey(path));
    const id = detached ?? calledId({ execution: printExecution(execution), place });
    const called = { execution: printExecution({ workflow, id }), status: null, detached: detached !== undefined };
    if (detached !== undefined) return this.#set(path, { status: "succeeded", called });
    this.#decision(path, this.#decided(path), { called });
    this.#followAt(decideKey(path));
  }

  /** A state that ends by a decision of its own. */
  #decision(path: string, record: DecisionRecord | undefined, known: Partial<StepView>): void {
    if (!record) return this.#set(path, { status: "waiting", ...known });
    const error = errorIn(record, path);
    const status: StepStatus = record.closed ? "closed" : error ? "failed" : "succeeded";
    this.#set(path, { ...known, status, error, output: record.output ?? null, endedAt: iso(record.atMs) });
  }

  #task(path: string, r: StepRecord | undefined): void {
    const parked = this.#of.parked.has(path) && r?.status !== "settled" && r?.status !== "running";
    if (!r) return this.#set(path, { status: parked ? "paused" : "waiting" });
    this.#set(path, {
      node: r.node,
      status: parked ? "paused" : statusOf(r),
      attempt:
        r.fence > 0
          ? Math.min(r.fence, r.failures + r.crashes + 1)
          : r.failures + r.crashes + (r.status === "settled" ? 1 : 0),
      startedAt: iso(r.startedAtMs),
      endedAt: iso(r.endedAtMs),
      output: r.output ?? null,
      error: r.error ?? null,
    });
  }

  #set(path: string, known: Partial<StepView> & { readonly status: StepStatus }): void {
    const { graph } = this.#of;
    const undoes = undoneBy(path);
    this.#steps.set(path, {
      path,
      kind: this.#kindAt(path) ?? "task",
      node: nodeAtPath(graph, path) ?? null,
      branch: null,
      attempt: 0,
      startedAt: null,
      endedAt: null,
      output: null,
      error: null,
      ...known,
      ...(undoes !== undefined && { undoes }),
    });
  }

  #kindAt = (path: string) => locate(this.#of.graph, path)?.state.kind;
  #decided = (path: string) => this.#record<DecisionRecord>(decideKey(path));
  #value = (ref: ValueRef): Json => valueAt(ref, this.#of.records.get(recordKeyOf(ref))) ?? null;

  #outputAt(path: string): Json | undefined {
    const ref = this.#outputs.get(path);
    return ref === undefined ? undefined : this.#value(ref);
  }

  // What lies under such a key is such a record.
  #record<T extends LogRecord>(key: string): T | undefined {
    return this.#of.records.get(key) as T | undefined;
  }

  #isNew(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

/** What the state failed with, also where the failure was caught: then the decision keeps it for the catch. */
function errorIn({ next, values = {} }: DecisionRecord, path: string): StepError | null {
  for (const effect of next) {
    if (effect.kind === "fail" && effect.error.path === path) return effect.error;
    if (effect.kind === "leave" && effect.how.kind === "failed" && effect.how.error.path === path)
      return effect.how.error;
  }
  for (const [name, value] of Object.entries(values)) {
    const error = caughtError(name, value);
    if (error?.path === path) return error;
  }
  return null;
}

/** A value that a decision keeps for a catch, or for a map that tolerates a failed item. */
function caughtError(name: string, value: Json): StepError | undefined {
  const error = name.endsWith("/error") && name.split("/").length % 2 === 1 ? (value as unknown) : undefined;
  const { code, path } = (error ?? {}) as Partial<StepError>;
  return typeof code === "string" && typeof path === "string" ? (error as StepError) : undefined;
}

function statusOf(r: StepRecord): StepStatus {
  if (r.closed) return "closed";
  if (r.status === "settled") return r.error ? "failed" : "succeeded";
  if (r.status === "running") return "running";
  return r.failures + r.crashes > 0 ? "retrying" : "waiting";
}

/** Of a time that is not known: null. */
export const iso = (ms: number | undefined): string | null =>
  ms === undefined || Number.isNaN(ms) ? null : new Date(ms).toISOString();
