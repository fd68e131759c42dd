/** Every figure of the bench: what it says, and what is wanted of it. Ratios to the floor are of the same round. */
export interface Figure {
  readonly what: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export const FIGURES = {
  stepsPerSec: { what: "steps/s, chains of 10, 64 in flight: of the floor's", atLeast: 0.6 },
  chain10P50: { what: "a chain of 10 alone, p50: of the floor's", atMost: 2 },
  fanout100: { what: "fan-out of 100 and join: of the floor's", atMost: 3 },
  recover: { what: "200 chains after `kill -9`, until all have ended: of the floor's", atMost: 2 },
  lost: { what: "  of these lost", atMost: 0 },
  perStepGrowth: { what: "chain of 200: last 50 steps, of the first 50", atMost: 1.1 },
  loopGrowth: { what: "loop of 100,000 rounds: CPU of the last fifth, of the first", atMost: 1.1 },
  mapWritesPerItem: { what: "map of 10,000: writes an item", atMost: 3.1 },
  writesPerStep: { what: "AWS, a chain of ten by queues: write units a step", atMost: 2.6 },
  requestsPerStep: { what: "  requests a step, without Lambda's own to the queue", atMost: 4.3 },
  coldStart: { what: "  process's start to the handler's first line: of an empty function's" },
  machine: { what: "state machine of 10 states, 3 functions: executions/s, of a function for each state", atLeast: 1 },
  machineWrites: { what: "  writes, of a function for each state", atMost: 0.5 },
  coreShare: { what: "100,000 executions asleep: share of a core, over 60 s", atMost: 0.01 },
  lateP99Ms: { what: "  waking within 180 s: late, p99 ms", atMost: 1000 },
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof FIGURES;
/** Those of the parts that were run. */
export type Ratios = Partial<Record<FigureName, number>>;

export function missed(ratios: Ratios): readonly FigureName[] {
  const names = Object.keys(ratios) as FigureName[];
  return names.filter((name) => {
    const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }: Figure = FIGURES[name];
    const value = ratios[name] ?? Number.NaN;
    return !(value >= atLeast && value <= atMost);
  });
}

export function wanted({ atLeast, atMost }: Figure): string {
  if (atLeast !== undefined) return `≥ ${atLeast}`;
  return atMost === undefined ? "" : `≤ ${atMost}`;
}
