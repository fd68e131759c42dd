/** An execution in a line, as its header alone tells of it. */
import { printExecution } from "../contract/ids.ts";
import type { ExecutionStatus, Header, StepError } from "../kernel/record.ts";

export interface ExecutionSummary {
  readonly execution: string;
  readonly workflow: string;
  readonly status: ExecutionStatus;
  /** Of a stuck one, what could not be undone. */
  readonly error: StepError | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

export const summaryOf = (header: Header): ExecutionSummary => ({
  execution: printExecution(header),
  workflow: header.workflow,
  status: header.status,
  error: whyOf(header) ?? null,
  startedAt: new Date(header.startedAtMs).toISOString(),
  endedAt: header.endedAtMs === undefined ? null : new Date(header.endedAtMs).toISOString(),
});

/** Why it did not succeed. */
export const whyOf = ({ status, error, stuck }: Header): StepError | undefined => (status === "stuck" ? stuck : error);
