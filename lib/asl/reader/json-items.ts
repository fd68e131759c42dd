/** JSON whose array, or whose object's fields, are the items. RFC 6901, "JSON Pointer". */
import { messageOf } from "../../errors.ts";
import type { Json } from "../../model/json.ts";
import { isList, isObject, property } from "../json-kinds.ts";
import type { Dataset } from "./dataset.ts";
import { readerFailed } from "./failed.ts";

/** @param where names it in messages: `line 3`. @throws ExpressionError `States.ItemReaderFailed` */
export function parseJson(text: string, where: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw readerFailed(`${where} is not JSON: ${messageOf(error)}`);
  }
}

/** @throws ExpressionError `States.ItemReaderFailed` */
export function itemsIn(document: Json, pointer: string | undefined): Dataset {
  const found = pointer ? pointedAt(document, pointer) : document;
  if (found === undefined)
    throw readerFailed("The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.");
  if (isList(found)) return { items: found };
  if (!isObject(found)) throw readerFailed("Attempting to map over non-iterable node.");
  const fields = Object.entries(found).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  return { items: fields.map(([, value]) => value), keys: fields.map(([key]) => key) };
}

function pointedAt(document: Json, pointer: string): Json | undefined {
  const [before, ...names] = pointer.split("/").map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  let at: Json | undefined = before === "" ? document : undefined;
  for (const name of names) {
    if (isList(at)) at = /^(0|[1-9]\d*)$/.test(name) ? at[Number(name)] : undefined;
    else at = isObject(at) ? property(at, name) : undefined;
  }
  return at;
}
