import type { ExecutionSummary } from "../client/index.ts";
import { printStatus, printTable, printTime, printTook, printWhere, right } from "./print.ts";

/** A line for each execution. */
export function printSummaries(executions: readonly ExecutionSummary[]): string {
  const rows = executions.map(({ execution, status, error, startedAt, endedAt }) => [
    execution,
    printStatus(status),
    printTime(startedAt),
    right(printTook(startedAt, endedAt)),
    error ? printWhere(error) : "",
  ]);
  return printTable(["execution", "status", "started", "took", "error"], rows);
}
