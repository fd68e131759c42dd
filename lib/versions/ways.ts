/** The ways through the states of one scope. */
import type { Scope, State } from "../model/graph.ts";

export function nextOf(state: State | undefined): readonly string[] {
  if (!state || state.kind === "fail" || state.kind === "succeed") return [];
  const targets = state.next === null ? [] : [state.next];
  if (state.kind === "choice" || state.kind === "match")
    for (const branch of Object.values(state.branches)) if ("to" in branch) targets.push(branch.to);
  for (const { branch } of state.catch ?? []) if ("to" in branch) targets.push(branch.to);
  return targets;
}

/** Those states of a scope without which this one, or its end, cannot be reached. */
export function surelyBefore(scope: Scope, until: string | null): readonly string[] {
  const chain = new Set<string>();
  for (let at = scope.start; at !== until; ) {
    const to = at === null ? [] : nextOf(scope.states[at]);
    // Where it forks, goes back, or ends elsewhere, it is no chain: the slower way tells.
    if (at === null || to.length > 1 || chain.has(at)) return dominators(scope, until);
    chain.add(at);
    at = to[0] ?? null;
  }
  return [...chain];
}

function dominators(scope: Scope, until: string | null): readonly string[] {
  return Object.keys(scope.states).filter((name) => name !== until && !reaches(scope, until, name));
}

function reaches(scope: Scope, until: string | null, without: string): boolean {
  const seen = new Set<string>();
  const todo = scope.start === null ? [] : [scope.start];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (at === until) return true;
    if (at === without || seen.has(at)) continue;
    seen.add(at);
    const state = scope.states[at];
    if (until === null && state && state.kind !== "fail" && (state.kind === "succeed" || state.next === null))
      return true;
    todo.push(...nextOf(state));
  }
  return false;
}
