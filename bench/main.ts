/**
 * `npm run bench`: the embedded engine, as the package ships it, beside the floor in the same run, so that the ratios hold
 * on a noisy machine. Each runs in a process and a folder of its own, in turn, five times; the medians count. What is large
 * or takes its time is measured once.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Table from "cli-table3";
import { Command, Option } from "commander";
import { z } from "zod";
import { FIGURES, type Figure, type FigureName, missed, type Ratios, wanted } from "./figures.ts";

const Engine = z.object({
  stepsPerSec: z.number(),
  chain10P50Ms: z.number(),
  perStepGrowth: z.number(),
  fanout100Ms: z.number(),
});
const Recovered = z.object({
  recoverMs: z.number(),
  lost: z.number(),
  /** Steps whose end was not on disk yet when the process was killed. */
  ranTwice: z.number(),
});
const Large = z.object({
  /** Each record that is put is one. */
  mapWritesPerItem: z.number(),
  mapItemsPerSec: z.number(),
  /** What a round of the last fifth costs, against one of the first. */
  loopGrowth: z.number(),
  loopRoundMs: z.number(),
});
const Machine = z.object({
  machineStatesPerSec: z.number(),
  /** Executions a second, against the same machine with a function for each state. */
  machineRatio: z.number(),
  machineWrites: z.number(),
  perStateWrites: z.number(),
});
const Wire = z.object({
  requestsPerStep: z.number(),
  /** DynamoDB's units, with those of the index and of the execution's start and end. */
  writesPerStep: z.number(),
  readsPerStep: z.number(),
  coldStartMs: z.number(),
  emptyStartMs: z.number(),
});
const Asleep = z.object({
  putMs: z.number(),
  /** Of one core, over a minute in which nothing is due. */
  coreShare: z.number(),
  asleepMb: z.number(),
  wakingCpuMs: z.number(),
  earlyMs: z.number(),
  lateP50Ms: z.number(),
  lateP99Ms: z.number(),
});
type Measured = Readonly<Record<string, number>>;

const run = promisify(execFile);
const beside = (file: string): string => join(import.meta.dirname, file);
/** For parts that look inside: they import the sources. */
const SOURCES = process.execArgv;

