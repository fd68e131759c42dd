/** What a request is looked at against, before it is sent. */
import type { Header } from "../kernel/record.ts";
import type { Program } from "../model/program.ts";
import type { Clock } from "../ports/clock.ts";
import type { StepLog } from "../ports/step-log.ts";

/** What of a log tells whether a request can be. */
export type Reads = Pick<StepLog, "header" | "read" | "list">;

/** Where the execution's log is, and how large an input may be. */
export interface Asked {
  readonly log: Reads;
  readonly clock: Pick<Clock, "now">;
  readonly payloadBytes: number;
  /**
   * What the execution runs on, where its code is at hand: who sends a signal, or another input, hears at once what is
   * wrong with it.
   */
  readonly programOf?: (header: Header) => Promise<Program | undefined>;
}
