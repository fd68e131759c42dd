/** A soak with what it prints: facts to standard output, how far it is and what is wrong to standard error. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { showProgress } from "./progress.ts";
import { type AskedFor, type Report, type SoakOptions, soak } from "./soak.ts";

const MOST_TOLD = 20;

export interface CommandOptions extends Omit<SoakOptions, "folder" | "onProgress"> {
  readonly json?: boolean;
}
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** @returns the exit code */
export async function carryOut({ json, ...options }: CommandOptions, { out, err }: Streams): Promise<0 | 1> {
  const folder = mkdtempSync(join(tmpdir(), "pawl-soak-"));
  const begunMs = performance.now();
  const progress = showProgress(options.executions);
  const { report, asked, problems } = await soak({ ...options, folder, onProgress: progress.update });
  progress.stop();
  const seconds = Math.round((performance.now() - begunMs) / 1000);
  for (const line of problems.slice(0, MOST_TOLD)) err(`${line}\n`);
  if (problems.length > MOST_TOLD) err(`and ${problems.length - MOST_TOLD} more\n`);
  out(json ? `${JSON.stringify(report)}\n` : told(report, { seconds, asked, failed: problems.length > 0 }));
  if (problems.length > 0) err(`What the run left is in ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
  return problems.length > 0 ? 1 : 0;
}

function told(
  report: Report,
  of: { readonly seconds: number; readonly asked: AskedFor; readonly failed: boolean },
): string {
  const { executions, steps, crashes, duplicates, lost, settledTwice, rssStartMiB, rssEndMiB } = report;
  const verdict = of.failed ? styleText("red", "FAILED") : styleText("green", "Nothing lost, nothing settled twice");
  return `${verdict}: ${executions} executions with ${steps} steps in ${of.seconds} s
  faults      the engine killed ${crashes} times, ${duplicates} messages sent twice, handlers that throw and stall
  asked       ${of.asked.paused} paused and resumed, redriven ${of.asked.redriven} times after a failure
  found       lost ${lost}, settled twice ${settledTwice}
  memory      of the longest process: ${rssStartMiB} MiB warm, ${rssEndMiB} MiB at its end
`;
}
