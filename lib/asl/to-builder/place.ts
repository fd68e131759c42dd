/** Where a state stands, for those who translate it: what is around it, and how one goes on from there. */
import type { Machine, MapState, ParallelState, QueryLanguage, State, TaskState } from "../definition.ts";
import type { Calls } from "./calls.ts";
import type { Chain } from "./chain.ts";
import type { Flow } from "./flow.ts";
import type { Nexts } from "./routes.ts";

/** What the states of a machine have in common. */
export interface Surroundings {
  readonly calls: Calls;
  /** How long an execution lives. */
  readonly lifeSeconds: number;
}

/** A scope of states. */
export interface Place extends Surroundings {
  readonly machine: Machine;
  readonly nexts: Nexts;
  readonly language: QueryLanguage;
  readonly walk: (place: Place, chain: Chain, way: Way) => void;
  /** All of a machine within this one. */
  readonly inner: (machine: Machine, chain: Chain) => void;
}

/** From `start` to `stop`, or to the end. */
export interface Way {
  readonly start: string;
  readonly stop: string | null;
}

/** States that may fail with what a Catch takes up. */
export type Failing = TaskState | ParallelState | MapState;

/** One state at its place. */
export interface At<S extends State = State> {
  readonly place: Place;
  readonly chain: Chain;
  readonly name: string;
  readonly state: S;
  readonly flow: Flow;
  /** Where the branch that it stands in goes on with others; null: it is the last. */
  readonly stop: string | null;
}

/** On to a state; null: it ends. */
export function goOn(at: At, next: string | null): void {
  if (next !== null) at.place.walk(at.place, at.chain, { start: next, stop: at.stop });
  else if (at.stop !== null) nextOf(at);
}

/** Where it ends, though others of its scope go on: that is an end of the execution, or it cannot be said. */
export function nextOf({ state, stop, chain, name }: At): string | null {
  if ("Next" in state && state.Next !== undefined) return state.Next;
  if (stop === null) return null;
  if (chain.isForked) chain.refuse(name, "it ends its branch early, within a Parallel or a Map");
  chain.check(name, chain.document);
  chain.steps.push({ kind: "succeed", output: chain.document });
  chain.isEnded = true;
  return null;
}
