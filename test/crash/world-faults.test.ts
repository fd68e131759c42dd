/** Every single fault, and two of them where the clocks are far apart, in graphs small enough. */
import { describe, expect, it } from "vitest";
import { type Counted, deaths, duplicates, singleFaults } from "../../lib/testing/world/placements.ts";
import type { Fault, Plan } from "../../lib/testing/world/plan.ts";
import { DEEP } from "../support/deep.ts";
import { cases } from "./scenarios.ts";
import { smallGraphs } from "./small-graphs.ts";
import { type Circumstances, first, lockstep, pairs, runs, type Story, scattered, wrongWith } from "./stories.ts";

/** @param most in a test that is not deep, evenly spread */
async function* each(story: Story, circumstances: Circumstances, most = Infinity): AsyncGenerator<Plan> {
  const faults = [...singleFaults(await runs(story, { faults: [], ...circumstances }))];
  const stride = DEEP ? 1 : Math.ceil(faults.length / most);
  for (const [i, fault] of faults.entries()) if (i % stride === 0) yield { faults: [fault], ...circumstances };
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
});
