/** A workflow as a definition: what can be expressed means the same here and there. */
import { node, workflow } from "pawl";
import { fromAsl } from "pawl/asl";
import { implement } from "pawl/node";
import { testWorkflow } from "pawl/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { exportDefinition } from "../../lib/asl/export.ts";
import { isPawlError } from "../../lib/errors.ts";

const io = { input: z.json(), output: z.json() };
const add = node("add", { ...io, retry: { maxAttempts: 3, firstDelay: "5 seconds" }, timeout: "1 minute" });
const half = node("half", { ...io, retry: { maxAttempts: 1 } });
const handlers = {
  add: implement(add, (n) => (n as number) + 1),
  half: implement(half, (n) => (n as number) / 2),
};
const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;

it("a chain, a parallel and a wait come to the same when they are imported again", async () => {
  const sums = workflow("sums", { input: z.json(), timeout: "2 days" })
    .task(add)
    .wait("nap", { for: "1 day" })
    .parallel("both", { more: (b) => b.task(add.as("again")), less: (b) => b.task(half), same: (b) => b });
  const definition = exportDefinition(sums.program.graph, arnOf);
  expect(definition).toMatchObject({
    StartAt: "add",
    TimeoutSeconds: 172_800,
    States: {
      add: {
        Type: "Task",
        TimeoutSeconds: 60,
        Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 5, MaxAttempts: 2, JitterStrategy: "FULL" }],
      },
      nap: { Type: "Wait", Seconds: 86_400 },
    },
  });
  const imported = fromAsl(definition, { name: "sums", functions: { add, half } });
  const [here, there] = await Promise.all([testWorkflow(sums, { handlers }), testWorkflow(imported, { handlers })]);
  const output = { more: 5, less: 2, same: 4 };
  expect((await here.start(3)).output).toEqual(output);
  expect((await there.start(3)).output).toEqual(output);
});

it("what functions work out is told, state by state", () => {
  const worked = workflow("worked", { input: z.json() })
    .task(add, { input: (s) => s.input })
    .set("sum", (s) => s.add)
    .task(half);
  try {
    exportDefinition(worked.program.graph, arnOf);
    expect.unreachable();
  } catch (error) {
    const { problems } = (isPawlError(error) ? error.detail : {}) as { problems: { path: string; code: string }[] };
    expect(problems.map(({ path, code }) => [path, code])).toEqual([
      ["add", "UNSUPPORTED"],
      ["sum", "UNSUPPORTED"],
    ]);
  }
});
