import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../lib/model/json.ts";
import { faultWithin, mode } from "../support/faults.ts";
import { answer, meaningOf, NODES, plannedWorkflow, programOf } from "../support/plan.ts";
import { type Answer, output, Simulation } from "../support/simulation.ts";

const answering: Answer = (call) => output(answer(call.step.path, call.input));
const handlers = Object.fromEntries(Object.keys(NODES).map((name) => [name, answering]));
const start = { workflow: "planned", id: "1", input: "in" };

const faults = fc.array(faultWithin(200), { maxLength: 3 });

describe("a random workflow", () => {
  it("comes to what its plan means, and settles each step once, whatever dies, stalls or comes twice", async () => {
    await fc.assert(
      fc.asyncProperty(plannedWorkflow, mode, faults, async (plan, m, f) => {
        const meaning = meaningOf(plan, start.input);
        const sim = await new Simulation({ programs: [programOf(plan)], handlers, start }, m, f).run();
        expect(sim.wrong).toEqual([]);
        const found = sim.execution("planned/1");
        expect(found.header.status).toBe("succeeded");
        expect(found.output).toEqual(meaning.output);
        const settled = [...sim.disk.settled].map(([where, n]) => `${where} ${n}`).toSorted();
        expect(settled).toEqual(
          Object.keys(meaning.tasks)
            .map((path) => `planned/1 step/${path} 1`)
            .toSorted(),
        );
        // Who runs a step that has settled meanwhile, to no effect, may see names that came later; nobody else may.
        for (const { late, input, step } of sim.runs)
          if (!late) expect(input).toEqual(meaning.tasks[step.path] as Json);
      }),
      { numRuns: 300 },
    );
  });
});
