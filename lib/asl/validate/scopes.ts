/** Machines within machines, each a scope of its own for variables. AWS's guide, "Passing data between states with variables". */
import type { Json } from "../../model/json.ts";
import { isList, isObject, type JsonObject } from "../json-kinds.ts";
import { withoutEnding } from "./assign.ts";
import type { Place } from "./place.ts";

const RULE = "Passing data between states with variables";

/**
 * A name that a scope assigns may not be assigned in a scope within it. A distributed Map's items see nothing of the
 * outer ones. AWS takes a name of a catcher for both, as the recording `parallel_catch_error` shows.
 */
export function checkScopes(machine: Json | undefined, at: Place, outer: ReadonlySet<string>): void {
  if (!isObject(machine) || !isObject(machine.States)) return;
  const states = Object.entries(machine.States).map(([name, it]) => ({ it, at: at.field("States").field(name) }));
  const found = states.flatMap((state) => assignments(state.it, state.at));
  for (const { name, place } of found)
    if (outer.has(name)) place.refuse(RULE, `Variable '${name}' is assigned in an outer scope already`);
  const all = new Set([...outer, ...found.map(({ name }) => name)]);
  for (const state of states)
    for (const inner of innerMachines(state.it, state.at))
      checkScopes(inner.it, inner.at, inner.isApart ? new Set() : all);
}

/** A state's own, and those of its rules. */
function assignments(state: Json | undefined, at: Place): readonly { name: string; place: Place }[] {
  if (!isObject(state)) return [];
  const place = at.field("Assign");
  const own = isObject(state.Assign) ? Object.keys(state.Assign) : [];
  const rules = isList(state.Choices) ? state.Choices : [];
  return [
    ...own.map((name) => ({ name: withoutEnding(name), place })),
    ...rules.flatMap((it, index) => assignments(it, at.field("Choices").item(index))),
  ];
}

export interface Inner {
  readonly field: "Branches" | "ItemProcessor" | "Iterator";
  readonly it: Json;
  readonly at: Place;
  /** Of a distributed Map. */
  readonly isApart: boolean;
}

/** The machines of a Parallel or a Map. */
export function innerMachines(state: Json | undefined, at: Place): readonly Inner[] {
  if (!isObject(state)) return [];
  const branches = isList(state.Branches) ? state.Branches : [];
  return [
    ...branches.map(
      (it, index) => ({ field: "Branches", it, at: at.field("Branches").item(index), isApart: false }) as const,
    ),
    ...(["ItemProcessor", "Iterator"] as const).flatMap((field) => {
      const it = state[field];
      return it === undefined ? [] : [{ field, it, at: at.field(field), isApart: isObject(it) && isDistributed(it) }];
    }),
  ];
}

export function isDistributed(processor: JsonObject): boolean {
  const config = processor.ProcessorConfig;
  return isObject(config) && config.Mode === "DISTRIBUTED";
}
