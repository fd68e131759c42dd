/** From states that lead to one another to steps that stand below one another. */
import type { Machine, PassState, QueryLanguage, State } from "../definition.ts";
import type { Calls } from "./calls.ts";
import { type Chain, UNUSED } from "./chain.ts";
import { choice } from "./choices.ts";
import { fail } from "./failures.ts";
import { Flow } from "./flow.ts";
import { loopsIn, type Nexts, nextsOf } from "./routes.ts";
import { map, parallel } from "./scopes.ts";
import { task } from "./tasks.ts";
import { literal } from "./value.ts";
import { wait } from "./waits.ts";

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
}

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

/** All of a machine. */
export function machine(
  of: Machine,
  chain: Chain,
  { above, ...around }: Surroundings & { readonly above: QueryLanguage },
): void {
  const nexts = nextsOf(of);
  const loops = loopsIn(of, nexts);
  for (const [from, to] of loops) chain.refuse(from, `Next leads back to '${to}'`);
  if (loops.length > 0) return;
  walk({ ...around, machine: of, nexts, language: of.QueryLanguage ?? above }, chain, {
    start: of.StartAt,
    stop: null,
  });
}

/** From `start` to `stop`, or to the end. */
export function walk(
  place: Place,
  chain: Chain,
  { start, stop }: { readonly start: string; readonly stop: string | null },
): void {
  let name: string | null = start;
  while (name !== stop && name !== null && !chain.isEnded) {
    const state: State | undefined = place.machine.States[name];
    if (!state) throw new Error(`there is no state '${name}'`); // validated
    const flow = new Flow(state, (state.QueryLanguage ?? place.language) === "JSONata", chain);
    name = translate({ place, chain, name, state, flow, stop });
  }
}

/** @returns the state that is next */
function translate(at: At): string | null {
  const { state } = at;
  switch (state.Type) {
    case "Task":
      return task({ ...at, state });
    case "Pass":
      pass({ ...at, state });
      break;
    case "Choice":
      return choice({ ...at, state });
    case "Wait":
      wait({ ...at, state });
      break;
    case "Succeed":
      at.chain.pass(at.name, at.flow);
      break;
    case "Fail":
      fail({ ...at, state });
      return null;
    case "Parallel":
      return parallel({ ...at, state });
    case "Map":
      return map({ ...at, state });
  }
  return nextOf(at);
}

/** On to a state; null: it ends. */
export function goOn(at: At, next: string | null): void {
  if (next !== null) walk(at.place, at.chain, { start: next, stop: at.stop });
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

function pass({ name, state: { Result }, flow, chain }: At<PassState>): void {
  const { isJsonata } = flow;
  const made = isJsonata ? undefined : Result === undefined ? flow.input : literal(Result);
  const assigned = flow.assigned(made);
  const passed = flow.output(made);
  if (!flow.isUsed(passed, ...assigned.values())) chain.refuse(name, UNUSED);
  chain.assign(name, assigned);
  // What goes through as it is needs no step.
  if (passed.kind === "ref" || passed.kind === "unknown") chain.settle(name, name, passed);
  else chain.hold(name, name, passed);
}
