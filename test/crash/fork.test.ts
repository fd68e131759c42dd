/** Forks in the world of many workers: whatever goes wrong, what begins is whole, and what was done is not done again. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ForkRequest } from "../../lib/engine/fork-request.ts";
import { contract, event, node, workflow } from "../../lib/index.ts";
import { singleFaults } from "../../lib/testing/world/placements.ts";
import { type Fault, type Plan, ZOMBIE_MS } from "../../lib/testing/world/plan.ts";
import { World } from "../../lib/testing/world/world.ts";
import { DEEP } from "../support/deep.ts";
import { failure, output } from "../support/simulation.ts";
import { answering, printPlan, told } from "../support/worlds.ts";

const text = { input: z.string(), output: z.string(), retry: { maxAttempts: 1 } };
const work = node("work", { ...text, errors: ["Declined"] });
const quick = node("quick", { ...text, inline: true, repeatable: true });
const undone = node("undone", { input: z.string().nullable(), output: z.string() });
const done = event("shop", "Done", { version: 1, data: z.object({ by: z.string() }) });

const order = workflow("order", { input: z.string() })
  .task(quick)
  .task(work.as("pay"), { undo: undone })
  .parallel("p", {
    left: (b) => b.task(work.as("one")).emit(done, (s) => ({ by: s.one })),
    right: (b) => b.task(quick.as("two")).task(work.as("three")),
  })
  .race("first", {
    won: (b) => b.task(quick.as("four"), { input: (s) => s.p.left }),
    lost: (b) => b.wait("nap", { for: "1 hour" }).set("late", () => "late"),
  })
  .map("each", { over: (s) => [s.first.branch, "y", "z"], each: (b) => b.task(work.as("one")), concurrency: 2 })
  .task(work.as("last"), { input: (s) => `${s.p.right} ${s.first.output} ${s.each.join(" ")}` });

interface Ran {
  readonly execution: string;
  readonly path: string;
  readonly epoch: number;
}
interface Run {
  readonly world: World;
  readonly ran: readonly Ran[];
}

const request = (from: string): ForkRequest => ({ kind: "fork", from, id: "2", input: "other" });
const NAME = { workflow: "order", id: "2" };

/** @param fails the path of a step that fails in the first execution */
async function run(plan: Plan, fails?: string): Promise<Run> {
  const ran: Ran[] = [];
  const world = new World(
    {
      programs: [order.program],
      start: { workflow: "order", id: "1", input: "in" },
      handlers: answering({
        work: async ({ input, step }) => {
          ran.push(step);
          if (step.path === fails && step.execution === "order/1") return failure("Declined", true);
          return output(`${String(input)}>${step.path.split("/").at(-1)}`);
        },
        quick: async ({ input, step }) => {
          ran.push(step);
          return output(`${String(input)}>${step.path.split("/").at(-1)}`);
        },
        undone: async ({ step }) => {
          ran.push(step);
          return output("gone");
        },
      }),
    },
    plan,
  );
  return { world: await world.run(), ran };
}

const ranIn = ({ ran }: Run, id: string) =>
  new Set(ran.filter((r) => r.execution === `order/${id}`).map((r) => r.path));

/** What is wrong with it besides what the world sees by itself. */
function wrongWith(of: Run, calm: Run): readonly string[] {
  const { world } = of;
  const wrong = [...world.wrong];
  const [end, wanted] = [world.end(NAME), calm.world.end(NAME)];
  if (end?.header.status !== wanted?.header.status || end?.output !== wanted?.output)
    wrong.push(`the fork is ${end?.header.status} with ${end?.output}, and not ${wanted?.output}`);
  const again = [...ranIn(of, "2")].filter((path) => !ranIn(calm, "2").has(path));
  if (again.length > 0) wrong.push(`${again.join(", ")} ran in the fork`);
  const ids = new Set(world.events.map(({ id }) => id)).size;
  const wantedIds = new Set(calm.world.events.map(({ id }) => id)).size;
  if (ids !== wantedIds) wrong.push(`${ids} events were put, and not ${wantedIds}`);
  return wrong;
}

async function firstWrong(plans: Iterable<Plan>, calm: Run, fails?: string): Promise<string | undefined> {
  for (const plan of plans) {
    const of = await run(plan, fails);
    const wrong = wrongWith(of, calm);
    if (wrong.length > 0) return `${printPlan(plan)}: ${wrong.join("; ")}\n${told(of.world)}`;
  }
  return undefined;
}

const DEPLOYED: Omit<Plan, "faults"> = { skewsMs: [0, 30_000, -30_000], glanceLagMs: 1_000 };

