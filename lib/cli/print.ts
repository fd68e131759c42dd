/** How commands write to standard output: JSON for programs; tables, durations and colours for people. */
import { styleText } from "node:util";
import Table from "cli-table3";
import type { ExecutionStatus, StepError } from "../kernel/record.ts";
import type { Json } from "../model/json.ts";

export function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function writeJson(value: unknown): void {
  write(JSON.stringify(value, null, 2));
}

export type Cell = string | { readonly content: string; readonly hAlign: "right" };
export const right = (content: string | number): Cell => ({ content: String(content), hAlign: "right" });

/** Columns in line, no frame: it can be read, cut and grepped. */
export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const none = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "" } as const;
  const table = new Table({
    head: head.map((name) => dim(name)),
    chars: {
      ...none,
      "bottom-left": "",
      "bottom-right": "",
      left: "",
      "left-mid": "",
      mid: "",
      "mid-mid": "",
      right: "",
      "right-mid": "",
      middle: "  ",
    },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

export const dim = (text: string, stream: NodeJS.WriteStream = process.stdout): string =>
  styleText("dim", text, { stream });
export const bold = (text: string): string => styleText("bold", text);

const COLOURS = {
  succeeded: "green",
  failed: "red",
  running: "cyan",
  paused: "yellow",
  stopping: "yellow",
  stuck: "red",
  cancelled: "yellow",
  retrying: "yellow",
  waiting: "dim",
  closed: "dim",
} as const;
export function printStatus(status: keyof typeof COLOURS | ExecutionStatus): string {
  return styleText(COLOURS[status], status);
}

/** `3 ms`, `1.25 s`, `2 m 05 s`, `3 h 04 m`. */
export function printDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const pair = (big: number, small: number, units: string) => {
    return `${big} ${units[0]} ${String(small).padStart(2, "0")} ${units[1]}`;
  };
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return pair(minutes, Math.floor(ms / 1000) % 60, "ms");
  return pair(Math.floor(minutes / 60), minutes % 60, "hm");
}

/** Between two moments, or until now when it has not ended. */
export function printTook(startedAt: string | null, endedAt: string | null): string {
  if (startedAt === null) return "";
  return printDuration(Math.max(0, (endedAt === null ? Date.now() : Date.parse(endedAt)) - Date.parse(startedAt)));
}

/** `OutOfStock at reserve: …`; a cancel is at no step. */
export const printFailure = ({ code, path, message }: StepError): string => `${printWhere({ code, path })}: ${message}`;
export const printWhere = ({ code, path }: Pick<StepError, "code" | "path">): string =>
  path === "" ? code : `${code} at ${path}`;

interface Stands {
  readonly execution: string;
  readonly status: ExecutionStatus;
  readonly ending?: ExecutionStatus;
}

/**
 * What its reader may want to do next, if anything.
 *
 * @param flags where it is, as they go on the command line
 */
export function printNext(of: Stands, flags: string): string | undefined {
  const { execution, status, ending } = of;
  if (status === "paused") return `resume it with \`pawl resume ${execution}${flags}\``;
  if (status === "stopping")
    return `it ends${ending ? ` as ${ending}` : ""} once the attempts under way have, and what it did is undone`;
  if (status === "stuck")
    return `go on with the undoing, once its cause is mended: \`pawl redrive ${execution}${flags}\`; or let what was done stand: \`pawl cancel ${execution} --no-undo${flags}\``;
  if (status === "failed" || status === "cancelled")
    return `go on with what failed, once its cause is mended: \`pawl redrive ${execution}${flags}\``;
  return undefined;
}

/** In the reader's own time zone. */
export function printTime(iso: string): string {
  const at = new Date(iso);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
}

/** A value in one line of at most so many characters. */
export function printShort(value: Json, most = 60): string {
  const text = JSON.stringify(value);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
