/** Events for one key, under every single fault: what the trigger says of them holds, and no event starts two executions. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { eventMark, markedId, printExecution } from "../../lib/contract/ids.ts";
import { event, node, signal, workflow } from "../../lib/index.ts";
import { hasEnded, type KeyRecord, type MailboxRecord, mailboxKey } from "../../lib/kernel/record.ts";
import { singleFaults } from "../../lib/testing/world/placements.ts";
import type { Plan } from "../../lib/testing/world/plan.ts";
import { World } from "../../lib/testing/world/world.ts";
import { DEEP } from "../support/deep.ts";
import { output } from "../support/simulation.ts";
import { printPlan, told } from "../support/worlds.ts";

const Placed = z.object({ order: z.string(), n: z.number() });
const placed = event("shop", "Placed", { version: 1, data: Placed });
const text = { input: z.unknown() as unknown as z.ZodType<null>, output: z.null() };
const work = node("work", text);
const rest = node("rest", { ...text, inline: true });

/** Two events at once, and one later. */
const sender = workflow("sender", { input: z.null() })
  .emit(placed, () => ({ order: "7", n: 1 }))
  .emit(placed, () => ({ order: "7", n: 2 }))
  .task(work, { input: () => null })
  .emit(placed, () => ({ order: "7", n: 3 }));

type Policy = "ignore" | "queue" | "replace" | "signal";
const changed = signal("changed", { data: Placed });
const keyed = (policy: Policy) => {
  const whenRunning = policy === "signal" ? { signal: changed } : policy;
  const begun = workflow("keyed", { input: Placed, on: placed.by((e) => e.data.order, { whenRunning }) })
    .task(rest, { input: () => null })
    .task(work, { input: () => null });
  return policy === "signal" ? begun.waitFor(changed, { timeout: "10 seconds" }) : begun;
};

const KEY = "keyed/~key/7";

interface Ran {
  readonly world: World;
  /** In true time. */
  readonly opened: readonly string[];
}

async function run(whenRunning: Policy, plan: Plan): Promise<Ran> {
  const opened: string[] = [];
  const world = new World(
    {
      programs: [sender.program, keyed(whenRunning).program],
      start: { workflow: "sender", id: "1", input: null },
      handlers: (sleep) => ({
        run: async () => {
          await sleep(2_000);
          return output(null);
        },
        abort: () => {},
        stop: async () => {},
      }),
    },
    plan,
  );
  const { store } = world;
  const put = store.putHeader.bind(store);
  store.putHeader = (execution, header) => {
    if (header.workflow === "keyed" && !store.header(execution)) opened.push(execution);
    put(execution, header);
    const open = store.executions({ workflow: "keyed", limit: 10 }).filter((other) => !hasEnded(other));
    if (open.length > 1) world.wrong.push(`${open.map(printExecution).join(" and ")} run for one key`);
  };
  await world.run();
  return { world, opened };
}

/** What is wrong besides what is wrong with any world. */
function alsoWrong(whenRunning: Policy, { world, opened }: Ran): string | undefined {
  const ended = world.store.executions({ workflow: "keyed", limit: 10 });
  const statuses = ended.map(({ status }) => status);
  const key = world.store.record(KEY, "key") as KeyRecord | undefined;
  if (!key || key.running !== undefined || key.waiting.length > 0) return `the key is not free: ${JSON.stringify(key)}`;
  const ids = new Set(world.events.map(({ id }) => markedId("7", eventMark(id))));
  if (ids.size !== 3) return `${ids.size} events were sent`;
  if (ended.some(({ id }) => !ids.has(id))) return "an execution is of no event";
  if (whenRunning === "queue" && ended.length !== 3) return `${ended.length} of 3 events have started an execution`;
  if (whenRunning === "replace") {
    const last = world.store.header(opened.at(-1) ?? "")?.status;
    return last === "succeeded" ? undefined : `the last one is ${last}`;
  }
  if (whenRunning === "signal") return toldOnce(world, new Set(ended.map(({ id }) => id)), ids);
  return statuses.length > 0 && statuses.every((status) => status === "succeeded") ? undefined : `ended ${statuses}`;
}

/** Each event has started an execution, or is one signal of one execution. */
function toldOnce({ store }: World, started: ReadonlySet<string>, events: ReadonlySet<string>): string | undefined {
  const told = [...started].flatMap((id) => {
    const box = store.record(`keyed/${id}`, mailboxKey("changed")) as MailboxRecord | undefined;
    return [...(box?.known ?? []), ...(box?.signals ?? []).map((signal) => signal.id)];
  });
  const all = [...started, ...told.map((signalId) => markedId("7", signalId.slice("event:".length)))];
  if (all.length === events.size && all.every((id) => events.has(id))) return undefined;
  return `started by ${[...started]}, and told ${told}`;
}

async function wrongWith(whenRunning: Policy, plan: Plan): Promise<string | undefined> {
  const ran = await run(whenRunning, plan);
  const { world } = ran;
  const wrong = [...world.wrong, ...[alsoWrong(whenRunning, ran)].filter((it) => it !== undefined)];
  return wrong.length === 0 ? undefined : `${printPlan(plan)}: ${wrong.join("; ")}\n${told(world)}`;
}

const circumstances = {
  "in lockstep": {},
  "a little late, one message at a time": { jitterMs: 40, batch: 1, skewsMs: [0, 30_000, -30_000], glanceLagMs: 2_000 },
} as const satisfies Record<string, Omit<Plan, "faults">>;

describe.each(["ignore", "queue", "replace", "signal"] as const)("events for a running key: %s", (whenRunning) => {
  it.each(Object.entries(circumstances))(
    "each at most once, whatever single thing goes wrong, %s",
    async (_, around) => {
      const { world: counted } = await run(whenRunning, { faults: [], ...around });
      expect(await wrongWith(whenRunning, { faults: [], ...around })).toBeUndefined();
      const faults = [...singleFaults(counted)];
      const stride = DEEP ? 1 : Math.ceil(faults.length / 400);
      for (const [i, fault] of faults.entries())
        if (i % stride === 0) expect(await wrongWith(whenRunning, { faults: [fault], ...around })).toBeUndefined();
    },
  );

  it("at the last of them, it has begun as often as its policy says", async () => {
    const { world } = await run(whenRunning, { faults: [] });
    const statuses = world.store.executions({ workflow: "keyed", limit: 10 }).map(({ status }) => status);
    expect(statuses).toEqual(
      {
        ignore: ["succeeded"],
        queue: ["succeeded", "succeeded", "succeeded"],
        replace: ["succeeded", "cancelled", "cancelled"],
        signal: ["succeeded"],
      }[whenRunning],
    );
  });
});
