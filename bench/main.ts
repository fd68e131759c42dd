/**
 * `npm run bench`: the embedded engine beside the floor, in the same run, so that the ratios hold on a noisy machine.
 * Each runs in a process of its own, in turn, five times; the medians count. `--json` prints one object.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Table from "cli-table3";
import { z } from "zod";

const Result = z.object({
  stepsPerSec: z.number(),
  chain10P50Ms: z.number(),
  perStepGrowth: z.number(),
  fanout100Ms: z.number(),
});
type Result = z.infer<typeof Result>;

const run = promisify(execFile);
const ROUNDS = 5;
/** What the embedded engine is to reach; a run below it exits with 1. */
const FIGURES = { stepsPerSec: 0.4, perStepGrowth: 1.2 };

async function measure(module: string): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), "pawl-bench-"));
  try {
    const args = ["--no-warnings", join(import.meta.dirname, "measure.mjs"), join(import.meta.dirname, module), dir];
    const { stdout } = await run(process.execPath, args);
    return Result.parse(JSON.parse(stdout));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const medians = (results: readonly Result[]): Result =>
  Result.parse(
    Object.fromEntries(
      Object.keys(Result.shape).map((key) => [key, median(results.map((r) => r[key as keyof Result]))]),
    ),
  );
const round = (value: number): number => Number(value.toPrecision(3));

const json = process.argv.includes("--json");
const floors: Result[] = [];
const ours: Result[] = [];
const loadBefore = loadavg();
for (let k = 1; k <= ROUNDS; k++) {
  if (!json) process.stderr.write(`round ${k} of ${ROUNDS}\n`);
  floors.push(await measure("floor.mjs"));
  ours.push(await measure("peer.mjs"));
}
const floor = medians(floors);
const mine = medians(ours);
const paired = (key: keyof Result) => median(ours.map((r, i) => r[key] / (floors[i]?.[key] ?? Number.NaN)));
const ratios = {
  stepsPerSec: round(paired("stepsPerSec")),
  chain10P50: round(paired("chain10P50Ms")),
  perStepGrowth: round(mine.perStepGrowth),
  fanout100: round(paired("fanout100Ms")),
};
const machine = {
  cpus: availableParallelism(),
  model: cpus()[0]?.model,
  node: process.version,
  loadBefore,
  loadAfter: loadavg(),
};

if (json) process.stdout.write(`${JSON.stringify({ machine, floor, ours: mine, ratios }, null, 2)}\n`);
else {
  const table = new Table({ head: ["", "floor", "pawl", "pawl / floor", "wanted"], style: { head: [], border: [] } });
  table.push(
    [
      "steps/s, chains of 10, 64 in flight",
      round(floor.stepsPerSec),
      round(mine.stepsPerSec),
      ratios.stepsPerSec,
      "≥ 0.4",
    ],
    ["a chain of 10 alone, p50 ms", round(floor.chain10P50Ms), round(mine.chain10P50Ms), ratios.chain10P50, ""],
    ["chain of 200: last 50 / first 50 steps", round(floor.perStepGrowth), ratios.perStepGrowth, "", "≤ 1.2"],
    ["fan-out of 100 and join, ms", round(floor.fanout100Ms), round(mine.fanout100Ms), ratios.fanout100, ""],
  );
  process.stdout.write(
    `${table.toString()}\n${machine.cpus} × ${machine.model}, Node ${machine.node}; medians of ${ROUNDS} rounds\n`,
  );
  process.stdout.write("Both: SQLite WAL, synchronous=FULL; a step is on disk before the next begins.\n");
}
const missed = ratios.stepsPerSec < FIGURES.stepsPerSec || ratios.perStepGrowth > FIGURES.perStepGrowth;
if (missed) process.stderr.write("A figure was missed.\n");
process.exitCode = missed ? 1 : 0;
