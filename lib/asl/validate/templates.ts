/** Payload templates: in a JSONPath state, the value of each field whose name ends in `.$` is a path or a function. */
import type { Json } from "../../model/json.ts";
import { isList, isObject } from "../json-kinds.ts";
import { isObjectAt } from "./fields.ts";
import { isIntrinsic, isPath } from "./paths.ts";
import type { Check, Place } from "./place.ts";

const RULE = "Payload Template";

export const template: Check = (value, at) => {
  if (isObjectAt(value, at, RULE)) walk(value, at);
};

function walk(value: Json, at: Place): void {
  if (isList(value)) for (const [index, item] of value.entries()) walk(item, at.item(index));
  if (!isObject(value)) return;
  for (const [name, it] of Object.entries(value)) {
    if (it === undefined) continue;
    if (!name.endsWith(".$")) {
      walk(it, at.field(name));
      continue;
    }
    if (typeof it !== "string" || !(isPath(it) || isIntrinsic(it)))
      at.refuse(RULE, `The value for the field '${name}' must be a valid JSONPath or a valid intrinsic function call`);
    if (value[name.slice(0, -2)] !== undefined)
      at.refuse(RULE, `The field '${name.slice(0, -2)}' is there twice: as it is, and as '${name}'`);
  }
}
