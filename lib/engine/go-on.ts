/** What records at rest lead to: dispatched by whoever finds them, as often as they are found. */
import { type Decision, type DecisionRecord, decideKey, type LogRecord, type StepRecord } from "../kernel/record.ts";
import type { Json } from "../model/json.ts";
import { type Invocation, notWhole, WHOLE, type Whole } from "./context.ts";

/** A settled step or a decision: what it recorded is dispatched again, for nobody knows how far its holder came. */
export function walkOn(inv: Invocation, key: string, record: StepRecord | DecisionRecord): Promise<Whole> {
  inv.atRest.set(key, record);
  return inv.dispatch(inv, record.next ?? [], true);
}

/** The fence is lost. Unless the step has settled, a newer holder may live on this very message: never acknowledge. */
export async function fenced(inv: Invocation, key: string, record: StepRecord | undefined): Promise<Whole> {
  if (record?.status === "settled") return walkOn(inv, key, record);
  return notWhole((record?.leaseUntilMs ?? 0) - inv.context.clock.now());
}

/** What this invocation has seen at rest stays so; anything else is looked for. */
export const atRestOr = async (inv: Invocation, key: string): Promise<LogRecord | undefined> =>
  inv.atRest.get(key) ?? inv.log.read(inv.execution, key);

export interface Made extends Decision {
  readonly output?: Json;
}

/** Writes the decision if there is none, reads back the winner's, dispatches that. */
export async function goOn(inv: Invocation, key: string, make: () => Promise<Made>): Promise<Whole> {
  const { log } = inv;
  if (inv.seen.has(key)) return WHOLE;
  inv.seen.add(key);
  const standing = await atRestOr(inv, key);
  if (standing?.kind === "decision") return walkOn(inv, key, standing);
  const made = { kind: "decision", ...(await make()), atMs: inv.context.clock.now() } as const;
  const { record, mine } = await log.decide(inv.execution, key, made);
  inv.atRest.set(key, record);
  return inv.dispatch(inv, record.next, !mine);
}

export const goOnAt = (inv: Invocation, path: string, make: (key: string) => Promise<Made>): Promise<Whole> =>
  goOn(inv, decideKey(path), () => make(decideKey(path)));
