/** A fork as it is asked for: looked at against the log of the execution that is forked, before anything is sent. */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { checkExecutionId, printExecution } from "../contract/ids.ts";
import { tooLarge } from "../contract/limits.ts";
import { PawlError } from "../errors.ts";
import { locate } from "../kernel/address.ts";
import { planFork } from "../kernel/fork.ts";
import type { Header, TriggerNote } from "../kernel/record.ts";
import type { Json } from "../model/json.ts";
import type { Program } from "../model/program.ts";
import type { Asked } from "./asked.ts";
import { problemOf } from "./decide.ts";
import { earlierIn, generationOf } from "./generation-log.ts";

/** A new execution from a step of another one: what was done before and beside the step stands there as well. */
export interface ForkRequest {
  readonly kind: "fork";
  /** The path of a step that has settled. */
  readonly from: string;
  /** Of the new execution. */
  readonly id: string;
  /** For the step, in place of what its mapping gives. */
  readonly input?: Json | undefined;
}

/** @throws PawlError `invalid_fork`, `invalid_id`, `invalid_input`, `payload_too_large`; undefined: it is there already */
export async function forkMessage(
  asked: Asked,
  header: Header,
  { from, id, input }: ForkRequest,
): Promise<EnvelopeOf<"fork"> | undefined> {
  const { log, payloadBytes } = asked;
  const { workflow, graph, epoch } = header;
  const name = { workflow, id: checkExecutionId(id) };
  const source = printExecution(header);
  const refuse = (why: string) =>
    new PawlError("invalid_fork", `${source} cannot be forked: ${why}`, { execution: source, from, id });
  const standing = await log.header(name);
  if (standing && isFork(standing, { execution: source, path: from, epoch })) return undefined;
  if (standing) throw refuse(`there is an execution ${printExecution(name)} already, give the fork another id`);
  const size = input !== undefined && tooLarge("the input", input, payloadBytes);
  if (size) throw new PawlError("payload_too_large", size);
  const generation = await generationOf(log, header, epoch);
  const all = await log.list(header);
  const planned = planFork(generation.view(all), { from, input, atMs: 0 }, earlierIn(generation, all));
  if (planned.kind === "refused") throw refuse(planned.why);
  if (input !== undefined) checkInput(await asked.programOf?.(header), from, input);
  const of = { v: 1 as const, workflow, id, graph, source: { id: header.id, epoch }, from };
  return { kind: "fork", ...of, ...(input !== undefined && { input }) };
}

/** Whether it was forked there. */
export const isFork = (
  { trigger }: Pick<Header, "trigger">,
  of: Omit<Extract<TriggerNote, { kind: "fork" }>, "kind">,
): boolean =>
  trigger.kind === "fork" &&
  trigger.execution === of.execution &&
  trigger.path === of.path &&
  trigger.epoch === of.epoch;

/** Of a step that is to be done over, where the code is at hand. @throws PawlError `invalid_input` */
export function checkInput(program: Program | undefined, from: string, input: Json): void {
  const state = program && locate(program.graph, from)?.state;
  const node = state?.kind === "task" ? program?.nodes[state.node] : undefined;
  const problem = node && problemOf(node.input, input);
  if (problem) throw new PawlError("invalid_input", `the input of '${from}' breaks its schema: ${problem}`, { from });
}
