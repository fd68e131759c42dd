import { evaluate } from "../../../lib/asl/evaluate.ts";
import type { Source } from "../../../lib/asl/source.ts";
import { ExpressionError, type Seen } from "../../../lib/model/expression.ts";
import { frozen, type Json } from "../../../lib/model/json.ts";

const CONTEXT: Json = {
  Execution: { Id: "arn:execution", Input: { started: true } },
  State: { Name: "Here", EnteredTime: "2026-01-01T00:00:00.000Z" },
};

/** All that an expression sees is frozen: it may be another's too. */
function given(seen: Partial<Seen>): Seen {
  const { input = {}, variables = {}, context = CONTEXT, ...rest } = seen;
  return frozen({ input, variables, context, ...rest } as unknown as Json) as unknown as Seen;
}

/** What the expression makes, or `{ fails: code }`. */
async function outcome(language: "jsonata" | "jsonpath", source: Source, seen: Partial<Seen>): Promise<unknown> {
  try {
    return await evaluate({ kind: "expression", language, source: source as Json }, given(seen));
  } catch (error) {
    if (error instanceof ExpressionError) return { fails: error.code, because: error.message };
    throw error;
  }
}

export const byPaths = (source: Source, seen: Partial<Seen> = {}): Promise<unknown> =>
  outcome("jsonpath", source, seen);

export const byQueries = (source: Source, seen: Partial<Seen> = {}): Promise<unknown> =>
  outcome("jsonata", source, seen);

/** Of one text in a payload template. */
export async function valueOfPath(text: string, seen: Partial<Seen> = {}): Promise<unknown> {
  const made = await byPaths({ op: "pass", Parameters: { "it.$": text } }, seen);
  return isMade(made) ? made.it : made;
}

const isMade = (value: unknown): value is { it: Json } => typeof value === "object" && value !== null && "it" in value;

/** Of one expression. */
export const valueOfQuery = (text: string, seen: Partial<Seen> = {}): Promise<unknown> =>
  byQueries({ op: "pass", Output: `{% ${text} %}` }, seen);
