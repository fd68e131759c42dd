/** Amazon States Language, "Context object": what an item selector of a Map sees of the item. */
import type { Json } from "../model/json.ts";
import { isObject, withProperty } from "./json-kinds.ts";

export const withItem = (context: Json, index: number, value: Json): Json =>
  withProperty(isObject(context) ? context : {}, "Map", { Item: { Index: index, Value: value } });
