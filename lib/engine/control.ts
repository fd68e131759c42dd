/** The control function's work, one message of its queue at a time: starts, events, controls, and dead letters of any kind. */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { checkExecutionId, eventMark, markedId } from "../contract/ids.ts";
import { tooLarge } from "../contract/limits.ts";
import { schemaProblem } from "../contract/schema-problem.ts";
import { isPawlError, messageOf, PawlError } from "../errors.ts";
import type { TriggerNote } from "../kernel/record.ts";
import type { EventOf } from "../model/contracts.ts";
import { type Json, notJson, toJson } from "../model/json.ts";
import type { Program } from "../model/program.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { MOST_DEPTH, returnedMessage } from "./calls.ts";
import type { Context, Limits } from "./context.ts";
import { receiveDeadStep } from "./dead-letter.ts";
import { problemOf } from "./decide.ts";

import { fork } from "./fork.ts";
import { pause, resume } from "./pause.ts";
import { receiveClose, receiveReturned, receiveSignal, receiveTimer } from "./receive.ts";
import { heal, redrive } from "./redrive.ts";
import { start } from "./start.ts";
import { receiveDeadline, stop } from "./stop.ts";
import { receiveFreed, receiveKeyed } from "./triggers.ts";

export async function receiveControl(context: Context, delivery: Delivery): Promise<Outcome> {
  const { envelope } = delivery;
  switch (envelope.kind) {
    case "event":
    case "tick":
      return startFromEvent(context, delivery, envelope);
    case "start":
      return startIfFit(context, delivery, envelope);
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
    case "fork":
      return fork(context, delivery, envelope);
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
    case "freed":
      return receiveFreed(context, delivery, envelope);
    case "step":
      return receiveDeadStep(context, delivery, envelope);
  }
}

/** Whoever calls hears why it cannot be; others were looked at before they were asked for. */
async function startIfFit(context: Context, delivery: Delivery, message: EnvelopeOf<"start">): Promise<Outcome> {
  const { caller } = message;
  if (!caller) return start(context, delivery, message);
  const input = fitInput(context, message, caller.depth);
  if ("fits" in input) return start(context, delivery, { ...message, input: input.fits });
  await context.transport.send([returnedMessage(caller, message, input.refused)]);
  return { kind: "acknowledge" };
}

function fitInput(
  { programs, limits }: Context,
  { workflow, id, trigger, input }: EnvelopeOf<"start">,
  depth: number,
): { readonly fits: Json } | { readonly refused: string } {
  if (depth > MOST_DEPTH) return { refused: `it is called from ${depth} executions deep, more than ${MOST_DEPTH}` };
  try {
    return { fits: startMessage(programs.newest(workflow), { id, input, trigger }, limits).input };
  } catch (error) {
    return { refused: messageOf(error) };
  }
}

async function startFromEvent(
  context: Context,
  delivery: Delivery,
  message: EnvelopeOf<"event" | "tick">,
): Promise<Outcome> {
  let begun: EnvelopeOf<"start">;
  try {
    const program = context.programs.newest(message.workflow);
    begun =
      message.kind === "tick"
        ? startOfTick(program, message.time, context.limits)
        : startOf(program, message.event, context.limits);
  } catch (error) {
    if (!isPawlError(error)) throw error;
    return { kind: "bury", reason: `${error.code}: ${error.message}` };
  }
  // Whatever is wrong from here on will pass.
  return receiveKeyed(context, delivery, begun) ?? start(context, delivery, begun);
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
  const key = executionIdOf(program, { ...event, data });
  const note: TriggerNote = { kind: "event", id: event.id, source: event.source, type: event.type };
  if (trigger.whenRunning !== undefined)
    return startMessage(
      program,
      { id: markedId(key, eventMark(event.id)), input: data, trigger: { ...note, key } },
      limits,
    );
  return startMessage(program, { id: key, input: data, trigger: note }, limits);
}

/** All times of a schedule have this one key. */
const SCHEDULE_KEY = "schedule";

/** @throws PawlError `invalid_event` of a workflow without a schedule, `invalid_input`, `payload_too_large` */
function startOfTick(program: Program, time: string, limits: Pick<Limits, "payloadBytes">): EnvelopeOf<"start"> {
  const { schedule, workflow } = program.graph;
  const slot = schedule?.input.kind === "slot" ? program.slots[schedule.input.slot] : undefined;
  if (!schedule || !slot) throw new PawlError("invalid_event", `workflow '${workflow}' has no schedule`);
  let input: unknown;
  try {
    input = slot({ time });
  } catch (error) {
    throw new PawlError("invalid_input", `the input for ${time} cannot be worked out: ${messageOf(error)}`);
  }
  const trigger = { kind: "schedule", time, ...(!schedule.overlap && { key: SCHEDULE_KEY }) } as const;
  return startMessage(program, { id: markedId(SCHEDULE_KEY, time), input, trigger }, limits);
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
  of: { readonly id: string; readonly input: unknown; readonly trigger: EnvelopeOf<"start">["trigger"] },
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
