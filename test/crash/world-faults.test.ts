/** Every single fault, and every two of them, in graphs small enough. */
import { describe, expect, it } from "vitest";
import type { Json } from "../../lib/model/json.ts";
import { type Counted, deaths, duplicates, singleFaults } from "../../lib/testing/world/placements.ts";
import type { Fault, Plan } from "../../lib/testing/world/plan.ts";
import { World } from "../../lib/testing/world/world.ts";
import { DEEP } from "../support/deep.ts";
import type { Scenario } from "../support/simulation.ts";
import { answering, printPlan, told } from "../support/worlds.ts";
import { cases } from "./scenarios.ts";
import { smallGraphs } from "./small-graphs.ts";

interface Story {
  readonly name: string;
  readonly scenario: Scenario;
  readonly status: "succeeded" | "failed";
  readonly output?: Json;
}
type Circumstances = Omit<Plan, "faults">;

const lockstep: Circumstances = {};
/** As deployed, with everything a little late: other orders, other batches, clocks up to a minute apart. */
const scattered: Circumstances = {
  skewsMs: [0, 30_000, -30_000],
  jitterMs: 40,
  batch: 3,
  glanceLagMs: 2_000,
  carryBytes: 1_000,
};

async function runs({ scenario }: Story, plan: Plan): Promise<World> {
  const { programs, start, handlers } = scenario;
  return new World({ programs, start, handlers: answering(handlers) }, plan).run();
}

/** What is wrong with the run, told in full. */
function wrongWith(story: Story, world: World): string | undefined {
  const end = world.end();
  const found = JSON.stringify([end?.header.status, end?.output]);
  const wanted = JSON.stringify([story.status, story.output]);
  if (world.wrong.length === 0 && found === wanted) return undefined;
  return `${story.name}, ${printPlan(world.plan)}: it ends with ${found}, to be ${wanted}\n${told(world)}`;
}

async function first(story: Story, plans: Iterable<Plan> | AsyncIterable<Plan>): Promise<string | undefined> {
  for await (const plan of plans) {
    const problem = wrongWith(story, await runs(story, plan));
    if (problem) return problem;
  }
  return undefined;
}

/** @param most in a test that is not deep, evenly spread */
async function* each(story: Story, circumstances: Circumstances, most = Infinity): AsyncGenerator<Plan> {
  const faults = [...singleFaults(await runs(story, { faults: [], ...circumstances }))];
  const stride = DEEP ? 1 : Math.ceil(faults.length / most);
  for (const [i, fault] of faults.entries()) if (i % stride === 0) yield { faults: [fault], ...circumstances };
}

/** Two by two: the second is placed in the run that the first one has made of it. */
async function* pairs(
  story: Story,
  circumstances: Circumstances,
  placed: (counted: Counted) => Iterable<Fault>,
): AsyncGenerator<Plan> {
  const counted = await runs(story, { faults: [], ...circumstances });
  for (const one of placed(counted))
    for (const other of placed(await runs(story, { faults: [one], ...circumstances })))
      if (follows(one, other)) yield { faults: [one, other], ...circumstances };
}

/** Each two once: those at calls before those of messages. */
function follows(one: Fault, other: Fault): boolean {
  if ("at" in one) return "at" in other ? other.at > one.at : true;
  return "message" in one && "message" in other && other.message > one.message;
}

describe.each<Story>([...smallGraphs, ...cases])("$name", (story) => {
  it("comes to its end when nothing happens", async () => {
    const world = await runs(story, { faults: [] });
    expect(wrongWith(story, world)).toBeUndefined();
    expect(world.deaths).toBe(0);
  });
  it("comes to its end, once, whichever fault befalls it", async () => {
    expect(await first(story, each(story, lockstep))).toBeUndefined();
  });
  it.runIf(DEEP || !smallGraphs.some(({ name }) => name === story.name))(
    "comes to its end, once, whichever fault befalls it where nothing is in step",
    async () => {
      expect(await first(story, each(story, scattered, 80))).toBeUndefined();
    },
  );
});

const QUICK = ["one", "segment"];
describe.each<Story>(DEEP ? smallGraphs : smallGraphs.filter(({ name }) => QUICK.includes(name)))("$name", (story) => {
  it("has no more than 40 port calls", async () => {
    expect((await runs(story, { faults: [] })).calls).toBeLessThanOrEqual(40);
  });
  it("comes to its end, once, when two hold a step, for their clocks are far apart, and one dies", async () => {
    const both = (counted: Counted) => [...deaths(counted), ...duplicates(counted)];
    for (const skewsMs of [
      [0, 200_000],
      [200_000, 0],
    ])
      expect(await first(story, pairs(story, { skewsMs }, both))).toBeUndefined();
  });
  it("is held by one at a time, however slow it is, while clocks are no further apart than the margin", async () => {
    const slow = (counted: Counted): Fault[] =>
      Array.from({ length: counted.calls }, (_, i) => ({ kind: "stall", at: i + 1, when: "before", ms: 20_000 }));
    const later = (counted: Counted) => [...duplicates(counted)].map((it) => ({ ...it, afterMs: 5_000 }) as Fault);
    for (const skewsMs of [
      [-30_000, 30_000],
      [30_000, -30_000],
    ])
      expect(
        await first(
          story,
          pairs(story, { skewsMs }, (it) => [...slow(it), ...later(it)]),
        ),
      ).toBeUndefined();
  });
  it("comes to its end, once, after whichever two deaths", async () => {
    expect(await first(story, pairs(story, lockstep, deaths))).toBeUndefined();
  });
});

describe.runIf(DEEP).each<Story>(smallGraphs)("$name", (story) => {
  it.each([lockstep, scattered])("comes to its end, once, after whichever two faults", async (circumstances) => {
    expect(await first(story, pairs(story, circumstances, singleFaults))).toBeUndefined();
  });
});
