/** `npm run simulate`: one load, or the sweep that docs/scale.md shows. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Table from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";
import { ceilingsOf } from "./ceilings.ts";
import { chartOf } from "./chart.ts";
import { DEPLOYED, limitsOf, MOST_CONCURRENCY } from "./limits.ts";
import { withTables } from "./page.ts";
import { QUOTA_SETS, type QuotaSet } from "./quotas.ts";
import { figuresOf } from "./report.ts";
import { PUBLISHED, sweep } from "./sweep.ts";
import { BOUNDS, count, HEAD, rowOf, sweepTables } from "./tables.ts";
import { ASSUMED, stagesOf } from "./workloads.ts";

interface Options {
  readonly rate: number;
  readonly steps: number;
  readonly inline: boolean;
  readonly fanOut?: number;
  readonly handler: number;
  readonly batch: number;
  readonly concurrency?: number;
  readonly shards: number;
  readonly seconds: number;
  readonly quotas: QuotaSet;
  readonly seed: number;
  readonly sweep: boolean;
  readonly update: boolean;
  readonly json: boolean;
}

function from(least: number, most = Number.POSITIVE_INFINITY, fits: (value: number) => boolean = () => true) {
  return (text: string): number => {
    const value = Number(text);
    if (value >= least && value <= most && fits(value)) return value;
    const kind = fits === Number.isInteger ? "a whole number" : "a number";
    throw new InvalidArgumentError(`${kind} from ${least}${Number.isFinite(most) ? ` to ${most}` : " on"}`);
  };
}
const whole = (least: number, most?: number) => from(least, most, Number.isInteger);
const DOCS = join(import.meta.dirname, "../../docs");

const options = new Command("npm run simulate --")
  .description(
    "What a load does on AWS, simulated under its quotas (bench/simulate/quotas.ts) with the writes and reads that are counted on the wire and times that are assumed (workloads.ts). docs/scale.md says what is in it and what is not.",
  )
  .option("--rate <n>", "executions that arrive in a second", from(0.001, 100_000), 100)
  .option("--steps <n>", "of a chain, each in a queue of its own", whole(1, 100), 10)
  .option("--inline", "the steps run inline in the control function, and are repeatable", false)
  .option("--fan-out <n>", "a map of so many items in place of the chain", whole(1, 10_000))
  .option("--handler <ms>", "what a handler takes, p50; p99 is twice that", from(0.1, 10_000), ASSUMED.handlerMs)
  .option("--batch <n>", "messages of an invocation, at most", whole(1, 10), DEPLOYED.batch)
  .option(
    "--concurrency <n>",
    `of each function; default ${DEPLOYED.concurrency}, raised ${MOST_CONCURRENCY}`,
    whole(2, 20_000),
  )
  .option("--shards <n>", "keys of the index for each workflow and status", whole(1, 1_000), DEPLOYED.shards)
  .option("--seconds <n>", "from a standing start", from(1, 3_600), PUBLISHED.seconds)
  .addOption(
    new Option("--quotas <set>", "of a new account and table, or raised").choices(QUOTA_SETS).default("default"),
  )
  .option("--seed <n>", "the same seed, the same run", whole(0), PUBLISHED.seed)
  .option("--sweep", "three workloads at five loads instead; takes half a minute at most", false)
  .option("--update", "the sweep, and its tables and chart written into docs/", false)
  .option("--json", "one object", false)
  .addHelpText("after", "\nnpm run simulate -- --rate 10000 --steps 10 --quotas raised --shards 32")
  .parse()
  .opts<Options>();

function one(): void {
  const shape = { ...options, handlerMs: options.handler };
  const figures = figuresOf(shape);
  const ceilings = ceilingsOf(stagesOf(shape), limitsOf(shape));
  if (options.json) return say({ ...figures, ceilings: Object.fromEntries(ceilings) });
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  table.push([...rowOf(figures)]);
  process.stdout.write(`${table.toString()}\n`);
  process.stdout.write("Executions a second at which each would be met, with full batches:\n");
  for (const [bound, rate] of ceilings) process.stdout.write(`${count(rate).padStart(12)}  ${BOUNDS[bound]}\n`);
}

function all(): void {
  const swept = sweep(PUBLISHED);
  if (options.update) {
    const page = join(DOCS, "scale.md");
    writeFileSync(page, withTables(readFileSync(page, "utf8"), swept));
    writeFileSync(join(DOCS, "scale.svg"), chartOf(swept));
  }
  if (options.json) say(swept);
  else process.stdout.write(`${sweepTables(swept)}\n`);
}

/** What grows without end is null. */
function say(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

if (options.sweep || options.update) all();
else one();
