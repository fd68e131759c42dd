/**
 * A generation is a view of the log: each epoch above 0 has an edit that voids keys, and a voided key means a new record
 * from that epoch on. Records are never deleted or reopened.
 */
import type { Key } from "./keys.ts";

/** A record's key in the log. A join's sets go with the join. */
export type PhysicalKey = string;

export interface Edit {
  readonly epoch: number;
  readonly void: ReadonlySet<Key>;
  /** Paths whose handler is to run again: under a new idempotency key, and whatever output stands. */
  readonly anew: ReadonlySet<string>;
  /** Of what was stuck: whether what is left is to be undone. */
  readonly undo?: boolean;
}

export class Generation {
  readonly epoch: number;
  readonly #edits: readonly Edit[];
  readonly #known = new Map<Key, PhysicalKey>();

  /** @param edits those of epochs 1 to `epoch`, newest first */
  constructor(epoch: number, edits: readonly Edit[]) {
    this.epoch = epoch;
    this.#edits = edits;
  }

  key(key: Key): PhysicalKey {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.versions(key)[0]?.key ?? key;
    this.#known.set(key, found);
    return found;
  }

  /** What the key has meant, newest first, with the edit that began it; the last one had none. */
  versions(key: Key): readonly { readonly key: PhysicalKey; readonly edit?: Edit }[] {
    const suffix = /#\d+\.\d+$/.exec(key)?.[0] ?? "";
    const base = key.slice(0, key.length - suffix.length);
    const voided = this.#edits.filter((edit) => edit.void.has(base));
    return [...voided.map((edit) => ({ key: `${base}@${edit.epoch}${suffix}`, edit })), { key }];
  }

  /** The epoch in a step's idempotency key: the same on every attempt, until the step is to run anew. */
  idempotencyEpoch(path: string): number {
    return this.#edits.find((edit) => edit.anew.has(path))?.epoch ?? 0;
  }
}
