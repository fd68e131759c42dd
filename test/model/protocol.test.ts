/**
 * The protocol's model, run: nothing is violated as it stands, and something is as soon as one of its rules is broken.
 * More of it: `npm run test:model -- --runs 40000 --seed 1 [--mutant name]`.
 */
import { describe, expect, test } from "vitest";
import { FOCUS } from "./focus.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";
import { CAUGHT } from "./seeds.ts";
import { type Focus, simulate } from "./simulate.ts";
import { Violation } from "./violation.ts";

const RUNS = 1500;
const RUNS_IN_FOCUS = 50;
const MOST_SEEDS = 3000;
const FIRST = Number(process.env.SEED ?? 1);

function firstViolation(runs: number, mutant?: Mutant, focus?: Focus): string | undefined {
  const all = Array.from({ length: runs }, (_, i) => FIRST + i);
  const hint = mutant && CAUGHT[mutant];
  for (const seed of hint === undefined ? all : [hint, ...all])
    try {
      simulate(seed, mutant, focus);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return `seed ${seed}: ${error.message}`;
    }
  return undefined;
}

test("the protocol holds under whatever comes", () => {
  expect(firstViolation(RUNS)).toBeUndefined();
});

test.each(Object.entries(FOCUS))("the protocol holds where %s would break it", (_, focus) => {
  expect(firstViolation(RUNS_IN_FOCUS, undefined, focus)).toBeUndefined();
});

describe("the model notices when", () => {
  test.each(Object.entries(MUTANTS) as [Mutant, string][])("%s: %s", (mutant) => {
    const found = firstViolation(MOST_SEEDS, mutant, FOCUS[mutant]);
    expect(found).toBeDefined();
    console.info(`${mutant}: ${found}`);
  });
});
