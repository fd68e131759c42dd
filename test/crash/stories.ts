/** Graphs under planned faults, each with the one end that it may come to. */
import type { Json } from "../../lib/model/json.ts";
import type { Counted } from "../../lib/testing/world/placements.ts";
import type { Fault, Plan } from "../../lib/testing/world/plan.ts";
import { World } from "../../lib/testing/world/world.ts";
import type { Scenario } from "../support/simulation.ts";
import { answering, printPlan, told } from "../support/worlds.ts";

export interface Story {
  readonly name: string;
  readonly scenario: Scenario;
  readonly status: "succeeded" | "failed";
  readonly output?: Json;
}
export type Circumstances = Omit<Plan, "faults">;

export const lockstep: Circumstances = {};
/** As deployed, with everything a little late: other orders, other batches, clocks up to a minute apart. */
export const scattered: Circumstances = {
  skewsMs: [0, 30_000, -30_000],
  jitterMs: 40,
  batch: 3,
  glanceLagMs: 2_000,
  carryBytes: 1_000,
};

export async function runs({ scenario }: Story, plan: Plan): Promise<World> {
  const { programs, start, handlers } = scenario;
  return new World({ programs, start, handlers: answering(handlers) }, plan).run();
}

/** What is wrong with the run, told in full. */
export function wrongWith(story: Story, world: World): string | undefined {
  const end = world.end();
  const found = JSON.stringify([end?.header.status, end?.output]);
  const wanted = JSON.stringify([story.status, story.output]);
  if (world.wrong.length === 0 && found === wanted) return undefined;
  return `${story.name}, ${printPlan(world.plan)}: it ends with ${found}, to be ${wanted}\n${told(world)}`;
}

/** The first of these runs that goes wrong. */
export async function first(story: Story, plans: Iterable<Plan> | AsyncIterable<Plan>): Promise<string | undefined> {
  for await (const plan of plans) {
    const problem = wrongWith(story, await runs(story, plan));
    if (problem) return problem;
  }
  return undefined;
}

/** Two by two: the second is placed in the run that the first one has made of it. */
export async function* pairs(
  story: Story,
  circumstances: Circumstances,
  placed: (counted: Counted) => Iterable<Fault>,
): AsyncGenerator<Plan> {
  const calm = await runs(story, { faults: [], ...circumstances });
  const seen = new Set([courseOf(calm)]);
  for (const one of placed(calm)) {
    const world = await runs(story, { faults: [one], ...circumstances });
    const course = courseOf(world);
    if (seen.has(course)) continue;
    seen.add(course);
    for (const other of placed(world)) if (follows(one, other)) yield { faults: [one, other], ...circumstances };
  }
}

/**
 * Where two faults make the same of a run, what a second one makes of it is the same too: a crash after a call, and one
 * before the next call of the same worker. They differ in the numbers of calls, and in what the worker was at when it died.
 */
export function courseOf({ history }: World): string {
  return JSON.stringify(
    history.map(({ atMs, worker, what, outcome }) => [atMs, worker, DIES.test(what) ? "dies" : what, outcome]),
  );
}
const DIES = /the worker dies$/;

/** Each two once: those at calls before those of messages. */
function follows(one: Fault, other: Fault): boolean {
  if ("at" in one) return "at" in other ? other.at > one.at : true;
  return "message" in one && "message" in other && other.message > one.message;
}
