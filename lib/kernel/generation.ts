/**
 * Generations of a log. Records are never deleted or reopened: a redrive writes an edit, which says what of the
 * generation before does not hold any more, and from then on the execution's log is read and written through its edits.
 * What an edit of epoch 2 has voided has its successor in a place of its own, so whoever still works in an older
 * generation writes into the older one:
 *
 *     step/charge        join/pack#0.3
 *     step/charge@2      join/pack@2#0.3
 */
import type { Json } from "../model/json.ts";
import type { EditRecord, LogRecord } from "./record.ts";

export class Generation {
  readonly epoch: number;
  /** The edits that voided a key, oldest first. */
  readonly #voids = new Map<string, number[]>();
  readonly #anew = new Map<string, number>();
  readonly #inputs = new Map<string, Json>();
  readonly #edits: readonly EditRecord[];

  /** @param edits those of epoch 1, 2, … without a gap */
  constructor(edits: readonly EditRecord[]) {
    this.epoch = edits.length;
    this.#edits = edits;
    edits.forEach((edit, i) => {
      for (const key of edit.void) this.#voids.set(key, [...(this.#voids.get(key) ?? []), i + 1]);
      for (const key of edit.anew) {
        this.#anew.set(key, i + 1);
        if (edit.from !== undefined) this.#inputs.delete(pathOf(key));
      }
      for (const [path, input] of Object.entries(edit.inputs ?? {})) this.#inputs.set(path, input);
    });
  }

  /** Where the record of this key lies. */
  place(key: string): string {
    if (this.#voids.size === 0) return key;
    const { base, rest } = partsOf(key);
    return placeIn(this.#voids.get(base)?.at(-1) ?? 0, base, rest);
  }

  /**
   * Where what was voided lies, newest first, as far as its effects still stand: a step that failed, was closed, or
   * whose decision failed is gone on with, not done anew.
   */
  earlierPlaces(key: string): readonly string[] {
    const voids = this.#voids.get(key);
    if (!voids) return [];
    return [0, ...voids.slice(0, -1)]
      .filter((epoch) => epoch >= this.effectEpoch(key))
      .map((epoch) => placeIn(epoch, key, ""))
      .reverse();
  }

  /** In which epoch the effects of this record were last asked for: for idempotency keys and event ids. */
  effectEpoch(key: string): number {
    return this.#anew.get(key) ?? 0;
  }

  /** When the record was last made void by a redrive; undefined: never. */
  voidedAtMs(key: string): number | undefined {
    const epoch = this.#voids.get(partsOf(key).base)?.at(-1) ?? 0;
    return this.#edits[epoch - 1]?.atMs;
  }

  /** When the last redrive was; undefined: there was none. */
  get begunAtMs(): number | undefined {
    return this.#edits.at(-1)?.atMs;
  }

  /** What a redrive gave the step in place of its mapping: until one from a step on, which does it anew. */
  inputOf(path: string): Json | undefined {
    return this.#inputs.get(path);
  }

  /** The records of this generation, by their keys. Parked messages, edits and mailboxes belong to none. */
  view(records: ReadonlyMap<string, LogRecord>): ReadonlyMap<string, LogRecord> {
    const seen = new Map<string, LogRecord>();
    for (const [place, record] of records) {
      if (record.kind === "parked" || record.kind === "edit" || record.kind === "mailbox") continue;
      const key = keyAt(place);
      if (this.place(key) === place) seen.set(key, record);
    }
    return seen;
  }
}

const placeIn = (epoch: number, base: string, rest: string): string =>
  epoch === 0 ? base + rest : `${base}@${epoch}${rest}`;

const pathOf = (key: string): string => key.slice(key.indexOf("/") + 1);

/** What the record that lies there is called in its generation. */
export const keyAt = (place: string): string => place.replace(/@\d+(?=#|$)/, "");

/** A join's sets go with the join: `join/pack#0.3` with `join/pack`. */
function partsOf(key: string): { readonly base: string; readonly rest: string } {
  const cut = key.startsWith("join/") ? key.search(/#\d+\.\d+$/) : -1;
  return cut < 0 ? { base: key, rest: "" } : { base: key.slice(0, cut), rest: key.slice(cut) };
}
