/**
 * A workflow with every way to wait, to end early and to take back, on the functions of a deployed platform: what is told
 * of its executions is what the embedded engine tells.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { type Client, client, type ExecutionView } from "../../lib/client/index.ts";
import { parseExecution } from "../../lib/contract/ids.ts";
import { contract, node, signal, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import { implement } from "../../lib/node/index.ts";
import { testWorkflow } from "../../lib/testing/index.ts";
import { pawlInside } from "../cli/run-cli.ts";
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

/** Ten attempts, and no time between them: a queue delays by whole seconds. */
const retry = { firstDelay: "0.001 seconds", rate: 1 } as const;
const release = node("release", { input: Text.nullable(), errors: ["Held"], retry });
const held = workflow("held", { input: Text })
  .task(work, { undo: release })
  .task(work.as("more"), { undo })
  .choice("how", (s) => (s.input === "fails" ? "fails" : "waits"), {
    fails: (b) => b.task(work.as("last"), { input: () => "mute" }),
    waits: (b) => b.waitFor(never),
  });
/** What holds what was reserved, until somebody mends it; and how often it was tried to release it, and to undo the rest. */
class Hold {
  mended = false;
  readonly tries = new Map<string, number>();
  readonly #count = (execution: string, node: string) =>
    this.tries.set(`${execution} ${node}`, (this.tries.get(`${execution} ${node}`) ?? 0) + 1);
  readonly handlers = {
    ...handlers,
    release: implement(release, (_, step) => {
      this.#count(step.execution, "release");
      return this.mended ? null : step.fail("Held", "somebody holds it");
    }),
    undo: implement(undo, (_, step) => {
      this.#count(step.execution, "undo");
      return null;
    }),
  };
}

