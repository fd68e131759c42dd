/** What is deployed for callbacks: a key and a function of the workflow's own, and who may have the key. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Key } from "aws-cdk-lib/aws-kms";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type PlatformProps, WorkflowFunctions, type WorkflowFunctionsProps } from "../../lib/cdk/index.ts";
import { node, signal, workflow } from "../../lib/index.ts";
import { writeFiles } from "../local/temp-folder.ts";
import { Deployment, newApp, type Properties, resources, templateOf } from "./deployment.ts";

const N = z.object({ n: z.number() });
const decision = signal("decision", { data: z.object({ approved: z.boolean() }) });
const prepare = node("prepare", { input: N, output: N });
const ask = node("ask", { input: N, output: N, inline: true, callbacks: [decision] });
const file = node("file", { input: N, output: N });
const purchase = workflow("purchase", { input: N })
  .task(prepare)
  .task(ask)
  .waitFor(decision)
  .task(file, { input: (s) => s.input });
const folder = mkdtempSync(join(tmpdir(), "pawl-callbacks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const code = (of: string, ...nodes: string[]): string => {
  writeFiles(join(folder, of), {
    "workflow.ts": "",
    ...Object.fromEntries(nodes.map((name) => [`${name}.ts`, "export const handler = 1;"])),
  });
  return join(folder, of);
};

function deploy(
  settings: Partial<WorkflowFunctionsProps> = {},
  props: ConstructorParameters<typeof Deployment>[0] = {},
  app = newApp(),
) {
  const deployment = new Deployment(props, app);
  const of = {
    platform: deployment.platform,
    workflow: purchase,
    code: code("purchase", "prepare", "ask", "file"),
    graphs: folder, // where none is committed
    ...settings,
  };
  const functions = new WorkflowFunctions(deployment.stack, "Purchase", of);
  return { app, functions, template: templateOf(functions.stack) };
}
const { template } = deploy();
type Template = typeof template;
const only = (type: string, of = template) => {
  const [found, ...more] = resources(of, type);
  expect(more).toEqual([]);
  return found as NonNullable<typeof found>;
};
const functionOf = (name: string, of = template): Properties =>
  resources(of, "AWS::Lambda::Function").find(({ Properties: p }) => p.FunctionName === name)?.Properties ?? {};
const variables = (name: string): Properties => functionOf(name).Environment.Variables;
interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Properties;
}
const policyOf = (name: string, of: Template = template): Statement[] =>
  resources(of, "AWS::IAM::Role")
    .find(({ id }) => id === functionOf(name, of).Role["Fn::GetAtt"][0])
    ?.Properties.Policies.flatMap((policy: Properties) => policy.PolicyDocument.Statement);
const actionsOf = (name: string): string[] => policyOf(name).flatMap(({ Action }) => Action);

const ANSWERS = "pawl-purchase_callbacks";
const HANDS_OUT = ["pawl-purchase-prepare", "pawl-purchase-ask"]; // `ask` is inline: it runs in both
const OTHERS = ["pawl-purchase", "pawl-purchase-file"];

describe("the key of callbacks", () => {
  it("is made at random by the deployment, and stands in no template", () => {
    const secret = only("AWS::SecretsManager::Secret");
    expect(secret.Properties).toEqual({
      Description: "Signs callbacks of the workflow 'purchase' on the platform 'pawl'",
      GenerateSecretString: { ExcludePunctuation: true, PasswordLength: 64 },
    });
    expect(secret.DeletionPolicy).toBe("Retain");
  });

  it("may be read by those that hand callbacks out, inline ones too, by the one that answers, and by nobody else", () => {
    const { id } = only("AWS::SecretsManager::Secret");
    for (const name of [...HANDS_OUT, ANSWERS]) {
      const read = policyOf(name).filter(({ Action }) => Action === "secretsmanager:GetSecretValue");
      expect(read.map(({ Resource }) => Resource)).toEqual([{ Ref: id }]);
      expect(variables(name).PAWL_CALLBACK_SECRET).toEqual({ Ref: id });
    }
    for (const name of OTHERS) {
      expect(actionsOf(name).filter((action) => action.startsWith("secretsmanager"))).toEqual([]);
      expect(Object.keys(variables(name)).filter((variable) => variable.startsWith("PAWL_CALLBACK"))).toEqual([]);
    }
  });

  it("is encrypted by the platform's key if it has one, which is then used through Secrets Manager alone", () => {
    const { template: own } = deploy({}, (stack): PlatformProps => ({ encryptionKey: new Key(stack, "Key") }));
    expect(only("AWS::SecretsManager::Secret", own).Properties.KmsKeyId).toBeDefined();
    for (const name of [...HANDS_OUT, ANSWERS]) {
      const decrypt = policyOf(name, own).filter(({ Action }) => Action === "kms:Decrypt");
      expect(decrypt).toHaveLength(1);
      expect(JSON.stringify(decrypt[0]?.Condition)).toContain("secretsmanager.");
    }
    for (const name of OTHERS) expect(policyOf(name, own).filter(({ Action }) => Action === "kms:Decrypt")).toEqual([]);
  });
});

describe("the function that answers callbacks", () => {
  it("has a url that anybody may call, and runs five at once at most", () => {
    expect(only("AWS::Lambda::Url").Properties).toMatchObject({ AuthType: "NONE" });
    expect(functionOf(ANSWERS)).toMatchObject({
      Handler: "callback-function.handler",
      ReservedConcurrentExecutions: 5,
      Timeout: 20,
    });
    const { template: wider } = deploy({ callbacks: { concurrency: 12 }, defaults: { concurrency: 50 } });
    expect(functionOf(ANSWERS, wider).ReservedConcurrentExecutions).toBe(12);
  });

  it("is told to those that hand callbacks out", () => {
    const { id } = only("AWS::Lambda::Url");
    for (const name of HANDS_OUT)
      expect(variables(name).PAWL_CALLBACK_URL).toEqual({ "Fn::GetAtt": [id, "FunctionUrl"] });
    expect(variables(ANSWERS).PAWL_CALLBACK_URL).toBeUndefined();
  });

  it("reads and writes records of its own workflow, sends to control, and may do nothing else", () => {
    const statements = policyOf(ANSWERS).map(({ Action, Condition }) => [
      Action,
      Condition?.["ForAllValues:StringLike"]["dynamodb:LeadingKeys"],
    ]);
    expect(statements).toEqual([
      ["dynamodb:GetItem", ["purchase/*", "~graph/*"]],
      ["dynamodb:PutItem", ["purchase/*"]],
      ["sqs:SendMessage", undefined],
      [["logs:CreateLogStream", "logs:PutLogEvents"], undefined],
      ["secretsmanager:GetSecretValue", undefined],
    ]);
    const queue = policyOf(ANSWERS).find(({ Action }) => Action === "sqs:SendMessage")?.Resource as Properties;
    const control = resources(template, "AWS::SQS::Queue").find(({ id }) => id === queue["Fn::GetAtt"][0]);
    expect(control?.Properties.QueueName).toBe("pawl-purchase");
    expect(JSON.stringify(policyOf(ANSWERS).map(({ Resource }) => Resource))).not.toContain("*");
  });

  it("tells of answers that it could not take, by an alarm", () => {
    const alarms = resources(template, "AWS::CloudWatch::Alarm").map(({ Properties: of }) => of.MetricName);
    expect(alarms).toContain("Url5xxCount");
  });

  it("is not there, nor a key, where no node hands callbacks out", () => {
    const { functions } = deploy({
      workflow: workflow("purchase", { input: N }).task(prepare).task(file),
      code: code("plain", "prepare", "file"),
    });
    const of = templateOf(functions.stack);
    expect([...resources(of, "AWS::SecretsManager::Secret"), ...resources(of, "AWS::Lambda::Url")]).toEqual([]);
    expect(resources(of, "AWS::Lambda::Function")).toHaveLength(3);
  });

  it("passes the security rules, with a key of the user's and without", () => {
    for (const props of [
      {},
      (stack: never): PlatformProps => ({ encryptionKey: new Key(stack, "Key", { enableKeyRotation: true }) }),
    ]) {
      const { app } = deploy({}, props, newApp());
      const { violations } = new AwsSolutionsChecks(app).validateScope(app);
      expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
    }
  });
});
