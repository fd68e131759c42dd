import { node, workflow } from "pawl";
import { implement } from "pawl/node";
import { testWorkflow } from "pawl/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const text = { input: z.string(), output: z.string() };
const first = node("first", text);
const flaky = node("flaky", { ...text, retry: { maxAttempts: 2, firstDelay: "1 minute" } });
const chain = workflow("chain", { input: z.string() }).task(first).task(flaky);
const handlers = {
  first: implement(first, (input) => `${input}1`),
  flaky: implement(flaky, (input, step) => {
    if (step.attempt === 1) throw new Error("not yet");
    return `${input}2`;
  }),
};

describe("a workflow's test", () => {
  it("runs an execution as far as it comes while time stands still, and on when time passes", async () => {
    const t = await testWorkflow(chain, { handlers });
    const begun = await t.begin("in", { id: "1" });
    expect(begun).toMatchObject({ execution: "chain/1", status: "running", output: null });
    expect(begun.steps.map(({ path, status }) => [path, status])).toEqual([
      ["first", "succeeded"],
      ["flaky", "retrying"],
    ]);
    await t.advance("1 minute");
    expect(await t.show(begun)).toMatchObject({ status: "succeeded", output: "in12" });
  });

  it("passes no more time than it is told to", async () => {
    const t = await testWorkflow(chain, { handlers });
    const startMs = t.clock.now();
    await t.advance("1 hour");
    expect(t.clock.now() - startMs).toBe(3_600_000);
    await expect(t.advance("soon" as never)).rejects.toMatchObject({ code: "usage" });
  });

  it("ends what was begun", async () => {
    const t = await testWorkflow(chain, { handlers });
    expect(await t.end(await t.begin("in"))).toMatchObject({ status: "succeeded", output: "in12" });
    await expect(t.end({ execution: "chain/none" })).rejects.toMatchObject({ code: "unknown_execution" });
  });

  it("lets an execution be paused, resumed, cancelled and redriven on its way", async () => {
    const t = await testWorkflow(chain, { handlers });
    const begun = await t.begin("in", { id: "1" });
    expect(await t.control(begun, { kind: "pause" })).toMatchObject({ status: "paused" });
    await t.advance("1 hour");
    expect(await t.show(begun)).toMatchObject({ status: "paused" });
    expect(await t.control(begun, { kind: "resume" })).toMatchObject({ status: "succeeded", output: "in12" });
    expect(await t.control(begun, { kind: "redrive", from: "first" })).toMatchObject({ status: "running", epoch: 1 });
    expect(await t.control(begun, { kind: "cancel" })).toMatchObject({ status: "cancelled" });
    await expect(t.control(begun, { kind: "pause" })).rejects.toMatchObject({ code: "invalid_status" });
  });

  it("undoes what was done when it fails, each with the key under which it was done", async () => {
    const seen: unknown[] = [];
    const book = node("book", text);
    const pay = node("pay", { ...text, errors: ["Declined"] });
    const release = node("release", { input: z.string().nullable(), output: z.string() });
    const trip = workflow("trip", { input: z.string() }).task(book, { undo: release }).task(pay);
    const t = await testWorkflow(trip, {
      handlers: {
        book: implement(book, (input, step) => {
          seen.push(step.idempotencyKey);
          return `${input}, booked`;
        }),
        pay: implement(pay, (_, step) => step.fail("Declined")),
        release: implement(release, (input, step) => {
          seen.push(input, step.undoes);
          return "released";
        }),
      },
    });
    expect(await t.start("seat 7")).toMatchObject({ status: "failed", error: { code: "Declined" } });
    const [key] = seen;
    expect(seen).toEqual([key, "seat 7, booked", { path: "book", idempotencyKey: key }]);
  });

  it("tells what happened, in order, as data", async () => {
    const t = await testWorkflow(chain, { handlers });
    const { history } = await t.start("in");
    const attempt = (path: string, n: number, outcome: object) => ({
      kind: "attempt",
      path,
      node: path,
      attempt: n,
      outcome,
    });
    expect(history).toMatchObject([
      { kind: "decision", path: "", next: [{ kind: "step", path: "first" }] },
      attempt("first", 1, { kind: "output", output: "in1" }),
      { kind: "decision", path: "first", next: [{ kind: "step", path: "flaky" }] },
      attempt("flaky", 1, { kind: "error", code: "handler_failed" }),
      attempt("flaky", 2, { kind: "output", output: "in12" }),
      { kind: "decision", path: "flaky", next: [{ kind: "succeed" }] },
    ]);
  });

  it("keeps what steps have written into tables, by the keys that are declared", async () => {
    const paying = workflow("paying", { input: z.string() }).task(first);
    const put = (input: string) => ({ Put: { TableName: "ledger", Item: { chargeId: input, cents: 5 } } });
    const writing = implement(first, (input, step) => {
      step.transact(put(input));
      return input;
    });
    const tables = { ledger: { partitionKey: "chargeId" } };
    const t = await testWorkflow(paying, { handlers: { first: writing }, tables });
    for (const input of ["c1", "c2", "c1"]) expect(await t.start(input)).toMatchObject({ status: "succeeded" });
    expect(t.items("ledger")).toEqual([
      { chargeId: "c1", cents: 5 },
      { chargeId: "c2", cents: 5 },
    ]);
    expect(t.items("other")).toEqual([]);
    const undeclared = await testWorkflow(paying, { handlers: { first: writing } });
    expect(await undeclared.start("c1")).toMatchObject({
      ...{ status: "failed", error: { code: "invalid_transaction", message: expect.stringContaining("tables: {") } },
      steps: [{ path: "first", attempt: 1 }],
    });
  });
});
