/** What a step does besides: writes that settle with it, parts of its handler that are remembered. Whatever goes wrong. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import type { StepRecord } from "../../lib/kernel/record.ts";
import type { Json } from "../../lib/model/json.ts";
import { InProcessHandlers } from "../../lib/node/in-process.ts";
import { implement } from "../../lib/node/index.ts";
import { deaths, singleFaults } from "../../lib/testing/world/placements.ts";
import type { Fault, Plan } from "../../lib/testing/world/plan.ts";
import { World } from "../../lib/testing/world/world.ts";
import { DEEP } from "../support/deep.ts";
import { printPlan, told } from "../support/worlds.ts";

const text = { input: z.json(), output: z.json() };
const pay = node("pay", { ...text, timeout: "10 seconds" });
const book = node("book", { ...text, inline: true });
const retried = node("retried", { ...text, retry: { maxAttempts: 4 } });
const spent = node("spent", { ...text, retry: { maxAttempts: 2 } });

const selling = workflow("selling", { input: z.json() })
  .task(pay)
  .parallel("p", {
    book: (b) => b.task(book),
    retried: (b) => b.task(retried).task(pay.as("again")),
  })
  .map("each", { over: () => [1, 2, 3], each: (b) => b.task(book.as("line")), concurrency: 2 })
  .task(spent)
  .output((s) => s.spent as Json);

/** A counter under the step's path: how often the step took effect. */
const counted = (path: string) => ({
  Update: {
    TableName: "effects",
    Key: { pk: path },
    UpdateExpression: "ADD n :one",
    ExpressionAttributeValues: { ":one": 1 },
  },
});

/** @param mended from then on the last step has no trouble */
function handlersOf(mended: () => boolean) {
  let parts = 0;
  const counting = (node: Parameters<typeof implement>[0], fails: (attempt: number) => boolean = () => false) =>
    implement(node, async (_, step) => {
      const part = await step.memo("part", () => ++parts);
      step.transact(counted(step.path));
      if (fails(step.attempt)) throw new Error("not yet");
      return part as never;
    });
  const handlers = new InProcessHandlers(() => {});
  handlers.add(selling.program, {
    pay: counting(pay),
    book: counting(book),
    retried: counting(retried, (attempt) => attempt < 3),
    spent: counting(spent, () => !mended()),
  });
  return handlers;
}

async function run(plan: Plan): Promise<World> {
  // The world asks for the redrive when the first end has come: from then on it goes well.
  const world: World = new World(
    {
      programs: [selling.program],
      start: { workflow: "selling", id: "1", input: null },
      handlers: () => handlersOf(() => (world.end()?.header.epoch ?? 0) > 0),
      alike: false, // each run of a part gives another number
    },
    { ...plan, afterwards: [{ kind: "redrive" }] },
  );
  return world.run();
}

function wrongWith(world: World): readonly string[] {
  const wrong = [...world.wrong];
  const end = world.end();
  if (end?.header.status !== "succeeded") wrong.push(`it is ${end?.header.status} in epoch ${end?.header.epoch}`);
  const items = new Map(world.store.items("effects").map(({ pk, n }) => [pk, n]));
  for (const [key, record] of end?.records ?? []) {
    if (record.kind !== "step" || record.status !== "settled") continue;
    const path = key.slice("step/".length);
    if (items.get(path) !== 1)
      wrong.push(`${path} has settled, and its writes took effect ${items.get(path) ?? 0} times`);
    items.delete(path);
    wrong.push(...forgotten(path, record));
  }
  // What failed in the first generation goes on in the next with what it has remembered.
  const failed = world.store.records("selling/1").get("step/spent");
  const part = failed?.kind === "step" ? failed.memo?.part : undefined;
  if (part !== undefined && part !== end?.output) wrong.push(`spent remembered ${part}, and gave ${end?.output}`);
  for (const path of items.keys()) wrong.push(`the writes of ${path} took effect, and it has not settled`);
  return wrong;
}

/** A part that is remembered has not been run again: what the handler gave is what was remembered first. */
function forgotten(path: string, { memo, output }: StepRecord): readonly string[] {
  const part = memo?.part;
  return part === undefined || part === output ? [] : [`${path} remembered ${part}, and gave ${String(output)}`];
}

async function firstWrong(plans: Iterable<Plan>): Promise<string | undefined> {
  for (const plan of plans) {
    const world = await run(plan);
    const wrong = wrongWith(world);
    if (wrong.length > 0) return `${printPlan(plan)}: ${wrong.join("; ")}\n${told(world)}`;
  }
  return undefined;
}

describe("the effects of steps", () => {
  it("are each there once when nothing goes wrong", async () => {
    const world = await run({ faults: [] });
    expect(wrongWith(world)).toEqual([]);
    expect(world.store.items("effects")).toHaveLength(8);
    expect(world.end()?.header.epoch).toBe(1);
  });

  it("are each there once at every single fault", async () => {
    const calm = await run({ faults: [] });
    const faults = [...singleFaults(calm)];
    const plans = faults.map((fault): Plan => ({ faults: [fault], skewsMs: [0, 30_000, -30_000], glanceLagMs: 1_000 }));
    expect(await firstWrong(plans)).toBeUndefined();
  });

  it("are each there once at two deaths or zombies", async () => {
    const all = [...deaths(await run({ faults: [] }))];
    const stride = DEEP ? 1 : 41;
    function* pairs(): Generator<Plan> {
      let n = 0;
      for (const [i, one] of all.entries())
        for (const other of all.slice(i + 1)) if (n++ % stride === 0) yield { faults: [one, other] as Fault[] };
    }
    expect(await firstWrong(DEEP ? pairs() : [...pairs()].slice(0, 400))).toBeUndefined();
  });
});
