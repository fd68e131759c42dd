/** What makes a graph with a definition's expressions run as Step Functions runs it. */
import type { Dialect, Evaluate } from "../model/expression.ts";
import { ExpressionError } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import { matches, nameError } from "./errors.ts";
import { evaluate } from "./evaluate.ts";
import { isList } from "./json-kinds.ts";
import { nameAt } from "./names.ts";
import { itemsRead } from "./reader/items-read.ts";
import { functionName } from "./resource.ts";
import { type Ask, retryOp } from "./retry-ops.ts";
import type { OwnSource, Source } from "./source.ts";
import { tokenOf, tokenOp } from "./task-token.ts";

/** "Service quotas": the largest input or output of a state, in bytes of UTF-8. */
const MOST_BYTES = 256 * 1024;

type Fields = Readonly<Record<string, Json>>;

export interface Machine {
  readonly definition: Json;
  /** `arn:aws:states:eu-west-1:123456789012`: what names in the context object begin with. */
  readonly arn: string;
  readonly express: boolean;
}

export function dialectOf(machine: Machine): Dialect {
  return {
    evaluate: (expression, seen, outside) => {
      const context = contextOf(seen.context, machine, (expression.source as Fields).token === true);
      return evaluateHere(expression, { ...seen, context }, outside);
    },
    nameError,
    matches,
    definition: machine.definition,
    payloadBytes: MOST_BYTES,
  };
}

const evaluateHere: Evaluate = async (expression, seen, outside) => {
  const { branches, tolerates, flattens, token: _, ...source } = expression.source as Fields;
  const ask: Ask = (asked, of = {}) => evaluate({ ...expression, source: asked }, { ...seen, ...of });
  /** Of what stands within another source. */
  const whole: Ask = (asked, of = {}) => evaluateHere({ ...expression, source: asked }, { ...seen, ...of }, outside);
  const { op } = expression.source as Source | OwnSource;
  switch (op) {
    case "function":
      return calledFunction(source, ask);
    case "items":
      await numbersIn(source, ask);
      if (source.ItemReader === undefined) return ask(source);
      return itemsRead(source, { ask, seen, outside, mostBytes: MOST_BYTES });
    case "failed":
    case "tries":
    case "again":
    case "backoff":
    case "unwrap":
    case "recaught":
    case "reset":
      return retryOp(op, source, { seen, ask: whole });
    case "pair":
    case "given":
    case "answered":
    case "unpaired":
    case "refused": {
      const of = source.source as Fields | null;
      return tokenOp({ op, behind: source.behind === true }, seen, async ({ input, made }) =>
        of ? whole(of, { input, result: made }) : made,
      );
    }
    default:
      if (typeof branches === "number") return ask(source, { result: inOrder(seen.result, branches) });
      if (!tolerates && !flattens) return ask(source);
      return ask(source, { result: await resultOfMap(seen.result, { source, tolerates, flattens, ask }) });
  }
};

interface MapResult {
  readonly source: Fields;
  readonly tolerates: Json | undefined;
  readonly flattens: Json | undefined;
  readonly ask: Ask;
}

async function resultOfMap(result: Json | undefined, { source, tolerates, flattens, ask }: MapResult): Promise<Json> {
  const made = tolerates ? await tolerated(source, result, ask) : (result as readonly Json[]);
  return flattens ? made.flatMap((one) => (isList(one) ? one : [one])) : made;
}

/** The branch of a Task whose function is worked out while it runs. */
async function calledFunction({ names, ...fields }: Fields, ask: Ask): Promise<Json> {
  const input = (await ask({ ...fields, op: "input" })) as Fields | null;
  const name = functionName(String(input?.FunctionName));
  return (names as readonly string[]).includes(name) ? name : "";
}

/** Numbers that the graph itself has no place for are looked at all the same. */
async function numbersIn(source: Fields, ask: Ask): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const [field, value] of Object.entries(source))
    if (/^(MaxConcurrency|ToleratedFailure(Count|Percentage))/.test(field))
      found.set(field.replace(/Path$/, ""), (await ask({ op: "number", [field]: value })) as number);
  return found;
}

/** A Parallel's outputs, by branch, are a list. */
const inOrder = (result: Json | undefined, branches: number): Json =>
  Array.from({ length: branches }, (_, i) => (result as Fields)[i] ?? null);

type Item = { readonly ok: true; readonly output: Json } | { readonly ok: false };

/** Of a Map that tolerates failed items: what came of the others, unless too many failed. */
async function tolerated(source: Fields, result: Json | undefined, ask: Ask): Promise<readonly Json[]> {
  const items = result as unknown as readonly Item[];
  const made = items.flatMap((item) => (item.ok ? [item.output] : []));
  const failed = items.length - made.length;
  const numbers = await numbersIn(source, ask);
  const count = numbers.get("ToleratedFailureCount") ?? 0;
  const share = (numbers.get("ToleratedFailurePercentage") ?? 0) / 100;
  if (failed <= Math.max(count, Math.floor(share * items.length + 1e-9))) return made;
  throw new ExpressionError(
    "States.ExceedToleratedFailureThreshold",
    "The specified tolerated failure threshold was exceeded",
  );
}

/** As a state machine's are. */
function contextOf(context: Json, { arn, express }: Machine, hasToken: boolean): Json {
  const { State, Execution, StateMachine, ...more } = context as Readonly<Record<string, Fields>>;
  const state = { State: { ...State, ...(typeof State?.Name === "string" && { Name: nameAt(State.Name) }) } };
  if (!Execution || !StateMachine) return { ...more, ...state } as Json;
  const { Name: name } = StateMachine;
  const path = hasToken && typeof State?.Name === "string" ? State.Name : undefined;
  const kind = express ? "express" : "execution";
  const Id = `${arn}:${kind}:${name}:${Execution.Name}${express ? `:${Execution.Name}` : ""}`;
  return {
    ...more,
    ...state,
    Execution: {
      ...Execution,
      Id,
      RoleArn: `${arn.replace(/:states:[^:]*:/, ":iam::")}:role/${name}`,
    },
    StateMachine: { Id: `${arn}:stateMachine:${name}`, Name: name },
    ...(path !== undefined && {
      Task: { Token: tokenOf({ workflow: String(name), id: String(Execution.Name) }, path) },
    }),
  } as Json;
}
