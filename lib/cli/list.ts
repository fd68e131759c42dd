import { type Command, Option } from "commander";
import { STATUSES } from "../kernel/record.ts";
import { examples, JSON_OPTION, parseWholeNumber } from "./options.ts";
import { addPlaceOptions, placeOf } from "./place.ts";
import { dim, printStatus, printTable, printTime, printTook, printWhere, right, write, writeJson } from "./print.ts";
import type { ViewPage, ViewQuery } from "./view.ts";

interface ListOptions extends ViewQuery {
  readonly json?: boolean;
}

export function addList(program: Command): void {
  addPlaceOptions(
    program
      .command("list")
      .description("list executions, newest first")
      .option("--workflow <name>", "of this workflow only")
      .addOption(new Option("--status <status>", "with this status only").choices(STATUSES))
      .option("--limit <n>", "how many at most", parseWholeNumber(1, 1000), 20)
      .option(...JSON_OPTION),
  )
    .addHelpText(
      "after",
      examples(
        "pawl list",
        "pawl list --workflow order --status failed",
        "pawl list --limit 100 --json",
        "pawl list --target aws --platform shop --region eu-west-1",
      ),
    )
    .action(async ({ workflow, status, limit, json }: ListOptions, command: Command) => {
      const { viewPlace } = await import("./view-place.ts");
      const query = { limit, ...(workflow !== undefined && { workflow }), ...(status !== undefined && { status }) };
      const page = await viewPlace(placeOf(command), (view) => view.list(query));
      if (json) writeJson({ executions: page.executions });
      else write(printPage(page));
    });
}

function printPage({ executions, more }: ViewPage): string {
  if (executions.length === 0) return "no executions";
  const rows = executions.map(({ execution, status, error, startedAt, endedAt }) => [
    execution,
    printStatus(status),
    printTime(startedAt),
    right(printTook(startedAt, endedAt)),
    error ? printWhere(error) : "",
  ]);
  const table = printTable(["execution", "status", "started", "took", "error"], rows);
  return more ? `${table}\n${dim("There are more: --limit, --workflow, --status")}` : table;
}
