/**
 * Evaluates the expressions that a graph of an Amazon States Language definition holds (`source.ts`), in both of its
 * languages. It has no effects; `States.UUID`, `States.MathRandom` and JSONata's `$uuid`, `$random`, `$now` and
 * `$millis` give another value each time, so whoever evaluates keeps the result.
 */
import { type Expression, ExpressionError, type Seen } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import * as queries from "./jsonata-flow.ts";
import * as paths from "./jsonpath-flow.ts";
import { invocation, payloadOf } from "./lambda-api.ts";
import type { Source } from "./source.ts";

export const evaluate = (expression: Expression, seen: Seen): Promise<Json> => {
  // `compile` is the only one to write a source, and writes no other.
  const source = expression.source as Source;
  return placed(seen, async () =>
    expression.language === "jsonata" ? byQueries(source, seen) : byPaths(source, seen),
  );
};

/** What fails says in which state. */
export async function placed<T>(seen: Pick<Seen, "context">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExpressionError) throw new ExpressionError(error.code, `${where(seen)} ${error.message}`);
    throw error;
  }
}

function byPaths(source: Source, seen: Seen): Json {
  switch (source.op) {
    case "input":
      return requested(source, paths.input(source, seen));
    case "output":
      return paths.output(source, answered(source, seen) ?? null, seen);
    case "pass":
      return paths.pass(source, seen);
    case "assign":
      return paths.assign(source, answered(source, seen), seen);
    case "choose":
      return paths.choose(source, seen);
    case "items":
      return paths.items(source, seen);
    case "reader":
      return paths.reader(source, seen);
    case "until":
      return paths.until(source, seen);
    case "failure":
      return paths.failure(source, seen);
    case "caught":
      return paths.caught(source, seen.result ?? null, seen);
    case "caughtAssign":
      return paths.assign(source, seen.result, seen);
    case "number":
      return paths.number(source, seen);
  }
}

async function byQueries(source: Source, seen: Seen): Promise<Json> {
  switch (source.op) {
    case "input":
      return requested(source, await queries.input(source, seen));
    case "output":
      return queries.output(source, { result: answered(source, seen) ?? null }, seen);
    case "pass":
      return queries.output(source, {}, seen);
    case "assign":
      return queries.assign(source, resultOnly(answered(source, seen)), seen);
    case "choose":
      return queries.choose(source, seen);
    case "items":
      return queries.items(source, seen);
    case "reader":
      return queries.reader(source, seen);
    case "until":
      return queries.until(source, seen);
    case "failure":
      return queries.failure(source, seen);
    case "caught":
      return queries.output(source, { errorOutput: seen.result ?? null }, seen);
    case "caughtAssign":
      return queries.assign(source, { errorOutput: seen.result ?? null }, seen);
    case "number":
      return queries.number(source, seen);
  }
}

const resultOnly = (result: Json | undefined): { result?: Json } => (result === undefined ? {} : { result });

const requested = (source: Extract<Source, { op: "input" }>, request: Json): Json =>
  source.payload ? payloadOf(request) : request;

function answered(source: Extract<Source, { op: "output" | "assign" }>, { result, context }: Seen): Json | undefined {
  return source.payload && result !== undefined ? invocation(result, context) : result;
}

function where({ context }: Pick<Seen, "context">): string {
  // Any shape may come; what is missing is `undefined`.
  const { State } = context as { State?: { Name?: unknown } };
  return `An error occurred while executing the state '${String(State?.Name ?? "")}'.`;
}
