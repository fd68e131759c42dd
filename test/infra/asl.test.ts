/** A state machine is deployed as any other workflow is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { fromAsl } from "../../lib/asl/index.ts";
import { WorkflowFunctions } from "../../lib/cdk/index.ts";
import { node } from "../../lib/index.ts";
import { writeFiles } from "../local/temp-folder.ts";
import { Deployment, type Properties, resources, templateOf } from "./deployment.ts";

const io = { input: z.json(), output: z.json() };
const task = (name: string, more: object) => ({
  Type: "Task",
  Resource: `arn:aws:lambda:eu-west-1:123456789012:function:${name}`,
  ...more,
});
const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } });
const claim = fromAsl(
  {
    StartAt: "Check policy",
    States: {
      "Check policy": task("check", {
        Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1000 }],
        Next: "Assess",
      }),
      Assess: {
        Type: "Parallel",
        Branches: [branch("Damage", task("damage", { End: true })), branch("Fraud", task("fraud", { End: true }))],
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Pay" }],
        Next: "Pay",
      },
      Pay: task("pay", { End: true }),
    },
  },
  {
    name: "claim",
    functions: Object.fromEntries(["check", "damage", "fraud", "pay"].map((name) => [name, node(name, io)])),
  },
);
const folder = mkdtempSync(join(tmpdir(), "pawl-asl-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const handler = "export const handler = 1;";
writeFiles(folder, {
  "workflow.ts": "",
  ...Object.fromEntries(Object.keys(claim.program.nodes).map((name) => [`${name}.ts`, handler])),
});

it("a state machine's functions have a queue each, and may do what its states say", () => {
  const { platform, stack } = new Deployment();
  const functions = new WorkflowFunctions(stack, "Claim", { platform, workflow: claim, code: folder, graphs: folder });
  const template = templateOf(functions.stack);
  const names = resources(template, "AWS::SQS::Queue").map(({ Properties: p }) => p.QueueName as string);
  expect(names).toEqual(
    expect.arrayContaining(["check", "damage", "fraud", "pay"].map((name) => `pawl-claim-${name}`)),
  );
  const actionsOf = (name: string): string[] => {
    const found = resources(template, "AWS::Lambda::Function").find(({ Properties: p }) => p.FunctionName === name);
    const { Role } = found?.Properties ?? ({} as Properties);
    const role = resources(template, "AWS::IAM::Role").find(({ id }) => id === Role["Fn::GetAtt"][0]);
    return role?.Properties.Policies.flatMap((policy: Properties) =>
      policy.PolicyDocument.Statement.flatMap((statement: { Action: string | string[] }) => statement.Action),
    );
  };
  // Who fails in a branch closes its sister; who is tried again after 1,000 s needs a schedule for it.
  expect(actionsOf("pawl-claim-damage")).toContain("dynamodb:Query");
  expect(actionsOf("pawl-claim-pay")).not.toContain("dynamodb:Query");
  expect(actionsOf("pawl-claim-check")).toContain("scheduler:CreateSchedule");
  expect(actionsOf("pawl-claim-pay")).not.toContain("scheduler:CreateSchedule");
});
