/** What goes wrong, as Amazon States Language names it: an error output, `{ Error, Cause }`, and who catches it. */
import type { Dialect } from "../model/expression.ts";
import type { Json } from "../model/json.ts";

type StepError = Parameters<Dialect["nameError"]>[0];
export interface ErrorOutput {
  readonly Error?: string;
  readonly Cause?: string;
}

/** The engine's own codes. All others are the name of an error. */
const NAMES: Readonly<Record<string, string>> = {
  timeout: "States.Timeout",
  heartbeat_timeout: "States.HeartbeatTimeout",
  crashed: "Lambda.Unknown",
  payload_too_large: "States.DataLimitExceeded",
  too_many_failures: "States.ExceedToleratedFailureThreshold",
  slot_failed: "States.Runtime",
  loop_limit: "States.Runtime",
};

/** Once: what it has named already it leaves as it is. */
export function nameError(error: StepError): StepError {
  if (errorOutputOf(error)) return error;
  const data = outputOf(error);
  return { ...error, code: data.Error ?? "", message: data.Cause ?? "", data: { ...data } };
}

/** Undefined: it is not named yet. */
export function errorOutputOf({ code, data }: Pick<StepError, "code" | "data">): ErrorOutput | undefined {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return undefined;
  const { Error: name = "", Cause: cause = "", ...more } = data as Readonly<Record<string, Json>>;
  const isNamed = name === code && typeof cause === "string" && Object.keys(more).length === 0;
  return isNamed ? (data as ErrorOutput) : undefined;
}

function outputOf({ code, message, data }: StepError): ErrorOutput {
  const known = NAMES[code];
  if (known !== undefined || code.startsWith("States.")) return { Error: known ?? code, Cause: message };
  // Of a function: as Lambda tells of it.
  const thrown = code === "handler_failed" ? (data as { name: string; message: string } | undefined) : undefined;
  const errorType = code === "handler_failed" ? (thrown?.name ?? "Error") : code;
  return { Error: errorType, Cause: JSON.stringify({ errorMessage: thrown?.message ?? message, errorType }) };
}

/** "Error names": nothing stands for `States.Runtime`, nor does its own name. */
export const matches: Dialect["matches"] = (codes, { code }) => {
  if (code === "States.Runtime") return false;
  const isTimeout = code === "States.Timeout" || code === "States.HeartbeatTimeout";
  return codes.some((name) => {
    if (name === "States.ALL") return true;
    if (name === "States.TaskFailed") return !isTimeout;
    if (name === "States.Timeout") return isTimeout;
    return name === code;
  });
};
