/**
 * Which attributes are a table's key on the embedded engine, where nobody creates tables: what was declared, else `pk`
 * and, where an item or a key has it, `sk`.
 */
import type { Item } from "../../../contract/item-size.ts";
import type { TableKey } from "../../../contract/transact-action.ts";
import { refuse } from "./refuse.ts";

/** What was declared of a table; undefined: `pk`, and `sk` where an item or a key has it. */
export type KeyOf = (table: string) => TableKey | undefined;

/** DynamoDB's limits. */
const MOST_PARTITION_KEY_BYTES = 2048;
const MOST_SORT_KEY_BYTES = 1024;

/** The item's key as one text: the same for two items of a table only if they have the same key. */
export function keyOfItem(table: string, item: Item, declared: TableKey | undefined): string {
  return printKey(table, keyNames(item, declared), item);
}

/** The same text, of a `Key`, which must have the attributes of the table's key and no others. */
export function keyOfKey(table: string, key: Item, declared: TableKey | undefined): string {
  const names = keyNames(key, declared);
  const surplus = Object.keys(key).filter((it) => !names.includes(it));
  if (surplus.length > 0)
    refuse(
      `the Key has ${surplus.join(", ")}, and the key of "${table}" is ${names.join(", ")}: ${howToDeclare(table)}`,
    );
  return printKey(table, names, key);
}

/** The names of the attributes that are the key of an item. */
export function keyNames(item: Item, declared: TableKey | undefined): readonly string[] {
  if (declared) return [declared.partitionKey, ...(declared.sortKey === undefined ? [] : [declared.sortKey])];
  return Object.hasOwn(item, "sk") ? ["pk", "sk"] : ["pk"];
}

function printKey(table: string, names: readonly string[], item: Item): string {
  const values = names.map((name, index) => {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (value === undefined) return refuse(`${name} is the key of "${table}", and is missing: ${howToDeclare(table)}`);
    if (typeof value === "number") return value;
    if (typeof value !== "string" || value === "")
      return refuse(`${name} is a key: a text that is not empty, or a number`);
    const most = index === 0 ? MOST_PARTITION_KEY_BYTES : MOST_SORT_KEY_BYTES;
    return Buffer.byteLength(value) <= most ? value : refuse(`${name} is a key, and has more than ${most} bytes`);
  });
  return JSON.stringify(values);
}

const howToDeclare = (table: string): string =>
  `if the table has another key, declare it: tables: { "${table}": { partitionKey: "…", sortKey: "…" } }`;
