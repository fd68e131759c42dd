import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { Result } from "../client/index.ts";
import { parseExecution, printExecution } from "../contract/ids.ts";
import type { Accepted } from "../engine/engine.ts";
import { EXIT } from "./exit-code.ts";
import { examples, JSON_OPTION, parseTimeout } from "./options.ts";
import { addPlaceOptions, placeOf } from "./place.ts";
import { bold, dim, printDuration, printFailure, printStatus, write, writeJson } from "./print.ts";
import { readJson } from "./read-json.ts";

interface StartOptions {
  readonly input?: string;
  readonly id?: string;
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly json?: boolean;
}

export function addStart(program: Command): void {
  addPlaceOptions(
    program
      .command("start")
      .description("start an execution; the same id again starts nothing new")
      .argument("<workflow>", "its name")
      .option("--input <json>", "JSON, @file, or - for standard input (default: {})")
      .option("--id <id>", "the execution's id (default: a random one)")
      .option("--wait", "wait for the end; on this machine without a running engine, run one until then")
      .option("--timeout <duration>", "with --wait: how long, as in 500ms, 30s, 2m", parseTimeout)
      .option(...JSON_OPTION),
  )
    .addHelpText(
      "after",
      examples(
        `pawl start greet --input '{"name":"Ada"}' --wait`,
        "pawl start order --input @order.json --id 1042",
        "jq .order mail.json | pawl start order --input - --wait --timeout 30s --json",
        "pawl start order --input @order.json --id 1042 --target aws --platform shop",
      ),
    )
    .action(async (workflow: string, options: StartOptions, command: Command) => {
      process.exitCode = await start(workflow, options, command);
    });
}

async function start(workflow: string, options: StartOptions, command: Command): Promise<number> {
  const { wait = false, json = false, timeout } = options;
  if (timeout !== undefined && !wait) command.error("error: --timeout is for --wait");
  const place = placeOf(command);
  const name = { workflow, id: options.id ?? randomUUID() };
  parseExecution(printExecution(name)); // before anything is opened
  const input = options.input === undefined ? {} : await readJson(options.input);
  const { reach } = await import("./reach.ts");
  const engine = await reach(place, { wait, json });
  try {
    const accepted = await engine.start(workflow, { id: name.id, input });
    if (!wait) {
      if (json) writeJson(accepted);
      else write(printAccepted(accepted));
      return EXIT.done;
    }
    const beganMs = performance.now();
    const took = () => `in ${printDuration(performance.now() - beganMs)}`;
    const result = await engine.result(name, timeout);
    if (json) writeJson(result);
    else write(printResult(result, accepted.started ? took() : "had been started before"));
    return result.status === "succeeded" ? EXIT.done : EXIT.failed;
  } finally {
    await engine.close();
  }
}

export function printAccepted({ execution, started }: Accepted): string {
  if (!namesExecution(execution))
    return `${bold(execution)}: under which id, only its code tells, and that is not here (--root)`;
  return started ? `${bold(execution)} started` : `${bold(execution)} had been started before: nothing new`;
}

/** Of a deployed workflow whose code is not at hand, an event tells the workflow alone. */
export const namesExecution = (execution: string): boolean => execution.includes("/");

/** @param when what to say beside the status */
export function printResult({ execution, status, output, error }: Result, when = ""): string {
  const what = error ? printFailure(error) : JSON.stringify(output, null, 2);
  return `${bold(execution)} ${printStatus(status)}${when && ` ${dim(when)}`}\n${what}`;
}
