/** Errors as HTTP tells them: each code has a status, and a refusal of the API's own brings one along. */
import type { Context } from "hono";
import { type ErrorCode, isPawlError, messageOf, PawlError } from "../errors.ts";

type ErrorStatus = 400 | 403 | 404 | 409 | 413 | 415 | 500 | 503;
class Refusal extends PawlError {
  readonly status: ErrorStatus;
  constructor(status: ErrorStatus, message: string) {
    super("usage", message);
    this.status = status;
  }
}

export const refused = (status: ErrorStatus, message: string): Refusal => new Refusal(status, message);

const STATUS_OF: Partial<Record<ErrorCode, ErrorStatus>> = {
  invalid_input: 400,
  invalid_event: 400,
  invalid_json: 400,
  invalid_id: 400,
  invalid_signal: 400,
  usage: 400,
  unknown_workflow: 404,
  unknown_execution: 404,
  unknown_signal: 404,
  unmatched_event: 404,
  invalid_workflow: 409,
  invalid_status: 409,
  invalid_redrive: 409,
  invalid_fork: 409,
  payload_too_large: 413,
  storage_failed: 503,
  engine_stopped: 503,
};

export function answerError(c: Context, error: unknown): Response {
  const { status, body } = errorBody(error);
  return c.json(body, status);
}

export function errorBody(error: unknown) {
  if (!isPawlError(error)) {
    const text = `the engine did not expect this: ${messageOf(error)}`;
    const code: ErrorCode = "internal_error";
    return { status: 500 as const, body: { error: { code, message: text, detail: {} } } };
  }
  const { code, message, detail } = error;
  const status = error instanceof Refusal ? error.status : (STATUS_OF[code] ?? 500);
  return { status, body: { error: { code, message, detail } } };
}
