/** `npm run soak`. Exit code 1 when anything was lost or settled twice, or the file is not sound. */
import { Command } from "commander";
import { JSON_OPTION, parseWholeNumber } from "../../lib/cli/options.ts";
import { carryOut } from "./command.ts";

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
                another step had begun with their answer (nodes that are \`repeatable\` may, and so may steps that
                failed or were closed, in an execution that was redriven), or that settled beside the branch that was
                taken
  rssStartMiB   memory of the engine's last and longest process once it was warm (the third tenth of its executions)
  rssEndMiB     and at its end (the last tenth)

The seed decides which attempts throw or stall, which messages come twice and when kills come, not how threads and the
disk take turns: another run of it differs in the details. Handlers run in the engine's process.

Exit code: 0 nothing lost and nothing settled twice, 1 otherwise, 2 usage.
`;

interface Chosen {
  readonly executions: number;
  readonly seed: number;
  readonly json?: boolean;
}
const { executions, seed, json } = new Command("soak")
  .description(
    "Runs executions with random faults on the embedded engine, and checks that none is lost and no step settles twice.",
  )
  .option("--executions <n>", "how many", parseWholeNumber(20, 10_000_000), 10_000)
  .option("--seed <n>", "of the faults", parseWholeNumber(0, 2 ** 31), 1)
  .option(...JSON_OPTION)
  .addHelpText("after", HELP)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Chosen>();

process.exitCode = await carryOut(
  { executions, seed, ...(json && { json }) },
  { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) },
);
