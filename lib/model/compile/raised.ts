/** With which codes a scope may fail, as far as the graph tells: a catch for another one would never be taken. */
import { STEP_CODES } from "../../errors.ts";
import type { CallSpec, NodeSpec, Scope, State } from "../graph.ts";
import { scopesOf } from "../graph.ts";

/** The catch for every code. */
export const ANY = "any";

interface Specs {
  readonly nodeSpecs: Readonly<Record<string, NodeSpec>>;
  readonly callSpecs: Readonly<Record<string, CallSpec>>;
}

const SLOT = ["slot_failed", "payload_too_large"];
const TASK = [
  ...["timeout", "crashed", "handler_failed", "invalid_input", "invalid_output"],
  ...["transaction_unmet", "invalid_transaction"],
];

export function raisedIn(scope: Scope, specs: Specs): ReadonlySet<string> {
  return new Set(Object.values(scope.states).flatMap((state) => [...raisedBy(state, specs)]));
}

function raisedBy(state: State, specs: Specs): readonly string[] {
  switch (state.kind) {
    case "task":
      return [...TASK, ...SLOT, ...(specs.nodeSpecs[state.node]?.errors ?? [])];
    case "call":
      if (state.detached) return [...SLOT, "invalid_input"];
      return [...STEP_CODES, ...(specs.callSpecs[state.workflow]?.errors ?? [])];
    case "waitFor":
      return ["timeout"];
    case "wait":
      return state.until ? SLOT : [];
    case "loop":
      return [...SLOT, "loop_limit", ...raisedIn(state.each, specs)];
    case "map":
      return [...SLOT, ...(state.tolerate ? ["too_many_failures"] : raisedIn(state.each, specs))];
    case "block":
      return blockRaises(state, specs);
    case "fail":
      return [state.code, ...SLOT];
    default:
      return [...SLOT, ...scopesOf(state).flatMap(([, inner]) => [...raisedIn(inner, specs)])];
  }
}

function blockRaises(state: Extract<State, { kind: "block" }>, specs: Specs): readonly string[] {
  const rules = state.catch ?? [];
  const caught = new Set(rules.flatMap(({ codes }) => codes));
  const through = caught.has(ANY) ? [] : [...raisedIn(state.body, specs)].filter((code) => !caught.has(code));
  const branches = rules.flatMap(({ branch }) => ("scope" in branch ? [...raisedIn(branch.scope, specs)] : []));
  return [...through, ...branches];
}
