/** Executions as a step log alone tells of them, for whoever reads it without an engine. */
import { type ExecutionName, printExecution } from "../contract/ids.ts";
import { type ExecutionView, readView } from "../engine/inspect.ts";
import { type MapOutputs, type OutputsQuery, readOutputs } from "../engine/map-outputs.ts";
import { unknownExecution } from "../engine/requests.ts";
import { type ExecutionSummary, summaryOf } from "../engine/summary.ts";
import type { Header } from "../kernel/record.ts";
import type { ExecutionQuery, StepLog } from "../ports/step-log.ts";

/** @throws PawlError `unknown_execution` */
export async function viewExecution(
  log: Pick<StepLog, "header" | "read" | "list" | "graph">,
  name: ExecutionName,
): Promise<ExecutionView> {
  const header = await log.header(name);
  if (!header) throw unknownExecution(printExecution(name));
  return readView(log, header, await log.graph(header.graph));
}

/** @throws PawlError `unknown_execution`, `usage` */
export async function viewOutputs(
  log: Pick<StepLog, "header" | "read" | "graph">,
  name: ExecutionName,
  query: OutputsQuery,
): Promise<MapOutputs> {
  const header = await log.header(name);
  if (!header) throw unknownExecution(printExecution(name));
  return readOutputs(log, { header, graph: await log.graph(header.graph) }, query);
}

export interface LogPage {
  readonly executions: readonly ExecutionSummary[];
  /** Where the next page begins; undefined: there is none. */
  readonly last: Header | undefined;
}

/** Those that started from the one moment on, and before the other. */
export interface Listed extends ExecutionQuery {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

export async function viewExecutions(
  log: Pick<StepLog, "executions">,
  { sinceMs = 0, untilMs, ...query }: Listed,
): Promise<LogPage> {
  const { limit } = query;
  const before = earlier(query.before, untilMs);
  // One more, to know whether there is a next page. The newest come first: what is too old is at the end.
  const all = await log.executions({ ...query, ...(before && { before }), limit: limit + 1 });
  const headers = all.filter(({ startedAtMs }) => startedAtMs >= sinceMs);
  const page = headers.slice(0, limit);
  return { executions: page.map(summaryOf), last: headers.length > limit ? page.at(-1) : undefined };
}

/** No execution's name sorts before the empty one: what started in that very millisecond is left out. */
function earlier(cursor: ExecutionQuery["before"], untilMs: number | undefined): ExecutionQuery["before"] {
  if (untilMs === undefined || (cursor && cursor.startedAtMs < untilMs)) return cursor;
  return { startedAtMs: untilMs, execution: "" };
}
