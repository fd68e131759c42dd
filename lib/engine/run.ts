/** What a step comes to: what its handler gives, or what an earlier generation has that still holds. */
import { printExecution } from "../contract/ids.ts";
import { tooLarge } from "../contract/limits.ts";
import { undoneBy } from "../kernel/address.ts";
import { hasEnded, type StepRecord, stepKey } from "../kernel/record.ts";
import type { NodeSpec } from "../model/graph.ts";
import { servedBy } from "../model/program.ts";
import type { Beat, HandlerOutcome, Remember } from "../ports/handlers.ts";
import { isLeft } from "./closing.ts";
import { AFTER_ATTEMPT_MS, type Invocation } from "./context.ts";
import { attemptSeconds, payloadBytesOf, taskInput } from "./decide.ts";
import type { Attempted } from "./setback.ts";

type Memo = StepRecord["memo"];

export async function outcomeOfStep(inv: Invocation, of: Attempted, memo: Memo): Promise<HandlerOutcome> {
  const { clock, handlers } = inv.context;
  const { path } = of.visit;
  const earlier = await earlierOf(inv, path);
  if (earlier.output !== undefined) return { kind: "output", output: earlier.output };
  const input = await taskInput(inv, of.visit);
  if (input.kind === "threw") {
    const { code = "slot_failed", message } = input;
    return { kind: "error", code, message, final: true };
  }
  const times = await attemptSeconds(inv, of.visit);
  if (times?.kind === "threw")
    return { kind: "error", code: times.code ?? "slot_failed", message: times.message, final: true };
  const { timeout, heartbeat } = (times?.value ?? {}) as Readonly<Record<string, number | undefined>>;
  const shorter = (ms: number | undefined, seconds: number | undefined) =>
    seconds === undefined ? ms : Math.min(ms ?? Number.POSITIVE_INFINITY, seconds * 1000);
  const timeoutMs = shorter(of.node.timeoutMs, timeout) ?? 0;
  const heartbeatMs = shorter(of.node.heartbeatMs, heartbeat);
  const remembered = { ...earlier.memo, ...memo };
  const epoch = inv.generation.effectEpoch(stepKey(path));
  const undone = undoneBy(path);
  const undoes = undone !== undefined && { path: undone, epoch: inv.generation.effectEpoch(stepKey(undone)) };
  const call = {
    workflow: inv.execution.workflow,
    node: servedBy(inv.program, of.node.name),
    input: input.value,
    step: { execution: printExecution(inv.execution), path, attempt: of.attempt, epoch, ...(undoes && { undoes }) },
    outputBytes: payloadBytesOf(inv),
    timeoutMs: Math.max(1, Math.min(timeoutMs, inv.deadlineMs - AFTER_ATTEMPT_MS - clock.now())),
    ...(heartbeatMs !== undefined && { heartbeatMs }),
    ...(Object.keys(remembered).length > 0 && { memo: remembered }),
  };
  return handlers.run(call, rememberFor(inv, of), beatFor(inv, of));
}

/** How long a claim holds: until the attempt is over, or until another beat is long due. */
export const leaseOf = ({ timeoutMs, heartbeatMs = timeoutMs }: NodeSpec): number =>
  // A third of it may pass between two beats before the second is told of.
  Math.min(timeoutMs, (heartbeatMs * 4) / 3) + AFTER_ATTEMPT_MS;

function beatFor(inv: Invocation, { visit: { path }, node, holder }: Attempted): Beat {
  const { clock, log } = inv.context;
  const renewed = async (fence: number): Promise<void> => {
    const renewal = { fence, leaseUntilMs: clock.now() + leaseOf(node) };
    const written = await inv.log.renew(inv.execution, path, renewal);
    if (written.kind === "refused") throw new Error(`the attempt at ${path} has lost its step to another`);
  };
  return async () => {
    const undoes = undoneBy(path) !== undefined;
    const [header, left] = await Promise.all([
      log.glance(inv.execution),
      !undoes && isLeft(inv, path),
      holder === "repeatable" ? undefined : renewed(holder),
    ]);
    const { epoch } = inv.generation;
    const ending = header && (header.epoch !== epoch || header.status === "stopping" || hasEnded(header));
    return !undoes && (ending || left) ? "stop" : "go on";
  };
}

/** On disk before the handler goes on. */
function rememberFor(inv: Invocation, { visit, node, holder, startedAtMs }: Attempted): Remember {
  const payloadBytes = payloadBytesOf(inv);
  return async (name, value) => {
    const size = tooLarge(`what is remembered as '${name}'`, value, payloadBytes);
    if (size) throw new Error(size);
    const memo = { node: node.name, holder, startedAtMs, name, value };
    const written = await inv.log.remember(inv.execution, visit.path, memo);
    if (written.kind === "refused") throw new Error(`the attempt at ${visit.path} has lost its step to another`);
    await inv.log.sync();
  };
}

/** An output whose decision came to a failure stands, and so does what a failed attempt has remembered. */
async function earlierOf(inv: Invocation, path: string): Promise<Pick<StepRecord, "output" | "memo">> {
  let memo: Memo = {};
  for (const place of inv.generation.earlierPlaces(stepKey(path))) {
    const record = await inv.context.log.read(inv.execution, place);
    if (record?.kind !== "step") continue;
    if (record.output !== undefined) return { output: record.output };
    memo = { ...record.memo, ...memo };
  }
  return { memo };
}
