/** How an execution begins: its decision, then its header, then what the decision says. */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { type ExecutionName, printExecution } from "../contract/ids.ts";
import { type DecisionRecord, START_KEY } from "../kernel/record.ts";
import type { Json } from "../model/json.ts";
import type { Program } from "../model/program.ts";
import type { Decided } from "../ports/step-log.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { CALLER_NAME } from "./calls.ts";
import { type Context, type Invocation, outcomeOf, unknownGraph } from "./context.ts";
import { decideStart } from "./decide.ts";
import { tellEnd } from "./ends.ts";
import { expiresAtOf } from "./lifetime.ts";

/**
 * Whatever stands already never cuts it short. The decision is first, so that every execution whose header stands can be
 * gone on with from its log alone.
 */
export async function start(context: Context, delivery: Delivery, message: EnvelopeOf<"start">): Promise<Outcome> {
  return open(context, delivery, { name: message, ...(await begin(context, delivery, message)) });
}

export interface Begun extends Decided {
  /** Who decided now. */
  readonly inv?: Invocation;
}

export async function begin(context: Context, delivery: Delivery, message: EnvelopeOf<"start">): Promise<Begun> {
  const { log, clock, programs } = context;
  if (delivery.receives > 1) {
    const standing = await log.read(message, START_KEY);
    if (standing?.kind === "decision") return { record: standing, mine: false };
  }
  const opens = opening(context, programs.newest(message.workflow), message);
  const inv = await invocationOf(context, delivery, { ...message, ...opens, epoch: 0 });
  if (!inv) throw new Error(`the newest graph of '${message.workflow}' is not known`);
  const decision = await decideStart(inv, { key: START_KEY }, message.input);
  const { caller } = message;
  const values = { ...decision.values, ...(caller && { [CALLER_NAME]: caller as unknown as Json }) };
  const record = { kind: "decision", ...decision, values, opens, atMs: clock.now() } as const;
  return { inv, ...(await log.decide(inv.execution, START_KEY, record)) };
}

export interface Opened extends Begun {
  readonly name: ExecutionName;
  /** Where it waited for its turn: when that came. */
  readonly startedAtMs?: number;
}

export async function open(context: Context, delivery: Delivery, of: Opened): Promise<Outcome> {
  const { name, record, mine, startedAtMs } = of;
  const { workflow, id } = name;
  if (!record.opens) throw new Error(`the start of ${printExecution(name)} does not say what it opens`);
  // A fork of this id is under way: nothing of it may run before its log is whole.
  if (record.edit) return { kind: "acknowledge" };
  const opens = { ...record.opens, ...(startedAtMs !== undefined && { startedAtMs }) };
  const header = await context.log.open({ kind: "header", workflow, id, status: "running", epoch: 0, ...opens });
  const inv = of.inv?.program.hash === header.graph ? of.inv : await invocationOf(context, delivery, header);
  if (!inv) return unknownGraph(context, delivery, header.graph);
  inv.atRest.set(START_KEY, record);
  // Whoever asked for it, or waits for its key, may not have heard of its end.
  await tellEnd(inv, header);
  return outcomeOf(await inv.dispatch(inv, record.next, !mine));
}

function opening(
  context: Context,
  program: Program,
  { trigger, caller }: EnvelopeOf<"start">,
): NonNullable<DecisionRecord["opens"]> {
  const startedAtMs = context.clock.now();
  const ownEnd = expiresAtOf(context, program.graph.timeoutMs);
  if (!caller) return { graph: program.hash, trigger, startedAtMs, expiresAt: ownEnd };
  const { workflow, id, path, epoch, depth } = caller;
  // Whoever waits for it lives no longer.
  const expiresAt = Math.min(ownEnd, caller.expiresAt);
  return { graph: program.hash, trigger, startedAtMs, expiresAt, parent: { workflow, id, path, epoch, depth } };
}
