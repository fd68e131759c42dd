/** An attempt that came to nothing: try again later, or settle the step with its error. */
import { locate } from "../kernel/address.ts";
import { type StepError, stepKey } from "../kernel/record.ts";
import { MOST_CRASHES, retryDelayMs } from "../kernel/retry.ts";
import type { Holder } from "../kernel/step.ts";
import type { NodeSpec, RetryRule, RetrySpec } from "../model/graph.ts";
import type { HandlerOutcome } from "../ports/handlers.ts";
import { type Invocation, type Visit, WHOLE, type Whole } from "./context.ts";
import { decideFailed } from "./decide.ts";
import { fenced } from "./go-on.ts";
import { stepMessage } from "./messages.ts";

/** What is to be undone is not given up soon: a person has to see to it then. */
const LEAST_UNDO_ATTEMPTS = 10;

export interface Attempted {
  readonly visit: Visit;
  readonly node: NodeSpec;
  readonly holder: Holder;
  readonly startedAtMs: number;
  readonly attempt: number;
}
type Came = Exclude<HandlerOutcome, { kind: "output" }>;

export async function setBack(inv: Invocation, a: Attempted, came: Came): Promise<Whole> {
  const error: StepError =
    came.kind === "crashed"
      ? { code: "crashed", message: came.message, path: a.visit.path }
      : {
          code: came.code,
          message: came.message,
          path: a.visit.path,
          ...(came.data !== undefined && { data: came.data }),
          // Pawl's own message says what a person is to know; a language of definitions puts it in its own way.
          ...(inv.program.dialect && came.thrown && { data: { ...came.thrown } }),
        };
  const rules = came.kind === "error" ? rulesAt(inv, a.visit) : undefined;
  if (rules) return tryByRules(inv, a, rules, error);
  const { codes } = a.node.retry;
  // A code that the node says is tried again is, though it is one that it declares.
  const final = came.kind === "error" && (codes === undefined ? came.final : !codes.includes(came.code));
  if (final && !a.visit.bind.undo) return settleWith(inv, a, error);
  return tryAgain(inv, a, came.kind === "crashed" ? "crash" : "fail", error);
}

/** Of the state, in place of the node's. */
function rulesAt({ program }: Invocation, { path, bind }: Visit): readonly RetryRule[] | undefined {
  const state = bind.undo ? undefined : locate(program.graph, path)?.state;
  return state?.kind === "task" ? state.retry : undefined;
}

/** The first rule that is for the error, as the language of definitions names it. Each counts its own. */
async function tryByRules(
  inv: Invocation,
  a: Attempted,
  rules: readonly RetryRule[],
  error: StepError,
): Promise<Whole> {
  const { dialect } = inv.program;
  const named = dialect?.nameError(error) ?? error;
  const isFor = ({ codes }: RetryRule) => dialect?.matches(codes, named) ?? codes.includes(error.code);
  const at = rules.findIndex(isFor);
  const rule = rules[at];
  if (!rule) return settleWith(inv, a, error);
  const record = await inv.log.read(inv.execution, stepKey(a.visit.path));
  const before = record?.kind === "step" ? (record.error?.tries ?? []) : [];
  const tries = rules.map((_, i) => (before[i] ?? 0) + (i === at ? 1 : 0));
  const count = tries[at] ?? 1;
  if (count >= rule.maxAttempts) return settleWith(inv, a, error);
  return laterAgain(inv, a, { how: "fail", error: { ...error, tries }, delayMs: delayOf(inv, rule, count) });
}

const delayOf = ({ context }: Invocation, retry: RetrySpec, count: number): number =>
  retryDelayMs(retry, count, context.clock.random());

/** Ends the lease and counts; a new message with a delay carries the step on, until it has come to nothing too often. */
async function tryAgain(inv: Invocation, a: Attempted, how: "fail" | "crash", error: StepError): Promise<Whole> {
  const { log } = inv;
  const { retry } = a.node;
  const record = await log.read(inv.execution, stepKey(a.visit.path));
  const before = record?.kind === "step" ? record : { failures: 0, crashes: 0 };
  const count = 1 + (how === "fail" ? before.failures : before.crashes);
  const most = how === "fail" ? retry.maxAttempts : MOST_CRASHES;
  if (count >= (a.visit.bind.undo ? Math.max(most, LEAST_UNDO_ATTEMPTS) : most)) return settleWith(inv, a, error);
  return laterAgain(inv, a, { how, error, delayMs: delayOf(inv, retry, count) });
}

async function laterAgain(
  inv: Invocation,
  a: Attempted,
  { how, error, delayMs }: { readonly how: "fail" | "crash"; readonly error: StepError; readonly delayMs: number },
): Promise<Whole> {
  const { log } = inv;
  const { clock, transport } = inv.context;
  const setback = {
    node: a.node.name,
    holder: a.holder,
    startedAtMs: a.startedAtMs,
    error,
    notBeforeMs: clock.now() + delayMs,
  };
  const written = await log[how](inv.execution, a.visit.path, setback);
  if (written.kind === "refused") return fenced(inv, stepKey(a.visit.path), written.record);
  await transport.send([stepMessage(inv, { ...a.visit, attempt: a.attempt + 1 }, delayMs)]);
  return WHOLE;
}

async function settleWith(inv: Invocation, a: Attempted, error: StepError): Promise<Whole> {
  const { log } = inv;
  const { clock } = inv.context;
  const key = stepKey(a.visit.path);
  const decision = await decideFailed(inv, { key }, error, a.visit.bind);
  const settled = await log.settle(inv.execution, a.visit.path, {
    node: a.node.name,
    holder: a.holder,
    atMs: clock.now(),
    startedAtMs: a.startedAtMs,
    result: { error },
    decision,
  });
  if (settled.kind === "refused") return fenced(inv, key, settled.record);
  return inv.dispatch(inv, decision.next, false);
}
