/** What befalls an execution at any moment, other than a worker's or a message's fault. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { printHistory } from "../../lib/testing/world/history.ts";
import { singleFaults } from "../../lib/testing/world/placements.ts";
import type { Fault, Plan } from "../../lib/testing/world/plan.ts";
import { type Scenario, World } from "../../lib/testing/world/world.ts";
import { DEEP } from "../support/deep.ts";
import { failure, output } from "../support/simulation.ts";
import { answering, printPlan, told, worldly } from "../support/worlds.ts";
import { cases } from "./scenarios.ts";

const json = { input: z.json(), output: z.json() };
const queued = node("queued", json);
const inlined = node("inlined", { ...json, inline: true });
const start = { workflow: "flow", id: "1", input: "in" };
const pass = answering({
  queued: (call) => output(call.step.path),
  inlined: (call) => output(call.step.path),
  repeated: (call) => output(call.step.path),
});
const repeated = node("repeated", { ...json, repeatable: true });
const flow = () => workflow("flow", { input: z.json() });

/** Every one of them in a deep test; else so many, evenly spread. */
function some<T>(all: Iterable<T>, most = 60): readonly T[] {
  const every = [...all];
  const stride = DEEP ? 1 : Math.ceil(every.length / most);
  return every.filter((_, i) => i % stride === 0);
}
const callsOf = ({ calls }: World) =>
  some(
    Array.from({ length: calls }, (_, i) => i + 1),
    25,
  );

async function endsWell(scenario: Scenario, plan: Plan): Promise<World> {
  const world = await new World(scenario, plan).run();
  if (world.wrong.length > 0) throw new Error(`${printPlan(plan)}: ${told(world)}`);
  return world;
}

describe.each(cases)("$name", (c) => {
  const scenario = worldly(c.scenario);
  const asked = (kind: "pause" | "resume" | "cancel" | "heal", at: number): Fault => ({
    kind: "control",
    at,
    order: { kind },
  });
  /** The world resumes what is paused when nothing else is left to do. */
  async function endsAsWithout(faults: readonly Fault[]) {
    const { header, output } = (await endsWell(scenario, { faults, jitterMs: 20 })).end() ?? {};
    expect([header?.status, output, header?.error?.code]).toEqual([c.status, c.output, c.error]);
  }

  it("is cancelled, or has ended before, when somebody cancels it at whichever call", async () => {
    for (const at of callsOf(await endsWell(scenario, { faults: [] }))) {
      const world = await endsWell(scenario, { faults: [asked("cancel", at)], jitterMs: 20 });
      expect([c.status, "cancelled"]).toContain(world.end()?.header.status);
    }
  });
  it("comes to the same end when it is paused at whichever call, and resumed in the end or in the midst", async () => {
    for (const at of callsOf(await endsWell(scenario, { faults: [] }))) {
      await endsAsWithout([asked("pause", at)]);
      for (const after of [2, 6, 12])
        await endsAsWithout([asked("pause", at), asked("resume", at + after), asked("pause", at + after + 4)]);
    }
  });
  it("comes to the same end when it is healed though nothing is wrong, at whichever call", async () => {
    for (const at of callsOf(await endsWell(scenario, { faults: [] }))) await endsAsWithout([asked("heal", at)]);
  });
  // Healing goes by one execution's log: others are started by their own messages.
  it.runIf(c.scenario.programs.length === 1)(
    "comes to the same end, healed, when all queues are purged at whichever call",
    async () => {
      for (const at of callsOf(await endsWell(scenario, { faults: [] }))) {
        await endsAsWithout([{ kind: "purge", at }]);
        await endsAsWithout([asked("pause", Math.max(1, at - 5)), { kind: "purge", at }]);
      }
    },
  );
});

