/** Every single fault in small graphs that wait, loop and call; requests at every call. */
import { describe, expect, it } from "vitest";
import { deaths, singleFaults } from "../../lib/testing/world/placements.ts";
import type { Asked, Fault, Plan } from "../../lib/testing/world/plan.ts";
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

/** Two deaths: the second one is placed in the run that the first has made. */
async function firstOfTwo(of: FlowGraph, most: number): Promise<string | undefined> {
  const ones = some(deaths(await runs(of, { faults: [], ...scattered })), most);
  for (const [i, one] of ones.entries()) {
    const others = [...deaths(await runs(of, { faults: [one], ...scattered }))];
    const placed = DEEP ? others.filter((_, n) => n % 7 === i % 7) : [others[(i * 17 + 5) % others.length] ?? one];
    for (const other of placed) {
      const problem = wrongWith(of, await runs(of, { faults: [one, other], ...scattered }));
      if (problem) return problem;
    }
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
    expect(await first(of, lockstep, 40)).toBeUndefined();
  });
  it("comes to its end, once, whichever fault befalls it where nothing is in step", async () => {
    expect(await first(of, scattered, 20)).toBeUndefined();
  });
  it("comes to its end, once, after two deaths", async () => {
    expect(await firstOfTwo(of, 6)).toBeUndefined();
  });
});

const callsOf = async (of: FlowGraph, most: number): Promise<readonly number[]> => {
  const { calls } = await runs(of, { faults: [], ...scattered });
  return some(
    Array.from({ length: calls }, (_, i) => i + 1),
    most,
  );
};

/** So that it is not paused for as long as anything waits. */
const resumes: readonly Asked[] = Array.from({ length: 20 }, (_, i) => ({
  afterMs: (i + 1) * 30 * 60_000,
  order: { kind: "resume" },
}));

/** Whatever it comes to, nothing is open and nothing happened that never may. */
async function endsWell(of: FlowGraph, plan: Plan): Promise<World> {
  const world = await runs(of, plan);
  if (world.wrong.length > 0) throw new Error(`${of.name}, ${printPlan(plan)}: ${told(world)}`);
  return world;
}
const signals = ({ scenario: { programs } }: FlowGraph) => programs[0]?.graph.signals.decision !== undefined;

describe.each<FlowGraph>(flowGraphs)("$name", (of) => {
  it("comes to its end when it is paused for a while, or healed, at whichever call", async () => {
    for (const at of await callsOf(of, 6))
      for (const order of [{ kind: "pause" }, { kind: "heal" }] as const) {
        const asked = [...of.asked, ...resumes];
        const plan: Plan = { faults: [{ kind: "control", at, order }], ...scattered, asked };
        const world = await runs(of, plan);
        expect(wrongWith(of, world)).toBeUndefined();
      }
  });
  it("is cancelled, or has ended before, with all that it called, at whichever call", async () => {
    for (const at of await callsOf(of, 6)) {
      const plan: Plan = { faults: [{ kind: "control", at, order: { kind: "cancel" } }], ...scattered };
      const { header } = (await endsWell(of, plan)).end() ?? {};
      expect(["cancelled", of.status]).toContain(header?.status);
    }
  });
  it("goes on to its end when it is redriven after a cancel at whichever call", async () => {
    for (const at of await callsOf(of, 6)) {
      const faults: readonly Fault[] = [{ kind: "control", at, order: { kind: "cancel" } }];
      const world = await endsWell(of, { faults, afterwards: [{ kind: "redrive" }], ...scattered });
      expect(["succeeded", "failed"]).toContain(world.end()?.header.status);
    }
  });
  it("comes to an end when its messages are lost at whichever call, and it is healed", async () => {
    for (const at of await callsOf(of, 6)) await endsWell(of, { faults: [{ kind: "purge", at }], ...scattered });
  });
  it.runIf(signals(of))("comes to an end when it is told more than it waits for, at whichever call", async () => {
    const order = { kind: "signal", signal: "decision", data: "yes", id: "more" } as const;
    for (const at of await callsOf(of, 6))
      await endsWell(of, { faults: [{ kind: "control", at, order }], ...scattered });
  });
});
