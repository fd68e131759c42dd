/** How long an execution lives: its records go some time after, and nothing may begin that they are no longer there for. */
import { contract, node, workflow } from "pawl";
import { implement } from "pawl/node";
import { testWorkflow } from "pawl/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const text = { input: z.string(), output: z.string() };
const say = node("say", text);
const unsay = node("unsay", { input: z.string().nullable() });
const said: string[] = [];
const handlers = {
  say: implement(say, (input) => {
    said.push(input);
    return `${input}!`;
  }),
  unsay: implement(unsay, () => null),
};
const outlived = { code: "timeout", message: expect.stringMatching("lived as long as it may, until 2026-01-31") };

describe("an execution", () => {
  it.each([
    ["until far too late", workflow("late", { input: z.string() }).wait("w", { until: () => "2030-01-01T00:00:00Z" })],
    [
      "again and again",
      workflow("again", { input: z.string() }).wait("v", { for: "20 days" }).wait("w", { for: "20 days" }),
    ],
  ])("that sleeps %s fails after 30 days", async (_, asleep) => {
    const t = await testWorkflow(asleep, { handlers: {} });
    const begun = await t.begin("in");
    await t.advance("29 days");
    expect((await t.show(begun)).status).toBe("running");
    await t.advance("25 hours");
    expect(await t.show(begun)).toMatchObject({ status: "failed", error: outlived });
  });

  it("that is resumed too late runs no step any more, and takes back what it did", async () => {
    const held = workflow("held", { input: z.string() })
      .task(say, { undo: unsay })
      .wait("w", { for: "1 day" })
      .task(say.as("again"));
    const t = await testWorkflow(held, { handlers });
    const begun = await t.begin("in");
    await t.control(begun, { kind: "pause" });
    await t.advance("31 days");
    said.length = 0;
    await t.control(begun, { kind: "resume" });
    expect(await t.end(begun)).toMatchObject({ status: "failed", error: outlived, undone: ["say"] });
    expect(said).toEqual([]);
  });

  it("that has ended is not redriven after that: all that it did would be undone", async () => {
    const done = workflow("done", { input: z.string() }).task(say, { undo: unsay }).task(say.as("again"));
    const t = await testWorkflow(done, { handlers });
    const ended = await t.start("in", { id: "1" });
    await t.advance("719 hours");
    const redriven = await t.end(await t.control(ended, { kind: "redrive", from: "again" }));
    expect(redriven).toMatchObject({ status: "succeeded", epoch: 1, undone: [] });
    await t.advance("1 hour");
    await expect(t.control(ended, { kind: "redrive", from: "again" })).rejects.toMatchObject({
      code: "invalid_redrive",
      message: expect.stringMatching(/until 2026-01-31T00:00:00.000Z; a fork of it begins a life of its own$/),
    });
    expect(await t.show(ended)).toEqual(await t.show(redriven));
    const forked = await t.end(await t.control(ended, { kind: "fork", from: "again", id: "2" }));
    expect(forked).toMatchObject({ status: "succeeded", output: redriven.output });
  });

  it("lives no longer than the one that waits for it", async () => {
    const io = { input: z.string(), output: z.string() };
    const called = contract("called", io);
    const child = workflow("called", io).wait("w", { until: () => "2026-06-01T00:00:00Z" });
    const parent = workflow("parent", { input: z.string() })
      .wait("w", { for: "29 days" })
      .call(called, { input: (s) => s.input });
    const t = await testWorkflow(parent, { handlers: {}, calls: [{ workflow: child, handlers: {} }] });
    const begun = await t.begin("in");
    const ended = await t.end(begun);
    expect(ended).toMatchObject({ status: "failed", error: outlived });
    expect(ended.endedAt?.slice(0, 10)).toBe("2026-01-31");
  });
});
