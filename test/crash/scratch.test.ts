import { expect, it } from "vitest";
import { Simulation, type Mode } from "../support/simulation.ts";
import { cases } from "./scenarios.ts";
const modes: Mode[] = [{ dies: "process", durable: "each write" }, { dies: "process", durable: "each turn" }, { dies: "invocation", durable: "each write" }];
for (const c of cases) for (const mode of modes) it(`${c.name} ${JSON.stringify(mode)}`, async () => {
  const sim = await new Simulation(c.scenario, mode).run();
  const e = sim.execution(`${c.scenario.start.workflow}/1`);
  expect({ wrong: sim.wrong, status: e.header.status, output: e.output }).toEqual({ wrong: [], status: c.status, output: c.output });
  const n = sim.calls.length;
  const t0 = performance.now();
  const bad: string[] = [];
  for (let i = 1; i <= n; i++) for (const when of ["before", "after"] as const) {
    const s = await new Simulation(c.scenario, mode, [{ at: i, when }]).run();
    const f = s.execution(`${c.scenario.start.workflow}/1`);
    if (s.wrong.length || f.header.status !== c.status || JSON.stringify(f.output) !== JSON.stringify(c.output)) bad.push(`${i} ${when} ${sim.calls[i - 1]} ${f.header.status} ${s.wrong.slice(0, 3).join("; ")}`);
  }
  console.log(n, performance.now() - t0, sim.calls.join(" ").slice(0, 300));
  expect(bad).toEqual([]);
}, 60000);
