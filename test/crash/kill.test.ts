import { expect, it } from "vitest";
import { soak } from "../soak/soak.ts";
import { DEEP, LONGEST_MS, STILL_MS } from "../support/deep.ts";
import { tempFolder } from "../support/temp-folder.ts";

const KILLS = DEEP ? 30 : 10;
const IN_FLIGHT = 500;

// What counts as lost and as settled twice is told by what handlers wrote down and by the file: test/soak/judge.ts. After
// each kill the file is checked whole, and the steps found settled in it are not to run again.
it(
  `an engine with ${IN_FLIGHT} executions of 10 steps in flight that is killed ${KILLS} times ends each of them, once`,
  async () => {
    const { report, problems } = await soak({
      folder: tempFolder(),
      executions: IN_FLIGHT * (1 + KILLS / 10),
      seed: Number(process.env.SEED ?? 1),
      kills: KILLS,
      killedShare: 1,
      inFlight: IN_FLIGHT,
      mix: ["ten"],
      apart: true,
      checkEachLife: true,
      stuckMs: STILL_MS,
    });
    expect(problems).toEqual([]);
    expect(report).toMatchObject({ crashes: KILLS, lost: 0, settledTwice: 0 });
    expect(report.steps).toBe(report.executions * 10);
    expect(report.duplicates).toBeGreaterThan(0);
  },
  LONGEST_MS,
);
