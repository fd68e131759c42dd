/** Random workflow graphs: all kinds of states, each in others. */
import type { Sequence, State, Task } from "./graph.ts";
import type { Random } from "./random.ts";

const DEEPEST = 2;

export function randomGraph(random: Random, depth = 0): Sequence {
  return Array.from({ length: 1 + random.below(3) }, () => randomState(random, depth));
}

function randomState(random: Random, depth: number): State {
  const branch = (empty: number): Sequence => (random.chance(empty) ? [] : randomGraph(random, depth + 1));
  const dice = depth >= DEEPEST ? random.unit() * 0.5 : random.unit();
  if (dice < 0.42) return randomTask(random);
  if (dice < 0.5) return randomWait(random);
  if (dice < 0.6)
    return { kind: "parallel", branches: Array.from({ length: 2 + random.below(2) }, () => branch(0.15)) };
  if (dice < 0.68)
    return { kind: "choice", branches: [branch(0.2), branch(0.2)], throws: random.chance(0.3) ? 0.5 : 0 };
  if (dice < 0.76) return { kind: "race", branches: Array.from({ length: 2 + random.below(2) }, () => branch(0.05)) };
  if (dice < 0.84) return { kind: "block", body: branch(0), handler: branch(0.3) };
  if (dice < 0.89) return { kind: "loop", body: branch(0), most: 1 + random.below(3), ends: random.pick([0, 0.5]) };
  if (dice < 0.94) return { kind: "call", child: randomGraph(random, DEEPEST), detached: random.chance(0.2) };
  return {
    kind: "map",
    items: random.below(6),
    lanes: 1 + random.below(3),
    body: randomGraph(random, DEEPEST),
    tolerates: random.chance(0.4),
  };
}

function randomTask(random: Random): Task {
  const undo = random.chance(0.5) ? random.pick(["sure", "sure", "flaky"] as const) : undefined;
  return {
    kind: "task",
    inline: random.chance(0.4),
    repeatable: undo === undefined && random.chance(0.4),
    flaky: random.chance(0.2),
    poison: random.chance(0.03),
    ...(undo && { undo }),
  };
}

const randomWait = (random: Random): State => ({
  kind: "wait",
  ticks: 1 + random.below(80),
  ...(random.chance(0.6) && { signal: random.pick(["yes", "no"]) }),
});
