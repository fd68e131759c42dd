/** Workflows that wait, in virtual time. */
import { node, signal, workflow } from "pawl";
import { implement } from "pawl/node";
import { testWorkflow } from "pawl/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const text = { input: z.string(), output: z.string() };
const say = node("say", text);
const handlers = { say: implement(say, (input) => `${input}!`) };
const approval = signal("approval", { data: z.object({ by: z.string() }) });
const approved = workflow("approved", { input: z.string() })
  .task(say)
  .block("asked", (b) => b.waitFor(approval, { timeout: "3 days" }).set("who", (s) => s.approval.by), {
    catch: { timeout: (b) => b.set("nobody", (s) => s.error.code) },
  })
  .output((s) => s.asked);

describe("a workflow that waits for a signal", () => {
  it("goes on with the signal's data, as its contract reads it", async () => {
    const t = await testWorkflow(approved, { handlers });
    const begun = await t.begin("in");
    expect(begun.status).toBe("running");
    const sent = { by: "ann", more: 1 };
    const after = await t.signal(begun, approval, sent);
    expect(after).toMatchObject({ status: "succeeded", output: { branch: "done", output: "ann" } });
    expect(JSON.stringify(after.steps)).not.toContain("more");
  });

  it("has its timeout when no signal comes, not a second before", async () => {
    const t = await testWorkflow(approved, { handlers });
    const begun = await t.begin("in");
    await t.advance("71 hours");
    await t.advance("3599 seconds");
    expect((await t.show(begun)).status).toBe("running");
    await t.advance("1 second");
    expect((await t.show(begun)).output).toEqual({ branch: "timeout", output: "timeout" });
    await expect(t.signal(begun, "approval", { by: "ann" })).rejects.toMatchObject({ code: "invalid_status" });
  });

  it("refuses a signal that nothing waits for, or that breaks its contract, or with an id of no form", async () => {
    const t = await testWorkflow(approved, { handlers });
    const begun = await t.begin("in");
    await expect(t.signal(begun, "approvla", {})).rejects.toMatchObject({
      code: "unknown_signal",
      message: expect.stringMatching("approval"),
    });
    await expect(t.signal(begun, "approval", { by: 1 })).rejects.toMatchObject({
      code: "invalid_signal",
      message: expect.stringMatching("by"),
    });
    await expect(t.signal(begun, approval, { by: "ann" }, { id: "" })).rejects.toMatchObject({ code: "invalid_id" });
    expect((await t.show(begun)).status).toBe("running");
  });

  it("keeps a signal that comes before, and takes one that comes twice once", async () => {
    const twice = workflow("twice", { input: z.string() })
      .wait("first", { for: "1 day" })
      .waitFor(approval)
      .waitFor(approval.as("again"), { timeout: "1 hour" })
      .output((s) => [s.approval.by, s.again.by]);
    const t = await testWorkflow(twice, { handlers: {} });
    const begun = await t.begin("in");
    for (const id of ["1", "1", "2"]) await t.signal(begun, approval, { by: `by ${id}` }, { id });
    await t.advance("1 day");
    expect((await t.show(begun)).output).toEqual(["by 1", "by 2"]);
  });
});

describe("a workflow that sleeps", () => {
  it("sleeps for a year, or until a time, and passes on what came before", async () => {
    const asleep = workflow("asleep", { input: z.string(), timeout: "366 days" })
      .task(say)
      .wait("aYear", { for: "365 days" })
      .task(say.as("awake"))
      .wait("until", { until: () => "2027-01-01T14:00:00+02:00" })
      .wait("past", { until: () => "2020-01-01T00:00:00Z" });
    const t = await testWorkflow(asleep, { handlers });
    const begun = await t.begin("in");
    await t.advance("364 days");
    expect((await t.show(begun)).history.map(({ path }) => path)).not.toContain("awake");
    const ended = await t.end(begun);
    expect(ended).toMatchObject({ status: "succeeded", output: "in!!" });
    expect(ended.history.map(({ path }) => path)).toContain("awake");
    expect(ended.endedAt).toBe("2027-01-01T12:00:00.000Z");
  });
});
