/** The page's tables, each between two marks, written anew. */
import { LOADS, type Swept } from "./sweep.ts";
import { ceilingTable, demandTable, quotaTable, sweepTables } from "./tables.ts";

export function withTables(page: string, swept: Swept): string {
  const tables = {
    quotas: quotaTable(),
    demand: demandTable(LOADS.at(-1) ?? 0),
    ceilings: ceilingTable(swept),
    sweep: sweepTables(swept),
  };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [before, rest] = parted(text, `<!-- ${name} -->\n`);
    const [, after] = parted(rest, `<!-- /${name} -->`);
    return `${before}<!-- ${name} -->\n\n${table}\n\n<!-- /${name} -->${after}`;
  }, page);
}

function parted(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the page has no ${mark.trim()}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
