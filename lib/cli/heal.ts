import type { Command } from "commander";
import { addManyOptions, MANY_EXAMPLES } from "./control-many.ts";
import { addWait, askOneOrMany } from "./controls.ts";
import { examples, JSON_OPTION } from "./options.ts";
import { addPlaceOptions } from "./place.ts";

export function addHeal(program: Command): void {
  const command = program
    .command("heal")
    .description("set going again whatever ought to be under way, worked out from the log alone")
    .argument("[execution]", "WORKFLOW/ID")
    .option(...JSON_OPTION);
  addPlaceOptions(addWait(addManyOptions(command)))
    .addHelpText(
      "after",
      `
For executions whose messages were lost, such as by a purged queue. It harms none that is well. A start that was lost
leaves no trace: start that execution again, under the same id.
${examples("pawl heal order/1042 --wait", ...MANY_EXAMPLES.heal)}`,
    )
    .action(async (execution: string | undefined, _: unknown, called: Command) => {
      process.exitCode = await askOneOrMany(execution, async () => ({ kind: "heal" }), called);
    });
}
