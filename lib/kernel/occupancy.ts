/**
 * Which execution runs for a key, where a trigger says what a second event for a running key does. One record for each
 * key, changed in one conditional write; executions stand in it by their marks, which say which event started them.
 *
 *     take a ──▶ a runs ── free a ──▶ the first that waits runs, or nobody
 *     take b while a runs: `ignore` nothing · `queue` b waits · `replace` b waits alone, for a is to be cancelled ·
 *     `signal` a is told of b, and no other is however often b comes
 *
 * What has been taken once is remembered, so an event that comes again changes nothing: the last 100 of them. One that is
 * older has its execution in the log, under the id that the mark is a part of.
 */
import type { KeyRecord } from "./record.ts";

export type WhenRunning = "ignore" | "queue" | "replace" | "signal";

/** Events that wait for one key. */
export const MOST_WAITING = 1_000;
const MOST_REMEMBERED = 100;

export type KeyChange =
  | {
      readonly kind: "take";
      readonly mark: string;
      readonly whenRunning: WhenRunning;
      /** Whether what the execution begins with is recorded: without it nobody else could start it, so it cannot run. */
      readonly begun: boolean;
    }
  /** This one has ended. */
  | { readonly kind: "free"; readonly mark: string };

export type KeyAnswer =
  /** It runs, or is to be started now. */
  | { readonly kind: "runs" }
  /** It comes after this one, which `replace` cancels. */
  | { readonly kind: "waits"; readonly running: string }
  /** This one is to be told of it. */
  | { readonly kind: "tells"; readonly running: string }
  /** It came before, or while another one ran that it is to be ignored for. */
  | { readonly kind: "passed" }
  /** Nobody runs: record what it begins with, and take again. */
  | { readonly kind: "free" }
  /** Nothing was kept: it may come again later. */
  | { readonly kind: "full" }
  /** What ended is let go; this one is next, if there is one. */
  | { readonly kind: "next"; readonly running: string | undefined };

export interface Occupied {
  /** The one that went in if nothing changed; then there is nothing to write. */
  readonly record: KeyRecord;
  readonly changed: boolean;
  readonly answer: KeyAnswer;
}

export function changeKey(before: KeyRecord | undefined, change: KeyChange): Occupied {
  const record = before ?? { kind: "key", version: 0, waiting: [], known: [] };
  return change.kind === "take" ? take(record, change) : free(record, change.mark);
}

function take(record: KeyRecord, { mark, whenRunning, begun }: Extract<KeyChange, { kind: "take" }>): Occupied {
  const { running, waiting, known, told = {} } = record;
  if (running === mark) return unchanged(record, { kind: "runs" });
  if (running !== undefined && waiting.includes(mark)) return unchanged(record, { kind: "waits", running });
  const hearer = told[mark];
  if (hearer !== undefined) return unchanged(record, { kind: "tells", running: hearer });
  if (known.includes(mark)) return unchanged(record, { kind: "passed" });
  const seen = { known: [...known, mark].slice(-MOST_REMEMBERED) };
  if (running === undefined) {
    if (!begun) return unchanged(record, { kind: "free" });
    return changed(record, { ...seen, running: mark }, { kind: "runs" });
  }
  if (whenRunning === "ignore") return changed(record, seen, { kind: "passed" });
  if (whenRunning === "signal") {
    const remembered = Object.entries(told).slice(1 - MOST_REMEMBERED);
    const tells = { told: Object.fromEntries([...remembered, [mark, running]]) };
    return changed(record, { ...seen, ...tells }, { kind: "tells", running });
  }
  if (whenRunning === "replace") return changed(record, { ...seen, waiting: [mark] }, { kind: "waits", running });
  if (waiting.length >= MOST_WAITING) return unchanged(record, { kind: "full" });
  return changed(record, { ...seen, waiting: [...waiting, mark] }, { kind: "waits", running });
}

function free(record: KeyRecord, mark: string): Occupied {
  if (record.running !== mark) return unchanged(record, { kind: "next", running: record.running });
  const [running, ...waiting] = record.waiting;
  const { running: _, ...rest } = record;
  return changed(rest, { waiting, ...(running !== undefined && { running }) }, { kind: "next", running });
}

const unchanged = (record: KeyRecord, answer: KeyAnswer): Occupied => ({ record, changed: false, answer });
const changed = (record: KeyRecord, over: Partial<KeyRecord>, answer: KeyAnswer): Occupied => ({
  record: { ...record, ...over, version: record.version + 1 },
  changed: true,
  answer,
});
