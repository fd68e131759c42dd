/** The functions that a definition names, each once, in the order of their states. */
import type { Definition, Machine } from "./definition.ts";
import { functionOf } from "./resource.ts";

export const functionsIn = (definition: Definition): readonly string[] => [...new Set(inMachine(definition))];

const inMachine = (machine: Machine): readonly string[] =>
  Object.values(machine.States).flatMap((state) => {
    if (state.Type === "Task") return functionOf(state).name ?? [];
    if (state.Type === "Parallel") return state.Branches.flatMap(inMachine);
    const processor = state.Type === "Map" ? (state.ItemProcessor ?? state.Iterator) : undefined;
    return processor ? inMachine(processor) : [];
  });