describe("a step in which every worker dies", () => {
  const built = flow().task(queued.as("a")).task(inlined.as("b")).task(queued.as("c"));
  const scenario: Scenario = { programs: [built.program], handlers: pass, start };
  /** Deliveries of its message until it is settled as crashed: three times MOST_RECEIVES. */
  const ENOUGH = 90;

  it.each(["a", "b", "c"])("is settled as crashed at last: %s", async (path) => {
    const world = await endsWell(scenario, { faults: [{ kind: "poison", path, times: 1000 }] });
    expect(world.end()?.header).toMatchObject({ status: "failed", error: { code: "crashed", path } });
    expect(world.end()?.records.get(`step/${path}`)).toMatchObject({ crashes: 2 });
  });
  it.each(["a", "b", "c"])("goes on when they no longer do, short of that: %s", async (path) => {
    const world = await endsWell(scenario, { faults: [{ kind: "poison", path, times: ENOUGH - 3 }] });
    expect(world.end()).toMatchObject({ header: { status: "succeeded" }, output: "c" });
  });
  it("is settled as crashed at last, and goes on short of that, where nothing is written when it begins", async () => {
    const once = { ...scenario, programs: [flow().task(repeated.as("a")).program] };
    const poison = (times: number): Plan => ({ faults: [{ kind: "poison", path: "a", times }] });
    const crashed = await endsWell(once, poison(1000));
    expect(crashed.end()?.header).toMatchObject({ status: "failed", error: { code: "crashed" } });
    const gone = await endsWell(once, poison(ENOUGH - 3));
    expect(gone.end()).toMatchObject({ header: { status: "succeeded" }, output: "a" });
  });
  it("does not take its neighbours of a batch along", async () => {
    const map = flow()
      .map("m", { over: () => ["i", "j", "k"], each: (b) => b.task(queued.as("a")) })
      .output((s) => s.m);
    const faults: Fault[] = [{ kind: "poison", path: "m/1/a", times: 80 }];
    const world = await endsWell({ ...scenario, programs: [map.program] }, { faults });
    const [first, second] = ["m/0/a", "m/1/a"].map((path) => world.end()?.records.get(`step/${path}`));
    expect(first).toMatchObject({ crashes: 0 });
    expect(second).toMatchObject({ crashes: 2 });
    expect(world.end()?.header.status).toBe("succeeded");
  });
});

describe("a message of control's at which every worker dies until it is a dead letter", () => {
  /** At the first call of each worker. */
  const from = (call: number): Fault[] =>
    Array.from({ length: 30 }, (_, i) => ({ kind: "crash", at: call + i, when: "before" }));
  const becameDead = (world: World) => printHistory(world.history).includes("becomes a dead letter");

  it("is carried out all the same: a start", async () => {
    const built = flow().task(queued.as("a"));
    const world = await endsWell({ programs: [built.program], handlers: pass, start }, { faults: from(1) });
    expect(becameDead(world)).toBe(true);
    expect(world.end()?.output).toBe("a");
  });
  it("is carried out all the same: a stop", async () => {
    const stops = flow()
      .task(queued.as("a"))
      .choice("c", (s) => (s.a === "a" ? "bad" : "good"), {
        bad: (b) => b.fail("Never", () => "never"),
        good: (b) => b,
      });
    const scenario: Scenario = { programs: [stops.program], handlers: pass, start };
    const base = await endsWell(scenario, { faults: [] });
    const at = base.history.find(({ what }) => what === "turn to stopping")?.call ?? 0;
    const world = await endsWell(scenario, { faults: from(at) });
    expect(becameDead(world)).toBe(true);
    expect(world.end()?.header).toMatchObject({ status: "failed", error: { code: "Never" } });
  });
});

describe("an inline step for which too little time is left", () => {
  it("goes to its own queue", async () => {
    const built = flow().task(queued.as("a")).task(inlined.as("b")).task(inlined.as("c"));
    const scenario: Scenario = { programs: [built.program], handlers: pass, start };
    const base = await endsWell(scenario, { faults: [] });
    expect(printHistory(base.history)).not.toContain("flow.inlined receives");
    const at = base.history.find(({ what }) => what === "settle a")?.call ?? 0;
    const world = await endsWell(scenario, { faults: [{ kind: "stall", at, when: "before", ms: 20_000 }] });
    expect(printHistory(world.history)).toContain("flow.inlined receives");
    expect(world.end()?.output).toBe("c");
  });
});

