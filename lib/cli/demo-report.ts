/** What a demo comes to: a row per workflow, and where an execution did not end as its sample says. Pure. */
import type { ExecutionView } from "../engine/inspect.ts";
import type { Expected } from "./demo-samples.ts";
import { printTable, right } from "./print.ts";

/** The samples once, on a data folder of their own. */
export interface Round {
  readonly views: readonly ExecutionView[];
  /** By execution. */
  readonly expected: ReadonlyMap<string, Expected>;
  /** What went wrong besides executions that ended in another way. */
  readonly problems: readonly string[];
  readonly interrupted: boolean;
}

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

export function rowsOf(rounds: readonly Round[]): readonly Row[] {
  const names = [...new Set(rounds.flatMap(({ views }) => views.map(({ workflow }) => workflow)))].sort();
  const only = (name: string) =>
    rounds.map((round) => ({ ...round, views: round.views.filter(({ workflow }) => workflow === name) }));
  const rows = names.map((name) => rowOf(name, only(name)));
  return names.length > 1 ? [...rows, rowOf("all", rounds)] : rows;
}

/** One line for each difference. */
export function differencesOf({ views, expected, problems }: Round): readonly string[] {
  const seen = new Set(views.map(({ execution }) => execution));
  const missing = [...expected.keys()].filter((execution) => !seen.has(execution));
  return [
    ...views.flatMap((view) => {
      const wanted = expected.get(view.execution) ?? SUCCEEDS;
      if (isAsExpected(view, wanted)) return [];
      const error = view.error ? ` (${view.error.path}: ${view.error.message})` : "";
      return [
        `${view.execution} ${printEnd(view.status, view.error?.code)} instead of ${printEnd(wanted.status, wanted.code)}${error}`,
      ];
    }),
    ...missing.map((execution) => `${execution} is not there`),
    ...problems,
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

function rowOf(workflow: string, rounds: readonly Round[]): Row {
  const views = rounds.flatMap((round) => round.views);
  const good = rounds.flatMap(({ views, expected }) =>
    views.filter((view) => isAsExpected(view, expected.get(view.execution) ?? SUCCEEDS)),
  );
  const times = rounds.map((round) => round.views.flatMap(timesOf));
  const steps = views.flatMap((view) => view.steps.filter(({ node, endedAt }) => node !== null && endedAt !== null));
  const spanMs = times.reduce((sum, round) => sum + spanMsOf(round), 0);
  return {
    workflow,
    executions: views.length,
    succeeded: good.filter(({ status }) => status === "succeeded").length,
    failedAsExpected: good.filter(({ status }) => status === "failed").length,
    unexpected: views.length - good.length,
    p50Ms: median(times.flat().map(({ from, to }) => to - from)),
    stepsPerSecond: spanMs === 0 ? 0 : steps.length / (spanMs / 1000),
  };
}

interface Times {
  readonly from: number;
  readonly to: number;
}
const timesOf = ({ startedAt, endedAt }: ExecutionView): readonly Times[] =>
  endedAt === null ? [] : [{ from: Date.parse(startedAt), to: Date.parse(endedAt) }];

/** From the first start to the last end. */
const spanMsOf = (times: readonly Times[]): number =>
  times.length === 0
    ? 0
    : Math.max(1, Math.max(...times.map(({ to }) => to)) - Math.min(...times.map(({ from }) => from)));

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
