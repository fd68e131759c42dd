import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { parseExecution } from "../contract/ids.ts";
import type { Json } from "../model/json.ts";
import { addWait, askAndTell } from "./controls.ts";
import { examples, JSON_OPTION } from "./options.ts";
import { addPlaceOptions } from "./place.ts";
import { readJson } from "./read-json.ts";

interface ForkOptions {
  readonly from: string;
  readonly input?: string;
  readonly id?: string;
}

export function addFork(program: Command): void {
  const command = program
    .command("fork")
    .description("begin a new execution from a step of another one, which stays as it is")
    .argument("<execution>", "WORKFLOW/ID of the one that is forked")
    .requiredOption("--from <path>", "the step: it and all that followed from it are done in the new execution")
    .option("--input <json>", "that step's input, as JSON, @file, or - for standard input")
    .option("--id <id>", "of the new execution; the same id again starts nothing new (default: a random one)")
    .option(...JSON_OPTION);
  addPlaceOptions(addWait(command))
    .addHelpText(
      "after",
      `
What was done before and beside the step stands in the new execution as well, and does not happen again. \`pawl show\`
lists the paths.
${examples(
  "pawl fork order/1042 --from ship --wait",
  `pawl fork order/1042 --from ship --input '{"to":"12 Elm St"}' --id 1042-elm`,
  "pawl fork order/1042 --from pay/charge/charge --input @card.json --target aws --platform shop",
)}`,
    )
    .action(async (execution: string, { from, input, id = randomUUID() }: ForkOptions, called: Command) => {
      parseExecution(execution); // before anything is read or opened
      const given = input === undefined ? {} : { input: (await readJson(input)) as Json };
      process.exitCode = await askAndTell(execution, { kind: "fork", from, id, ...given }, called);
    });
}
