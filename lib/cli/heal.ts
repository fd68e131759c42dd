import type { Command } from "commander";
import type { Client } from "../client/index.ts";
import { parseExecution } from "../contract/ids.ts";
import type { ExecutionStatus } from "../kernel/record.ts";
import { addWait, askAndTell, type ControlOptions } from "./controls.ts";
import { EXIT } from "./exit-code.ts";
import { examples, JSON_OPTION } from "./options.ts";
import { addPlaceOptions, placeOf } from "./place.ts";
import { write, writeJson } from "./print.ts";

interface HealOptions extends ControlOptions {
  readonly workflow?: string;
  readonly all?: boolean;
}

export function addHeal(program: Command): void {
  const command = program
    .command("heal")
    .description("set going again whatever ought to be under way, worked out from the log alone")
    .argument("[execution]", "WORKFLOW/ID")
    .option("--workflow <name>", "every execution of this workflow that has not ended")
    .option("--all", "every execution that has not ended")
    .option(...JSON_OPTION);
  addPlaceOptions(addWait(command))
    .addHelpText(
      "after",
      `
For executions whose messages were lost, such as by a purged queue. It harms none that is well. A start that was lost
leaves no trace: start that execution again, under the same id.
${examples(
  "pawl heal order/1042 --wait",
  "pawl heal --workflow order",
  "pawl heal --all --target aws --platform shop",
)}`,
    )
    .action(async (execution: string | undefined, options: HealOptions, called: Command) => {
      const { workflow, all = false, wait = false } = options;
      if ([execution !== undefined, workflow !== undefined, all].filter(Boolean).length !== 1)
        called.error("error: say what to heal: an execution (WORKFLOW/ID), --workflow NAME, or --all");
      if (execution !== undefined) {
        parseExecution(execution);
        process.exitCode = await askAndTell(execution, { kind: "heal" }, called);
        return;
      }
      if (wait) called.error("error: --wait is for one execution");
      process.exitCode = await healMany(workflow, options, called);
    });
}

async function healMany(workflow: string | undefined, { json = false }: HealOptions, command: Command) {
  const { reachClient } = await import("./reach.ts");
  const engine = await reachClient(placeOf(command));
  const heal = (execution: string) => {
    const { workflow, id } = parseExecution(execution);
    return engine.heal(workflow, id);
  };
  let healed = 0;
  for await (const page of notEnded(engine, workflow)) {
    for (let i = 0; i < page.length; i += AT_ONCE) await Promise.all(page.slice(i, i + AT_ONCE).map(heal));
    healed += page.length;
    if (!json && page.length === PAGE) process.stderr.write(`${healed} so far\n`);
  }
  if (json) writeJson({ healed });
  else write(healed === 1 ? "1 execution is set going again" : `${healed} executions are set going again`);
  return EXIT.done;
}

const PAGE = 200;
const AT_ONCE = 10;
const NOT_ENDED: readonly ExecutionStatus[] = ["running", "paused", "stopping"];

async function* notEnded(
  engine: Pick<Client, "list">,
  workflow: string | undefined,
): AsyncGenerator<readonly string[]> {
  for (const status of NOT_ENDED) {
    let before: string | null | undefined;
    while (before !== null) {
      const where = { ...(workflow !== undefined && { workflow }), ...(before !== undefined && { before }) };
      const { executions, next } = await engine.list({ status, limit: PAGE, ...where });
      yield executions.map(({ execution }) => execution);
      before = next;
    }
  }
}
