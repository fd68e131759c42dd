/** What a duplicate, a crash or a failure may cost at most. */
import { expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { type Answer, output, type Scenario, Simulation } from "../support/simulation.ts";
import { cases } from "./scenarios.ts";

const queued = node("queued", { input: z.string(), output: z.string() });
const inlined = node("inlined", { input: z.string(), output: z.string(), inline: true });
const pass: Answer = (call) => output(call.input);
const handlers = { queued: pass, inlined: pass };
const scenario = (program: Scenario["programs"][number]): Scenario => ({
  programs: [program],
  handlers,
  start: { workflow: program.graph.workflow, id: "1", input: "in" },
});
/** A builder for chains that no compiler has seen: their length is a number. */
interface Untyped {
  readonly program: Scenario["programs"][number];
  task(node: unknown, options?: { input: () => unknown }): Untyped;
  parallel(name: string, branches: Record<string, (b: Untyped) => Untyped>): Untyped;
}
const count = (sim: Simulation, what: string) => sim.calls.filter((call) => call === what).length;

it("a message that comes twice costs a message or two more, not one at each hop after it", async () => {
  let chain = workflow("chain", { input: z.string() }) as unknown as Untyped;
  for (let i = 0; i < 20; i++) chain = chain.task(queued.as(`s${i}`));
  const quiet = await new Simulation(scenario(chain.program), { dies: "process", durable: "each write" }).run();
  expect(count(quiet, "transport.send")).toBe(21);
  // The acknowledgement of the third message is lost, after everything else was done.
  const third = quiet.calls.flatMap((call, i) => (call === "acknowledge" ? [i + 1] : []))[2] ?? 0;
  const again = await new Simulation(scenario(chain.program), { dies: "process", durable: "each write" }, [
    { at: third, when: "before" },
  ]).run();
  expect(again.wrong).toEqual([]);
  expect(again.deaths).toBe(1);
  expect(count(again, "transport.send")).toBeLessThanOrEqual(23);
});

it("a segment of inline parallels that is walked again costs as much for each of them, not twice as much as for the one before", async () => {
  const calls = async (parallels: number) => {
    let flow = workflow("joins", { input: z.string() }) as unknown as Untyped;
    const step = (name: string) => (b: Untyped) => b.task(inlined.as(name), { input: () => "x" });
    for (let i = 0; i < parallels; i++) flow = flow.parallel(`p${i}`, { x: step("x"), y: step("y") });
    const all = scenario(flow.program);
    const mode = { dies: "process", durable: "each write" } as const;
    const quiet = await new Simulation(all, mode).run();
    const last = quiet.calls.lastIndexOf("acknowledge") + 1;
    const again = await new Simulation(all, mode, [{ at: last, when: "before" }]).run();
    expect(again.wrong).toEqual([]);
    expect(again.deaths).toBe(1);
    return again.calls.length - quiet.calls.length;
  };
  const [four, eight] = [await calls(4), await calls(8)];
  expect(eight).toBeLessThanOrEqual(four * 2);
});

it("a failure ends its execution as soon as what was running has settled", async () => {
  const failing = cases.find((c) => c.error === "Broken");
  if (!failing) throw new Error("no such case");
  for (const twice of [undefined, "sent"] as const) {
    const sim = new Simulation(failing.scenario, { dies: "process", durable: "each write", ...(twice && { twice }) });
    await sim.run();
    const { startedAtMs, endedAtMs = 0 } = sim.execution("failing/1").header;
    expect(endedAtMs - startedAtMs).toBeGreaterThanOrEqual(1450); // the slow branch was not cut off
    expect(endedAtMs - startedAtMs).toBeLessThan(2000);
  }
});

it("a process that takes over does not wait for the leases of the one before", async () => {
  for (const c of cases.filter(({ status, name }) => status === "succeeded" && !name.includes("tried again"))) {
    const { calls } = await new Simulation(c.scenario, { dies: "process", durable: "each turn" }).run();
    for (let at = 1; at <= calls.length; at += 3) {
      const sim = await new Simulation(c.scenario, { dies: "process", durable: "each turn" }, [
        { at, when: "after" },
      ]).run();
      for (const { startedAtMs, endedAtMs = 0 } of sim.executions()) expect(endedAtMs - startedAtMs).toBeLessThan(1000);
    }
  }
});
