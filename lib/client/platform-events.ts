/**
 * An event for a deployed platform. The bus takes whatever it is given and does not say who wanted it, so that is looked
 * up before: the bus's rules tell who listens, also right after the first deploy; code or a stored graph tells what the
 * event means there.
 */
import type { Platform } from "../adapters/aws/platform.ts";
import { parseEvent } from "../contract/event-detail.ts";
import { printExecution } from "../contract/ids.ts";
import { startOf } from "../engine/control.ts";
import type { Accepted } from "../engine/engine.ts";
import { PawlError } from "../errors.ts";
import type { EventOf } from "../model/contracts.ts";
import type { Program } from "../model/program.ts";
import { storedProgram } from "./stored-program.ts";
import type { EventBridgeEvent } from "./types.ts";

/** The code at hand, by workflow. */
export type Code = ReadonlyMap<string, Program>;

/** @throws PawlError `unmatched_event`, `invalid_event`, `invalid_input`, `invalid_id`, `payload_too_large` */
export async function sendEvent(platform: Platform, code: Code, sent: EventBridgeEvent): Promise<readonly Accepted[]> {
  const event = parseEvent(sent);
  const wanting = await listenersOf(platform, event);
  // Looked at before it is put, so that the sender hears at once what would otherwise become a dead letter.
  const newest = wanting.every((workflow) => code.has(workflow)) ? undefined : await platform.workflows();
  const accepted: Accepted[] = [];
  for (const workflow of wanting) {
    const program = code.get(workflow);
    if (program) accepted.push(await expected(platform, program, event));
    else accepted.push(await expectedUnseen(platform, { workflow, hash: newest?.get(workflow) }, event));
  }
  await platform.put(event);
  return accepted;
}

async function listenersOf(platform: Platform, event: EventOf): Promise<readonly string[]> {
  const { workflows, kinds } = await platform.listeners(event);
  if (workflows.length > 0) return workflows;
  // Of a platform that is not there this says so, where a bus that is not there just has no rules.
  if (kinds.length === 0) await platform.workflows();
  const known = [...new Set(kinds.map(({ source, type }) => `${source} ${type}`))].sort();
  throw new PawlError(
    "unmatched_event",
    `the event ${event.id} (${event.source} ${event.type}) starts no workflow; they listen to: ${known.join(", ") || "nothing"}`,
    { event: event.id, source: event.source, type: event.type },
  );
}

async function expected(platform: Platform, program: Program, event: EventOf): Promise<Accepted> {
  const start = startOf(program, event, platform);
  return { execution: printExecution(start), started: !(await platform.log.header(start)) };
}

/** Of a workflow without its code: its graph checks the event, and names the execution unless the trigger has a key. */
async function expectedUnseen(
  platform: Platform,
  { workflow, hash }: { readonly workflow: string; readonly hash: string | undefined },
  event: EventOf,
): Promise<Accepted> {
  const graph = hash === undefined ? undefined : await platform.log.graph(hash);
  if (!graph?.trigger) return { execution: workflow, started: true };
  const program = storedProgram(hash ?? "", graph);
  if (graph.trigger.id === undefined) return expected(platform, program, event);
  startOf(program, { ...event, id: "some" }, platform); // the event's own id plays no part
  return { execution: workflow, started: true };
}
