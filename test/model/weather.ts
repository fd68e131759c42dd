/** How hard a run is hit, by kind of fault: each run has some kinds and not others, so that rare ones meet often. */
import type { Random } from "./random.ts";

/** Probabilities; of a crash and of a lost answer for each operation, of the others for each tick or message. */
export interface Weather {
  readonly crash: number;
  readonly sleep: number;
  readonly duplicate: number;
  readonly refuse: number;
  readonly pause: number;
  readonly cancel: number;
  readonly redrive: number;
  readonly purge: number;
  readonly heal: number;
  readonly signal: number;
  /** Messages in a batch at most. */
  readonly batch: number;
  /** Deliveries after which a message is a dead letter. */
  readonly receivesMost: number;
  /** How many ticks an eventual reader may be behind. */
  readonly staleness: number;
  readonly pausesMost: number;
  readonly redrivesMost: number;
}

export function randomWeather(random: Random): Weather {
  const upTo = (most: number): number => (random.chance(0.35) ? 0 : random.unit() * most);
  return {
    crash: upTo(0.08),
    sleep: upTo(0.04),
    duplicate: upTo(0.25),
    refuse: upTo(0.05),
    pause: upTo(0.2),
    cancel: upTo(0.012),
    redrive: upTo(0.5),
    purge: random.chance(0.3) ? 0.01 : 0,
    heal: upTo(0.02),
    signal: upTo(0.05),
    batch: random.pick([1, 1, 4, 10]),
    receivesMost: random.pick([3, 12]),
    staleness: random.pick([1, 20, 120]),
    pausesMost: random.below(5),
    redrivesMost: random.below(6),
  };
}
