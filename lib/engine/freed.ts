/** The end of an execution frees the key that it ran for: `triggers.ts` has what follows. */
import { controlQueue } from "../contract/ids.ts";
import type { WhenRunning } from "../kernel/occupancy.ts";
import { type Header, hasEnded, type TriggerNote } from "../kernel/record.ts";
import type { Graph } from "../model/graph.ts";
import type { Context } from "./context.ts";

/** Tells that an execution has ended, if it ran for a key. Told again, it does no harm. */
export async function tellFreed({ transport }: Pick<Context, "transport">, header: Header): Promise<void> {
  if (keyOf(header.trigger) === undefined || !hasEnded(header)) return;
  const { workflow, id } = header;
  await transport.send([{ queue: controlQueue(workflow), envelope: { kind: "freed", v: 1, workflow, id } }]);
}

export const keyOf = (trigger: TriggerNote): string | undefined => ("key" in trigger ? trigger.key : undefined);

/** What a second event does while an execution runs for its key; undefined: a key is an id, if there is one. */
export const whenRunningOf = ({ trigger, schedule }: Graph): WhenRunning | undefined =>
  schedule ? (schedule.overlap ? undefined : "ignore") : trigger?.whenRunning;
