/** An execution as people and programs read it: every state that its recorded decisions lead to, in their order. */
import { printExecution } from "../contract/ids.ts";
import { locate } from "../kernel/address.ts";
import type { Generation } from "../kernel/generation.ts";
import {
  type Decision,
  type DecisionRecord,
  decideKey,
  type Effect,
  type Header,
  type LogRecord,
  START_KEY,
  type StepError,
  type StepRecord,
  stepKey,
  type TriggerNote,
} from "../kernel/record.ts";
import { INPUT_REF, recordKeyOf, valueAt } from "../kernel/ref.ts";
import type { Graph, StateKind } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { StepLog } from "../ports/step-log.ts";
import { generationOf } from "./generation-log.ts";

export type StepStatus = "waiting" | "paused" | "running" | "retrying" | "succeeded" | "failed" | "closed";

export interface StepView {
  readonly path: string;
  readonly kind: StateKind;
  readonly node: string | null;
  /** Of a choice or a match: the branch taken. */
  readonly branch: string | null;
  readonly status: StepStatus;
  /** How often the handler was begun. */
  readonly attempt: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly output: Json;
  readonly error: StepError | null;
}

export interface ExecutionView {
  readonly execution: string;
  readonly workflow: string;
  /** The hash of the graph that it runs on. */
  readonly graph: string;
  readonly status: Header["status"];
  /** How often it was redriven, and one more if it is a fork. The steps are those of this generation. */
  readonly epoch: number;
  /** What began it. */
  readonly trigger: TriggerNote;
  readonly input: Json;
  readonly output: Json;
  readonly error: StepError | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly steps: readonly StepView[];
}

type Records = ReadonlyMap<string, LogRecord>;

/** An execution's log, and the generation of it that is to be seen. */
interface Logged {
  readonly records: Records;
  readonly generation: Generation;
}

function inspect(header: Header, logged: Logged, graph: Graph | undefined): ExecutionView {
  const records = logged.generation.view(logged.records);
  const at = (ref: string): Json => valueAt(ref, records.get(recordKeyOf(ref))) ?? null;
  return {
    execution: printExecution(header),
    workflow: header.workflow,
    graph: header.graph,
    status: header.status,
    epoch: header.epoch,
    trigger: header.trigger,
    input: at(INPUT_REF),
    output: header.output === undefined ? null : at(header.output),
    error: header.error ?? null,
    startedAt: iso(header.startedAtMs) ?? "",
    endedAt: iso(header.endedAtMs),
    steps: graph ? new Walk(graph, records, parkedIn(header, logged.records)).steps() : [],
  };
}

/** The execution as its log tells of it now. */
export async function readView(log: Reads, header: Header, graph: Graph | undefined): Promise<ExecutionView> {
  const [generation, records] = await Promise.all([generationOf(log, header, header.epoch), log.list(header)]);
  return inspect(header, { records, generation }, graph);
}
export type Reads = Pick<StepLog, "read" | "list">;

export async function outputOf(log: Reads, header: Header): Promise<Json | undefined> {
  if (header.output === undefined) return undefined;
  const generation = await generationOf(log, header, header.epoch);
  return valueAt(header.output, await log.read(header, generation.place(recordKeyOf(header.output))));
}

const parkedIn = ({ epoch }: Header, records: Records): ReadonlySet<string> =>
  new Set([...records.values()].flatMap((r) => (r.kind === "parked" && r.epoch === epoch ? [r.path] : [])));

class Walk {
  readonly #graph: Graph;
  readonly #records: Records;
  readonly #parked: ReadonlySet<string>;
  readonly #steps = new Map<string, StepView>();

  constructor(graph: Graph, records: Records, parked: ReadonlySet<string>) {
    this.#graph = graph;
    this.#parked = parked;
    this.#records = records;
  }

