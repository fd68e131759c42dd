import { type Command, Option } from "commander";
import { STATUSES } from "../kernel/record.ts";
import { addSinceOptions, examples, JSON_OPTION, parseWholeNumber } from "./options.ts";
import { addPlaceOptions, placeOf } from "./place.ts";
import { dim, write, writeJson } from "./print.ts";
import { printSummaries } from "./print-summaries.ts";
import type { ViewPage, ViewQuery } from "./view.ts";

interface ListOptions extends ViewQuery {
  readonly json?: boolean;
}

export function addList(program: Command): void {
  const command = addSinceOptions(
    program
      .command("list")
      .description("list executions, newest first")
      .option("--workflow <name>", "of this workflow only")
      .addOption(new Option("--status <status>", "with this status only").choices(STATUSES)),
  );
  addPlaceOptions(
    command.option("--limit <n>", "how many at most", parseWholeNumber(1, 1000), 20).option(...JSON_OPTION),
  )
    .addHelpText(
      "after",
      examples(
        "pawl list",
        "pawl list --workflow order --status failed --since 1h",
        "pawl list --limit 100 --json",
        "pawl list --target aws --platform shop --region eu-west-1",
      ),
    )
    .action(async ({ json = false, ...options }: ListOptions, command: Command) => {
      const { workflow, status, since, until, limit } = options; // beside them: where
      const { viewPlace } = await import("./view-place.ts");
      const page = await viewPlace(placeOf(command), (view) => view.list({ workflow, status, since, until, limit }));
      if (json) writeJson({ executions: page.executions });
      else write(printPage(page));
    });
}

function printPage({ executions, more }: ViewPage): string {
  if (executions.length === 0) return "no executions";
  const table = printSummaries(executions);
  return more ? `${table}\n${dim("There are more: --limit, --workflow, --status, --since, --until")}` : table;
}
