/** `pawl signal`: tells one execution what it waits for, or all that match. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { ControlRequest } from "../engine/requests.ts";
import type { Json } from "../model/json.ts";
import { addManyOptions, isMany, MANY_EXAMPLES } from "./control-many.ts";
import { addWait, askOneOrMany } from "./controls.ts";
import { examples, JSON_OPTION } from "./options.ts";
import { addPlaceOptions } from "./place.ts";
import { readJson } from "./read-json.ts";

interface SignalOptions {
  readonly input?: string;
  readonly id?: string;
}

export function addSignal(program: Command): void {
  const command = program
    .command("signal")
    .description("tell an execution what it waits for; a signal that comes early is kept for it")
    .usage("[options] EXECUTION NAME")
    .argument("[execution]", "WORKFLOW/ID")
    .argument("[name]", "the signal's name, as its contract has it")
    .option("--input <json>", "its data, as JSON, @file, or - for standard input (default: null)")
    .option("--id <id>", "the signal's id: the same id again is the same signal (default: a random one)")
    .option(...JSON_OPTION);
  addPlaceOptions(addWait(addManyOptions(command)))
    .addHelpText(
      "after",
      `
Each signal goes to one waiting state, the first that waits for it. \`pawl show\` tells what an execution waits for; a name
or data that its workflow's contracts do not know is refused before anything is sent.
${examples(
  `pawl signal order/1042 decision --input '{"approved":true}'`,
  "pawl signal order/1042 decision --input @decision.json --id mail-77 --wait",
  "pawl signal order/1042 decision --input @decision.json --target aws --platform shop",
  ...MANY_EXAMPLES.signal,
)}`,
    )
    .action(
      async (execution: string | undefined, name: string | undefined, options: SignalOptions, called: Command) => {
        // Of many, the one argument is the name.
        const [one, signal] = isMany(called) && name === undefined ? [undefined, execution] : [execution, name];
        if (signal === undefined)
          called.error(
            "error: say which signal: pawl signal EXECUTION NAME, or pawl signal NAME with --workflow or --all",
          );
        process.exitCode = await askOneOrMany(one, () => requestOf(signal, options), called);
      },
    );
}

async function requestOf(signal: string, { input, id = randomUUID() }: SignalOptions): Promise<ControlRequest> {
  const data = input === undefined ? null : ((await readJson(input)) as Json);
  return { kind: "signal", signal, data, id };
}
