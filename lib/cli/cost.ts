import { type Command, InvalidArgumentError } from "commander";
import type { Assumptions } from "../cost/assumptions.ts";
import { examples, foldersOf, JSON_OPTION, parseTimeout, parseWholeNumber } from "./options.ts";
import { write, writeJson } from "./print.ts";

interface Given {
  readonly rate?: number;
  readonly executions?: number;
  readonly payload?: number;
  readonly duration?: number;
  readonly memory?: number;
  readonly items?: number;
  readonly rounds?: number;
  readonly recovery: boolean;
  readonly json?: boolean;
}

export function addCost(program: Command): void {
  program
    .command("cost")
    .description("what a workflow costs on AWS, beside Step Functions and Lambda durable functions")
    .argument("<workflow>", "its name")
    .option("--rate <rate>", "executions: 50/s, 10/min, 1000/h, 5/day (default: 10/s)", parseRate)
    .option("--executions <count>", "the same as so many a month: 1000000, 500k, 1M", parseCount)
    .option(
      "--payload <size>",
      "of the input, of each output and each value that a state makes (default: 1KB)",
      parseBytes,
    )
    .option("--duration <time>", "of a handler (default: 100ms)", parseTimeout)
    .option("--memory <size>", "of a function (default: 512MB)", parseMemory)
    .option("--items <count>", "of each map (default: 100)", parseWholeNumber(0, 1_000_000))
    .option("--rounds <count>", "of each loop, if it may have so many (default: 10)", parseWholeNumber(1, 1_000_000))
    .option("--no-recovery", "without the log's point-in-time recovery")
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      `
It reads the project's files; no engine and no account is needed. docs/cost.md says how it is reckoned.
${examples(
  "pawl cost order",
  "pawl cost order --executions 1M --payload 2KB --duration 250ms",
  "pawl cost order --rate 50/s --json | jq '.priced[] | {batch, usd: .total.usd}'",
)}`,
    )
    .action(async (workflow: string, given: Given, command: Command) => {
      if (given.rate !== undefined && given.executions !== undefined)
        command.error("error: --rate and --executions say the same thing: give one of them");
      const { projectPrograms } = await import("./project-programs.ts");
      const { ASSUMED } = await import("../cost/assumptions.ts");
      const { quote } = await import("../cost/quote.ts");
      const assumed = { ...ASSUMED, ...assumedFrom(given) };
      // One: it throws where there is none of this name.
      for (const { graph, slots } of await projectPrograms(foldersOf(command), workflow)) {
        const quoted = quote({ graph, slots, assumed });
        if (given.json) writeJson(quoted);
        else write((await import("./print-cost.ts")).printQuote(quoted));
      }
    });
}

function assumedFrom(given: Given): Partial<Assumptions> {
  const perSecond = given.rate ?? (given.executions === undefined ? undefined : given.executions / (30 * 24 * 3600));
  const said = {
    ...{ perSecond, payloadBytes: given.payload, durationMs: given.duration, memoryMiB: given.memory },
    ...{ items: given.items, rounds: given.rounds, recovery: given.recovery },
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, day: 86_400 };

/** `50/s`; a bare number would leave the unit to guess. */
function parseRate(text: string): number {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?)\/(s|min|h|day)$/.exec(text) ?? [];
  const perSecond = Number(count) / (SECONDS[unit] ?? Number.NaN);
  if (perSecond > 0 && perSecond <= 1_000_000) return perSecond;
  throw new InvalidArgumentError("Write it as 50/s, 10/min, 1000/h or 5/day.");
}

const THOUSANDS: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6, G: 1e9 };
function parseCount(text: string): number {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(text) ?? [];
  const value = Number(count) * (THOUSANDS[unit] ?? Number.NaN);
  if (count !== "" && Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("Write it as 1000000, 500k or 1M.");
}

const SIZES: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2 };
function parseBytes(text: string): number {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?) ?(B|KB|MB)$/.exec(text) ?? [];
  const bytes = Math.round(Number(count) * (SIZES[unit] ?? Number.NaN));
  if (count !== "" && bytes >= 1 && bytes <= 256 * 1024 ** 2) return bytes;
  throw new InvalidArgumentError("Write it as 500B, 2KB or 1MB, 256MB at most.");
}

/** "Lambda quotas": 128 MB to 10,240 MB. */
function parseMemory(text: string): number {
  const [, count = ""] = /^(\d+) ?MB$/.exec(text) ?? [];
  const megabytes = Number(count);
  if (count !== "" && megabytes >= 128 && megabytes <= 10_240) return megabytes;
  throw new InvalidArgumentError("Write it as 256MB, from 128MB to 10240MB.");
}
