/** States within distributed Maps: each item is an execution of its own there, which the machine's history does not show. */
import type { Machine } from "./definition.ts";

export function statesApart(machine: Machine, apart = false): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (inner: Machine, isApart: boolean) => {
    for (const name of statesApart(inner, isApart)) found.add(name);
  };
  for (const [name, state] of Object.entries(machine.States)) {
    if (apart) found.add(name);
    if (state.Type === "Parallel") for (const branch of state.Branches) add(branch, apart);
    const processor = state.Type === "Map" ? (state.ItemProcessor ?? state.Iterator) : undefined;
    if (processor) add(processor, apart || processor.ProcessorConfig?.Mode === "DISTRIBUTED");
  }
  return found;
}
