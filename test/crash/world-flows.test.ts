/** Every single fault in small graphs that wait, loop and call; requests at every call. */
import { describe, expect, it } from "vitest";
import { singleFaults } from "../../lib/testing/world/placements.ts";
import type { Plan } from "../../lib/testing/world/plan.ts";
import { World } from "../../lib/testing/world/world.ts";
import { DEEP } from "../support/deep.ts";
import { printPlan, told, worldly } from "../support/worlds.ts";
import { type FlowGraph, flowGraphs } from "./flow-graphs.ts";

type Circumstances = Omit<Plan, "faults" | "asked">;

const lockstep: Circumstances = {};
/** As deployed, with everything a little late: other orders, other batches, clocks up to a minute apart. */
const scattered: Circumstances = {
  skewsMs: [0, 30_000, -30_000],
  jitterMs: 40,
  batch: 3,
  glanceLagMs: 2_000,
  carryBytes: 1_000,
};

const runs = ({ scenario, asked }: FlowGraph, plan: Plan): Promise<World> =>
  new World(worldly(scenario), { asked, ...plan }).run();

/** What is wrong with the run, told in full. */
function wrongWith(of: FlowGraph, world: World): string | undefined {
  const end = world.end();
  const found = JSON.stringify([end?.header.status, end?.output, end?.header.error?.code]);
  const wanted = JSON.stringify([of.status, of.output, of.error]);
  if (world.wrong.length === 0 && found === wanted) return undefined;
  return `${of.name}, ${printPlan(world.plan)}: it ends with ${found}, to be ${wanted}\n${told(world)}`;
}

/** At most so many, evenly spread, unless the test is deep. */
function some<T>(all: Iterable<T>, most: number): readonly T[] {
  const every = [...all];
  const stride = DEEP ? 1 : Math.ceil(every.length / most);
  return every.filter((_, i) => i % stride === 0);
}

async function first(of: FlowGraph, circumstances: Circumstances, most: number): Promise<string | undefined> {
  const counted = await runs(of, { faults: [], ...circumstances });
  for (const fault of some(singleFaults(counted), most)) {
    const problem = wrongWith(of, await runs(of, { faults: [fault], ...circumstances }));
    if (problem) return problem;
  }
  return undefined;
}

describe.each<FlowGraph>(flowGraphs)("$name", (of) => {
  it("comes to its end when nothing happens", async () => {
    const world = await runs(of, { faults: [] });
    expect(wrongWith(of, world)).toBeUndefined();
    expect(world.deaths).toBe(0);
  });
  it("comes to its end, once, whichever fault befalls it", async () => {
    expect(await first(of, lockstep, 150)).toBeUndefined();
  });
  it("comes to its end, once, whichever fault befalls it where nothing is in step", async () => {
    expect(await first(of, scattered, 40)).toBeUndefined();
  });
});
