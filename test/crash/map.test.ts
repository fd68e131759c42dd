import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { faultWithin, mode } from "../support/faults.ts";
import { answer } from "../support/plan.ts";
import { type Answer, output, Simulation } from "../support/simulation.ts";

const text = { input: z.string(), output: z.string() };
const items = Array.from({ length: 205 }, (_, i) => `item ${i}`);
const many = workflow("planned", { input: z.string() }).map("all", {
  over: () => items,
  each: (b) =>
    b
      .choice("c", (s) => (Number(s.item.slice(5)) % 3 === 0 ? "work" : "pass"), {
        work: (w) => w.task(node("inlined", { ...text, inline: true }), { input: (s) => s.item }),
        pass: (p) => p.set("same", (s) => s.item),
      })
      .set("out", (s) => s.c.output),
  concurrency: 50,
}).program;
const inlined: Answer = (call) => output(answer(call.step.path, call.input));
const scenario = { programs: [many], handlers: { inlined }, start: { workflow: "planned", id: "1", input: "in" } };

it("a map of 205 items, whose join is a tree of sets, ends once, whatever dies, stalls or comes twice", async () => {
  const wanted = items.map((item, i) => (i % 3 === 0 ? answer(`all/${i}/c/work/inlined`, item) : item));
  await fc.assert(
    fc.asyncProperty(mode, fc.array(faultWithin(1500), { minLength: 1, maxLength: 3 }), async (m, f) => {
      const sim = await new Simulation(scenario, m, f).run();
      expect(sim.wrong).toEqual([]);
      expect(sim.execution("planned/1").output).toEqual(wanted);
    }),
    { numRuns: 25 },
  );
});
