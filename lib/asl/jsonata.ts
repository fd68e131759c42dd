/**
 * JSONata as AWS Step Functions runs it: `{% … %}` around an expression, variables and `$states` by name, no document at
 * `$`, the functions that AWS adds, and no `$eval`. Whatever is not JSON, nothing at all included, is
 * `States.QueryEvaluationError`.
 */
import jsonata from "jsonata";
import { ExpressionError } from "../model/expression.ts";
import { type Json, toJson } from "../model/json.ts";
import { isList, isObject } from "./json-kinds.ts";
import { registerAdded } from "./jsonata-functions.ts";

export type Bindings = Readonly<Record<string, Json>>;

export const queryError = (message: string): ExpressionError =>
  new ExpressionError("States.QueryEvaluationError", message);

/** Of one expression. AWS does not say its own; these stop what would never end, or fill the memory. */
const LIMITS = { timeout: 10_000, stack: 5_000, sequence: 1_000_000 };

/** The text between `{%` and `%}`, where that is all that the text is. */
function expressionIn(text: Json | undefined): string | undefined {
  return typeof text === "string" ? /^\{%([\s\S]*)%\}$/.exec(text)?.[1]?.trim() : undefined;
}

/** Each expression in it, wherever it stands, gives way to its value. @param field names it in messages: `Output` */
export async function fillQueries(template: Json, field: string, bindings: Bindings): Promise<Json> {
  const source = expressionIn(template);
  if (source !== undefined) return query(source, field, bindings);
  if (isList(template)) {
    const items: Json[] = [];
    for (const [i, item] of template.entries()) items.push(await fillQueries(item, `${field}[${i}]`, bindings));
    return items;
  }
  if (!isObject(template)) return template;
  const entries: [string, Json][] = [];
  for (const [key, inner] of Object.entries(template))
    if (inner !== undefined) entries.push([key, await fillQueries(inner, `${field}/${key}`, bindings)]);
  return Object.fromEntries(entries);
}

async function query(source: string, field: string, bindings: Bindings): Promise<Json> {
  const about = `The JSONata expression '${source}' specified for the field '${field}'`;
  let value: unknown;
  try {
    value = await compiled(source).evaluate(undefined, { ...bindings });
  } catch (error) {
    throw queryError(`${about} threw an error during evaluation. ${reason(error)}`);
  }
  if (value === undefined) throw queryError(`${about} returned nothing (undefined).`);
  const json = toJson(value);
  if (!json.ok) throw queryError(`${about} returned an unsupported result type: ${json.found}.`);
  return json.value;
}

const compiledBefore = new Map<string, jsonata.Expression>();
const MOST_COMPILED = 500;

/** Kept, because a Map asks the same of each of its items. With bindings, no evaluation sees another's. */
function compiled(source: string): jsonata.Expression {
  const before = compiledBefore.get(source);
  if (before) return before;
  const expression = jsonata(source, LIMITS);
  registerAdded(expression);
  if (compiledBefore.size === MOST_COMPILED) compiledBefore.clear();
  compiledBefore.set(source, expression);
  return expression;
}

/** The library throws plain objects, not Errors. */
function reason(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { code, message } = error as { code?: unknown; message?: unknown };
  return [code, message].filter((it) => typeof it === "string").join(": ") || String(error);
}
