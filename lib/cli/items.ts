import type { Command } from "commander";
import type { Item } from "../contract/item-size.ts";
import { examples, foldersOf, JSON_OPTION } from "./options.ts";
import { printShort, printTable, write, writeJson } from "./print.ts";

export function addItems(program: Command): void {
  program
    .command("items")
    .description("list the items that step.transact has written into a table, as this machine's data folder keeps them")
    .argument("<table>", "the table's name, as in TableName")
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      `
On AWS they are in DynamoDB. Which attributes are a table's key stands in package.json, where it is not pk, or pk and sk:
  "pawl": { "tables": { "ledger": { "partitionKey": "chargeId" } } }
${examples("pawl items ledger", "pawl items ledger --json | jq '.items | length'")}`,
    )
    .action(async (table: string, { json }: { json?: boolean }, command: Command) => {
      const { viewDataFolder } = await import("./data-folder.ts");
      const items = await viewDataFolder(foldersOf(command).data, (view) => view.items(table));
      if (json) writeJson({ table, items });
      else write(printItems(items));
    });
}

const MOST_COLUMNS = 8;

function printItems(items: readonly Item[]): string {
  if (items.length === 0) return "no items";
  const names = [...new Set(items.flatMap((item) => Object.keys(item)))].slice(0, MOST_COLUMNS);
  const cell = (value: Item[string] | undefined) => (value === undefined ? "" : printShort(value));
  return printTable(
    names,
    items.map((item) => names.map((name) => cell(item[name]))),
  );
}
