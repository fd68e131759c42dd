/** The end of an execution frees the key that it ran for: `triggers.ts` has what follows. */
import { controlQueue, type Execution } from "../contract/ids.ts";
import type { WhenRunning } from "../kernel/occupancy.ts";
import { type Header, hasEnded, type TriggerNote } from "../kernel/record.ts";
import type { Graph } from "../model/graph.ts";
import type { Program } from "../model/program.ts";
import type { Context } from "./context.ts";

/** Tells that an execution has ended, if it ran for a key. Told again, it does no harm. */
export async function tellFreed({ transport }: Pick<Context, "transport">, header: Header): Promise<void> {
  if (keyOf(header.trigger) === undefined || !hasEnded(header)) return;
  const { workflow, id } = header;
  await transport.send([{ queue: controlQueue(workflow), envelope: { kind: "freed", v: 1, workflow, id } }]);
}

/** The same, where it may have been told before: by a worker that died over it. */
export async function tellFreedAgain(context: Pick<Context, "transport" | "log">, of: EndedExecution): Promise<void> {
  if (whenRunningOf(of.program.graph) === undefined) return;
  const header = await context.log.header(of.execution);
  if (header) await tellFreed(context, header);
}
interface EndedExecution {
  readonly execution: Execution;
  readonly program: Program;
}

export const keyOf = (trigger: TriggerNote): string | undefined =>
  trigger.kind === "direct" ? undefined : trigger.key;

/** What a second event does while an execution runs for its key; undefined: a key is an id, if there is one. */
export const whenRunningOf = ({ trigger, schedule }: Graph): WhenRunning | undefined =>
  schedule ? (schedule.overlap ? undefined : "ignore") : trigger?.whenRunning;
