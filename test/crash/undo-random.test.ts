/** Random workflows of races, catches, tolerated items and undo: whatever befalls them, no rule is broken. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import { type Fault, type Plan, ZOMBIE_MS } from "../../lib/testing/world/plan.ts";
import { World } from "../../lib/testing/world/world.ts";
import { DEEP } from "../support/deep.ts";
import { plannedUndo, undoScenario } from "../support/random-undo.ts";
import { printPlan, told } from "../support/worlds.ts";

const at = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 300 }));
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
const order: fc.Arbitrary<ControlRequest> = fc.constantFrom<ControlRequest[]>(
  ...[{ kind: "pause" } as const, { kind: "resume" } as const, { kind: "redrive" } as const, { kind: "heal" } as const],
  ...[{ kind: "cancel" } as const, { kind: "cancel", undo: false } as const],
);
const asked: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: kind("control"), at, order }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("purge"), at }) },
);
const plan: fc.Arbitrary<Plan> = fc.record({
  faults: fc
    .tuple(fc.array(fault, { maxLength: 6 }), fc.array(asked, { maxLength: 3 }))
    .map(([faults, asks]) => [...faults, ...asks]),
  afterwards: fc.array(order, { maxLength: 3 }),
  seed: fc.nat(1000),
  jitterMs: fc.constantFrom(0, 5, 2000),
  glanceLagMs: fc.constantFrom(0, 1000),
});

it("a random workflow breaks no rule, whatever befalls it, whatever is asked of it, and from wherever it is redriven", async () => {
  const salt = fc.string({ minLength: 1, maxLength: 2 });
  const property = fc.asyncProperty(plannedUndo, salt, plan, fc.nat(1000), async (planned, salted, p, nth) => {
    const run = (of: Plan) => new World(undoScenario(planned, salted), of).run();
    const base = await run(p);
    if (base.wrong.length > 0) throw new Error(`${printPlan(p)}: ${told(base)}`);
    const steps = [...(base.end()?.records.keys() ?? [])].filter((key) => key.startsWith("step/"));
    const from = steps[nth % steps.length]?.slice("step/".length);
    const again = { ...p, afterwards: [...(p.afterwards ?? []), { kind: "redrive", from } as const] };
    const world = await run(again);
    expect(world.wrong, `${printPlan(again)}: ${told(world)}`).toEqual([]);
  });
  await fc.assert(property, { numRuns: DEEP ? 3_000 : 30 });
});
