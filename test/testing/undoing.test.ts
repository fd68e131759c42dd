/** What a handler that takes a step back knows of it. */
import { node, workflow } from "pawl";
import { implement } from "pawl/node";
import { testStep, testWorkflow } from "pawl/testing";
import { expect, it } from "vitest";
import { z } from "zod";

const Held = z.object({ heldId: z.string() });
const hold = node("hold", { input: z.string(), output: Held, retry: { maxAttempts: 1 } });
const release = node("release", { input: Held.nullable() });
const stopped = workflow("stopped", { input: z.string() })
  .task(hold, { undo: release })
  .choice("end", (s) => (s.input === "in" ? "stop" : "go"), {
    stop: (b) => b.fail("Stopped", () => "no"),
    go: (b) => b,
  });

it("an undo's handler gets what the step gave, and the key that the step had", async () => {
  const keys: string[] = [];
  const seen: unknown[] = [];
  const handlers = {
    hold: implement(hold, (input, step) => {
      keys.push(step.idempotencyKey);
      expect(step.undoes).toBeUndefined();
      if (input === "breaks") throw new Error("the line is dead");
      return { heldId: "1" };
    }),
    release: implement(release, (held, step) => {
      expect(step.idempotencyKey).not.toBe(keys.at(-1));
      seen.push([held, step.undoes]);
      return null;
    }),
  };
  const t = await testWorkflow(stopped, { handlers });
  expect(await t.start("in")).toMatchObject({ error: { code: "Stopped" }, undone: ["hold"] });
  expect((await t.start("breaks")).error?.code).toBe("handler_failed");
  expect(seen).toEqual([
    [{ heldId: "1" }, { path: "hold", idempotencyKey: keys[0] }],
    [null, { path: "hold", idempotencyKey: keys[1] }],
  ]);
});

it("a cancel undoes what was done, unless it says otherwise", async () => {
  const w = workflow("held", { input: z.string() })
    .task(hold, { undo: release })
    .wait("nap", { for: "1 day" })
    .output((s) => s.hold.heldId);
  const handlers = { hold: implement(hold, () => ({ heldId: "1" })), release: implement(release, () => null) };
  const t = await testWorkflow(w, { handlers });
  const undone = await t.end(await t.control(await t.begin("in"), { kind: "cancel" }));
  expect(undone).toMatchObject({ status: "cancelled", undone: ["hold"] });
  const kept = await t.end(await t.control(await t.begin("in"), { kind: "cancel", undo: false }));
  expect(kept).toMatchObject({ status: "cancelled", undone: [] });
  // What stands is gone on with.
  const again = await t.end(await t.control(kept, { kind: "redrive" }));
  expect(again).toMatchObject({ status: "succeeded", output: "1", undone: [] });
  expect(again.steps.find(({ path }) => path === "hold")?.startedAt).toBe(kept.steps[0]?.startedAt);
});

it("a test step tells of the step that it undoes", () => {
  expect(testStep({ undoes: "hold" }).undoes).toEqual({
    path: "hold",
    idempotencyKey: testStep({ path: "hold" }).idempotencyKey,
  });
  expect(testStep().undoes).toBeUndefined();
});
