import { expect, it } from "vitest";
import { z } from "zod";
import { ASSUMED } from "../../../lib/cost/assumptions.ts";
import { spentBy } from "../../../lib/cost/of-execution.ts";
import { walkGraph } from "../../../lib/cost/walk.ts";
import { node, workflow } from "../../../lib/index.ts";
import { implement } from "../../../lib/node/index.ts";
import { testWorkflow } from "../../../lib/testing/index.ts";

const Text = z.object({ text: z.string() });
const work = node("work", { input: Text, output: Text });
const ridden = node("ridden", { input: Text, output: Text, inline: true, repeatable: true });
const value = { text: "x".repeat(400) };
const payloadBytes = JSON.stringify(value).length;
const handlers = { work: implement(work, (input) => input), ridden: implement(ridden, (input) => input) };
const begin = () => workflow("told", { input: Text });

it.each([
  ["a chain", begin().task(work).task(work.as("b")).task(ridden).task(work.as("c"))],
  [
    "a map of a hundred",
    begin().map("all", { over: (s) => Array(100).fill(s.input), each: (b) => b.task(work), concurrency: 10 }),
  ],
  [
    "a parallel",
    begin()
      .task(work)
      .parallel("both", { left: (b) => b.task(ridden), right: (b) => b.task(work.as("more")) })
      .wait("nap", { for: "1 minute" })
      .task(work.as("last"), { input: (s) => s.input }),
  ],
])("what %s has cost is told by its log as it was reckoned before, within 5%", async (_, of) => {
  const names = new Set(Object.keys(of.program.graph.nodes));
  const used = Object.fromEntries(Object.entries(handlers).filter(([name]) => names.has(name)));
  const test = await testWorkflow(of as ReturnType<typeof begin>, { handlers: used });
  const view = await test.start(value);
  expect(view.status).toBe("succeeded");
  const { graph, slots } = of.program;
  const spent = spentBy(view, graph);
  const { total } = walkGraph({ graph, slots, assumed: { ...ASSUMED, payloadBytes } }).tally;
  for (const what of ["writeUnits", "messages"] as const) {
    expect(spent[what] / total[what], `${what}: ${spent[what]}, ${total[what]} before`).toBeGreaterThanOrEqual(0.95);
    expect(spent[what] / total[what], `${what}: ${spent[what]}, ${total[what]} before`).toBeLessThanOrEqual(1.05);
  }
});

it("each attempt that failed is paid for: its claim, its failure, another message", async () => {
  const failing = (times: number) =>
    implement(work, (input, { attempt }) => {
      if (attempt <= times) throw new Error("not yet");
      return input;
    });
  const of = begin().task(work);
  const spent = async (times: number) => {
    const test = await testWorkflow(of, { handlers: { work: failing(times) } });
    return spentBy(await test.start(value), of.program.graph);
  };
  const [none, two] = [await spent(0), await spent(2)];
  expect(two.writeUnits - none.writeUnits).toBe(2 * 2);
  expect(two.messages - none.messages).toBe(2);
});
