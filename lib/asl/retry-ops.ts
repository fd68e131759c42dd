/** What `retried.ts` has worked out while a Parallel or a Map is tried again. */
import { retryDelayMs } from "../kernel/retry.ts";
import type { Seen } from "../model/expression.ts";
import type { RetryRule } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { matches } from "./errors.ts";
import type { RetryOp } from "./source.ts";

type Fields = Readonly<Record<string, Json>>;
export type Ask = (source: Fields, of?: { readonly input?: Json; readonly result?: Json }) => Promise<Json>;

/** What `failed` makes, and what is passed on until it is tried again or given up. */
interface Failed {
  readonly input: Json;
  readonly error: { readonly Error?: string; readonly Cause?: string };
  readonly rule: number;
}

export async function retryOp(op: RetryOp, source: Fields, { seen, ask }: { seen: Seen; ask: Ask }): Promise<Json> {
  const failed = seen.input as unknown as Failed;
  switch (op) {
    case "failed":
      return { input: seen.input, error: seen.result ?? {}, rule: source.rule ?? 0 };
    case "tries": {
      const variable = String(source.variable).slice(1);
      const tries = [...triesIn(seen, variable)];
      const rule = Number(source.rule);
      tries[rule] = (tries[rule] ?? 0) + 1;
      return { [variable]: Array.from(tries, (count) => count ?? 0) };
    }
    case "again": {
      const rule = rulesIn(source)[failed.rule];
      const count = triesIn(seen, String(source.variable))[failed.rule] ?? 1;
      if (rule && count < rule.maxAttempts) return "wait";
      const error = { code: failed.error.Error ?? "", message: "", path: "" };
      const taker = (source.catchers as readonly (readonly string[])[]).findIndex((codes) => matches(codes, error));
      return taker < 0 ? "out" : `k${taker}`;
    }
    case "backoff":
      return new Date(enteredMs(seen) + delayMs(source, seen, failed.rule)).toISOString();
    case "unwrap":
      return (seen.input as Fields)[String(source.field)] ?? null;
    case "recaught":
      return ask(source.source as Fields, { input: failed.input, result: failed.error });
    case "reset": {
      const { assign, variable, inVain } = source;
      const of = inVain ? { input: failed.input, result: failed.error } : {};
      const assigned = assign ? await ask(assign as Fields, of) : {};
      return { ...(assigned as Fields), [String(variable)]: null };
    }
  }
}

const rulesIn = ({ rules }: Fields) => rules as unknown as readonly RetryRule[];

const triesIn = ({ variables }: Seen, variable: string): readonly number[] =>
  (variables[variable.replace(/^\$/, "")] ?? []) as readonly number[];

const enteredMs = ({ context }: Seen): number =>
  Date.parse((context as { readonly State: { readonly EnteredTime: string } }).State.EnteredTime);

function delayMs(source: Fields, seen: Seen, at: number): number {
  const rule = rulesIn(source)[at];
  if (!rule) return 0;
  const count = triesIn(seen, String(source.variable))[at] ?? 1;
  return retryDelayMs(rule, count, Math.random());
}
