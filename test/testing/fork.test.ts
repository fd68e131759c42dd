/** Forks of executions on the real engine in virtual time: what a new execution begins with, and what runs in it. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { event, node, workflow } from "../../lib/index.ts";
import { implement } from "../../lib/node/index.ts";
import { testWorkflow } from "../../lib/testing/index.ts";

const text = { input: z.string(), output: z.string(), retry: { maxAttempts: 1 } };
const reserve = node("reserve", { ...text, inline: true, repeatable: true });
const charge = node("charge", { ...text, errors: ["Declined"] });
const ship = node("ship", text);
const paid = event("shop", "Paid", { version: 1, data: z.object({ by: z.string() }) });

const order = workflow("order", { input: z.string() })
  .task(reserve)
  .parallel("p", {
    pay: (b) => b.task(charge).emit(paid, (s) => ({ by: s.charge })),
    look: (b) => b.task(ship.as("pack")),
  })
  .task(ship, { input: (s) => `${s.p.pay}+${s.p.look}` });

interface Ran {
  readonly execution: string;
  readonly path: string;
  readonly key: string;
  readonly input: string;
}

async function trial(world: { declines?: boolean } = {}) {
  const ran: Ran[] = [];
  const runs = (name: "reserve" | "charge" | "ship", declared: typeof charge | typeof ship | typeof reserve) =>
    implement(declared as typeof charge, (input, step) => {
      ran.push({ execution: step.execution, path: step.path, key: step.idempotencyKey, input });
      if (name === "charge" && world.declines) step.fail("Declined");
      return `${input}>${step.path.split("/").at(-1)}`;
    });
  const handlers = { reserve: runs("reserve", reserve), charge: runs("charge", charge), ship: runs("ship", ship) };
  const test = await testWorkflow(order, { handlers: handlers as never });
  const pathsOf = (execution: string) => ran.filter((r) => r.execution === execution).map(({ path }) => path);
  return { test, ran, pathsOf };
}

describe("a fork", () => {
  it("runs the step and what followed from it, and nothing that was done before or beside it", async () => {
    const { test, pathsOf } = await trial();
    const first = await test.start("in", { id: "1" });
    const begun = await test.control(first, { kind: "fork", from: "p/pay/charge", id: "2", input: "other" });
    const forked = await test.end(begun);
    expect(first).toMatchObject({ status: "succeeded", output: "in>reserve>charge+in>reserve>pack>ship" });
    expect(forked).toMatchObject({
      execution: "order/2",
      status: "succeeded",
      input: "in",
      output: "other>charge+in>reserve>pack>ship",
      trigger: { kind: "fork", execution: "order/1", path: "p/pay/charge", epoch: 0 },
    });
    expect(pathsOf("order/2")).toEqual(["p/pay/charge", "ship"]);
    expect(await test.show(first)).toEqual(first);
  });
});
