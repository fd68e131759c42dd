/** Every placement of two faults in a dozen graphs of at most 40 port calls: of deaths, and in deep tests of all kinds. */
import { describe, expect, it } from "vitest";
import { deaths, singleFaults } from "../../lib/testing/world/placements.ts";
import { DEEP, LONGEST_MS } from "../support/deep.ts";
import { smallGraphs } from "./small-graphs.ts";
import { first, lockstep, pairs, runs, type Story, scattered } from "./stories.ts";

describe.each<Story>(smallGraphs)("$name", (story) => {
  it("has no more than 40 port calls", async () => {
    expect((await runs(story, { faults: [] })).calls).toBeLessThanOrEqual(40);
  });
  it(
    "comes to its end, once, after whichever two deaths",
    async () => {
      expect(await first(story, pairs(story, lockstep, deaths))).toBeUndefined();
    },
    LONGEST_MS,
  );
});

describe.runIf(DEEP).each<Story>(smallGraphs)("$name", (story) => {
  it.each([
    ["in lockstep", lockstep],
    ["where nothing is in step", scattered],
  ])("comes to its end, once, after whichever two faults, %s", async (_, circumstances) => {
    expect(await first(story, pairs(story, circumstances, singleFaults))).toBeUndefined();
  });
});