/** In a process and a folder of its own. */
async function measured<S extends z.ZodType<Measured>>(
  form: S,
  of: (folder: string) => readonly string[],
  flags: readonly string[] = [],
): Promise<z.infer<S>> {
  const dir = mkdtempSync(join(tmpdir(), "pawl-bench-"));
  try {
    const { stdout } = await run(process.execPath, [...flags, "--no-warnings", "--expose-gc", ...of(dir)]);
    return form.parse(JSON.parse(stdout));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const medians = <T extends Measured>(all: readonly T[]): T =>
  Object.fromEntries(
    Object.keys(all[0] ?? {}).map((key) => [key, median(all.map((of) => of[key] ?? Number.NaN))]),
  ) as T;

/** Both engines in turn, so that whoever else is at work slows both. */
async function besideFloor<S extends z.ZodType<Measured>>(form: S, script: string) {
  type Result = z.infer<S>;
  const floors: Result[] = [];
  const ours: Result[] = [];
  for (let round = 1; round <= rounds; round++) {
    say(`${script}: round ${round} of ${rounds}`);
    floors.push(await measured(form, (dir) => [beside(script), beside("floor.mjs"), dir]));
    ours.push(await measured(form, (dir) => [beside(script), beside("peer.mjs"), dir]));
  }
  const ratio = (key: keyof Result & string) =>
    median(ours.map((of, i) => Number(of[key]) / Number(floors[i]?.[key] ?? Number.NaN)));
  return { floor: medians(floors), ours: medians(ours), ratio };
}

const found: { floor: Measured; ours: Measured; ratios: Ratios } = { floor: {}, ours: {}, ratios: {} };
const keep = (ratios: Ratios, ours: Measured, floor: Measured = {}): void => {
  Object.assign(found.ratios, ratios);
  Object.assign(found.ours, ours);
  Object.assign(found.floor, floor);
};

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  async engine() {
    const { floor, ours, ratio } = await besideFloor(Engine, "measure.mjs");
    const [stepsPerSec, chain10P50, fanout100] = [ratio("stepsPerSec"), ratio("chain10P50Ms"), ratio("fanout100Ms")];
    keep({ stepsPerSec, chain10P50, fanout100, perStepGrowth: ours.perStepGrowth }, ours, floor);
  },
  async recover() {
    const { floor, ours, ratio } = await besideFloor(Recovered, "recover.mjs");
    keep({ recover: ratio("recoverMs"), lost: ours.lost }, ours, floor);
  },
  async large() {
    say("a map of 10,000 items, a loop of 100,000 rounds");
    const large = await measured(Large, (dir) => [beside("large.mjs"), dir, "10000", "100000"], SOURCES);
    keep({ mapWritesPerItem: large.mapWritesPerItem, loopGrowth: large.loopGrowth }, large);
  },
  async wire() {
    say("a chain of ten on AWS's wire, cold starts");
    const wire = await measured(Wire, () => [beside("wire/main.ts")], SOURCES);
    const { requestsPerStep, writesPerStep, coldStartMs, emptyStartMs } = wire;
    keep({ requestsPerStep, writesPerStep, coldStart: coldStartMs / emptyStartMs }, wire);
  },
  async machine() {
    say("a state machine of 10 states");
    const machine = await measured(Machine, (dir) => [beside("machine.mjs"), dir, "2000"], SOURCES);
    keep({ machine: machine.machineRatio, machineWrites: machine.machineWrites / machine.perStateWrites }, machine);
  },
  async asleep() {
    say("100,000 executions asleep: some eight minutes");
    const asleep = await measured(Asleep, (dir) => [beside("sleepers.mjs"), dir, "100000", "60000", "180000"], SOURCES);
    keep({ coreShare: asleep.coreShare, lateP99Ms: asleep.lateP99Ms }, asleep);
  },
};

const command = new Command("npm run bench --")
  .description(
    "Measures the embedded engine beside the least that SQLite can do durably. A figure that is missed: exit 1.",
  )
  .option("--json", "one object: machine, floor, ours, ratios", false)
  .option("--rounds <n>", "of the engine beside the floor", "5")
  .addOption(new Option("--only <part...>", "measure these alone").choices(Object.keys(PARTS)))
  .parse();
const {
  json,
  only = Object.keys(PARTS),
  ...given
} = command.opts<{ json: boolean; rounds: string; only?: string[] }>();
const rounds = Number(given.rounds);
function say(what: string): void {
  process.stderr.write(`${what}\n`);
}

const loadBefore = loadavg();
for (const part of only) await PARTS[part]?.();
const machine = {
  cpus: availableParallelism(),
  model: cpus()[0]?.model,
  node: process.version,
  loadBefore,
  loadAfter: loadavg(),
};
const round = (value: number): number => Number(value.toPrecision(3));
const misses = missed(found.ratios);

if (json) process.stdout.write(`${JSON.stringify({ machine, ...found, missed: misses }, null, 2)}\n`);
else {
  const table = new Table({ head: ["", "", "wanted"], style: { head: [], border: [] } });
  for (const [name, figure] of Object.entries(FIGURES) as [FigureName, Figure][]) {
    const value = found.ratios[name];
    if (value !== undefined) table.push([figure.what, round(value), wanted(figure)]);
  }
  process.stdout.write(`${table.toString()}\n`);
  const load = (of: readonly number[]) => of[0]?.toFixed(1);
  process.stdout.write(
    `${machine.cpus} × ${machine.model}, Node ${machine.node}; load ${load(loadBefore)} before, ${load(machine.loadAfter)} after; medians of ${rounds} rounds\n`,
  );
  process.stdout.write("Both: SQLite WAL, synchronous=FULL; a step is on disk before the next begins.\n");
}
if (misses.length > 0) process.stderr.write(`Missed: ${misses.join(", ")}.\n`);
process.exitCode = misses.length > 0 ? 1 : 0;
