/** That every transition leads to a state of the same scope, every state can be reached, and one of them ends it. */
import type { Json } from "../../model/json.ts";
import { isList, isObject, type JsonObject } from "../json-kinds.ts";
import type { Place } from "./place.ts";

const RULE = "Transitions";

interface Transition {
  readonly to: string;
  readonly field: string;
  readonly at: Place;
}

export function checkTransitions({ StartAt: start, States: states }: JsonObject, at: Place): void {
  if (!isObject(states)) return;
  const from = new Map(
    Object.entries(states).map(([name, it]) => [name, transitions(it, at.field("States").field(name))]),
  );
  const first: readonly Transition[] =
    typeof start === "string" ? [{ to: start, field: "StartAt", at: at.field("StartAt") }] : [];
  for (const { to, field, at: place } of [...first, ...[...from.values()].flat()])
    if (!from.has(to)) place.refuse(RULE, `Missing '${field}' target: ${to}`, "MISSING_TRANSITION_TARGET");
  if (!Object.values(states).some(isTerminal))
    at.refuse(
      RULE,
      "The state machine has no terminal state: one with End, or a Succeed or Fail state",
      "MISSING_END_STATE",
    );
  if (typeof start !== "string" || !from.has(start)) return;
  const reached = reach(start, from);
  for (const name of from.keys())
    if (!reached.has(name))
      at.field("States").field(name).refuse(RULE, `State "${name}" is not reachable.`, "MISSING_TRANSITION_TARGET");
}

function reach(start: string, from: ReadonlyMap<string, readonly Transition[]>): ReadonlySet<string> {
  const reached = new Set([start]);
  // A set goes on over what is added to it meanwhile.
  for (const name of reached) for (const { to } of from.get(name) ?? []) reached.add(to);
  return reached;
}

/** Its own, and those of its rules and catchers. */
function transitions(state: Json | undefined, at: Place): readonly Transition[] {
  if (!isObject(state)) return [];
  const own = ["Next", "Default"].flatMap((field) => {
    const to = state[field];
    return typeof to === "string" ? [{ to, field, at: at.field(field) }] : [];
  });
  const within = ["Choices", "Catch"].flatMap((field) => {
    const list = state[field];
    return isList(list) ? list.flatMap((it, index) => transitions(it, at.field(field).item(index))) : [];
  });
  return [...own, ...within];
}

const isTerminal = (state: Json | undefined): boolean =>
  isObject(state) && (state.End === true || state.Type === "Succeed" || state.Type === "Fail");
