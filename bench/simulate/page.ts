/** The page's tables, each between two marks, written anew. */
import type { Swept } from "./sweep.ts";
import { ceilingTable, quotaTable, sweepTables } from "./tables.ts";

export function withTables(page: string, swept: Swept): string {
  const tables = { quotas: quotaTable(), ceilings: ceilingTable(swept), sweep: sweepTables(swept) };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const place = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(\n<!-- /${name} -->)`);
    if (!place.test(text)) throw new Error(`the page has no place for the table '${name}'`);
    return text.replace(place, (_, before: string, after: string) => `${before}\n${table}\n${after}`);
  }, page);
}
