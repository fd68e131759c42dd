import type { Command } from "commander";
import type { DeadLetter } from "../ports/transport.ts";
import { examples, JSON_OPTION, parseWholeNumber } from "./options.ts";
import { addPlaceOptions, placeOf } from "./place.ts";
import { printShort, printTable, printTime, write, writeJson } from "./print.ts";

export function addDeadLetters(program: Command): void {
  addPlaceOptions(
    program
      .command("dead-letters")
      .description("list messages that were kept aside because they can never be processed, newest first")
      .argument("[workflow]", "of this workflow only")
      .option("--limit <n>", "how many at most", parseWholeNumber(1, 1000), 20)
      .option(...JSON_OPTION),
  )
    .addHelpText(
      "after",
      `
Each has its reason. Nothing goes on with one: mend what sent it, and send it again.
${examples(
  "pawl dead-letters",
  "pawl dead-letters order --json | jq -r '.deadLetters[].body'",
  "pawl dead-letters --target aws --platform shop",
)}`,
    )
    .action(
      async (workflow: string | undefined, { limit, json }: { limit: number; json?: boolean }, command: Command) => {
        const { viewPlace } = await import("./view-place.ts");
        const query = { limit, ...(workflow !== undefined && { workflow }) };
        const letters = await viewPlace(placeOf(command), (place) => place.deadLetters(query));
        if (json) writeJson({ deadLetters: letters.map(told) });
        else write(printLetters(letters));
      },
    );
}

const told = ({ queue, reason, atMs, body }: DeadLetter) => ({ queue, reason, at: new Date(atMs).toISOString(), body });

function printLetters(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return "no dead letters";
  const rows = letters.map((letter) => [
    printTime(told(letter).at),
    letter.queue,
    letter.reason,
    printShort(letter.body),
  ]);
  return printTable(["buried", "queue", "reason", "message"], rows);
}