describe("a deployment while an execution is under way", () => {
  const older = flow()
    .task(queued.as("a"))
    .task(inlined.as("b"))
    .task(queued.as("c"))
    .output((s) => [s.a, s.b, s.c]).program;
  const newer = flow()
    .task(queued.as("a"))
    .task(inlined.as("b"))
    .task(queued.as("more"))
    .task(queued.as("c"))
    .output((s) => [s.a, s.b, s.c]).program;
  const scenario: Scenario = { programs: [older], newer: [newer], handlers: pass, start };

  it("leaves it on the graph that it started with, at whichever call it comes", async () => {
    const { calls } = await endsWell({ programs: [older], handlers: pass, start }, { faults: [] });
    const graphs = new Set<string | undefined>();
    for (let nodesFrom = 1; nodesFrom <= calls + 1; nodesFrom++)
      for (const after of [0, 3, 10, 1000]) {
        const deploy = { nodesFrom, controlFrom: nodesFrom + after };
        const world = await endsWell(scenario, { faults: [], deploy });
        const end = world.end();
        graphs.add(end?.header.graph);
        expect(end).toMatchObject({ header: { status: "succeeded" }, output: ["a", "b", "c"] });
        expect(end?.records.has("step/more")).toBe(end?.header.graph === newer.hash);
      }
    expect([...graphs].toSorted()).toEqual([older.hash]);
  });
  it("does so when a fault befalls it as well", async () => {
    const deploy = { nodesFrom: 8, controlFrom: 14 };
    for (const fault of singleFaults(await endsWell(scenario, { faults: [], deploy })))
      expect((await endsWell(scenario, { faults: [fault], deploy })).end()).toMatchObject({
        header: { status: "succeeded" },
        output: ["a", "b", "c"],
      });
  });
});

describe("an execution whose handlers and functions answer differently each time", () => {
  /** Whatever is asked again answers otherwise. */
  function changing(seed: number): Scenario {
    let count = seed;
    const built = flow()
      .task(queued.as("a"))
      .choice("c", () => (count++ % 2 === 0 ? "x" : "y"), {
        x: (b) => b.task(inlined.as("cx")),
        y: (b) => b.set("note", () => count++).task(queued.as("cy"), { input: (s) => s.note }),
      })
      .map("m", {
        over: () => Array.from({ length: count++ % 4 }, () => count++),
        each: (b) => b.task(inlined.as("w")),
      })
      .output((s) => [s.a, s.c.branch, s.m, count++]);
    const answers = answering({ queued: () => output(count++), inlined: () => output(count++) });
    return { programs: [built.program], handlers: answers, start, alike: false };
  }

  it("ends as its recorded decisions say, whichever fault befalls it", async () => {
    for (const seed of [0, 1, 2]) {
      const base = await endsWell(changing(seed), { faults: [] });
      for (const fault of some(singleFaults(base))) {
        const world = await endsWell(changing(seed), { faults: [fault], jitterMs: 20, skewsMs: [0, 25_000, -25_000] });
        expect(world.end()?.header.status).toBe("succeeded");
      }
    }
  });
});

describe("an execution that is paused again while it is being resumed", () => {
  it("comes to its end, whichever call of the resuming takes long", async () => {
    const built = flow()
      .task(queued.as("a"))
      .parallel("p", { x: (b) => b.task(queued.as("b")), y: (b) => b.task(inlined.as("c")) });
    const scenario: Scenario = { programs: [built.program], handlers: pass, start };
    const pause = (at: number): Fault => ({ kind: "control", at, order: { kind: "pause" } });
    const base = await endsWell(scenario, { faults: [pause(6)] });
    const resumed = base.history.find(({ what }) => what === "turn to running")?.call ?? 0;
    expect(resumed).toBeGreaterThan(0);
    for (let at = resumed; at <= base.calls; at++)
      for (let message = 1; message <= base.messages; message++) {
        const slow: Fault = { kind: "stall", at, when: "before", ms: 30_000 };
        const late: Fault = { kind: "late", message, ms: 10_000 };
        const world = await endsWell(scenario, { faults: [pause(6), pause(at), slow, late] });
        expect(world.end()).toMatchObject({ header: { status: "succeeded" }, output: { x: "p/x/b", y: "p/y/c" } });
      }
  });
});

