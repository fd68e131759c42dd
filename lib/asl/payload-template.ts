/**
 * Amazon States Language, "Payload Template": an object where each field whose name ends in `.$` is a path or an
 * intrinsic function, and goes by its name without the ending. All else is taken as it is.
 */
import type { Json } from "../model/json.ts";
import { isList, isObject } from "./json-kinds.ts";
import { requiredIn, runtimeError, type Scope } from "./path-scope.ts";

export function fillTemplate(template: Json, scope: Scope): Json {
  if (isList(template)) return template.map((item) => fillTemplate(item, scope));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([field, value]) => {
      if (!field.endsWith(".$")) return [field, value === undefined ? undefined : fillTemplate(value, scope)];
      if (typeof value !== "string") throw runtimeError(`The value for the field '${field}' must be a path`);
      return [field.slice(0, -2), requiredIn(field, value, scope)];
    }),
  );
}
