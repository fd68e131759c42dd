/** What an execution has AWS do, before prices. Where messages come in batches, `bill.ts` shares it among them. */

export interface Counts {
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Requests to the table. */
  readonly dynamo: number;
  /** Requests that send, where each message comes alone: one for each queue that a decision sends to. */
  readonly sends: number;
  /** Messages that a function receives: each is sent before, and deleted after. */
  readonly messages: number;
  /** Bytes of these messages. */
  readonly messageBytes: number;
  /** Requests that put a message off. */
  readonly putOffs: number;
  /** Of handlers, one after the other. */
  readonly handlerMs: number;
  /** What functions wait for AWS. */
  readonly waitsMs: number;
  readonly events: number;
  readonly schedules: number;
  readonly objectPuts: number;
  readonly objectGets: number;
  /** What stays in the table and in the bucket. */
  readonly itemBytes: number;
  readonly objectBytes: number;
}

const NOTHING: Counts = {
  ...{ writeUnits: 0, readUnits: 0, dynamo: 0, sends: 0, messages: 0, messageBytes: 0, putOffs: 0 },
  ...{ handlerMs: 0, waitsMs: 0, events: 0, schedules: 0, objectPuts: 0, objectGets: 0, itemBytes: 0, objectBytes: 0 },
};

function plus(a: Counts, b: Partial<Counts>, times = 1): Counts {
  const sum: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value * times;
  return sum as unknown as Counts; // the keys are those of `a`
}

/** Counts by node; what is no node's own has the name of its state, or `START_AND_END`. */
export class Tally {
  readonly rows = new Map<string, Counts>();

  add(row: string, counts: Partial<Counts>, times = 1): void {
    this.rows.set(row, plus(this.rows.get(row) ?? NOTHING, counts, times));
  }
  addAll(other: Tally): void {
    for (const [row, counts] of other.rows) this.add(row, counts);
  }
  get total(): Counts {
    return [...this.rows.values()].reduce((sum, row) => plus(sum, row), NOTHING);
  }
}

export const START_AND_END = "start and end";
