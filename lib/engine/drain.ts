/**
 * Ending early, in phases that the log holds: *stopping* on the header; the drain, which closes the frontier until
 * nothing is open; what was done is undone; then the end. Worked out from the log alone, so it holds whatever is still in
 * a queue.
 */
import { printExecution } from "../contract/ids.ts";
import { type DecisionRecord, START_KEY, undoKey } from "../kernel/record.ts";
import { lookAgainMs } from "../kernel/retry.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { closeOpen } from "./close-open.ts";
import { type Invocation, outcomeOf } from "./context.ts";
import { tellEnd } from "./ends.ts";
import { undo } from "./undoing.ts";

/** Between two looks at a running step that the execution waits for. */
const LONGEST_PAUSE_MS = 20_000;

export async function drain(inv: Invocation, delivery: Delivery): Promise<Outcome> {
  const { log, context } = inv;
  const header = await log.header(inv.execution);
  if (header?.epoch !== inv.generation.epoch) return { kind: "acknowledge" };
  if (header.status !== "stopping") {
    await tellEnd(inv, header);
    return { kind: "acknowledge" };
  }
  // What they give is not waited for longer than they take: the drain closes what it finds open.
  context.handlers.abort(printExecution(inv.execution), "");
  // Without a redrive, the start stands before the header does.
  if (header.epoch > 0) await bar(inv, START_KEY);
  if (header.keep) await bar(inv, undoKey(""));
  const open = await closeOpen(inv, "", header.keep);
  if (open === "held") return { kind: "putOff", delayMs: lookAgainMs(delivery.receives, LONGEST_PAUSE_MS) };
  const follows = { kind: "end" } as const;
  const undone = header.keep ? undefined : await undo(inv, { scope: "", follows });
  return outcomeOf(undone ?? (await inv.dispatch(inv, [follows], true)));
}

/** Whoever is about to decide this comes too late. */
async function bar(inv: Invocation, key: string): Promise<void> {
  const { log, context } = inv;
  if (await log.read(inv.execution, key)) return;
  const nothing: DecisionRecord = { kind: "decision", next: [], closed: true, atMs: context.clock.now() };
  await log.decide(inv.execution, key, nothing);
}
