/** Which errors a state's Catch takes up, as codes of the builder. */
import type { Catcher, Machine } from "../definition.ts";
import { functionsIn } from "../functions-in.ts";
import { functionOf } from "../resource.ts";
import { codeOf, isOfTheService } from "./calls.ts";
import type { At, Failing } from "./place.ts";

export interface Taking {
  readonly codes: readonly string[];
  readonly catcher: Catcher;
}

/** Without those that nothing inside can fail with. */
export function catchersOf(at: At<Failing>): readonly Taking[] {
  const inside = insideOf(at.state);
  const seen = new Set<string>();
  const taking = (at.state.Catch ?? []).map((catcher) => {
    const codes = catcher.ErrorEquals.flatMap((error) => codeIn(at, error, inside)).filter((code) => !seen.has(code));
    for (const code of codes) seen.add(code);
    return { codes, catcher };
  });
  return taking.filter(({ codes }) => codes.length > 0);
}

interface Inside {
  readonly functions: readonly string[];
  readonly failures: ReadonlySet<string>;
  readonly hasHeartbeat: boolean;
}

function codeIn({ chain, name, place }: At<Failing>, error: string, inside: Inside): readonly string[] {
  if (error === "States.ALL") return ["any"];
  if (isOfTheService(error)) return [];
  const code = codeOf(error);
  if (code === undefined) {
    chain.refuse(name, `its Catch names '${error}', for which the builder has no code`);
    return [];
  }
  if (code === "timeout" && inside.hasHeartbeat) chain.refuse(name, "its Catch takes a missed heartbeat for a timeout");
  for (const called of inside.functions) place.calls.declare(called, code);
  return inside.functions.length > 0 || inside.failures.has(code) ? [code] : [];
}

function insideOf(state: Failing): Inside {
  if (state.Type === "Task") {
    const { name } = functionOf(state);
    const functions = name === undefined ? [] : [name];
    return { functions, failures: new Set(), hasHeartbeat: state.HeartbeatSeconds !== undefined };
  }
  const processor = state.Type === "Map" ? (state.ItemProcessor ?? state.Iterator) : undefined;
  const machines = state.Type === "Parallel" ? state.Branches : processor ? [processor] : [];
  const states = machines.flatMap(statesIn);
  return {
    functions: [...new Set(machines.flatMap(functionsIn))],
    failures: new Set(states.flatMap((one) => (one.Type === "Fail" && one.Error !== undefined ? [one.Error] : []))),
    hasHeartbeat: states.some((one) => "HeartbeatSeconds" in one),
  };
}

const statesIn = ({ States }: Machine): readonly Machine["States"][string][] =>
  Object.values(States).flatMap((state) => {
    if (state.Type === "Parallel") return [state, ...state.Branches.flatMap(statesIn)];
    const processor = state.Type === "Map" ? (state.ItemProcessor ?? state.Iterator) : undefined;
    return processor ? [state, ...statesIn(processor)] : [state];
  });
