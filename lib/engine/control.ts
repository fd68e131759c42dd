/** The control function's work, one message of its queue at a time: starts, events, controls, and dead letters of any kind. */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { checkExecutionId, printExecution } from "../contract/ids.ts";
import { tooLarge } from "../contract/limits.ts";
import { schemaProblem } from "../contract/schema-problem.ts";
import { isPawlError, messageOf, PawlError } from "../errors.ts";
import { type DecisionRecord, hasEnded, START_KEY, type TriggerNote } from "../kernel/record.ts";
import type { EventOf } from "../model/contracts.ts";
import { type Json, notJson, toJson } from "../model/json.ts";
import type { Program } from "../model/program.ts";
import type { Decided } from "../ports/step-log.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { CALLER_NAME, MOST_DEPTH, returnedMessage, tellParent } from "./calls.ts";
import { type Context, type Invocation, type Limits, outcomeOf, unknownGraph } from "./context.ts";
import { receiveDeadStep } from "./dead-letter.ts";
import { decideStart, problemOf } from "./decide.ts";
import { receiveDeadline, stop } from "./drain.ts";
import { pause, resume } from "./pause.ts";
import { receiveClose, receiveReturned, receiveSignal, receiveTimer } from "./receive.ts";
import { heal, redrive } from "./redrive.ts";

export async function receiveControl(context: Context, delivery: Delivery): Promise<Outcome> {
  const { envelope } = delivery;
  switch (envelope.kind) {
    case "event":
      return startFromEvent(context, delivery, envelope);
    case "start":
      return start(context, delivery, envelope);
    case "stop":
      return stop(context, delivery, envelope);
    case "pause":
      return pause(context, envelope);
    case "resume":
      return resume(context, delivery, envelope);
    case "redrive":
      return redrive(context, delivery, envelope);
    case "heal":
      return heal(context, delivery, envelope);
    case "timer":
      return receiveTimer(context, delivery, envelope);
    case "deadline":
      return receiveDeadline(context, delivery, envelope);
    case "signal":
      return receiveSignal(context, delivery, envelope);
    case "returned":
      return receiveReturned(context, delivery, envelope);
    case "close":
      return receiveClose(context, delivery, envelope);
    case "step":
      return receiveDeadStep(context, delivery, envelope);
  }
}

/**
 * The decision, then the header, then what the decision says; whatever stands already never cuts it short. The decision
 * is first, so that every execution whose header stands can be gone on with from its log alone.
 */
async function start(context: Context, delivery: Delivery, message: EnvelopeOf<"start">): Promise<Outcome> {
  const { log } = context;
  const refused = message.caller && refusal(context, message);
  if (message.caller && refused !== undefined) {
    await context.transport.send([returnedMessage(message.caller, message, refused)]);
    return { kind: "acknowledge" };
  }
  const begun = await begin(context, delivery, message);
  const { opens } = begun.record;
  if (!opens) throw new Error(`the start of ${printExecution(message)} does not say what it opens`);
  const { workflow, id } = message;
  const header = await log.open({ kind: "header", workflow, id, status: "running", epoch: 0, ...opens });
  const inv = begun.inv?.program.hash === header.graph ? begun.inv : await invocationOf(context, delivery, header);
  if (!inv) return unknownGraph(context, delivery, header.graph);
  inv.atRest.set(START_KEY, begun.record);
  if (hasEnded(header)) await tellParent(inv, header);
  return outcomeOf(await inv.dispatch(inv, begun.record.next, !begun.mine));
}

