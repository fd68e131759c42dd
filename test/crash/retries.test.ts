/** How often a step is tried, and when. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import type { HandlerOutcome } from "../../lib/ports/handlers.ts";
import { failure, Simulation } from "../support/simulation.ts";

describe.each([
  ["a step", false],
  ["a repeatable step, which nobody claims,", true],
])("%s", (_, repeatable) => {
  const of = { input: z.string(), output: z.string(), repeatable };
  const retry = { maxAttempts: 3, firstDelay: "1 hour", rate: 1, maxDelay: "1 hour" } as const;
  const errors = ["Declined", "Busy"] as const;
  const flow = (more: { readonly on?: readonly "Busy"[] } = {}) =>
    workflow("flow", { input: z.string() }).task(node("flaky", { ...of, retry: { ...retry, ...more }, errors }));
  /** When its handler ran, in ms from the start. */
  async function ranAt(
    outcome: HandlerOutcome,
    { program } = flow(),
  ): Promise<{ sim: Simulation; at: readonly number[] }> {
    const at: number[] = [];
    const flaky = () => {
      at.push(sim.clock.now() - startedAtMs);
      return outcome;
    };
    const start = { workflow: "flow", id: "1", input: "in" };
    const sim = new Simulation(
      { programs: [program], handlers: { flaky }, start },
      { dies: "process", durable: "each write" },
    );
    const startedAtMs = sim.clock.now();
    await sim.run();
    return { sim, at };
  }

  it("that fails is tried as often as its node says, later each time", async () => {
    const { sim, at } = await ranAt(failure("handler_failed", false));
    expect(at).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = at;
    expect(first).toBe(0);
    // The delays are drawn from the seeded clock.
    expect(second).toBeGreaterThan(1000);
    expect(third - second).toBeGreaterThan(1000);
    expect(sim.wrong).toEqual([]);
    expect(sim.execution("flow/1").header).toMatchObject({ status: "failed", error: { code: "handler_failed" } });
  });

  it("that fails for good is not tried again", async () => {
    const { sim, at } = await ranAt(failure("Declined", true));
    expect(at).toEqual([0]);
    expect(sim.execution("flow/1").header).toMatchObject({ status: "failed", error: { code: "Declined" } });
  });

  it("that fails with a code that its node declares is tried again where the node says so, and with no other", async () => {
    const busy = flow({ on: ["Busy"] });
    expect((await ranAt(failure("Busy", true), busy)).at).toHaveLength(3);
    expect((await ranAt(failure("Declined", true), busy)).at).toEqual([0]);
    expect((await ranAt(failure("handler_failed", false), busy)).at).toEqual([0]);
  });
});
