/** How long an attempt may take, as a node or a single visit of it says. */
import type { AttemptOptions } from "../contracts.ts";
import type { NodeSpec } from "../graph.ts";
import type { Problems } from "./problems.ts";

/** A Lambda ends at 15 minutes; the last one is for settling. */
const LONGEST_TIMEOUT_MS = 14 * 60_000;

/** @param node what holds where the options say nothing */
export function attemptOf(
  problems: Problems,
  path: string,
  { timeout, heartbeat }: AttemptOptions,
  node?: Pick<NodeSpec, "timeoutMs" | "heartbeatMs">,
): Partial<Pick<NodeSpec, "timeoutMs" | "heartbeatMs">> {
  const timeoutMs = timeout === undefined ? undefined : problems.duration(path, "timeout", timeout);
  const heartbeatMs = heartbeat === undefined ? undefined : problems.duration(path, "heartbeat", heartbeat);
  if (timeoutMs !== undefined && timeoutMs > LONGEST_TIMEOUT_MS)
    problems.add(path, `timeout '${timeout}' is above 14 minutes: split the node`);
  const silent = heartbeatMs ?? node?.heartbeatMs;
  const whole = timeoutMs ?? node?.timeoutMs;
  if ((heartbeat ?? timeout) !== undefined && silent !== undefined && whole !== undefined && silent >= whole)
    problems.add(
      path,
      `heartbeat is ${silent / 1000} s and has to be shorter than timeout, which is ${whole / 1000} s`,
    );
  return { ...(timeoutMs !== undefined && { timeoutMs }), ...(heartbeatMs !== undefined && { heartbeatMs }) };
}
