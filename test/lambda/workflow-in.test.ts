import { expect, it } from "vitest";
import { z } from "zod";
import { node, workflow } from "../../lib/index.ts";
import { workflowIn } from "../../lib/lambda/index.ts";

const task = node("task", { input: z.string() });
const one = workflow("one", { input: z.string() }).task(task);
const two = workflow("two", { input: z.string() }).task(task);

it("finds the workflow of a module, whatever it is called", () => {
  expect(workflowIn({ task, helper: () => {}, text: "text", nothing: null, whatever: one })).toBe(one);
});
it("finds a workflow that is exported under two names", () => {
  expect(workflowIn({ one, default: one })).toBe(one);
});
it.each([
  ["none", { task }, /exports no workflow: export exactly one/],
  ["two", { one, two }, /exports 2 workflows: export exactly one/],
])("refuses a module with %s", (_, module, message) => {
  expect(() => workflowIn(module)).toThrow(
    expect.objectContaining({ code: "invalid_workflow", message: expect.stringMatching(message) }),
  );
});
