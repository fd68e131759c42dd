/** Amazon States Language, "Context object": what an item selector of a Map sees of the item. */
import type { Json } from "../model/json.ts";
import { isObject, withProperty } from "./json-kinds.ts";
import type { Dataset } from "./reader/dataset.ts";

export function withItem(context: Json, index: number, { items, keys, source }: Dataset): Json {
  const Item = {
    Index: index,
    Value: items[index] ?? null,
    ...(keys && { Key: keys[index] }),
    ...(source !== undefined && { Source: source }),
  };
  return withProperty(isObject(context) ? context : {}, "Map", { Item });
}

/** As it goes into an iteration that no selector makes: of an object, with its key. */
export const plainItems = ({ items, keys }: Dataset): readonly Json[] =>
  keys ? items.map((Value, i) => ({ Key: keys[i], Value })) : items;
