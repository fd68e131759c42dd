/** A version held against the graphs that executions may be on, with the executions that are, where they are known. */
import type { Graph } from "../model/graph.ts";
import { hashOf, type Program } from "../model/program.ts";
import { type Change, type Verdict, worstOf } from "./change.ts";
import { compareVersions } from "./compare.ts";
import { mayReach } from "./may-reach.ts";

/** The executions in flight on one graph. */
export interface InFlight {
  readonly count: number;
  /** Static paths of the states that they are at, with how many are. Undefined: they were not looked at one by one. */
  readonly at?: Readonly<Record<string, number>>;
}

export interface Held {
  readonly graph: string;
  /** Undefined: nobody has counted. */
  readonly inFlight?: InFlight;
  readonly changes: readonly HeldChange[];
}
/** `settled`: no execution in flight comes to it. */
export interface HeldChange extends Change {
  readonly settled: boolean;
}

export interface VersionCheck {
  readonly workflow: string;
  readonly graph: string;
  readonly against: readonly Held[];
  readonly verdict: Verdict;
  /** It may be deployed, as far as is known. */
  readonly ok: boolean;
}

/** @param inFlight by graph; a graph that is not in it has none. Undefined: nobody has counted. */
export function checkVersions(
  program: Program,
  graphs: readonly Graph[],
  inFlight?: ReadonlyMap<string, InFlight>,
): VersionCheck {
  const against = graphs.map((graph) => holdAgainst(program, graph, inFlight));
  const open = against.flatMap(({ changes }) => changes.filter(({ settled }) => !settled));
  const verdict = worstOf(open);
  // Offline, nobody knows whether there are any in flight: what is safe without them is told, and not refused.
  const ok = verdict === "safe" || (verdict === "safe_once_drained" && inFlight === undefined);
  return { workflow: program.graph.workflow, graph: program.hash, against, verdict, ok };
}

function holdAgainst(program: Program, graph: Graph, all: ReadonlyMap<string, InFlight> | undefined): Held {
  const hash = hashOf(graph);
  const changes = compareVersions(graph, program);
  if (!all) return { graph: hash, changes: changes.map((change) => ({ ...change, settled: false })) };
  const inFlight = all.get(hash) ?? { count: 0 };
  const reached = inFlight.at && mayReach(graph, Object.keys(inFlight.at));
  const settled = (change: Change): boolean => {
    if (change.verdict === "refused") return false;
    if (inFlight.count === 0) return true;
    return change.at !== undefined && reached !== undefined && !reached.has(change.at);
  };
  return { graph: hash, inFlight, changes: changes.map((change) => ({ ...change, settled: settled(change) })) };
}
