/**
 * Cases, one after the other or several at once, in a thread of their own: one that computes for ever, or that takes the
 * thread with it, is a case that has failed, and the next ones run in another thread.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { FoundCase } from "./cases-in.ts";
import type { Outcome } from "./run-case.ts";

export interface Ran extends Outcome {
  readonly name: string;
}

/** What the thread is given. */
export interface Job {
  readonly cases: readonly FoundCase[];
  /** How many at once. */
  readonly lanes: number;
  /** Of each case. */
  readonly mostMs: number;
  /** Where AWS is spoken; absent: on the embedded engine. */
  readonly endpoint?: string;
}

/** What the thread tells; `null` now and then: it is at work and not stuck. */
export type Told = { readonly begun: number } | { readonly ended: number; readonly outcome: Outcome } | null;

/** So long a thread may tell nothing. */
const STILL_MS = 45_000;

/** In the order of the cases. */
export async function runCases(job: Job, stillMs = STILL_MS): Promise<readonly Ran[]> {
  const outcomes = new Map<number, Outcome>();
  for (;;) {
    const left = job.cases.flatMap((one, index) => (outcomes.has(index) ? [] : [{ one, index }]));
    if (left.length === 0) break;
    const thread = { ...job, cases: left.map(({ one }) => one) };
    const { begun, why } = await inThread(thread, stillMs, (at, outcome) =>
      outcomes.set(left[at]?.index ?? -1, outcome),
    );
    // Whoever had begun is as suspect as the others: none of them is tried again.
    for (const at of begun) outcomes.set(left[at]?.index ?? -1, { result: "failed", reason: why });
    if (begun.size === 0 && left.some(({ index }) => !outcomes.has(index))) throw new Error(`no case begins: ${why}`);
  }
  return job.cases.map(({ name }, index) => ({ name, ...(outcomes.get(index) as Outcome) })); // each has one by now
}

/** Which had begun and had not ended when the thread was gone, and why it was. */
async function inThread(
  job: Job,
  stillMs: number,
  onEnd: (at: number, outcome: Outcome) => void,
): Promise<{ readonly begun: ReadonlySet<number>; readonly why: string }> {
  const begun = new Set<number>();
  let why = "its thread has ended";
  const worker = new Worker(new URL("thread.ts", import.meta.url), { workerData: job });
  const stuck = () => {
    why = `it computes, and tells nothing for ${stillMs / 1000} s`;
    void worker.terminate();
  };
  // Until it is there it tells nothing, however long that takes.
  let timer: NodeJS.Timeout | undefined;
  worker.on("message", (told: Told) => {
    clearTimeout(timer);
    timer = setTimeout(stuck, stillMs);
    if (told === null) return;
    if ("begun" in told) begun.add(told.begun);
    else {
      begun.delete(told.ended);
      onEnd(told.ended, told.outcome);
    }
  });
  worker.on("error", (error) => {
    why = `its thread has ended: ${error instanceof Error ? error.message : String(error)}`;
  });
  await once(worker, "exit").catch(() => undefined); // `why` says it
  clearTimeout(timer);
  return { begun, why };
}