describe("an execution that is redriven", () => {
  /** The first attempts at `b` fail, one a run of it, and `p/y` fails beside. */
  function failing(): Scenario {
    const mends = node("mends", { ...json, errors: ["Broken"] });
    const built = flow()
      .task(queued.as("a"))
      .parallel("p", { x: (b) => b.task(mends.as("b")).task(inlined.as("c")), y: (b) => b.task(queued.as("d")) })
      .task(queued.as("e"), { input: (s) => s.p.x })
      .output((s) => [s.a, s.p, s.e]);
    let left = 2;
    const answers = answering({
      queued: (call) => output(call.step.path),
      inlined: (call) => output(call.step.path),
      mends: (call) => (left-- > 0 ? failure("Broken", true) : output(call.step.path)),
    });
    return { programs: [built.program], handlers: answers, start };
  }
  const done = ["a", { x: "p/x/c", y: "p/y/d" }, "e"];
  const again: Plan["afterwards"] = [{ kind: "redrive" }, { kind: "redrive" }];

  it("goes on where it failed, whichever fault befalls it", async () => {
    const base = await endsWell(failing(), { faults: [], afterwards: again });
    expect(base.end()).toMatchObject({ header: { status: "succeeded", epoch: 2 }, output: done });
    for (const fault of some(singleFaults(base))) {
      const world = await endsWell(failing(), { faults: [fault], afterwards: again, skewsMs: [0, 30_000, -30_000] });
      expect(world.end()).toMatchObject({ header: { status: "succeeded" }, output: done });
    }
  });
  it("goes on where it failed, when it is asked to at whichever call, or paused or purged", async () => {
    const base = await endsWell(failing(), { faults: [], afterwards: again });
    for (const at of callsOf(base))
      for (const kind of ["redrive", "pause", "heal"] as const) {
        const faults: Fault[] = [{ kind: "control", at, order: { kind } }];
        const world = await endsWell(failing(), { faults, afterwards: again, jitterMs: 30 });
        expect(world.end()).toMatchObject({ header: { status: "succeeded" }, output: done });
        const purged = await endsWell(failing(), { faults: [{ kind: "purge", at }], afterwards: again });
        expect(purged.end()?.header.status).toBe("succeeded");
      }
  });
  it("does all anew from a step on, whichever fault befalls it", async () => {
    const from: Plan["afterwards"] = [...again, { kind: "redrive", from: "a" }, { kind: "redrive", from: "p/y/d" }];
    const base = await endsWell(failing(), { faults: [], afterwards: from });
    expect(base.end()).toMatchObject({ header: { status: "succeeded", epoch: 4 }, output: done });
    for (const fault of some(singleFaults(base))) {
      const world = await endsWell(failing(), { faults: [fault], afterwards: from });
      expect(world.end()).toMatchObject({ header: { status: "succeeded" }, output: done });
    }
  });
});

describe("a history", () => {
  it("is the same for the same plan", async () => {
    const scenario = worldly((cases[1] as (typeof cases)[number]).scenario);
    const plan: Plan = {
      faults: [
        { kind: "crash", at: 7, when: "after" },
        { kind: "duplicate", message: 2, afterMs: 1000 },
        { kind: "stall", at: 20, when: "before", ms: 200_000 },
      ],
      jitterMs: 30,
      seed: 7,
    };
    const [one, other] = [await endsWell(scenario, plan), await endsWell(scenario, plan)];
    expect(printHistory(other.history)).toBe(printHistory(one.history));
    expect(one.deaths).toBe(1);
  });
});
