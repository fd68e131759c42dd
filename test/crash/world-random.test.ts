/** Random workflows under up to thirty faults each: whatever happens, they come to what their plan means. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../lib/model/json.ts";
import { type Fault, type Plan, ZOMBIE_MS } from "../../lib/testing/world/plan.ts";
import { type Scenario, World } from "../../lib/testing/world/world.ts";
import { DEEP } from "../support/deep.ts";
import { answer, meaningOf, NODES, type PlannedWorkflow, plannedWorkflow, programOf } from "../support/plan.ts";
import { type Answer, output } from "../support/simulation.ts";
import { answering, told } from "../support/worlds.ts";

const start = { workflow: "planned", id: "1", input: "in" };
const answers: Answer = (call) => output(answer(call.step.path, call.input));
const handlers = answering(Object.fromEntries(Object.keys(NODES).map((name) => [name, answers])));

const MOST_FAULTS = 30;
/** Where a fault may strike: later ones, where a run is that long. */
const at = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 400 }));
const when = fc.constantFrom("before" as const, "after" as const);
const message = fc.integer({ min: 1, max: 60 });
const ms = fc.constantFrom(500, 10_000, 40_000, 90_000, ZOMBIE_MS);
const kind = <K extends string>(k: K) => fc.constant(k);
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: kind("crash"), at, when }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("stall"), at, when, ms }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("refuse"), at }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("part"), at }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("duplicate"), message, afterMs: ms }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("late"), message, ms }) },
);
// Now and then further apart than the margin.
const skew = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -30_000, max: 30_000 }) },
  { weight: 1, arbitrary: fc.constant(200_000) },
);
const plan: fc.Arbitrary<Plan> = fc.record({
  faults: fc.array(fault, { maxLength: MOST_FAULTS, size: "max" }),
  seed: fc.nat(1000),
  skewsMs: fc.array(skew, { minLength: 1, maxLength: 4 }),
  batch: fc.integer({ min: 1, max: 10 }),
  jitterMs: fc.constantFrom(0, 5, 2000),
  glanceLagMs: fc.constantFrom(0, 1000),
  carryBytes: fc.constantFrom(0, 1_000_000),
});
const requests: fc.Arbitrary<readonly Fault[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: kind("control"),
      at,
      order: fc
        .constantFrom(...(["pause", "resume", "pause", "resume", "cancel", "heal"] as const))
        .map((it) => ({ kind: it })),
    }),
    fc.record({ kind: kind("purge"), at }),
  ),
  { minLength: 1, maxLength: 8 },
);
const chain: fc.Arbitrary<PlannedWorkflow> = fc.record({
  states: fc
    .array(fc.constantFrom(...(Object.keys(NODES) as (keyof typeof NODES)[])), { minLength: 50, maxLength: 50 })
    .map((nodes) => nodes.map((node, i) => ({ kind: "task" as const, name: `a${i}`, node, looks: null }))),
  output: fc.constant(null),
});

const scenarioOf = (planned: PlannedWorkflow): Scenario => ({ programs: [programOf(planned)], handlers, start });

async function comesToWhatItMeans(planned: PlannedWorkflow, faults: Plan): Promise<void> {
  const meaning = meaningOf(planned, start.input);
  const world = await new World(scenarioOf(planned), faults).run();
  const end = world.end();
  if (world.wrong.length > 0) throw new Error(told(world));
  expect(end?.header.status).toBe("succeeded");
  expect(end?.output).toEqual(meaning.output);
  const settled = [...(end?.records ?? [])].flatMap(([key, r]) => (r.kind === "step" ? [key] : []));
  expect(settled.toSorted()).toEqual(
    Object.keys(meaning.tasks)
      .map((path) => `step/${path}`)
      .toSorted(),
  );
  const sent = new Map(world.events.map(({ id, data }) => [id, data]));
  expect([...sent.values()].toSorted()).toEqual(meaning.emitted as Json[]);
}

describe("a random workflow in a world of many workers", () => {
  it("comes to what its plan means, whatever thirty faults befall it", async () => {
    const property = fc.asyncProperty(plannedWorkflow, plan, comesToWhatItMeans);
    await fc.assert(property, { numRuns: DEEP ? 20_000 : 250 });
  });
  it("comes to what its plan means when it is a chain of fifty", async () => {
    const property = fc.asyncProperty(chain, plan, comesToWhatItMeans);
    await fc.assert(property, { numRuns: DEEP ? 2_000 : 20 });
  });
  it("ends as it means, or cancelled if it was, whatever is asked of it meanwhile", async () => {
    const asked = fc.asyncProperty(plannedWorkflow, plan, requests, async (planned, p, asks) => {
      const world = await new World(scenarioOf(planned), { ...p, faults: [...p.faults, ...asks] }).run();
      if (world.wrong.length > 0) throw new Error(told(world));
      const { header, output: found } = world.end() ?? {};
      if (header?.status !== "cancelled") expect(found).toEqual(meaningOf(planned, start.input).output);
    });
    await fc.assert(asked, { numRuns: DEEP ? 10_000 : 150 });
  });
});
