/** What a demo comes to: a row per workflow, and where an execution did not end as its sample says. Pure. */
import type { ExecutionView } from "../engine/inspect.ts";
import type { Expected } from "./demo-samples.ts";
import { printTable, right } from "./print.ts";

export interface Row {
  readonly workflow: string;
  readonly executions: number;
  readonly succeeded: number;
  readonly failedAsExpected: number;
  readonly unexpected: number;
  /** From start to end. Undefined: none has ended. */
  readonly p50Ms: number | undefined;
  readonly stepsPerSecond: number;
}

/** An execution that no sample speaks of was started by another one's event, and must succeed. */
const SUCCEEDS: Expected = { status: "succeeded" };

export function rowsOf(views: readonly ExecutionView[], expected: ReadonlyMap<string, Expected>): readonly Row[] {
  const names = [...new Set(views.map(({ workflow }) => workflow))].sort();
  const rows = names.map((name) => rowOf(name, views.filter(({ workflow }) => workflow === name), expected));
  return names.length > 1 ? [...rows, rowOf("all", views, expected)] : rows;
}

/** One line for each difference. */
export function differencesOf(
  views: readonly ExecutionView[],
  expected: ReadonlyMap<string, Expected>,
): readonly string[] {
  const seen = new Set(views.map(({ execution }) => execution));
  const missing = [...expected.keys()].filter((execution) => !seen.has(execution));
  return [
    ...views.flatMap((view) => {
      const wanted = expected.get(view.execution) ?? SUCCEEDS;
      if (isAsExpected(view, wanted)) return [];
      const error = view.error ? ` (${view.error.path}: ${view.error.message})` : "";
      return [`${view.execution} ${printEnd(view.status, view.error?.code)} instead of ${printEnd(wanted.status, wanted.code)}${error}`];
    }),
    ...missing.map((execution) => `${execution} is not there`),
  ];
}

export function printReport(rows: readonly Row[]): string {
  const head = ["workflow", "executions", "succeeded", "failed as expected", "unexpected", "p50", "steps per second"];
  return printTable(
    head,
    rows.map((row) => [
      row.workflow,
      right(row.executions),
      right(row.succeeded),
      right(row.failedAsExpected),
      right(row.unexpected),
      right(row.p50Ms === undefined ? "" : `${Math.round(row.p50Ms)} ms`),
      right(Math.round(row.stepsPerSecond)),
    ]),
  );
}

const printEnd = (status: string, code: string | undefined): string =>
  status === "failed" ? `failed with ${code ?? "any code"}` : status;

function isAsExpected({ status, error }: ExecutionView, wanted: Expected): boolean {
  return status === wanted.status && (wanted.code === undefined || error?.code === wanted.code);
}

function rowOf(workflow: string, views: readonly ExecutionView[], expected: ReadonlyMap<string, Expected>): Row {
  const good = views.filter((view) => isAsExpected(view, expected.get(view.execution) ?? SUCCEEDS));
  const ended = views.flatMap(({ startedAt, endedAt }) =>
    endedAt === null ? [] : [{ from: Date.parse(startedAt), to: Date.parse(endedAt) }],
  );
  const steps = views.flatMap((view) => view.steps.filter(({ node, endedAt }) => node !== null && endedAt !== null));
  const spanMs = Math.max(...ended.map(({ to }) => to)) - Math.min(...ended.map(({ from }) => from));
  return {
    workflow,
    executions: views.length,
    succeeded: good.filter(({ status }) => status === "succeeded").length,
    failedAsExpected: good.filter(({ status }) => status === "failed").length,
    unexpected: views.length - good.length,
    p50Ms: median(ended.map(({ from, to }) => to - from)),
    stepsPerSecond: ended.length === 0 ? 0 : steps.length / (Math.max(1, spanMs) / 1000),
  };
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
