/** `npm run test:model -- --runs 40000 --seed 1 [--mutant name]` */
import { parseArgs } from "node:util";
import { isMutant, MUTANTS } from "./mutants.ts";
import { simulate } from "./simulate.ts";
import { Violation } from "./violation.ts";

const { values } = parseArgs({
  options: { runs: { type: "string" }, seed: { type: "string" }, mutant: { type: "string" } },
});
const runs = Number(values.runs ?? 40_000);
const first = Number(values.seed ?? 1);
const { mutant } = values;
if (mutant !== undefined && !isMutant(mutant)) throw new Error(`no mutant '${mutant}': ${Object.keys(MUTANTS)}`);

const total = { crashes: 0, duplicates: 0, operations: 0 };
const ends = new Map<string, number>();
for (let seed = first; seed < first + runs; seed++) {
  try {
    const run = simulate(seed, mutant);
    total.crashes += run.crashes;
    total.duplicates += run.duplicates;
    total.operations += run.operations;
    const end = `${run.status}@${run.epoch}`;
    ends.set(end, (ends.get(end) ?? 0) + 1);
  } catch (error) {
    if (!(error instanceof Violation)) console.error(error);
    console.log(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}
console.log(`${runs} runs from seed ${first}: no violation`, total, Object.fromEntries([...ends].sort()));
