/**
 * Many executions on the embedded engine, with all that can go wrong: the process killed with SIGKILL at any moment,
 * handlers that throw, stall and never answer the same twice, messages that come twice, executions that are paused and
 * resumed, and redriven when they have failed. Then everything is looked over
 * by what handlers wrote down and what lies on disk, not by what the engine says of itself.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { chances } from "./chance.ts";
import type { Progress } from "./engine-child.ts";
import { runLife } from "./engine-life.ts";
import { acceptedOf, EvidenceBook, layTriggers } from "./evidence.ts";
import { judge } from "./judge.ts";
import { type Life, linesOf, type Planted, workflowOf } from "./life.ts";
import { rssOf, type Sample } from "./rss.ts";
import { MIX } from "./workflows.ts";

export interface SoakOptions {
  /** Empty; everything is put there. */
  readonly folder: string;
  readonly executions: number;
  readonly seed: number;
  /** How often the engine is killed. Default: a quarter of the root of the executions, and at least 3. */
  readonly kills?: number;
  /** Kills come while this share of the executions is accepted. Default 0.5: the rest is one long life. */
  readonly killedShare?: number;
  /** Default 200. */
  readonly inFlight?: number;
  /** Default: all kinds of workflows. */
  readonly mix?: readonly string[];
  /** Every second life runs its handlers in a child process. Default: none does. */
  readonly apart?: boolean;
  /** Checks the whole database file after each kill, not only at the end. */
  readonly checkEachLife?: boolean;
  /** Without any progress for so long, whatever is open is lost. Default 60,000. */
  readonly stuckMs?: number;
  readonly onProgress?: (progress: Progress & { readonly crashes: number }) => void;
  readonly planted?: Planted;
}

export interface Report {
  readonly executions: number;
  readonly steps: number;
  readonly crashes: number;
  readonly duplicates: number;
  readonly lost: number;
  readonly settledTwice: number;
  readonly rssStartMiB: number;
  readonly rssEndMiB: number;
}
/** What is wrong, in words: empty when nothing was lost, nothing settled twice and the file is sound. */
export type Problems = readonly string[];

/** What was asked of executions from outside. */
export interface AskedFor {
  readonly paused: number;
  readonly redriven: number;
}

export async function soak(
  options: SoakOptions,
): Promise<{ readonly report: Report; readonly asked: AskedFor; readonly problems: Problems }> {
  const { folder } = options;
  layTriggers({ folder });
  const book = new EvidenceBook({ folder });
  try {
    const { crashes, samples, damage } = await liveThrough(options, book);
    const { problems, steps, lost, settledTwice } = await lookOver(options, book);
    const duplicates = sizeOf(join(folder, "duplicates"));
    const { executions } = options;
    const report = { executions, steps, crashes, duplicates, lost, settledTwice, ...rssOf(samples) };
    const asked = { paused: linesOf({ folder }, "paused").length, redriven: linesOf({ folder }, "redriven").length };
    return { report, asked, problems: [...damage, ...problems] };
  } finally {
    book.close();
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Life after life, until one has ended all that there is. */
async function liveThrough(options: SoakOptions, book: EvidenceBook) {
  const { seed, executions, onProgress, apart = false, stuckMs = 60_000 } = options;
  const { folder, inFlight = 200, mix = MIX, planted } = options;
  const kills = killsOf(options);
  const damage: string[] = [];
  for (let number = 0; ; number++) {
    const life: Life = {
      ...{ folder, number, seed, executions, inFlight, mix },
      apart: apart && number % 2 === 1,
      ...(planted && { planted }),
    };
    const kill = kills[number];
    const samples: Sample[] = [];
    let dying = false;
    const end = await runLife({
      life,
      stuckMs,
      ...(kill?.kind === "at birth" && { killAfterMs: kill.delayMs }),
      onProgress: (progress, die) => {
        samples.push(progress);
        onProgress?.({ ...progress, crashes: number });
        if (kill?.kind !== "at work" || dying || progress.accepted < kill.accepted) return;
        dying = true;
        die(kill.delayMs);
      },
    });
    book.lookAt(openIn(life), number);
    if (end !== "killed" || options.checkEachLife) damage.push(...damageIn(book, number));
    if (end !== "killed") return { crashes: number, samples, damage };
  }
}

function damageIn(book: EvidenceBook, life: number): readonly string[] {
  const found = book.integrity();
  return found === "ok" ? [] : [`after life ${life} the database is damaged: ${found}`];
}

type Kill =
  | { readonly kind: "at work"; readonly accepted: number; readonly delayMs: number }
  /** While it starts, or has just begun to go on. */
  | { readonly kind: "at birth"; readonly delayMs: number };

function killsOf({ seed, executions, killedShare = 0.5, inFlight = 200, ...options }: SoakOptions): readonly Kill[] {
  const count = options.kills ?? Math.max(3, Math.round(Math.sqrt(executions) / 4));
  const chance = chances(seed, "kills");
  const from = Math.min(inFlight, (executions * killedShare) / 2);
  const moments = Array.from({ length: count }, () => Math.floor(from + chance() * (executions * killedShare - from)));
  return moments
    .sort((a, b) => a - b)
    .map((accepted) =>
      chance() < 0.2
        ? { kind: "at birth", delayMs: 600 * chance() }
        : { kind: "at work", accepted, delayMs: 60 * chance() },
    );
}

/** Accepted, and not known to have ended. */
function openIn(life: Life): readonly string[] {
  const ended = new Set(linesOf(life, "ended"));
  return acceptedOf(life)
    .filter((id) => !ended.has(id))
    .map((id) => `${workflowOf(life, Number(id))}/${id}`);
}

async function lookOver({ folder, mix = MIX }: SoakOptions, book: EvidenceBook) {
  const problems: string[] = [];
  const lost = new Set<string>();
  const awaited = new Set(acceptedOf({ folder }).map((id) => `${workflowOf({ mix }, Number(id))}/${id}`));
  const there = new Set<string>();
  let steps = 0;
  let settledTwice = 0;
  for await (const evidence of book.executions()) {
    const { workflow, id, status } = evidence.header;
    const execution = `${workflow}/${id}`;
    there.add(execution);
    if (workflow === "pick" && status === "succeeded") awaited.add(`noted/${id}`); // by the event that it sent
    steps += [...evidence.steps.values()].filter((step) => step.status === "settled").length;
    const verdict = judge(evidence);
    settledTwice += verdict.settledTwice.size;
    for (const [path, why] of verdict.settledTwice) problems.push(`${execution} ${path} settled twice: ${why}`);
    for (const why of verdict.lost) problems.push(`${execution} is lost: ${why}`);
    if (verdict.lost.length > 0) lost.add(execution);
  }
  for (const execution of book.ran()) awaited.add(execution);
  for (const execution of awaited) {
    if (there.has(execution)) continue;
    problems.push(`${execution} is lost: it is not in the log`);
    lost.add(execution);
  }
  return { problems, steps, lost: lost.size, settledTwice };
}
