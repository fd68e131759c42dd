/**
 * What executions in flight on an older graph need of newer code. Everything that is not told of here is safe: they run
 * to their end.
 */
import type { Graph } from "../model/graph.ts";
import type { Program } from "../model/program.ts";
import type { Change } from "./change.ts";
import { contractNeeds } from "./contract-needs.ts";
import { passedOnNeeds } from "./passed-on.ts";
import { Sides } from "./sides.ts";
import { slotNeeds } from "./slot-needs.ts";

export function needsOf(old: Graph, program: Program): readonly Change[] {
  const sides = new Sides(old, program);
  return [...contractNeeds(sides), ...passedOnNeeds(sides), ...slotNeeds(sides)];
}
