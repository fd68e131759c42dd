/**
 * A workflow with every way to wait, to end early and to take back, on the functions of a deployed platform: what is told
 * of its executions is what the embedded engine tells.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { client, type ExecutionView } from "../../lib/client/index.ts";
import { contract, node, signal, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import { implement } from "../../lib/node/index.ts";
import { testWorkflow } from "../../lib/testing/index.ts";
import { type Functions, runFunctions } from "../support/aws/functions.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

const Text = z.string();
const work = node("work", { input: Text, output: Text, errors: ["Mute"] });
const undo = node("undo", { input: Text.nullable() });
const verdict = signal("verdict", { data: z.object({ yes: z.boolean() }) });
const go = signal("go", { data: z.null() });
const never = signal("never", { data: z.null() });
const kidOf = contract("kid", { input: Text, output: Text, errors: ["Ill"] });
/** Ill, patient, or well. */
const kid = workflow("kid", { input: Text })
  .choice("how", (s) => (s.input === "ill" || s.input === "waits" ? s.input : "well"), {
    ill: (b) => b.fail("Ill", () => "it is ill"),
    waits: (b) => b.waitFor(never),
    well: (b) => b,
  })
  .output((s) => `${s.input} kid`);
const life = workflow("life", { input: Text })
  .task(work, { undo })
  .loop("approval", {
    from: () => ({ yes: false }),
    each: (b) => b.waitFor(verdict, { timeout: "1 day" }),
    until: ({ yes }) => yes,
    max: 3,
  })
  .race("first", {
    slow: (b) => b.task(work.as("held"), { input: () => "held", undo }).waitFor(never),
    late: (b) => b.waitFor(go).wait("nap", { for: "1 second" }),
  })
  .block("care", (b) => b.call(kidOf, { input: () => "ill" }), {
    catch: { Ill: (b) => b.set("cared", (s) => s.error.code) },
  })
  .map("sent", {
    over: () => ["a", "mute", "c"],
    each: (b) => b.task(work.as("send"), { input: (s) => s.item }),
    tolerate: { count: 1 },
  })
  .call(kidOf, { as: "last", input: (s) => s.input });

const handlers = {
  work: implement(work, (text, step) => (text === "mute" ? step.fail("Mute") : `${text}.`)),
  undo: implement(undo, () => null),
};

interface Place {
  start(id: string, input: string): Promise<unknown>;
  signal(id: string, signal: string, data: Json, as: string): Promise<unknown>;
  cancel(id: string): Promise<unknown>;
  show(execution: string): Promise<ExecutionView | undefined>;
  /** Lets it get on. */
  pass(): Promise<unknown>;
}

async function until(place: Place, execution: string, is: (view: ExecutionView) => boolean): Promise<ExecutionView> {
  for (let n = 0; n < 400; n++) {
    const view = await place.show(execution);
    if (view && is(view)) return view;
    await place.pass();
  }
  throw new Error(`it does not get there: ${JSON.stringify(await place.show(execution))}`);
}
const has = (path: string, status: string) => (view: ExecutionView) =>
  view.steps.some((step) => step.path === path && step.status === status);
const isOver = ({ status }: ExecutionView) => ["succeeded", "failed", "cancelled", "stuck"].includes(status);

/** One that goes all the way, and one that is cancelled while it waits for whom it has called. */
async function lives(place: Place): Promise<readonly unknown[]> {
  const ends = ["well", "waits"].map(async (input, n) => {
    const id = String(n);
    await place.start(id, input);
    await until(place, `life/${id}`, has("approval/1/verdict", "waiting"));
    // The second one comes before anything waits for it, and the first one twice.
    for (const [as, yes] of [
      ["1", false],
      ["1", false],
      ["2", true],
    ] as const)
      await place.signal(id, "verdict", { yes }, as);
    await until(place, `life/${id}`, has("first/slow/never", "waiting"));
    const mistaken = place.signal(id, "vedict", null, "x");
    await expect(mistaken).rejects.toMatchObject({
      code: "unknown_signal",
      message: expect.stringMatching("go, never, verdict"),
    });
    await place.signal(id, "go", null, "go");
    if (input === "waits") {
      const view = await until(place, `life/${id}`, has("last", "waiting"));
      const called = view.steps.find(({ path }) => path === "last")?.called?.execution ?? "";
      await until(place, called, has("how/waits/never", "waiting"));
      await place.cancel(id);
    }
    const ended = await until(place, `life/${id}`, isOver);
    const kids = ended.steps.flatMap(({ called }) => (called ? [called.execution] : []));
    return Promise.all([ended, ...kids.map((kid) => place.show(kid))]);
  });
  return (await Promise.all(ends)).flat().map((view) => view && told(view));
}

/** What does not tell one clock from another. */
const told = ({ startedAt: _, endedAt: __, steps, ...view }: ExecutionView) => ({
  ...view,
  steps: steps.map(({ startedAt: _, endedAt: __, wait, ...step }) => ({ ...step, ...(wait && { for: wait.signal }) })),
});

async function embedded(): Promise<Place> {
  const t = await testWorkflow(life, { handlers, calls: [{ workflow: kid, handlers: {} }] });
  const of = (id: string) => ({ execution: `life/${id}` });
  return {
    start: (id, input) => t.begin(input, { id }),
    signal: (id, name, data, as) => t.signal(of(id), name, data, { id: as }),
    cancel: (id) => t.control(of(id), { kind: "cancel" }),
    show: async (execution) => {
      const { emitted: _, logged: __, history: ___, undone: ____, ...view } = await t.show({ execution });
      return view;
    },
    pass: () => t.advance("1 second"),
  };
}

onStandIn("every way to wait, to end early and to take back, on a deployed platform", (aws) => {
  const functions: Functions[] = [];
  let deployed: Place;
  beforeAll(async () => {
    const platform = await TestPlatform.create(aws);
    functions.push(await runFunctions(platform, { workflow: life, handlers }));
    functions.push(await runFunctions(platform, { workflow: kid, handlers: {} }));
    const pawl = client({ target: "aws", platform: platform.environment.platform });
    deployed = {
      start: (id, input) => pawl.start(life, { id, input }),
      signal: (id, name, data, as) => pawl.signal(life, id, name, data, { id: as }),
      cancel: (id) => pawl.cancel(life, id),
      show: (execution) => {
        const [workflow = "", id = ""] = execution.split("/");
        return pawl.show(workflow, id).catch(() => undefined);
      },
      pass: () => sleep(100),
    };
    const write = process.stdout.write.bind(process.stdout);
    const spy = vi
      .spyOn(process.stdout, "write")
      .mockImplementation((text) => String(text).startsWith("{") || write(text));
    return () => spy.mockRestore();
  });
  afterAll(() => Promise.all(functions.map((one) => one.stop())));

  it("comes to what it comes to on the embedded engine", { timeout: 90_000 }, async () => {
    const [here, there] = await Promise.all([lives(await embedded()), lives(deployed)]);
    expect(here.map((view) => (view as ExecutionView).status)).toEqual([
      ...["succeeded", "failed", "succeeded"],
      ...["cancelled", "failed", "cancelled"],
    ]);
    expect(there).toEqual(here);
    const [whole, , , ended] = here as readonly ExecutionView[];
    const undone = (view: ExecutionView | undefined) => view?.steps.flatMap(({ undoes = [] }) => undoes);
    expect(undone(whole)).toEqual(["first/slow/held"]);
    expect(undone(ended)).toEqual(["first/slow/held", "work"]);
  });
});
