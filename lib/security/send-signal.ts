/** A signal on its way to an execution: a message to its control queue, at least once, under an id that makes it once. */
import { controlQueue } from "../contract/ids.ts";
import type { Header } from "../kernel/record.ts";
import type { StepLog } from "../ports/step-log.ts";
import type { Transport } from "../ports/transport.ts";
import type { SentSignal } from "./receive-callback.ts";

export async function sendSignal(
  { log, transport }: { readonly log: Pick<StepLog, "sync">; readonly transport: Transport },
  { workflow, id }: Header,
  { signal, id: signalId, data }: SentSignal,
): Promise<void> {
  const envelope = { kind: "signal" as const, v: 1 as const, workflow, id, signal, signalId, data };
  await transport.send([{ queue: controlQueue(workflow), envelope }]);
  await log.sync();
}
