/** `npm run soak`. Exit code 1 when anything was lost or settled twice, or the file is not sound. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { Command } from "commander";
import { JSON_OPTION, parseWholeNumber } from "../../lib/cli/options.ts";
import { showProgress } from "./progress.ts";
import { type Report, soak } from "./soak.ts";

const MOST_TOLD = 20;

const HELP = `
Each fact is taken from what handlers wrote down as they began and from the database file, never from what the engine
says of itself:
  executions    started and accepted: their start had answered
  steps         settled in the log at the end
  crashes       the engine's process was killed with SIGKILL; all within the first half of the executions
  duplicates    messages that were sent twice
  lost          executions that were accepted, sent an event for or ran a handler, and that did not end, or are not in
                the log, or have a step that ran and is not settled or is settled with what no handler gave, or that
                succeeded with too few steps
  settledTwice  steps whose settled record was written again or removed (triggers in the file see it), that were
                followed by another answer than the recorded one, that began again after they were settled on disk or
                another step had begun with their answer (nodes that are \`repeatable\` may), or that settled beside the
                branch that was taken
  rssStartMiB   memory of the engine's last and longest process once it was warm (the third tenth of its executions)
  rssEndMiB     and at its end (the last tenth)

The seed decides which attempts throw or stall, which messages come twice and when kills come, not how threads and the
disk take turns: another run of it differs in the details. Handlers run in the engine's process.

Exit code: 0 nothing lost and nothing settled twice, 1 otherwise, 2 usage.
`;

const command = new Command("soak")
  .description(
    "Runs executions with random faults on the embedded engine, and checks that none is lost or settles twice.",
  )
  .option("--executions <n>", "how many", parseWholeNumber(20, 10_000_000), 10_000)
  .option("--seed <n>", "of the faults", parseWholeNumber(0, 2 ** 31), 1)
  .option(...JSON_OPTION)
  .addHelpText("after", HELP)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
const { json, ...chosen } = command.parse().opts<{ executions: number; seed: number; json?: true }>();

const folder = mkdtempSync(join(tmpdir(), "pawl-soak-"));
const begunMs = performance.now();
const progress = showProgress(chosen.executions);
const { report, problems } = await soak({ ...chosen, folder, onProgress: progress.update });
progress.stop();
const seconds = Math.round((performance.now() - begunMs) / 1000);
for (const line of problems.slice(0, MOST_TOLD)) process.stderr.write(`${line}\n`);
process.stdout.write(json ? `${JSON.stringify(report)}\n` : told(report));
if (problems.length === 0) rmSync(folder, { recursive: true, force: true });
else process.stderr.write(`${problems.length} problems; what the run left is in ${folder}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function told({ executions, steps, crashes, duplicates, lost, settledTwice, ...rss }: Report): string {
  const verdict =
    problems.length === 0 ? styleText("green", "Nothing lost, nothing settled twice") : styleText("red", "FAILED");
  const grown = Math.round((100 * rss.rssEndMiB) / rss.rssStartMiB - 100);
  return `${verdict}: ${executions} executions with ${steps} steps in ${seconds} s (seed ${chosen.seed}).
  the engine was killed ${crashes} times, ${duplicates} messages came twice
  lost ${lost}, settled twice ${settledTwice}
  memory of the longest process: ${rss.rssStartMiB} MiB warm, ${rss.rssEndMiB} MiB at its end (${grown < 0 ? "" : "+"}${grown} %)
`;
}
