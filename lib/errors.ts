/**
 * Every error that Pawl raises has a code with a page in `docs/errors.md`, and a message that says what happened, the
 * value, and what to do. Codes are part of the public face: they are never renamed.
 */
export type ErrorCode =
  | "invalid_workflow"
  | "invalid_definition"
  | "unknown_workflow"
  | "unknown_execution"
  | "invalid_input"
  | "invalid_event"
  | "invalid_json"
  | "invalid_id"
  | "invalid_envelope"
  | "invalid_status"
  | "invalid_redrive"
  | "invalid_fork"
  | "unknown_signal"
  | "invalid_signal"
  | "invalid_transaction"
  | "unmatched_event"
  | "callback_malformed"
  | "callback_forged"
  | "callback_expired"
  | "callback_used"
  | "callback_too_late"
  | "answer_refused"
  | "payload_too_large"
  | "incompatible_version"
  | "handlers_mismatch"
  | "invalid_handler"
  | "build_failed"
  | "data_folder_in_use"
  | "data_folder_damaged"
  | "data_folder_unwritable"
  | "storage_failed"
  | "engine_not_running"
  | "platform_unreachable"
  | "engine_stopped"
  | "still_running"
  | "invariant_broken"
  | "internal_error"
  | "usage";

/** Codes that the engine gives a step, a state or an execution that failed; declared ones begin with a capital letter. */
export const STEP_CODES = [
  "timeout",
  "heartbeat_timeout",
  "crashed",
  "invalid_input",
  "invalid_output",
  "payload_too_large",
  "handler_failed",
  "slot_failed",
  "transaction_unmet",
  "invalid_transaction",
  "loop_limit",
  "too_many_failures",
  "cancelled",
] as const;
export type StepCode = (typeof STEP_CODES)[number];
export const isStepCode = (code: string): code is StepCode => (STEP_CODES as readonly string[]).includes(code);

export class PawlError extends Error {
  readonly code: ErrorCode;
  /** Whatever a program needs to react: names, limits, paths. Never the payload itself. */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, detail: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "PawlError";
    this.code = code;
    this.detail = detail;
  }
}

/** A process boundary (HTTP, a child process) keeps the shape but not the class. */
export function isPawlError(error: unknown): error is PawlError {
  return error instanceof Error && error.name === "PawlError" && typeof (error as Partial<PawlError>).code === "string";
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
