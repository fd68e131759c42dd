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

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}
const statementsOf = (template: Parameters<typeof resources>[0], name: string): readonly Statement[] => {
  const found = resources(template, "AWS::Lambda::Function").find(({ Properties: p }) => p.FunctionName === name);
  const { Role } = found?.Properties ?? ({} as Properties);
  const role = resources(template, "AWS::IAM::Role").find(({ id }) => id === Role["Fn::GetAtt"][0]);
  return role?.Properties.Policies.flatMap((policy: Properties) => policy.PolicyDocument.Statement);
};

it("what Maps read, the control function alone may read, in the buckets that are named", () => {
  const each = (reader: object, Next?: string) => ({
    Type: "Map",
    ItemReader: reader,
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      ...branch(`Pay ${Next}`, task("pay", { End: true })),
    },
    ...(Next ? { Next } : { End: true }),
  });
  const read = (Parameters: object) => ({
    ...{ Resource: "arn:aws:states:::s3:getObject", ReaderConfig: { InputType: "JSON" }, Parameters },
  });
  const workflow = fromAsl(
    {
      StartAt: "Check",
      States: {
        Check: task("check", { Next: "One" }),
        One: each(read({ Bucket: "named", Key: "in/all.json" }), "Any"),
        Any: each(read({ Bucket: "named", "Key.$": "$.key", "VersionId.$": "$.version" }), "Listed"),
        Listed: each({ Resource: "arn:aws:states:::s3:listObjectsV2", Parameters: { "Bucket.$": "$.bucket" } }, "Last"),
        Last: task("last", { End: true }),
      },
    },
    {
      ...{ name: "claim", buckets: ["mon", "tue"] },
      functions: Object.fromEntries(["check", "pay", "last"].map((name) => [name, node(name, io)])),
    },
  );
  const { platform, stack } = new Deployment();
  const code = mkdtempSync(join(folder, "readers-"));
  writeFiles(code, { "workflow.ts": "", "check.ts": handler, "pay.ts": handler, "last.ts": handler });
  const functions = new WorkflowFunctions(stack, "Claim", { platform, workflow, code, graphs: code });
  const template = templateOf(functions.stack);
  const readBy = (name: string) =>
    statementsOf(template, name).flatMap(({ Action, Resource }) => {
      const objects = JSON.stringify(Resource).match(/(?<=s3:::)(named|mon|tue)[^"]*/g);
      return objects ? [[Action, objects]] : [];
    });
  const one = ["s3:GetObject", ["named/in/all.json"]];
  const any = [["s3:GetObject", "s3:GetObjectVersion"], ["named/*"]];
  const listed = ["s3:ListBucket", ["mon", "tue"]];
  expect(readBy("pawl-claim")).toEqual([one, any, listed]);
  for (const name of ["check", "pay", "last"]) expect(readBy(`pawl-claim-${name}`)).toEqual([]);
});

it("a state machine's functions have a queue each, and may do what its states say", () => {
  const { platform, stack } = new Deployment();
  const functions = new WorkflowFunctions(stack, "Claim", { platform, workflow: claim, code: folder, graphs: folder });
  const template = templateOf(functions.stack);
  const names = resources(template, "AWS::SQS::Queue").map(({ Properties: p }) => p.QueueName as string);
  expect(names).toEqual(
    expect.arrayContaining(["check", "damage", "fraud", "pay"].map((name) => `pawl-claim-${name}`)),
  );
  const actionsOf = (name: string) => statementsOf(template, name).flatMap(({ Action }) => Action);
  // Who fails in a branch closes its sister; who is tried again after 1,000 s needs a schedule for it.
  expect(actionsOf("pawl-claim-damage")).toContain("dynamodb:Query");
  expect(actionsOf("pawl-claim-pay")).not.toContain("dynamodb:Query");
  expect(actionsOf("pawl-claim-check")).toContain("scheduler:CreateSchedule");
  expect(actionsOf("pawl-claim-pay")).not.toContain("scheduler:CreateSchedule");
});
