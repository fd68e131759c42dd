/** What is told of an execution, state by state, while it runs and once it is at rest. */
import { contract, node, signal, workflow } from "pawl";
import { implement } from "pawl/node";
import { type TestExecution, testWorkflow } from "pawl/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const Text = z.string();
const say = node("say", { input: Text, output: Text, errors: ["Mute"], retry: { maxAttempts: 2 } });
const unsay = node("unsay", { input: Text.nullable(), errors: ["Said"], retry: { maxAttempts: 1 } });
const verdict = signal("verdict", { data: z.object({ yes: z.boolean() }) });
const child = contract("child", { input: Text, output: Text, errors: ["Ill"] });
const begin = () => workflow("w", { input: Text });

const handlers = {
  say: implement(say, (input, step) => {
    if (input === "mute") step.fail("Mute");
    return `${input}!`;
  }),
};
let said = true;
const undoing = {
  ...handlers,
  unsay: implement(unsay, (_, step) => {
    if (said) step.fail("Said");
    return null;
  }),
};
const kid = workflow("child", { input: Text })
  .waitFor(verdict)
  .choice("well", (s) => (s.verdict.yes ? "yes" : "no"), {
    yes: (b) => b.set("out", (s) => s.input),
    no: (b) => b.fail("Ill", () => "it is ill"),
  })
  .output(() => "well");
const calls = [{ workflow: kid, handlers: {} }];

/** Path, kind and status, and whatever else stands there of these. */
const told = ({ steps }: TestExecution) =>
  steps.map(({ path, kind, status, branch }) => [path, kind, status, ...(branch === null ? [] : [branch])].join(" "));
const at = ({ steps }: TestExecution, path: string) => steps.find((step) => step.path === path);