describe.each<[string, string, string | undefined, readonly string[]]>([
  ["from a step of a branch", "p/left/one", undefined, ["p/left/one", "first/won/four", "each/0/one", "last"]],
  ["from an item of a map", "each/1/one", undefined, ["each/1/one", "last"]],
  ["from a step that failed, of what was undone", "each/0/one", "each/0/one", ["pay", "p/right/three", "last"]],
])("a fork %s", (_, from, fails, runs) => {
  const plan: Plan = { faults: [], afterwards: [request(from)], ...DEPLOYED };

  it("runs what it is to run, and ends", async () => {
    const calm = await run(plan, fails);
    expect(calm.world.wrong, told(calm.world)).toEqual([]);
    expect(calm.world.end(NAME)?.header.status).toBe("succeeded");
    expect([...ranIn(calm, "2")]).toEqual(expect.arrayContaining([...runs]));
    expect([...ranIn(calm, "2")]).not.toContain("quick");
  });

  it("does so at every single fault", async () => {
    const before = await run({ ...plan, afterwards: [] }, fails);
    const calm = await run(plan, fails);
    const faults = [...singleFaults(calm.world)].filter((fault) =>
      "message" in fault ? fault.message > before.world.messages : "at" in fault && fault.at > before.world.calls,
    );
    expect(faults.length).toBeGreaterThan(300);
    const sampled = faults.filter((_, i) => DEEP || i % 9 === 0);
    const plans = sampled.map((fault): Plan => ({ ...plan, faults: [fault] }));
    expect(await firstWrong(plans, calm, fails)).toBeUndefined();
  });
});

describe("a fork of what calls", () => {
  const other = contract("other", { input: z.string(), output: z.string() });
  const called = workflow("other", { input: z.string() }).task(quick).wait("nap", { for: "1 hour" });
  const calling = workflow("order", { input: z.string() })
    .call(other, {})
    .call(other, { as: "aside", detached: true, input: (s) => s.other })
    .task(work.as("one"), { input: (s) => s.other })
    .parallel("p", { call: (b) => b.call(other, { as: "again" }), beside: (b) => b.task(work.as("two")) });

  /** The executions that were called, and by whom. */
  async function calls(plan: Plan): Promise<readonly string[]> {
    const world = await new World(
      {
        programs: [calling.program, called.program],
        start: { workflow: "order", id: "1", input: "in" },
        handlers: answering({ work: async () => output("x"), quick: async () => output("y") }),
      },
      plan,
    ).run();
    expect(world.wrong, told(world)).toEqual([]);
    expect(world.end(NAME)?.header.status).toBe("succeeded");
    return world.store
      .executions({ workflow: "other", limit: 100 })
      .map(({ trigger }) => (trigger.kind === "call" ? `${trigger.execution} ${trigger.path}` : trigger.kind))
      .toSorted();
  }
  const first = ["order/1 aside", "order/1 other", "order/1 p/call/again"];

  it("calls again what its step leads to", async () => {
    expect(await calls({ faults: [], afterwards: [request("one")] })).toEqual([...first, "order/2 p/call/again"]);
  });
  it("calls nothing again that has answered, or was not waited for", async () => {
    expect(await calls({ faults: [], afterwards: [request("p/beside/two")] })).toEqual(first);
  });
  it("calls another one where it still waits", async () => {
    // From a few calls after its step has settled on.
    for (let at = 1; ; at++) {
      const plan: Plan = { faults: [{ kind: "control", at, order: request("p/beside/two") }] };
      const found = await calls(plan).catch(() => undefined);
      if (found) return expect(found).toEqual([...first, "order/2 p/call/again"]);
    }
  });
});

describe("a fork of what is under way", () => {
  /** Asked for before each call, as far as the step has settled by then. */
  async function whenever(more: (at: number) => readonly Fault[]): Promise<string | undefined> {
    const { world } = await run({ faults: [], ...DEPLOYED });
    let forked = 0;
    for (let at = 1; at <= world.calls; at++) {
      const plan: Plan = { faults: [{ kind: "control", at, order: request("pay") }, ...more(at)], ...DEPLOYED };
      const of = await run(plan);
      const end = of.world.end(NAME);
      const wrong = [...of.world.wrong];
      if (of.world.end()?.header.status !== "succeeded") wrong.push("the other one did not end");
      if (end && end.header.status !== "succeeded") wrong.push(`the fork is ${end.header.status}`);
      if (ranIn(of, "2").has("quick")) wrong.push("the fork ran what came before the step");
      if (end) forked++;
      if (wrong.length > 0) return `${printPlan(plan)}: ${wrong.join("; ")}\n${told(of.world)}`;
    }
    return forked > world.calls / 2 ? undefined : `it was forked ${forked} times only`;
  }

  it("is whole, whenever it is asked for", async () => {
    expect(await whenever(() => [])).toBeUndefined();
  });
  it.each(DEEP ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [6])("is whole when a worker dies %i calls later", async (after) => {
    expect(await whenever((at) => [{ kind: "crash", at: at + after, when: "after" }])).toBeUndefined();
  });
  it.each(DEEP ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : [8])(
    "is whole when a worker sleeps %i calls later, and wakes when all is done",
    async (after) => {
      expect(
        await whenever((at) => [{ kind: "stall", at: at + after, when: "before", ms: ZOMBIE_MS }]),
      ).toBeUndefined();
    },
  );
});
