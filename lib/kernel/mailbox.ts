/**
 * Signals and who waits for them: one mailbox for each signal name of an execution. Signals and waits come in any order,
 * late and more than once. Each signal goes to at most one wait, first come first served, and what a wait has been given
 * stays with it until its decision stands.
 *
 *                        ┌────────────── receive ──────────────┐
 *     wait ──▶ waiting ──┤                                     ├──▶ assigned ──forget──▶ gone
 *                │       └── (a signal lay here: at once) ─────┘                          ▲
 *                └────────────────────────── leave ────────────────────────────────────────┘
 *
 * A signal and a timeout compete by `receive` and `leave`: whichever comes first has it, and the other one is told.
 *
 * A wait is named by the place of its decision, which tells one generation of the log from another. The last 1,000
 * places that are gone and the last 1,000 ids are remembered. A place older than that would be taken for a new one, so
 * whoever registers a wait looks first whether its decision stands; these 1,000 are for who looked a moment too soon.
 */
import type { Json } from "../model/json.ts";
import type { Bindings, MailboxRecord, MailedSignal } from "./record.ts";

export const MOST_REMEMBERED = 1_000;
/** Signals that nobody waits for. */
export const MOST_BUFFERED = 1_000;

export type MailChange =
  /** A signal has come. @param id the same each time that it comes */
  | { readonly kind: "receive"; readonly id: string; readonly data: Json }
  /** Register for a signal. */
  | { readonly kind: "wait"; readonly place: string; readonly bind: Bindings }
  /** `leave`: wait no longer. `forget`: the decision at this place stands. */
  | { readonly kind: "leave" | "forget"; readonly place: string };

/** What became of the signal, if it was one that changed the mailbox, or of the place. */
export type MailAnswer =
  /** The signal is this place's: write its decision, then `forget` it. */
  | {
      readonly kind: "assigned";
      readonly place: string;
      readonly bind: Bindings;
      readonly id: string;
      readonly data: Json;
    }
  /** The signal is kept for who waits next. */
  | { readonly kind: "buffered" }
  /** The signal came before, and is used up. */
  | { readonly kind: "known" }
  /** The signal is not kept, because too many are: it may come again later. */
  | { readonly kind: "full" }
  /** The place waits. */
  | { readonly kind: "waiting" }
  /** The place waits no longer, and never will again. */
  | { readonly kind: "left" };

export interface Mailed {
  /** The one that went in if nothing changed; then there is nothing to write. */
  readonly record: MailboxRecord;
  readonly changed: boolean;
  readonly answer: MailAnswer;
}

export function changeMailbox(before: MailboxRecord | undefined, change: MailChange): Mailed {
  const record = before ?? EMPTY;
  switch (change.kind) {
    case "receive":
      return receive(record, change.id, change.data);
    case "wait":
      return wait(record, change.place, change.bind);
    case "leave":
      return leave(record, change.place);
    case "forget":
      return forget(record, change.place);
  }
}

const EMPTY: MailboxRecord = { kind: "mailbox", version: 0, signals: [], waiting: [], binds: {}, gone: [], known: [] };

function receive(record: MailboxRecord, id: string, data: Json): Mailed {
  const standing = record.signals.find((signal) => signal.id === id);
  if (standing) return unchanged(record, standingOf(record, standing));
  if (record.known.includes(id)) return unchanged(record, { kind: "known" });
  const [place, ...waiting] = record.waiting;
  if (place !== undefined) return assign(record, { id, data, place }, { waiting });
  if (record.signals.filter(isBuffered).length >= MOST_BUFFERED) return unchanged(record, { kind: "full" });
  return changed(record, { signals: [...record.signals, { id, data }] }, { kind: "buffered" });
}

function wait(before: MailboxRecord, place: string, bind: Bindings): Mailed {
  const known = stateOf(before, place);
  if (known) return unchanged(before, known);
  const record = { ...before, binds: { ...before.binds, [place]: bind } };
  const first = record.signals.find(isBuffered);
  if (first) return assign(record, { ...first, place });
  return changed(record, { waiting: [...record.waiting, place] }, { kind: "waiting" });
}

function leave(record: MailboxRecord, place: string): Mailed {
  const known = stateOf(record, place);
  // Too late to leave, or done before.
  if (known && known.kind !== "waiting") return unchanged(record, known);
  return changed(record, goneWith(record, place), { kind: "left" });
}

function forget(record: MailboxRecord, place: string): Mailed {
  if (record.gone.includes(place)) return unchanged(record, { kind: "left" });
  const of = record.signals.find((signal) => signal.place === place);
  const used = of && {
    signals: record.signals.filter((signal) => signal !== of),
    known: [...record.known, of.id].slice(-MOST_REMEMBERED),
  };
  return changed(record, { ...goneWith(record, place), ...used }, { kind: "left" });
}

function stateOf(record: MailboxRecord, place: string): MailAnswer | undefined {
  const assigned = record.signals.find((signal) => signal.place === place);
  if (assigned) return standingOf(record, assigned);
  if (record.waiting.includes(place)) return { kind: "waiting" };
  return record.gone.includes(place) ? { kind: "left" } : undefined;
}

const isBuffered = (signal: MailedSignal): boolean => signal.place === undefined;

const standingOf = ({ binds }: MailboxRecord, { id, data, place }: MailedSignal): MailAnswer => {
  if (place === undefined) return { kind: "buffered" };
  // It has waited, and is not gone.
  return { kind: "assigned", place, bind: binds[place] as Bindings, id, data };
};

const goneWith = ({ waiting, gone, binds }: MailboxRecord, place: string): Partial<MailboxRecord> => ({
  waiting: waiting.filter((other) => other !== place),
  binds: Object.fromEntries(Object.entries(binds).filter(([other]) => other !== place)),
  gone: [...gone, place].slice(-MOST_REMEMBERED),
});

function assign(
  record: MailboxRecord,
  signal: MailedSignal & { readonly place: string },
  more: Partial<MailboxRecord> = {},
): Mailed {
  const others = record.signals.filter(({ id }) => id !== signal.id);
  return changed(record, { ...more, signals: [...others, signal] }, standingOf(record, signal));
}

const unchanged = (record: MailboxRecord, answer: MailAnswer): Mailed => ({ record, changed: false, answer });
const changed = (record: MailboxRecord, over: Partial<MailboxRecord>, answer: MailAnswer): Mailed => ({
  record: { ...record, ...over, version: record.version + 1 },
  changed: true,
  answer,
});
