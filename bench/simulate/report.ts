/** A run in figures. */
import { latencyOf, type Percentiles } from "./latency.ts";
import { limitsOf, type Settings } from "./limits.ts";
import { type Bound, type Curves, simulate } from "./simulate.ts";
import { type Shape, stagesOf } from "./workloads.ts";

export interface Asked extends Shape, Settings {
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface Figures {
  readonly rate: number;
  /** Executions that ended in a second, over the last third. */
  readonly endedPerSecond: number;
  readonly hop: Percentiles;
  readonly execution: Percentiles;
  /** Messages that wait at the end. */
  readonly backlog: number;
  readonly peakConcurrency: number;
  /** What holds messages up for a tenth of a second or more for each execution, the worst first. */
  readonly binds: readonly Bound[];
}

/** A step of time. */
const DT = 0.025;
const NOTABLE_S = 0.1;
/** Of all that is held, less than this is beside the point. */
const NOTABLE_SHARE = 0.1;

export function figuresOf(asked: Asked): Figures {
  const { rate, seconds, seed, inline, fanOut } = asked;
  const stages = stagesOf(asked);
  const { curves, held, backlog, peakConcurrency } = simulate({
    ...{ stages, limits: limitsOf(asked), rate, seconds, seed, dt: DT },
  });
  const latency = latencyOf({ stages, curves, inline: inline && fanOut === undefined, dt: DT, seed });
  return {
    ...{ rate, endedPerSecond: endedPerSecond(curves.at(-1) as Curves), ...latency },
    ...{ backlog, peakConcurrency, binds: binding(held, rate * seconds) },
  };
}

function endedPerSecond({ through }: Curves): number {
  const from = Math.floor((through.length * 2) / 3);
  const ended = (through.at(-1) ?? 0) - (through[from] ?? 0);
  return ended / ((through.length - 1 - from) * DT);
}

function binding(held: ReadonlyMap<Bound, number>, executions: number): readonly Bound[] {
  const all = [...held.values()].reduce((sum, one) => sum + one, 0);
  return [...held]
    .filter(([, seconds]) => seconds / executions >= NOTABLE_S && seconds / all >= NOTABLE_SHARE)
    .sort(([, a], [, b]) => b - a)
    .map(([bound]) => bound);
}
