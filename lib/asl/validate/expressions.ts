/** JSONata: texts `{% … %}`, alone or anywhere in JSON. AWS's guide, "Transforming data with JSONata". */
import jsonata from "jsonata";
import type { Json } from "../../model/json.ts";
import { isList, isObject } from "../json-kinds.ts";
import type { Check, Place } from "./place.ts";

const RULE = "Transforming data with JSONata";

/** Which parts of `$states` there are besides `input` and `context`. */
export interface Visible {
  readonly result?: true;
  readonly errorOutput?: true;
}

/** @param text of which `{%` and `%}` may be only one: that is refused */
export function checkExpression(text: string, at: Place, visible: Visible): void {
  const opens = text.startsWith("{%");
  if (!opens && !text.endsWith("%}")) return;
  if (!opens || !text.endsWith("%}") || text.length < 4) {
    at.refuse(RULE, "A JSONata expression starts with '{%' and ends with '%}', with no space around them");
    return;
  }
  const tree = parsed(text.slice(2, -2), at);
  for (const part of ["result", "errorOutput"] as const)
    if (visible[part] === undefined && readsStates(tree, part))
      at.refuse(RULE, `The variable '$states.${part}' is not accessible here`);
}

function parsed(expression: string, at: Place): unknown {
  try {
    return jsonata(expression).ast();
  } catch (error) {
    // The library throws objects of its own, which are no Error.
    const { message } = error as { readonly message?: string };
    at.refuse(RULE, `Invalid JSONata expression: ${message ?? String(error)}`);
    return undefined;
  }
}

/** Every text in it. */
export const jsonataIn =
  (visible: Visible): Check =>
  (value, at) =>
    walk(value, at, visible);

function walk(value: Json, at: Place, visible: Visible): void {
  if (typeof value === "string") checkExpression(value, at, visible);
  else if (isList(value)) for (const [index, item] of value.entries()) walk(item, at.item(index), visible);
  else if (isObject(value))
    for (const [name, it] of Object.entries(value)) if (it !== undefined) walk(it, at.field(name), visible);
}

/** Whether an expression, as the library parses it, has `$states.<part>` anywhere. */
function readsStates(node: unknown, part: string): boolean {
  if (typeof node !== "object" || node === null) return false;
  const { type, steps } = node as { readonly type?: unknown; readonly steps?: unknown };
  if (type === "path" && Array.isArray(steps)) {
    const [first, second] = steps as { readonly type?: unknown; readonly value?: unknown }[];
    if (first?.type === "variable" && first.value === "states" && second?.type === "name" && second.value === part)
      return true;
  }
  return Object.values(node).some((it) => readsStates(it, part));
}
