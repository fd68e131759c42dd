/** Figures as text: tables of Markdown for the docs, the same for the command line. */
import type { Percentiles } from "./latency.ts";
import { QUOTAS, type Quota } from "./quotas.ts";
import type { Figures } from "./report.ts";
import type { Bound } from "./simulate.ts";
import { SETTINGS, SETTINGS_NAMES, type Swept, WORKLOAD_NAMES, WORKLOADS } from "./sweep.ts";

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

/** Where which quota is met first, in executions a second. */
export function ceilingTable({ ceilings }: Swept): string {
  const names = Object.keys(BOUNDS) as Bound[];
  const head = ["held by", ...SETTINGS_NAMES.flatMap((s) => WORKLOAD_NAMES.map((w) => `${SHORT[s]}: ${w}`))];
  const rows = names.flatMap((bound) => {
    const cells = SETTINGS_NAMES.flatMap((s) => WORKLOAD_NAMES.map((w) => ceilingOf(ceilings[s][w], bound)));
    return cells.some((cell) => cell !== "") ? [[BOUNDS[bound], ...cells]] : [];
  });
  return markdown(head, rows);
}
const SHORT = { asDeployed: "new", raised: "raised", sharded: "32 keys" } as const;

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