  steps(): readonly StepView[] {
    const start = this.#records.get(START_KEY) as DecisionRecord | undefined;
    const todo: Effect[] = [];
    const follow = (decision: Partial<Decision>, atMs: number | undefined) => {
      this.#passed(decision, atMs);
      todo.push(...[...(decision.next ?? [])].reverse());
    };
    if (start) follow(start, start.atMs);
    // A join comes after all that leads to it, so it waits until nothing else is left to follow.
    const joins: string[] = [];
    const next = () => todo.pop() ?? joins.shift();
    for (let effect = next(); effect !== undefined; effect = next()) {
      if (typeof effect === "string") {
        const record = this.#records.get(decideKey(effect)) as DecisionRecord | undefined;
        this.#steps.set(effect, this.#join(effect, record));
        if (record) follow(record, record.atMs);
      } else if (effect.kind === "step") {
        const record = this.#records.get(stepKey(effect.path)) as StepRecord | undefined;
        this.#steps.set(effect.path, this.#task(effect.path, record));
        if (record?.status === "settled") follow(record, record.endedAtMs);
      } else if (effect.kind === "arrive") {
        if (!joins.includes(effect.path) && !this.#steps.has(effect.path)) joins.push(effect.path);
      } else if (effect.kind === "emit") {
        const value = valueAt(effect.data, this.#records.get(recordKeyOf(effect.data))) ?? null;
        this.#steps.set(effect.path, this.#view(effect.path, { status: "succeeded", output: value }));
      } else if (
        effect.kind === "fail" &&
        !this.#steps.has(effect.error.path) &&
        locate(this.#graph, effect.error.path)
      ) {
        this.#steps.set(effect.error.path, this.#view(effect.error.path, { status: "failed", error: effect.error }));
      }
    }
    return [...this.#steps.values()];
  }

  /** States that were passed within a decision: choices by the branch they took, sets by their values. */
  #passed(decision: Partial<Decision>, atMs: number | undefined): void {
    const when = { startedAt: iso(atMs), endedAt: iso(atMs) };
    for (const [path, branch] of Object.entries(decision.taken ?? {}))
      this.#steps.set(path, this.#view(path, { status: "succeeded", branch, ...when }));
    for (const [path, output] of Object.entries(decision.values ?? {})) {
      const kind = locate(this.#graph, path)?.state.kind;
      if (kind === "set" || kind === "succeed" || (kind === "map" && Array.isArray(output) && output.length === 0))
        this.#steps.set(path, this.#view(path, { status: "succeeded", output, ...when }));
    }
  }

  #task(path: string, r: StepRecord | undefined): StepView {
    const parked = this.#parked.has(path) && r?.status !== "settled" && r?.status !== "running";
    if (!r) return this.#view(path, { status: parked ? "paused" : "waiting" });
    return this.#view(path, {
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

  #join(path: string, r: DecisionRecord | undefined): StepView {
    const begun = [...this.#steps.values()].filter((s) => s.path.startsWith(`${path}/`)).map((s) => s.startedAt);
    const startedAt = begun.filter((at) => at !== null).sort()[0] ?? null;
    if (!r) return this.#view(path, { status: "running", startedAt });
    const when = { startedAt, endedAt: iso(r.atMs) };
    if (r.output !== undefined) return this.#view(path, { status: "succeeded", output: r.output, ...when });
    const failed = r.next.find((effect) => effect.kind === "fail" && effect.error.path === path);
    if (failed?.kind === "fail") return this.#view(path, { status: "failed", error: failed.error, ...when });
    return this.#view(path, { status: "closed", ...when });
  }

  #view(path: string, known: Partial<StepView> & { readonly status: StepStatus }): StepView {
    const state = locate(this.#graph, path)?.state;
    return {
      path,
      kind: state?.kind ?? "task",
      node: state?.kind === "task" ? state.node : null,
      branch: null,
      attempt: 0,
      startedAt: null,
      endedAt: null,
      output: null,
      error: null,
      ...known,
    };
  }
}

function statusOf(r: StepRecord): StepStatus {
  if (r.closed) return "closed";
  if (r.status === "settled") return r.error ? "failed" : "succeeded";
  if (r.status === "running") return "running";
  return r.failures + r.crashes > 0 ? "retrying" : "waiting";
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
