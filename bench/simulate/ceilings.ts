/** The load at which each quota is met, worked out: what the simulation must come to where one of them holds it. */
import type { Limits } from "./limits.ts";
import type { Bound } from "./simulate.ts";
import { meanOf } from "./times.ts";
import { ASSUMED, RESOURCES, type Stage } from "./workloads.ts";

/** Executions a second, the lowest first. Of functions with batches as full as they can be. */
export function ceilingsOf(stages: readonly Stage[], limits: Limits): readonly (readonly [Bound, number])[] {
  const messages = messagesOf(stages);
  const queues = stages.flatMap((stage, k) => (stage.within ? [] : [{ stage, each: messages[k] ?? 0 }]));
  const seconds = ({ times }: Stage) =>
    (times.reduce((sum, time) => sum + meanOf(time), 0) + (limits.batch - 1) * ASSUMED.perMessageMs) / 1000;
  const invocations = queues.reduce((sum, { each }) => sum + each / limits.batch, 0);
  const busy = queues.reduce((sum, { stage, each }) => sum + (each / limits.batch) * seconds(stage), 0);
  const slowest = Math.max(...queues.map(({ stage, each }) => (each / limits.batch) * seconds(stage)));
  const all: readonly (readonly [Bound, number])[] = [
    ...RESOURCES.map((name) => [name, limits.units[name] / unitsOf(stages, (stage) => stage.units[name])] as const),
    ["accountConcurrency", limits.accountConcurrency / busy],
    ["invocations", limits.invocationsPerSecond / invocations],
    ["functionConcurrency", limits.pollers.most / slowest],
  ];
  return [...all].sort(([, a], [, b]) => a - b);
}

/** Of a whole execution. */
export const unitsOf = (stages: readonly Stage[], units: (stage: Stage) => number): number =>
  messagesOf(stages).reduce((sum, messages, k) => sum + messages * units(stages[k] as Stage), 0); // one for each

function messagesOf(stages: readonly Stage[]): readonly number[] {
  let messages = 1;
  return stages.map(({ fan }) => (messages *= fan));
}
