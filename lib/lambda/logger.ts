/**
 * The lines that a function writes, as JSON by Powertools for AWS Lambda. Every line about a step has execution, path
 * and attempt. Payloads are never in one: neither what a step takes and gives, nor the text of what a handler threw,
 * which stands in the step log. What a handler hands to `step.log` is its own.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import type { Envelope } from "../contract/envelope.ts";
import { printExecution } from "../contract/ids.ts";
import { isPawlError, messageOf } from "../errors.ts";

/** What a line is about. */
export type About = Readonly<Record<string, unknown>>;

export interface Lines {
  info(message: string, about: About): void;
  warn(message: string, about: About): void;
  error(message: string, about: About): void;
}

/** @param queue `order.charge`: the function's queue, which is what the line calls the service */
export const newLogger = (queue: string): Logger => new Logger({ serviceName: queue });

export function aboutEnvelope(envelope: Envelope): About {
  if (envelope.kind === "event") return { event: envelope.event.id };
  if (envelope.kind === "tick") return { due: envelope.time };
  const execution = printExecution(envelope);
  return envelope.kind === "step" ? { execution, path: envelope.path, attempt: envelope.attempt } : { execution };
}

/** An error without what hangs on it: the SDK's hold requests, and a refused write's the item that stands there. */
export function aboutError(error: unknown): About {
  const { name, stack } = error instanceof Error ? error : { name: typeof error, stack: undefined };
  return { errorName: isPawlError(error) ? error.code : name, errorMessage: messageOf(error), stack };
}

/** Of what is wrong with a payload, the code alone: the dead letter has the rest. */
export const aboutReason = (reason: string): About => ({
  reason: /^(invalid_\w+|payload_too_large): /.exec(reason)?.[1] ?? reason,
});
