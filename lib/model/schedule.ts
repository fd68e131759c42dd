/**
 * Schedules. The cron dialect is what both sides take: five fields, minute, hour, day of the month, month and day of the
 * week; `*`, numbers, names (`JAN`, `MON`), lists, ranges and steps. Not both days, since EventBridge Scheduler takes one
 * of them only; days of the week by name, since their numbers differ.
 */
import { type Duration, durationMs } from "./duration.ts";

/** When a schedule's execution was due; its input is made of this. */
export interface Tick {
  /** ISO 8601, UTC, a whole second: `2026-05-01T07:00:00Z`. */
  readonly time: string;
}

export type Rate = `${number} ${"minute" | "hour" | "day"}${"" | "s"}`;

export interface ScheduleOptions<I = unknown> {
  /** As in `"0 9 * * MON-FRI"`: minute, hour, day of the month, month, day of the week. Or `rate`. */
  readonly cron?: string;
  /** As in `"5 minutes"`. On AWS counted from the deployment that made it, else from midnight UTC of 1970-01-01. */
  readonly rate?: Rate;
  /** Of `cron`, by its IANA name. Default `UTC`. A time that a change of clocks leaves out is left out. */
  readonly timeZone?: string;
  /** Begins up to so much later, by chance: whole minutes, at most a day. Default: none. */
  readonly jitter?: Duration;
  /** Whether it begins while the execution before it still runs. Default false: that time is passed over. */
  readonly overlap?: boolean;
  /** What the execution gets. Pure and synchronous. */
  readonly input: (tick: Tick) => I;
}

export interface ScheduleOf<I = unknown> {
  readonly kind: "schedule";
  readonly options: Omit<ScheduleOptions<I>, "input">;
  // A method, so that a schedule whose input carries more than the workflow's asks for fits.
  input(tick: Tick): I;
}

/**
 * Starts an execution at each of the times that it says, named `schedule:` and that time, so once.
 *
 * On the embedded engine a time that passes while no engine runs is passed over.
 *
 * @example
 * workflow("report", { input: Day, on: schedule({ cron: "0 9 * * MON-FRI", timeZone: "Europe/Berlin", input: (tick) => ({ day: tick.time }) }) })
 */
export const schedule = <I>({ input, ...options }: ScheduleOptions<I>): ScheduleOf<I> => ({
  ...{ kind: "schedule", options, input },
});

/** What a graph has of it. */
export interface Schedule {
  /** Five fields, each `*` or a list of numbers, or of names of days of the week; or `rateMs`. */
  readonly cron?: string;
  readonly rateMs?: number;
  readonly timeZone: string;
  readonly jitterMs: number;
  readonly overlap: boolean;
}

const MINUTE_MS = 60_000;
const MOST_JITTER_MS = 24 * 60 * MINUTE_MS;

/** @param problem told of each mistake */
export function parseSchedule(of: ScheduleOf["options"], problem: (what: string) => void): Schedule {
  const { cron, rate, timeZone = "UTC", jitter, overlap = false } = of;
  if ((cron === undefined) === (rate === undefined)) problem("a schedule has either cron or rate");
  if (timeZone !== "UTC" && !isTimeZone(timeZone)) problem(`there is no time zone '${timeZone}'`);
  const rateMs = rate === undefined ? undefined : durationMs(rate);
  if (rate !== undefined && !isWhole(rateMs)) problem(`rate '${rate}' is not whole minutes: write "5 minutes"`);
  const jitterMs = jitter === undefined ? 0 : (durationMs(jitter) ?? Number.NaN);
  if (jitter !== undefined && !(isWhole(jitterMs) && jitterMs <= MOST_JITTER_MS))
    problem(`jitter '${jitter}' is no whole number of minutes up to a day`);
  return {
    ...(cron !== undefined && { cron: parseCron(cron, problem) }),
    ...(rateMs !== undefined && { rateMs }),
    ...{ timeZone, jitterMs, overlap },
  };
}

const isWhole = (ms: number | undefined): boolean => ms !== undefined && ms > 0 && ms % MINUTE_MS === 0;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

interface Field {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: readonly Field[] = [
  { what: "minute", from: 0, to: 59 },
  { what: "hour", from: 0, to: 23 },
  { what: "day of the month", from: 1, to: 31 },
  { what: "month", from: 1, to: 12, names: MONTHS },
  { what: "day of the week", from: 0, to: 6, names: DAYS },
];

function parseCron(cron: string, problem: (what: string) => void): string {
  const parts = cron.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    problem(
      `cron '${cron}' has ${parts.length} fields, and needs minute, hour, day of the month, month, day of the week`,
    );
    return cron;
  }
  const fields = FIELDS.map((field, i) => {
    const parsed = parseField(field, parts[i] ?? "");
    if (parsed === undefined) problem(`cron '${cron}': '${parts[i]}' is no ${field.what}`);
    return parsed ?? "*";
  });
  if (fields[2] !== "*" && fields[4] !== "*") problem(`cron '${cron}' names days twice: one of them is to be *`);
  return fields.join(" ");
}

/** Steps and ranges as lists, which both sides read alike. Undefined: it is none. */
function parseField(field: Field, text: string): string | undefined {
  if (text === "*") return text;
  const all = new Set<number>();
  for (const part of text.split(",")) {
    const [, range = "", step = "1"] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [first, last = first] =
      range === "*" ? [field.from, field.to] : range.split("-").map((it) => numberOf(field, it));
    if (first === undefined || last === undefined || first > last || Number(step) < 1) return undefined;
    if (part.includes("/") && !/[*-]/.test(range)) return undefined;
    for (let value = first; value <= last; value += Number(step)) all.add(value);
  }
  const sorted = [...all].sort((a, b) => a - b);
  return sorted.map((value) => (field.names === DAYS ? DAYS[value] : value)).join(",");
}

function numberOf({ from, to, names }: Field, text: string): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + from;
  if (names === DAYS || !/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= from && value <= to ? value : undefined;
}