/** Why a called execution cannot be; undefined: it can. Others are looked at before they are asked for. */
function refusal({ programs, limits }: Context, { workflow, id, trigger, input, caller }: EnvelopeOf<"start">) {
  if (caller && caller.depth > MOST_DEPTH)
    return `it is called from ${caller.depth} executions deep, more than ${MOST_DEPTH}`;
  try {
    startMessage(programs.newest(workflow), { id, input, trigger }, limits);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

interface Begun extends Decided {
  /** Who decided now. */
  readonly inv?: Invocation;
}

async function begin(context: Context, delivery: Delivery, message: EnvelopeOf<"start">): Promise<Begun> {
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

async function startFromEvent(context: Context, delivery: Delivery, message: EnvelopeOf<"event">): Promise<Outcome> {
  let begun: EnvelopeOf<"start">;
  try {
    begun = startOf(context.programs.newest(message.workflow), message.event, context.limits);
  } catch (error) {
    if (!isPawlError(error)) throw error;
    return { kind: "bury", reason: `${error.code}: ${error.message}` };
  }
  return start(context, delivery, begun); // whatever is wrong from here on will pass
}

/**
 * The start that an event means for a workflow.
 *
 * @throws PawlError `invalid_event`, `invalid_input`, `invalid_id`, `payload_too_large`
 */
export function startOf(program: Program, event: EventOf, limits: Pick<Limits, "payloadBytes">): EnvelopeOf<"start"> {
  const { graph } = program;
  const { trigger } = graph;
  if (!trigger) throw new PawlError("invalid_event", `workflow '${graph.workflow}' is started by no event`);
  const contract = program.events[`${event.source}/${event.type}@${trigger.event.version}`];
  const what = `the event ${event.id} (${event.source} ${event.type})`;
  const problem = contract && problemOf(contract.data, event.data);
  if (problem) throw new PawlError("invalid_event", `${what} breaks its schema: ${problem}`, { event: event.id });
  // What the schema lets through, without the properties that it does not know.
  const data = contract ? (contract.data.parse(event.data) as Json) : event.data;
  const id = executionIdOf(program, { ...event, data });
  const note: TriggerNote = { kind: "event", id: event.id, source: event.source, type: event.type };
  return startMessage(program, { id, input: data, trigger: note }, limits);
}

function executionIdOf(program: Program, event: EventOf): string {
  const id = program.graph.trigger?.id;
  const slot = id?.kind === "slot" ? program.slots[id.slot] : undefined;
  if (!slot) return checkExecutionId(event.id);
  let key: unknown;
  try {
    key = slot(event);
  } catch (error) {
    throw new PawlError("invalid_event", `the key of the event ${event.id} cannot be worked out: ${messageOf(error)}`);
  }
  return checkExecutionId(key as string);
}

/** @throws PawlError `invalid_input`, `invalid_id`, `payload_too_large` */
export function startMessage(
  program: Program,
  of: { readonly id: string; readonly input: unknown; readonly trigger: TriggerNote },
  { payloadBytes }: Pick<Limits, "payloadBytes">,
): EnvelopeOf<"start"> {
  const { workflow } = program.graph;
  const what = `the input of '${workflow}'`;
  const asJson = (value: unknown): Json => {
    const json = toJson(value);
    if (json.ok) return json.value;
    throw new PawlError("invalid_input", notJson(what, json), { workflow });
  };
  const parsed = program.input.safeParse(of.input === undefined ? undefined : asJson(of.input));
  if (!parsed.success)
    throw new PawlError("invalid_input", `${what} breaks its schema: ${schemaProblem(parsed.error)}`, { workflow });
  const id = checkExecutionId(of.id);
  const input = asJson(parsed.data);
  const size = tooLarge(what, input, payloadBytes);
  if (size) throw new PawlError("payload_too_large", size, { workflow, limitBytes: payloadBytes });
  return { kind: "start", v: 1, workflow, id, trigger: of.trigger, input };
}

function opening(
  context: Context,
  program: Program,
  { trigger, caller }: EnvelopeOf<"start">,
): NonNullable<DecisionRecord["opens"]> {
  const { clock, limits } = context;
  const startedAtMs = clock.now();
  const lifeMs = Math.max(limits.longestLifeMs, program.graph.timeoutMs ?? 0);
  const expiresAt = Math.ceil((startedAtMs + lifeMs + limits.retentionMs) / 1000);
  const parent = caller && {
    workflow: caller.workflow,
    id: caller.id,
    path: caller.path,
    epoch: caller.epoch,
    depth: caller.depth,
  };
  return { graph: program.hash, trigger, startedAtMs, expiresAt, ...(parent && { parent }) };
}
