/** From states that lead to one another to steps that stand below one another. */
import type { Machine, PassState, QueryLanguage, State } from "../definition.ts";
import { type Chain, UNUSED } from "./chain.ts";
import { choice } from "./choices.ts";
import { fail } from "./failures.ts";
import { untranslated } from "./fields.ts";
import { Flow } from "./flow.ts";
import { type At, nextOf, type Place, type Surroundings, type Way } from "./place.ts";
import { loopsIn, nextsOf } from "./routes.ts";
import { map, parallel } from "./scopes.ts";
import { task } from "./tasks.ts";
import { literal } from "./value.ts";
import { wait } from "./waits.ts";

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
  const language = of.QueryLanguage ?? above;
  const inner: Place["inner"] = (within, its) => machine(within, its, { ...around, above: language });
  walk({ ...around, machine: of, nexts, language, walk, inner }, chain, { start: of.StartAt, stop: null });
}

/** From `start` to `stop`, or to the end. */
function walk(place: Place, chain: Chain, { start, stop }: Way): void {
  let name: string | null = start;
  while (name !== stop && name !== null && !chain.isEnded) {
    const state: State | undefined = place.machine.States[name];
    if (!state) throw new Error(`there is no state '${name}'`); // validated
    for (const field of untranslated(state)) chain.refuse(name, `the builder has nothing for its ${field}`);
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
