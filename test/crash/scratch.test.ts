import { it } from "vitest";
import { Simulation } from "../support/simulation.ts";
import { cases, problemsOf } from "./scenarios.ts";
it("x", async () => {
  const c = cases.find((c) => c.name.includes("events"))!;
  const sim = new Simulation(c.scenario, {"dies":"process","durable":"each write","twice":"delivered"}, [{"at":132,"when":"before","how":"stall"},{"at":35,"when":"after","how":"die"},{"at":130,"when":"before","how":"die"}]);
  const orig = sim.call.bind(sim);
  sim.call = (w: string) => { const f = orig(w); console.log(sim.calls.length, sim.clock.now() % 1e9, w, f ?? ""); return f; };
  await sim.run();
  console.log(problemsOf(c, sim));
});
