/** Figures as text: tables of Markdown for the docs, the same for the command line. */
import { unitsOf } from "./ceilings.ts";
import type { Percentiles } from "./latency.ts";
import { DEPLOYED } from "./limits.ts";
import { QUOTAS, type Quota } from "./quotas.ts";
import type { Figures } from "./report.ts";
import type { Bound } from "./simulate.ts";
import { SETTINGS, SETTINGS_NAMES, type SettingsName, type Swept, WORKLOAD_NAMES, WORKLOADS } from "./sweep.ts";
import { type Stage, stagesOf } from "./workloads.ts";

export const BOUNDS: Readonly<Record<Bound, string>> = {
  tableWrites: "the table's writes",
  tableReads: "the table's reads",
  indexRunning: "the index's keys of `running`",
  indexEnded: "the index's keys of `succeeded`",
  functionConcurrency: "a function's `concurrency`",
  accountConcurrency: "the account's concurrency",
  invocations: "the account's invocations a second",
  pollers: "pollers, until there are enough",
  environments: "new environments",
};

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
export const count = (value: number): string => whole.format(value);

/** Of ms, in seconds from one second on. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "grows";
  if (ms < 1_000) return `${count(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${count(ms / 1000)} s`;
}
const both = ({ p50, p99 }: Percentiles): string =>
  Number.isFinite(p50) ? `${duration(p50)}, ${duration(p99)}` : "grows";

export const HEAD = [
  "arrive /s",
  "end /s",
  "hop p50, p99",
  "execution p50, p99",
  "wait at the end",
  "functions",
  "held by",
];

export const rowOf = (of: Figures): readonly string[] => [
  count(of.rate),
  count(of.endedPerSecond),
  both(of.hop),
  both(of.execution),
  count(of.backlog),
  count(of.peakConcurrency),
  of.binds.map((bound) => BOUNDS[bound]).join("; ") || "–",
];

export const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** What an execution asks for, and so many a second of them. */
export function demandTable(rate: number): string {
  const head = ["", ...WORKLOAD_NAMES.map((name) => WORKLOADS[name].title)];
  const rows = Object.entries(DEMAND).map(([what, of]) => [
    what,
    ...WORKLOAD_NAMES.map((name) => {
      const each = unitsOf(stagesOf(WORKLOADS[name]), of);
      return `${Number(each.toPrecision(3))}; ${count(each * rate)}/s`;
    }),
  ]);
  return markdown(head, rows);
}
const DEMAND: Readonly<Record<string, (stage: Stage) => number>> = {
  "write units of the table": ({ units }) => units.tableWrites,
  "write units of the index, keys of `running`": ({ units }) => units.indexRunning,
  "write units of the index, keys of `succeeded`": ({ units }) => units.indexEnded,
  "read units": ({ units }) => units.tableReads,
  messages: ({ within }) => (within ? 0 : 1),
  "invocations, with full batches": ({ within }) => (within ? 0 : 1 / DEPLOYED.batch),
};

/** Where which quota is met first, in executions a second. */
export function ceilingTable({ ceilings }: Swept): string {
  const names = Object.keys(BOUNDS) as Bound[];
  const of = (settings: SettingsName) => {
    const head = [SETTINGS[settings].title, ...WORKLOAD_NAMES.map((w) => WORKLOADS[w].title)];
    const rows = names.flatMap((bound) => {
      const cells = WORKLOAD_NAMES.map((w) => ceilingOf(ceilings[settings][w], bound));
      return cells.some((cell) => cell !== "") ? [[BOUNDS[bound], ...cells]] : [];
    });
    return markdown(head, rows);
  };
  return SETTINGS_NAMES.map(of).join("\n\n");
}

/** The first of all in bold. */
function ceilingOf(all: readonly (readonly [Bound, number])[], bound: Bound): string {
  const found = all.find(([name]) => name === bound);
  if (!found) return "";
  return found === all[0] ? `**${count(found[1])}**` : count(found[1]);
}

export function sweepTables({ runs }: Swept): string {
  return WORKLOAD_NAMES.flatMap((workload) =>
    SETTINGS_NAMES.map((settings) => {
      const title = `**${capital(WORKLOADS[workload].title)}; ${SETTINGS[settings].title}**`;
      return `${title}\n\n${markdown(HEAD, runs[settings][workload].map(rowOf))}`;
    }),
  ).join("\n\n");
}
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function quotaTable(): string {
  const rows = Object.values(QUOTAS).map((quota: Quota) => [
    quota.simulated ? quota.what : `${quota.what} °`,
    `${count(quota.default)} ${quota.unit}`,
    quota.raise,
    `[page](${quota.source})`,
  ]);
  return markdown(["quota", "default", "how it is raised", "source"], rows);
}
