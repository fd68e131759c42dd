/**
 * States that hold others, and whose beginning stands nowhere in the log: what they are is told by what lies in them. A
 * parallel, a map and a race that have come to their end are known already, and lack only when they began.
 */
import { locate } from "../kernel/address.ts";
import type { Graph, State } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { StepStatus, StepView } from "./step-view.ts";

interface Known {
  /** The branches that failures were caught in, by the state that caught. */
  readonly caught: ReadonlyMap<string, string>;
  /** What a state has left, if it is known; it has come to its end then. */
  readonly outputAt: (path: string) => Json | undefined;
}

/** What lies in a scope, taken together. */
interface Inside {
  readonly path: string;
  readonly state: State;
  startedAt: string | null;
  endedAt: string | null;
  open: boolean;
  branch: string;
  last: StepView;
  rounds: number;
}

/** @returns the same in the same order, and what holds them after the last one that it holds */
export function withScopes(steps: readonly StepView[], graph: Graph, known: Known): readonly StepView[] {
  const scopes = gather(steps, graph);
  const shown = new Set(steps.map(({ path }) => path));
  const after = new Map<string, StepView[]>();
  // The innermost were met last of those that end with the same step.
  for (const inside of [...scopes.values()].reverse())
    if (!shown.has(inside.path) && isShown(inside.state))
      after.set(inside.last.path, [...(after.get(inside.last.path) ?? []), viewOf(inside, known)]);
  return steps.flatMap((step) => [begun(step, scopes.get(step.path)), ...(after.get(step.path) ?? [])]);
}

function gather(steps: readonly StepView[], graph: Graph): ReadonlyMap<string, Inside> {
  const scopes = new Map<string, Inside>();
  for (const step of steps) {
    if (step.undoes !== undefined) continue;
    const segments = step.path.split("/");
    for (let n = 1; n < segments.length; n += 2) {
      const path = segments.slice(0, n).join("/");
      const inside = scopes.get(path) ?? beginning(graph, path, step);
      if (!inside) break;
      scopes.set(path, inside);
      add(inside, step, segments[n] ?? "");
    }
  }
  return scopes;
}

function beginning(graph: Graph, path: string, last: StepView): Inside | undefined {
  const state = locate(graph, path)?.state;
  const none = { startedAt: null, endedAt: null, open: false, branch: "", rounds: 0 };
  return state && { path, state, last, ...none };
}

function add(inside: Inside, step: StepView, branch: string): void {
  const { startedAt, endedAt, status } = step;
  if (startedAt !== null && (inside.startedAt === null || startedAt < inside.startedAt)) inside.startedAt = startedAt;
  if (endedAt !== null && (inside.endedAt === null || endedAt > inside.endedAt)) inside.endedAt = endedAt;
  inside.open ||= OPEN.has(status);
  inside.last = step;
  inside.branch = branch;
  if (inside.state.kind === "loop") inside.rounds = Math.max(inside.rounds, Number(branch));
}

const OPEN: ReadonlySet<StepStatus> = new Set<StepStatus>(["waiting", "paused", "running", "retrying"]);

const isShown = (state: State): boolean =>
  ["parallel", "map", "race", "loop"].includes(state.kind) || (state.kind === "block" && state.catch !== undefined);

/** One that is known lacks what stands in no record. */
function begun(step: StepView, inside: Inside | undefined): StepView {
  if (!inside) return step;
  const startedAt = step.startedAt ?? (isShown(inside.state) ? inside.startedAt : null);
  return { ...step, startedAt, ...roundsOf(inside) };
}

function viewOf(inside: Inside, { outputAt, caught }: Known): StepView {
  const { path, state, open, last, startedAt, endedAt } = inside;
  const output = open ? undefined : outputAt(path);
  const branch = state.kind === "block" && !open ? (caught.get(path) ?? inside.branch) : null;
  // A catch may have nothing in it that fails.
  const wentOn = output !== undefined || (branch !== null && branch !== inside.branch);
  const status = open ? "running" : wentOn ? "succeeded" : last.status;
  return {
    path,
    kind: state.kind,
    node: null,
    branch,
    status,
    attempt: 0,
    startedAt,
    endedAt: open ? null : endedAt,
    output: output ?? null,
    error: null,
    ...roundsOf(inside),
  };
}

const roundsOf = ({ state, rounds }: Inside) => (state.kind === "loop" ? { rounds } : {});
