import { type ErrorCode, isPawlError } from "../errors.ts";

/** What a command's exit code says. */
export const EXIT = { done: 0, failed: 1, usage: 2, stillRunning: 3 } as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  unmatched_event: EXIT.failed,
  still_running: EXIT.stillRunning,
  engine_stopped: EXIT.stillRunning,
};

/** Whatever is not about how an execution stands is 2: a script can rely on 1 and 3. */
export function exitCodeOf(error: unknown): number {
  return (isPawlError(error) ? BY_CODE[error.code] : undefined) ?? EXIT.usage;
}