describe("what is told of an execution", () => {
  it("has what a wait waits for, and until when", async () => {
    const w = begin()
      .race("first", {
        told: (b) => b.waitFor(verdict, { timeout: "2 days" }),
        late: (b) => b.wait("nap", { for: "1 hour" }).task(say),
      })
      .wait("day", { until: () => "2100-01-01T00:00:00+01:00" });
    const t = await testWorkflow(w, { handlers });
    const begun = await t.begin("in");
    expect(told(begun)).toEqual([
      "first/told/verdict waitFor waiting",
      "first/late/nap wait waiting",
      "first race running",
    ]);
    const startedAt = new Date(t.clock.now()).toISOString();
    const in2Days = new Date(t.clock.now() + 2 * 86_400_000).toISOString();
    expect(at(begun, "first/told/verdict")).toMatchObject({ startedAt, wait: { until: in2Days, signal: "verdict" } });
    expect(at(begun, "first")).toMatchObject({ startedAt, endedAt: null });
    await t.advance("1 hour");
    const slept = await t.show(begun);
    expect(told(slept)).toEqual([
      "first/told/verdict waitFor closed",
      "first/late/nap wait succeeded",
      "first/late/say task succeeded",
      "first race succeeded late",
      "day wait waiting",
    ]);
    expect(at(slept, "first")).toMatchObject({ output: { branch: "late", output: "in!" } });
    expect(at(slept, "day")).toMatchObject({ wait: { until: "2099-12-31T23:00:00.000Z", signal: null } });
    const ended = await t.control(begun, { kind: "cancel" });
    expect(at(ended, "day")).toMatchObject({ status: "closed" });
  });

  it("has the timeout of a signal that was caught, and the branch that it went on in", async () => {
    const w = begin().block("asked", (b) => b.waitFor(verdict, { timeout: "1 day" }), {
      catch: { timeout: (b) => b.task(say) },
    });
    const t = await testWorkflow(w, { handlers });
    const begun = await t.begin("in");
    expect(told(begun)).toEqual(["asked/done/verdict waitFor waiting", "asked block running"]);
    const ended = await t.end(begun);
    expect(told(ended)).toEqual([
      "asked/done/verdict waitFor failed",
      "asked/timeout/say task succeeded",
      "asked block succeeded timeout",
    ]);
    expect(at(ended, "asked/done/verdict")).toMatchObject({ error: { code: "timeout" } });
  });

  it("has the rounds of a loop", async () => {
    const w = begin().loop("again", {
      from: () => ({ n: 0 }),
      each: (b) => b.task(say, { input: () => "x" }).set("next", (s) => ({ n: s.round.n })),
      until: ({ n }) => n === 2,
      max: 3,
    });
    const t = await testWorkflow(w, { handlers });
    const ended = await t.start("in");
    expect(told(ended)).toEqual([
      "again/1/say task succeeded",
      "again/1/next set succeeded",
      "again/2/say task succeeded",
      "again/2/next set succeeded",
      "again loop succeeded",
    ]);
    expect(at(ended, "again")).toMatchObject({ rounds: 2, output: { n: 2 } });
    const endless = begin().loop("again", { from: () => 0, each: (b) => b, until: () => false, max: 3 });
    const limited = await (await testWorkflow(endless, { handlers: {} })).start("in");
    expect(limited).toMatchObject({ status: "failed", error: { code: "loop_limit" } });
    expect(told(limited)).toEqual(["again loop failed"]);
  });

  it("has the called execution, how it stands, and what it failed with", async () => {
    const w = begin()
      .call(child, { as: "aside", detached: true })
      .block("care", (b) => b.call(child, { input: (s) => s.input }), { catch: { Ill: (b) => b } });
    const t = await testWorkflow(w, { handlers: {}, calls });
    const begun = await t.begin("in");
    expect(told(begun)).toEqual(["aside call succeeded", "care/done/child call waiting", "care block running"]);
    const called = at(begun, "care/done/child")?.called;
    expect(called).toMatchObject({ status: "running", detached: false });
    expect(at(begun, "aside")).toMatchObject({ called: { status: "running", detached: true } });
    const kid = { execution: called?.execution ?? "" };
    expect(await t.show(kid)).toMatchObject({ calledBy: { execution: begun.execution, path: "care/done/child" } });
    await t.signal(kid, verdict, { yes: false });
    const ended = await t.show(begun);
    expect(told(ended)).toEqual(["aside call succeeded", "care/done/child call failed", "care block succeeded Ill"]);
    expect(at(ended, "care/done/child")).toMatchObject({ error: { code: "Ill" }, called: { status: "failed" } });
  });

  it("has how many items of a map are done, and how many of them failed", async () => {
    const w = begin().map("each", {
      over: () => ["a", "mute", "c"],
      each: (b) => b.task(say),
      tolerate: { count: 1 },
    });
    const t = await testWorkflow(w, { handlers });
    const ended = await t.start("in");
    expect(told(ended)).toEqual([
      "each/0/say task succeeded",
      "each/1/say task failed",
      "each/2/say task succeeded",
      "each map succeeded",
    ]);
    expect(at(ended, "each")).toMatchObject({ items: { of: 3, done: 3, failed: 1 } });
  });

  it("has what was undone, in its order, and what it waits for where that came to nothing", async () => {
    const w = begin()
      .task(say, { undo: unsay })
      .task(say.as("more"), { undo: unsay })
      .task(say.as("last"), { input: () => "mute" });
    const t = await testWorkflow(w, { handlers: undoing });
    said = true;
    const stuck = await t.start("in");
    expect(stuck).toMatchObject({
      status: "stuck",
      ending: "failed",
      error: { code: "Mute" },
      stuck: { code: "Said", path: "more/undo" },
      undone: [],
    });
    expect(told(stuck).slice(-1)).toEqual(["more/undo task failed"]);
    said = false;
    await t.control(stuck, { kind: "redrive" });
    const ended = await t.end(stuck);
    expect(ended).toMatchObject({ status: "failed", error: { code: "Mute" }, undone: ["more", "say"] });
    expect(ended).not.toHaveProperty("stuck");
    expect(at(ended, "more/undo")).toMatchObject({ undoes: "more", node: "unsay", status: "succeeded" });
    said = true;
    const again = await t.start("in");
    const left = await t.control(again, { kind: "cancel", undo: false });
    expect(await t.end(left)).toMatchObject({ status: "failed", undone: [] });
  });

  it("has the losers of a race that were undone, before what follows it", async () => {
    said = false;
    const w = begin()
      .race("first", {
        a: (b) => b.task(say, { undo: unsay }).task(say.as("more"), { undo: unsay }).waitFor(verdict),
        b: (b) => b.wait("nap", { for: "1 hour" }),
      })
      .task(say.as("after"), { input: () => "x" });
    const t = await testWorkflow(w, { handlers: undoing });
    const ended = await t.start("in");
    expect(ended.undone).toEqual(["first/a/more", "first/a/say"]);
    expect(told(ended).slice(-4)).toEqual([
      "first/a/more/undo task succeeded",
      "first/a/say/undo task succeeded",
      "first race succeeded b",
      "after task succeeded",
    ]);
  });

  it("refuses a test that does not give what is called", async () => {
    const w = begin().call(child, { input: (s) => s.input });
    await expect(testWorkflow(w, { handlers: {} })).rejects.toMatchObject({
      code: "unknown_workflow",
      message: expect.stringMatching(/'w' calls 'child'.*`calls`/),
    });
  });
});
