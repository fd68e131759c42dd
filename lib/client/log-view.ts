/** Executions as a step log alone tells of them, for whoever reads it without an engine. */
import { type ExecutionName, printExecution } from "../contract/ids.ts";
import { type ExecutionView, readView } from "../engine/inspect.ts";
import { unknownExecution } from "../engine/requests.ts";
import type { Header } from "../kernel/record.ts";
import type { ExecutionQuery, StepLog } from "../ports/step-log.ts";
import type { ExecutionSummary } from "./types.ts";

/** @throws PawlError `unknown_execution` */
export async function viewExecution(
  log: Pick<StepLog, "header" | "read" | "list" | "graph">,
  name: ExecutionName,
): Promise<ExecutionView> {
  const header = await log.header(name);
  if (!header) throw unknownExecution(printExecution(name));
  return readView(log, header, await log.graph(header.graph));
}

export interface LogPage {
  readonly executions: readonly ExecutionSummary[];
  /** Where the next page begins; undefined: there is none. */
  readonly last: Header | undefined;
}

export async function viewExecutions(log: Pick<StepLog, "executions">, query: ExecutionQuery): Promise<LogPage> {
  const { limit } = query;
  // One more, to know whether there is a next page.
  const headers = await log.executions({ ...query, limit: limit + 1 });
  const page = headers.slice(0, limit);
  return { executions: page.map(summaryOf), last: headers.length > limit ? page.at(-1) : undefined };
}

const summaryOf = (header: Header): ExecutionSummary => ({
  execution: printExecution(header),
  workflow: header.workflow,
  status: header.status,
  error: header.error ?? null,
  startedAt: new Date(header.startedAtMs).toISOString(),
  endedAt: header.endedAtMs === undefined ? null : new Date(header.endedAtMs).toISOString(),
});
