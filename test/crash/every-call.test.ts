import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Fault, type Mode, Simulation } from "../support/simulation.ts";
import { type Case, cases, problemsOf } from "./scenarios.ts";

const whens = ["before", "after"] as const;
const modes: readonly (readonly [string, Mode])[] = [
  ["its process dies, and each write is on disk at once", { dies: "process", durable: "each write" }],
  ["its process dies, and loses the turn's writes", { dies: "process", durable: "each turn" }],
  ["its invocation dies, and the process lives on", { dies: "invocation", durable: "each write" }],
];

/** Runs it with each fault; what went wrong, with the call at which the fault struck. */
async function struck(c: Case, mode: Mode, faults: (calls: number) => Iterable<readonly Fault[]>): Promise<string[]> {
  const { calls } = await new Simulation(c.scenario, mode).run();
  const wrong: string[] = [];
  for (const list of faults(calls.length)) {
    const sim = await new Simulation(c.scenario, mode, list).run();
    const where = list.map((f) => `${f.how ?? "die"} ${f.when} ${f.at} ${sim.calls[f.at - 1]}`).join(" and ");
    for (const problem of problemsOf(c, sim)) wrong.push(`${where}: ${problem}`);
    if (wrong.length > 10) break;
  }
  return wrong.slice(0, 10);
}
function* everyCall(calls: number, how: "die" | "stall" = "die"): Generator<readonly Fault[]> {
  for (let at = 1; at <= calls; at++) for (const when of whens) yield [{ at, when, how }];
}

describe.each(cases)("$name", (c) => {
  it.each(modes)("comes to its end when nothing happens (%s)", async (_, mode) => {
    const sim = await new Simulation(c.scenario, mode).run();
    expect(problemsOf(c, sim)).toEqual([]);
    expect(sim.deaths).toBe(0);
  });

  it.each(modes)("comes to the same end, once, at whichever port call %s", async (_, mode) => {
    expect(await struck(c, mode, everyCall)).toEqual([]);
  });

  it("comes to the same end, once, when every message is sent twice, wherever its process dies", async () => {
    const mode: Mode = { dies: "process", durable: "each write", twice: "sent", carryBytes: 1_000_000 };
    expect(await struck(c, mode, everyCall)).toEqual([]);
  });

  it("comes to the same end, once, when every message is delivered to two at once, wherever its process dies", async () => {
    const mode: Mode = { dies: "process", durable: "each write", twice: "delivered" };
    expect(await struck(c, mode, everyCall)).toEqual([]);
  });

  it("comes to the same end, once, whichever call outlasts its lease and its message comes to another", async () => {
    const mode: Mode = { dies: "process", durable: "each write", twice: "again" };
    expect(await struck(c, mode, (calls) => everyCall(calls, "stall"))).toEqual([]);
  });

  it("comes to the same end, once, whichever call outlasts every lease while a second message takes over", async () => {
    const mode: Mode = { dies: "process", durable: "each write", twice: "sent", carryBytes: 1_000_000 };
    expect(await struck(c, mode, (calls) => everyCall(calls, "stall"))).toEqual([]);
  });
});

describe("any of them", () => {
  it("comes to the same end, once, after up to three deaths or stalls at any calls", async () => {
    const fault = fc.record({
      at: fc.integer({ min: 1, max: 140 }),
      when: fc.constantFrom(...whens),
      how: fc.constantFrom("die" as const, "stall" as const),
    });
    const mode = fc.record({
      dies: fc.constantFrom("process" as const, "invocation" as const),
      durable: fc.constantFrom("each write" as const, "each turn" as const),
      twice: fc.constantFrom("sent" as const, "delivered" as const, "again" as const),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...cases.map(({ name }) => name)),
        mode,
        fc.array(fault, { minLength: 2, maxLength: 3 }),
        async (name, m, faults) => {
          const c = cases.find((one) => one.name === name) as Case;
          const sim = await new Simulation(c.scenario, m, faults).run();
          expect(problemsOf(c, sim)).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });
});
