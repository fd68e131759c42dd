/**
 * Tasks that wait until somebody gives back their token, `.waitForTaskToken`:
 *
 *     T, which gives its function the token ──▶ T%token waits ──▶ T%given ──▶ T%go, as T goes on
 *                                                     └─ time is over          └─▶ T%out, as T fails
 */
import { z } from "zod";
import { PawlError } from "../errors.ts";
import { type Data, placedSignal, type State } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { failState } from "./fail-state.ts";
import { hidden, segmentOf } from "./names.ts";
import type { OwnSource, Source, TokenOp } from "./source.ts";

/** The contract of the signal that a token stands for. */
export const TOKEN_SIGNAL = "taskToken";
export const TaskAnswer = z.union([
  z.strictObject({ output: z.json() }),
  z.strictObject({ error: z.string().optional(), cause: z.string().optional() }),
]);
export type TaskAnswer = z.infer<typeof TaskAnswer>;

/** Whom a token is for. */
export interface TaskToken {
  readonly workflow: string;
  readonly id: string;
  /** The signal that its task waits for. */
  readonly signal: string;
}

/** Opaque to whoever is given it. It is an address and no secret: who answers needs the right to send signals. */
const printToken = ({ workflow, id, signal }: TaskToken): string =>
  Buffer.from(JSON.stringify([workflow, id, signal])).toString("base64url");

/**
 * @example
 * const { workflow, id, signal } = parseToken(token);
 * await pawl.signal(workflow, id, signal, { output: { approved: true } });
 * @throws PawlError `invalid_id` when it is no token
 */
export function parseToken(token: string): TaskToken {
  try {
    const [workflow, id, signal] = z.tuple([z.string(), z.string(), z.string()]).parse(parts(token));
    return { workflow, id, signal };
  } catch (error) {
    throw new PawlError("invalid_id", `'${token.slice(0, 80)}' is no task token`, {}, error);
  }
}
const parts = (token: string): unknown => JSON.parse(Buffer.from(token, "base64url").toString("utf8"));

/** The token of the task at a path: its answer is waited for in the state behind it. */
export function tokenOf({ workflow, id }: Pick<TaskToken, "workflow" | "id">, path: string): string {
  const [, above = "", segment = "", visit] = /^(.*\/)?([^/~]*)(?:~(\d+))?$/.exec(path) ?? [];
  const hop = visit === undefined ? "" : `~${Number(visit) + 1}`;
  return printToken({ workflow, id, signal: placedSignal(TOKEN_SIGNAL, `${above}${segment}%token${hop}`) });
}

interface Waiting {
  readonly name: string;
  /** As it would be if it did not wait. */
  readonly task: Extract<State, { kind: "task" }>;
  readonly timeoutMs: number;
  readonly ask: (source: Source | OwnSource) => Data;
}

export function waiting({ name, task, timeoutMs, ask }: Waiting): Readonly<Record<string, State>> {
  const { result, assign, catch: catches, next, ...only } = task;
  const caught = catches && { catch: catches };
  const at = (part: "token" | "given" | "go" | "out") => hidden(name, part);
  // Behind the wait, what came into the task and what it was answered go together.
  const of = (data: Data | undefined): Data | undefined =>
    data?.kind === "expression" ? ask({ op: "answered", source: data.source }) : undefined;
  const unpaired = (data: Data): Data =>
    data.kind === "expression" ? ask({ op: "unpaired", source: data.source }) : data;
  const assigned = of(assign);
  const behind = catches && {
    catch: catches.map((rule) => ({
      ...rule,
      ...(rule.result && { result: unpaired(rule.result) }),
      ...(rule.assign && { assign: unpaired(rule.assign) }),
    })),
  };
  return {
    [segmentOf(name)]: { ...only, ...caught, result: ask({ op: "pair" }), next: at("token") },
    [at("token")]: {
      ...{ kind: "waitFor", signal: TOKEN_SIGNAL, ownPlace: true, timeoutMs },
      ...{ result: ask({ op: "pair", behind: true }), ...behind, next: at("given") },
    },
    [at("given")]: {
      ...{ kind: "choice", pick: ask({ op: "given" }), next: null },
      branches: { output: { to: at("go") }, error: { to: at("out") } },
    },
    [at("go")]: {
      ...{ kind: "set", value: of(result) ?? ask({ op: "answered", source: null }), next },
      ...(assigned && { assign: assigned }),
    },
    [at("out")]: { ...failState(ask({ op: "refused" })), ...behind },
  };
}

/** `input` is what came into the task; behind the wait, `{ input, made }`, `made` the answer. */
interface Pair {
  readonly input: Json;
  readonly made: Json;
}

export async function tokenOp(
  { op, behind }: { readonly op: TokenOp; readonly behind: boolean },
  seen: { readonly input: Json; readonly result?: Json },
  ask: (of: Pair) => Promise<Json>,
): Promise<Json> {
  const pair = seen.input as unknown as Pair;
  const answer = () => pair.made as unknown as { output?: Json; error?: string; cause?: string };
  switch (op) {
    case "pair":
      return { input: behind ? pair.input : seen.input, made: seen.result ?? null };
    case "given":
      return "output" in answer() ? "output" : "error";
    case "answered":
      return ask({ input: pair.input, made: answer().output ?? null });
    case "unpaired":
      return ask({ input: pair.input, made: seen.result ?? null });
    case "refused": {
      const { error, cause } = answer();
      return { ...(error !== undefined && { Error: error }), ...(cause !== undefined && { Cause: cause }) };
    }
  }
}
