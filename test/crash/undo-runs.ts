/** Graphs of races, catches and undo under planned faults: whatever they come to, no rule is broken. */
import type { ControlRequest } from "../../lib/engine/requests.ts";
import type { Fault, Plan } from "../../lib/testing/world/plan.ts";
import { World } from "../../lib/testing/world/world.ts";
import { DEEP } from "../support/deep.ts";
import { printPlan, told } from "../support/worlds.ts";
import type { UndoGraph } from "./undo-graphs.ts";

/** Every one of them in a deep test; else so many, evenly spread. */
export function some<T>(all: Iterable<T>, most: number): readonly T[] {
  const every = [...all];
  const stride = DEEP ? 1 : Math.max(1, every.length / most);
  return every.filter((_, i) => Math.floor(i / stride) !== Math.floor((i - 1) / stride));
}

export async function endsWell(of: UndoGraph, plan: Plan): Promise<World> {
  const world = await new World(of.scenario(), plan).run();
  if (world.wrong.length > 0) throw new Error(`${of.name}: ${printPlan(plan)}: ${told(world)}`);
  return world;
}

export const asked = (order: ControlRequest, at: number): Fault => ({ kind: "control", at, order });

export const callsOf = ({ calls }: World): readonly number[] => Array.from({ length: calls }, (_, i) => i + 1);
