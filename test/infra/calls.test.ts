/** What functions may do for calls, races and long waits: as narrow as the graph lets it be. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { WorkflowFunctions } from "../../lib/cdk/index.ts";
import { contract, node, signal, workflow } from "../../lib/index.ts";
import { writeFiles } from "../local/temp-folder.ts";
import { Deployment, type Properties, resources, templateOf } from "./deployment.ts";

const json = { input: z.json(), output: z.json() };
const [before, racing, after] = [node("before", json), node("racing", json), node("after", json)];
const undo = node("undo", { input: z.json() });
const kid = contract("kid", json);
const answer = signal("answer", { data: z.null() });
const life = workflow("life", { input: z.json() })
  .task(before, { timeout: "5 minutes" })
  .race("first", {
    a: (b) => b.task(racing, { undo }),
    b: (b) => b.waitFor(answer, { timeout: "2 days" }),
  })
  .task(after)
  .call(kid, { input: (s) => s.input });
const child = workflow("kid", { input: z.json() }).task(after);

const folder = mkdtempSync(join(tmpdir(), "pawl-calls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFiles(folder, {
  "functions/life/workflow.ts": "",
  "functions/kid/workflow.ts": "",
  ...Object.fromEntries(
    ["life/before", "life/racing", "life/after", "life/undo", "kid/after"].map((name) => [
      `functions/${name}.ts`,
      "export const handler = 1;",
    ]),
  ),
});
const deployment = new Deployment();
const add = (id: string, of: typeof life | typeof child, name: string) =>
  new WorkflowFunctions(deployment.stack, id, {
    platform: deployment.platform,
    workflow: of as never,
    ...(of === child && { calledBy: ["elsewhere"] }),
    code: `${folder}/functions/${name}`,
  }).stack;
const kids = add("Kid", child, "kid");
const lives = add("Life", life, "life");

// What comes first synthesizes the app.
beforeAll(() => void templateOf(lives), 180_000);

/** Each statement as text, of the function's own policy and of what was added to it. */
function policyOf(stack: typeof lives, name: string): string[] {
  const template = templateOf(stack);
  const found = resources(template, "AWS::Lambda::Function").find(({ Properties: of }) => of.FunctionName === name);
  const id = found?.Properties.Role["Fn::GetAtt"][0];
  const role = resources(template, "AWS::IAM::Role").find((one) => one.id === id);
  const more = resources(template, "AWS::IAM::Policy").filter(({ Properties: of }) =>
    of.Roles.some(({ Ref }: Properties) => Ref === id),
  );
  return [...(role?.Properties.Policies ?? []), ...more.map(({ Properties: of }) => of)].flatMap((policy: Properties) =>
    policy.PolicyDocument.Statement.map((statement: unknown) => JSON.stringify(statement)),
  );
}
const may = (stack: typeof lives, name: string, action: string, on: string) =>
  policyOf(stack, name).some((statement) => statement.includes(action) && statement.includes(on));

describe("functions of a workflow that calls another", () => {
  it.each([
    ["pawl-life", true],
    ["pawl-life-after", true],
    ["pawl-life-before", false],
  ] as const)("%s may begin it: %s", (name, may_) => {
    expect(may(lives, name, "sqs:SendMessage", ':pawl-kid"')).toBe(may_);
  });

  it.each([
    ["pawl-life", true],
    ["pawl-life-after", true],
    ["pawl-life-before", false],
  ] as const)("%s may put among its payloads what is too large for a message: %s", (name, may_) => {
    for (const prefix of ["month", "year"])
      expect(may(lives, name, "s3:PutObject", `/${prefix}/kid/*"`), prefix).toBe(may_);
  });

  it("read how it ended in control alone, and never write its log", () => {
    expect(may(lives, "pawl-life", "dynamodb:GetItem", '"kid/*"')).toBe(true);
    expect(may(lives, "pawl-life-after", "dynamodb:GetItem", '"kid/*"')).toBe(false);
    expect(may(lives, "pawl-life", "dynamodb:PutItem", '"kid/*"')).toBe(false);
  });

  it.each(["pawl-kid", "pawl-kid-after"])("are told by %s, though it was deployed before them", (name) => {
    expect(may(kids, name, "sqs:SendMessage", ':pawl-life"')).toBe(true);
    expect(may(kids, name, "sqs:SendMessage", ':pawl-elsewhere"')).toBe(true);
    expect(may(lives, name.replace("kid", "life"), "sqs:SendMessage", ':pawl-elsewhere"')).toBe(false);
  });
});

describe("functions of a workflow with a race", () => {
  it.each([
    ["pawl-life-racing", true],
    ["pawl-life-undo", true],
    ["pawl-life-after", false],
    // The signal may be there already.
    ["pawl-life-before", true],
  ] as const)("%s may look through the log of what it ends: %s", (name, closes) => {
    expect(may(lives, name, "dynamodb:Query", '"life/*"')).toBe(closes);
  });

  it("go on with what follows it also where the last loser was undone", () => {
    const queues = resources(templateOf(lives), "AWS::SQS::Queue");
    const queue = queues.find(({ Properties: of }) => of.QueueName === "pawl-life-after");
    expect(may(lives, "pawl-life-undo", "sqs:SendMessage", queue?.id ?? "no queue")).toBe(true);
  });

  it("begin waits beyond a queue's delay where they lead to one", () => {
    expect(may(lives, "pawl-life-before", "scheduler:CreateSchedule", "pawl-delays")).toBe(true);
    expect(may(lives, "pawl-life-after", "scheduler:CreateSchedule", "pawl-delays")).toBe(false);
  });

  it("have the time that their longest visit takes", () => {
    const [function_] = resources(templateOf(lives), "AWS::Lambda::Function").filter(
      ({ Properties: of }) => of.FunctionName === "pawl-life-before",
    );
    expect(function_?.Properties.Timeout).toBe(315);
  });
});
