/** A version held against the graphs that executions may be on, with the executions that are, where they are known. */
import type { Graph } from "../model/graph.ts";
import { hashOf, type Program } from "../model/program.ts";
import { type Change, type Verdict, worstOf } from "./change.ts";
import { compareVersions } from "./compare.ts";
import { mayReach } from "./may-reach.ts";
import { spareIn } from "./spare.ts";

/** The executions in flight on one graph. */
export interface InFlight {
  readonly count: number;
  /** Static paths of the states that they are at, with how many are. Undefined: they were not looked at one by one. */
  readonly at?: Readonly<Record<string, number>>;
  /** Others may begin on it once it is their turn: they wait for a key, and nobody can count them. */
  readonly waiting?: boolean;
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
  /** What is `retired` and that no execution needs any more, as far as is known. */
  readonly spare: readonly string[];
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
  const spare = spareIn(
    program,
    graphs.filter((graph) => mayRunOn(graph, inFlight)),
  );
  return { workflow: program.graph.workflow, graph: program.hash, against, verdict, ok, spare };
}

/** Undefined: nobody has counted. */
export function mayRunOn(graph: Graph, inFlight: ReadonlyMap<string, InFlight> | undefined): boolean {
  const { count = 0, waiting = false } = inFlight?.get(hashOf(graph)) ?? {};
  return !inFlight || count > 0 || waiting;
}

function holdAgainst(program: Program, graph: Graph, all: ReadonlyMap<string, InFlight> | undefined): Held {
  const hash = hashOf(graph);
  const changes = compareVersions(graph, program);
  if (!all) return { graph: hash, changes: changes.map((change) => ({ ...change, settled: false })) };
  const inFlight = all.get(hash) ?? { count: 0 };
  const reached = inFlight.at && mayReach(graph, Object.keys(inFlight.at));
  const settled = (change: Change): boolean => {
    if (change.verdict === "refused") return false;
    if (inFlight.waiting) return false;
    if (inFlight.count === 0) return true;
    return change.at !== undefined && reached !== undefined && !reached.has(change.at);
  };
  return { graph: hash, inFlight, changes: changes.map((change) => ({ ...change, settled: settled(change) })) };
}
