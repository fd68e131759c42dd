/** The header, with what eventual readers may still see of it. */
import type { Mutant } from "./mutants.ts";
import { Violation } from "./violation.ts";

/** Stuck: an undo step has failed, and a person is to look at it. */
export type Status = "running" | "paused" | "stopping" | "stuck" | Ended;
export type Ended = "succeeded" | "failed" | "cancelled";

export interface Header {
  readonly status: Status;
  readonly epoch: number;
  /** How often a pause or a resume has turned it. */
  readonly turns: number;
  readonly ending?: "failed" | "cancelled" | undefined;
  /** Of a stop: whether what was done is undone. */
  readonly undo?: boolean | undefined;
}

export interface Turn {
  readonly epoch: number;
  readonly from: readonly Status[];
  readonly to: Status;
  /** Turned only while this many turns have been made; then there is one more. */
  readonly turns?: number;
  readonly ending?: "failed" | "cancelled";
  readonly undo?: boolean;
  /** Begins the next epoch. */
  readonly raise?: true;
  /** The user's command. */
  readonly command?: number;
}

const ENDED: ReadonlySet<Status> = new Set<Status>(["succeeded", "failed", "cancelled"]);
export const hasEnded = (header: Header | undefined): boolean => header !== undefined && ENDED.has(header.status);

export class Headers {
  readonly #past: { readonly at: number; readonly header: Header }[] = [];
  readonly #now: () => number;
  readonly #breaks: (mutant: Mutant) => boolean;
  readonly #carriedOut = new Set<number>();
  /** Told when an undo step has failed for good. */
  onStuck: (header: Header) => void = () => {};
  /** Told of each end. */
  onEnd: (header: Header) => void = () => {};

  constructor(now: () => number, breaks: (mutant: Mutant) => boolean) {
    this.#now = now;
    this.#breaks = breaks;
  }

  get current(): Header | undefined {
    return this.#past.at(-1)?.header;
  }

  /** Eventually consistent: as it was a while ago, perhaps not there yet. */
  glance(behind: number): Header | undefined {
    const asOf = this.#now() - behind;
    return this.#past.findLast(({ at }) => at <= asOf)?.header;
  }

  open(): Header {
    if (!this.current || this.#breaks("headeroverwrites")) this.#put({ status: "running", epoch: 0, turns: 0 });
    return this.current as Header; // just put, if it was missing
  }

  turn(turn: Turn): Header | undefined {
    const { current } = this;
    if (!current?.status || !this.#allowed(current, turn)) return undefined;
    if (turn.raise && !hasEnded(current) && current.status !== "stuck")
      throw new Violation(`epoch ${turn.epoch} was redriven before it ended`);
    if (turn.command !== undefined && this.#carriedOut.has(turn.command))
      throw new Violation(`one ${turn.to === "paused" ? "pause" : "resume"} turned the header twice`);
    if (turn.command !== undefined) this.#carriedOut.add(turn.command);
    this.#put({
      status: turn.to,
      epoch: current.epoch + (turn.raise ? 1 : 0),
      turns: current.turns + (turn.turns === undefined ? 0 : 1),
      ...(turn.to !== "running" && { ending: turn.ending ?? current.ending, undo: turn.undo ?? current.undo }),
    });
    return this.current;
  }

  #allowed(current: Header, turn: Turn): boolean {
    const anyEpoch = this.#breaks("oldepochacts") && !turn.raise;
    if (current.epoch !== turn.epoch && !anyEpoch) return false;
    const anyTurns = this.#breaks(turn.to === "paused" ? "pausedup" : "resumedup");
    if (turn.turns !== undefined && turn.turns !== current.turns && !anyTurns) return false;
    return turn.from.includes(current.status) || (turn.to === "succeeded" && this.#breaks("endtwice"));
  }

  #put(header: Header): void {
    const before = this.current;
    if (before && before.epoch >= header.epoch && hasEnded(before))
      throw new Violation(`the execution went from ${before.status} to ${header.status} in epoch ${before.epoch}`);
    this.#past.push({ at: this.#now(), header });
    if (header.status === "stuck") this.onStuck(header);
    if (hasEnded(header)) this.onEnd(header);
  }
}
