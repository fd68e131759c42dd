/**
 * Races, catches and undo under two faults: two deaths; a request and a death, before it or after; what a redrive does over,
 * and a death. Samples by a fixed seed; in deep tests every two deaths, and a request at every call.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import { deaths } from "../../lib/testing/world/placements.ts";
import type { Fault, Plan } from "../../lib/testing/world/plan.ts";
import type { World } from "../../lib/testing/world/world.ts";
import { DEEP, LONGEST_MS } from "../support/deep.ts";
import { courseOf, scattered } from "./stories.ts";
import { type UndoGraph, undoGraphs } from "./undo-graphs.ts";
import { asked, callsOf, endsWell, some } from "./undo-runs.ts";

const circumstances: readonly (readonly [string, Omit<Plan, "faults">])[] = [
  ["in lockstep", {}],
  ["a little apart", { jitterMs: 20 }],
  ["as deployed", scattered],
];
const around = (nth: number) => circumstances[nth % circumstances.length]?.[1];

/** Other ones with each graph and use, and the same each time. */
function sample<T>(all: readonly T[], most: number, salt: string): readonly T[] {
  if (all.length <= most) return all;
  const seed =
    (fc.readConfigureGlobal()?.seed ?? 1) + [...salt].reduce((sum, char) => sum * 31 + (char.codePointAt(0) ?? 0), 7);
  return fc.sample(fc.shuffledSubarray([...all], { minLength: most, maxLength: most }), { seed, numRuns: 1 })[0] ?? [];
}

/** The second one is placed in the run that the first has made of it. */
const placedIn = (world: World, most: number, salt: string): readonly Fault[] => sample([...deaths(world)], most, salt);

describe.each(undoGraphs)("$name", (graph: UndoGraph) => {
  it.each(circumstances)(
    "breaks no rule after whichever two deaths, %s",
    async (how, circumstance) => {
      const calm = await endsWell(graph, { faults: [], ...circumstance });
      const seen = new Set([courseOf(calm)]);
      for (const [i, one] of placedIn(calm, DEEP ? Infinity : 3, `${graph.name}${how}`).entries()) {
        const world = await endsWell(graph, { faults: [one], ...circumstance });
        if (seen.has(courseOf(world))) continue;
        seen.add(courseOf(world));
        // Each two once, where all are placed.
        const after = (other: Fault) => !DEEP || ("at" in other && "at" in one && other.at > one.at);
        for (const other of placedIn(world, DEEP ? Infinity : 2, `${graph.name}${how}${i}`).filter(after))
          await endsWell(graph, { faults: [one, other], ...circumstance });
      }
    },
    LONGEST_MS,
  );

  const requests: readonly [string, ControlRequest | "purge"][] = [
    ["a cancel", { kind: "cancel" }],
    ["a cancel that undoes nothing", { kind: "cancel", undo: false }],
    ["a pause", { kind: "pause" }],
    ["a purge of all queues", "purge"],
  ];
  it.each(requests)(
    "breaks no rule after %s at whichever call, a death, and a redrive",
    async (name, request) => {
      const calm = await endsWell(graph, { faults: [] });
      for (const at of sample(callsOf(calm), DEEP ? Infinity : 2, `${graph.name}${name}`)) {
        const circumstance = { ...around(at), afterwards: [{ kind: "redrive" }] } as const;
        const one: Fault = request === "purge" ? { kind: "purge", at } : asked(request, at);
        const world = await endsWell(graph, { faults: [one], ...circumstance });
        for (const other of placedIn(world, DEEP ? 40 : 2, `${graph.name}${name}${at}`))
          await endsWell(graph, { faults: [one, other], ...circumstance });
      }
    },
    LONGEST_MS,
  );

  it(
    "breaks no rule after a redrive from whichever step, and a death",
    async () => {
      const calm = await endsWell(graph, { faults: [] });
      const steps = [...(calm.end()?.records.keys() ?? [])].filter((key) => key.startsWith("step/"));
      for (const [i, key] of steps.entries()) {
        const from = key.slice("step/".length);
        const circumstance = { ...around(i), afterwards: [{ kind: "redrive", from }] } as const;
        const world = await endsWell(graph, { faults: [], ...circumstance });
        if (world.end()?.header.epoch === 0) continue; // refused
        for (const other of placedIn(world, DEEP ? Infinity : 1, `${graph.name}${from}`))
          await endsWell(graph, { faults: [other], ...circumstance });
      }
    },
    LONGEST_MS,
  );
});

const PLANS = /^decide .*#undo$/;

describe("any of them", () => {
  const named = (name: string): UndoGraph => undoGraphs.find((it) => it.name === name) as UndoGraph;
  /** From the first plan of what is undone on. */
  const undoing = (world: World): readonly number[] => {
    const first = world.history.find(({ what }) => PLANS.test(what))?.call ?? 0;
    return callsOf(world).filter((call) => call >= first);
  };

  it("goes on with every stage of what is undone, whichever call all messages are lost at", async () => {
    const calm = await endsWell(named("chain"), { faults: [] });
    for (const at of undoing(calm)) await endsWell(named("chain"), { faults: [{ kind: "purge", at }] });
  });

  it("goes on with undoing a race's losers, whichever call it is paused at, and then cancelled", async () => {
    const calm = await endsWell(named("race"), { faults: [] });
    for (const at of undoing(calm)) {
      const cancel = { afterMs: 60_000, order: { kind: "cancel" } } as const;
      await endsWell(named("race"), { faults: [asked({ kind: "pause" }, at)], asked: [cancel] });
    }
  });

  it("stands still while it is paused, at whichever call: what it waits for there is not asked for again", async () => {
    const calm = await endsWell(named("undoingInside"), { faults: [] });
    for (const at of some(callsOf(calm), 20))
      await endsWell(named("undoingInside"), { faults: [asked({ kind: "pause" }, at)] });
  });

  it.each(["race", "nested", "within", "stuckRace"])(
    "has each step undone by one plan, whoever sleeps while it is cancelled: %s",
    async (name) => {
      const calm = await endsWell(named(name), { faults: [] });
      for (const { call: at, atMs } of calm.history.filter(({ what }) => PLANS.test(what))) {
        const afterMs = atMs - (calm.history[0]?.atMs ?? 0) + 1_000;
        const stall = { kind: "stall", at, when: "before", ms: 20_000 } as const;
        await endsWell(named(name), { faults: [stall], asked: [{ afterMs, order: { kind: "cancel" } }] });
      }
    },
  );
});
