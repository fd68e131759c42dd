/**
 * Where a text of a JSONPath state gets its value: `$` the document, `$$` the context object, `$name` a variable,
 * `States.…` an intrinsic function. Amazon States Language, "Paths", "Context object", "Intrinsic functions".
 */
import { ExpressionError } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import { callIntrinsic } from "./intrinsics/call.ts";
import { excerpt, property } from "./json-kinds.ts";
import { selectPath } from "./json-path.ts";

export interface Scope {
  /** What `$` is. */
  readonly document: Json;
  readonly context: Json;
  readonly variables: Readonly<Record<string, Json>>;
}

export const runtimeError = (message: string): ExpressionError => new ExpressionError("States.Runtime", message);

const VARIABLE = /^\$([\p{ID_Start}_][\p{ID_Continue}]*)/u;

/** `undefined`: there is nothing at that path, or no such variable. */
export function lookUp(text: string, scope: Scope): Json | undefined {
  if (text.startsWith("States.")) return callIntrinsic(text, (path) => requiredIn(text, path, scope));
  if (text.startsWith("$$")) return selectPath(text, scope.context, 2);
  const variable = VARIABLE.exec(text);
  if (variable) {
    const [matched, name = ""] = variable;
    const value = property(scope.variables, name);
    return value === undefined ? undefined : selectPath(text, value, matched.length);
  }
  if (!text.startsWith("$")) throw runtimeError(`Invalid path '${text}' : a path begins with '$'`);
  return selectPath(text, scope.document);
}

/** @throws ExpressionError States.Runtime where there is nothing */
export function required(path: string, scope: Scope): Json {
  const value = lookUp(path, scope);
  if (value === undefined) throw runtimeError(`Invalid path '${path}' : No results for path: ${path}`);
  return value;
}

/** @param field names it in the message */
export function requiredIn(field: string, path: string, scope: Scope): Json {
  const value = lookUp(path, scope);
  if (value !== undefined) return value;
  throw runtimeError(
    `The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${excerpt(scope.document)}'`,
  );
}