interface Place {
  readonly hold: Hold;
  start(execution: string, input: string): Promise<unknown>;
  signal(id: string, signal: string, data: Json, as: string): Promise<unknown>;
  cancel(execution: string, options?: { readonly undo?: boolean }): Promise<unknown>;
  redrive(execution: string, options?: { readonly from?: string }): Promise<unknown>;
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
    await place.start(`life/${id}`, input);
    await until(place, `life/${id}`, has("approval/1/verdict", "waiting"));
    // The first one comes twice. A queue keeps no order, so the second one comes once that is taken.
    for (const as of ["1", "1"]) await place.signal(id, "verdict", { yes: false }, as);
    await until(place, `life/${id}`, has("approval/1/verdict", "succeeded"));
    await place.signal(id, "verdict", { yes: true }, "2");
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
      await place.cancel(`life/${id}`);
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

/** Two that cannot be undone: one whose undo is mended and which goes on with it, and one that is ended as it is. */
async function holds(place: Place, whileStuck = async () => {}): Promise<readonly ExecutionView[]> {
  const { hold } = place;
  const [mended, left] = ["held/mended", "held/left"];
  await place.start(mended, "fails");
  await place.start(left, "waits");
  await until(place, left, has("how/waits/never", "waiting"));
  await place.cancel(left);
  const stuck = [await until(place, mended, isOver), await until(place, left, isOver)];
  expect(Object.fromEntries(hold.tries)).toEqual({
    ...{ [`${mended} release`]: 10, [`${mended} undo`]: 1, [`${left} release`]: 10, [`${left} undo`]: 1 },
  });
  await expect(place.cancel(left)).rejects.toMatchObject({ code: "invalid_status" });
  await expect(place.redrive(left, { from: "more" })).rejects.toMatchObject({ code: "invalid_redrive" });
  await whileStuck();

  hold.mended = true;
  await place.redrive(mended);
  await place.cancel(left, { undo: false });
  const isEnded = (view: ExecutionView) => isOver(view) && view.status !== "stuck";
  const ended = [await until(place, mended, isEnded), await until(place, left, isEnded)];
  expect(Object.fromEntries(hold.tries)).toEqual({
    ...{ [`${mended} release`]: 11, [`${mended} undo`]: 1, [`${left} release`]: 10, [`${left} undo`]: 1 },
  });
  return [...stuck, ...ended];
}

const named = (execution: string): [workflow: string, id: string] => {
  const { workflow, id } = parseExecution(execution);
  return [workflow, id];
};

async function embedded(): Promise<Place> {
  const hold = new Hold();
  const tests = {
    life: await testWorkflow(life, { handlers, calls: [{ workflow: kid, handlers: {} }] }),
    held: await testWorkflow(held, { handlers: hold.handlers }),
  };
  const t = (execution: string) => (execution.startsWith("held/") ? tests.held : tests.life);
  return {
    hold,
    start: (execution, input) => t(execution).begin(input, { id: named(execution)[1] }),
    signal: (id, name, data, as) => tests.life.signal({ execution: `life/${id}` }, name, data, { id: as }),
    cancel: (execution, options) => t(execution).control({ execution }, { kind: "cancel", ...options }),
    redrive: (execution, options) => t(execution).control({ execution }, { kind: "redrive", ...options }),
    show: async (execution) => {
      const { emitted: _, logged: __, history: ___, undone: ____, ...view } = await t(execution).show({ execution });
      return view;
    },
    pass: () => Promise.all([tests.life.advance("1 second"), tests.held.advance("1 second")]),
  };
}

onStandIn("every way to wait, to end early and to take back, on a deployed platform", (aws) => {
  const functions: Functions[] = [];
  let deployed: Place;
  let pawl: Client;
  let cli: (...args: string[]) => Promise<string>;
  beforeAll(async () => {
    const platform = await TestPlatform.create(aws);
    functions.push(await runFunctions(platform, { workflow: life, handlers }));
    functions.push(await runFunctions(platform, { workflow: kid, handlers: {} }));
    const hold = new Hold();
    functions.push(await runFunctions(platform, { workflow: held, handlers: hold.handlers }));
    const name = platform.environment.platform;
    pawl = client({ target: "aws", platform: name });
    cli = async (...args) => {
      const { code, stdout, stderr } = await pawlInside([...args, "--target", "aws", "--platform", name]);
      expect([code, stderr]).toEqual([0, ""]);
      return stdout.replaceAll(` --target aws --platform ${name}`, "");
    };
    deployed = {
      hold,
      start: (execution, input) => {
        const [workflow, id] = named(execution);
        return pawl.start(workflow, { id, input });
      },
      signal: (id, name, data, as) => pawl.signal(life, id, name, data, { id: as }),
      cancel: (execution, options) =>
        options?.undo === false ? cli("cancel", execution, "--no-undo") : pawl.cancel(...named(execution)),
      redrive: (execution, options) => pawl.redrive(...named(execution), options),
      show: (execution) => pawl.show(...named(execution)).catch(() => undefined),
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

  it("is stuck where it cannot be undone, until a person sees to it", { timeout: 90_000 }, async () => {
    const error = { code: "Held", path: "work/undo", data: "somebody holds it" };
    const asTold = async () => {
      for (const id of ["mended", "left"])
        expect(await pawl.result(held, id, { timeout: "10 seconds" })).toMatchObject({ status: "stuck", error });
      const shown = await cli("show", "held/left");
      expect(shown).toMatch(/^held\/left stuck\n/);
      expect(shown).toMatch(/^ +stuck +Held at work\/undo: /m);
      expect(shown).toMatch(/^ +next +go on .*`pawl redrive held\/left`; .*`pawl cancel held\/left --no-undo`$/m);
      expect(shown).toMatch(/^work\/undo +task +failed +10 .* undoes work, Held/m);
      expect(await cli("list", "--status", "stuck")).toMatch(/^held\/(left|mended) +stuck .* Held at work\/undo\n/m);
    };
    const [here, there] = await Promise.all([holds(await embedded()), holds(deployed, asTold)]);
    expect(there.map(told)).toEqual(here.map(told));
    expect(here.map(({ status, ending, stuck }) => [status, ending, stuck])).toEqual([
      ["stuck", "failed", expect.objectContaining(error)],
      ["stuck", "cancelled", expect.objectContaining(error)],
      ["failed", undefined, undefined],
      ["cancelled", undefined, undefined],
    ]);
    const undoes = ({ steps }: ExecutionView) =>
      steps.filter((step) => step.undoes).map(({ path, status }) => [path, status]);
    expect(here.slice(2).map(undoes)).toEqual([
      [
        ["more/undo", "succeeded"],
        ["work/undo", "succeeded"],
      ],
      [
        ["more/undo", "succeeded"],
        ["work/undo", "closed"],
      ],
    ]);
  });
});
