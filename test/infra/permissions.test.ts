/** What a function may do is what the graph says, and nothing else. IAM is not enforced by any stand-in: this is where it is shown. */
import type { Stack } from "aws-cdk-lib";
import { AttributeType, Table } from "aws-cdk-lib/aws-dynamodb";
import { Key } from "aws-cdk-lib/aws-kms";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { charge, screen } from "../../functions/order/contracts.ts";
import { WorkflowFunctions } from "../../lib/cdk/index.ts";
import { node, workflow } from "../../lib/index.ts";
import { tempProject } from "../local/temp-folder.ts";
import { Deployment, type Properties, resources, templateOf } from "./deployment.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Properties;
}
const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** The function's own policy, with queues by their names. */
function policyOf(stack: Stack, name: string): Statement[] {
  const template = templateOf(stack);
  const found = resources(template, "AWS::Lambda::Function").find(({ Properties: of }) => of.FunctionName === name);
  const role = resources(template, "AWS::IAM::Role").find(({ id }) => id === found?.Properties.Role["Fn::GetAtt"][0]);
  expect(role?.Properties.ManagedPolicyArns).toBeUndefined();
  expect(role?.Properties.AssumeRolePolicyDocument.Statement).toEqual([
    { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
  ]);
  return role?.Properties.Policies.flatMap((policy: Properties) => policy.PolicyDocument.Statement);
}
const allowing = (policy: readonly Statement[], action: string): Statement[] =>
  policy.filter(({ Action }) => list(Action).includes(action));

function queuesOf(stack: Stack, statements: readonly Statement[]): string[] {
  const queues = resources(templateOf(stack), "AWS::SQS::Queue");
  const names = statements.flatMap(({ Resource }) =>
    list(Resource as Properties).map(
      (arn) => queues.find(({ id }) => id === arn["Fn::GetAtt"][0])?.Properties.QueueName,
    ),
  );
  return names.sort();
}
/** As a text, with what is not known yet in angle brackets. */
const text = (arn: unknown): string =>
  typeof arn === "string"
    ? arn
    : (arn as Properties)["Fn::Join"]
      ? (arn as Properties)["Fn::Join"][1].map(text).join("")
      : `<${(arn as Properties).Ref ?? (arn as Properties)["Fn::GetAtt"].join(".")}>`;

const { stack } = new Deployment().order();
const nodes = ["reserve", "release", "charge", "refund", "screen", "packLine", "ship"];
/** What may be undone when an execution ends, wherever it ends. */
const undos = ["refund", "release"];
const functions = ["pawl-order", ...nodes.map((n) => `pawl-order-${n}`)];
const sends = (name: string, of = stack) => queuesOf(of, allowing(policyOf(of, name), "sqs:SendMessage"));

describe("a function of order", () => {
  it.each([
    // reserve → charge beside screen, which is inline: its arrival may complete the join, and then comes packLine or ship
    ["reserve", ["charge", "packLine", "reserve", "screen", "ship"]],
    ["charge", ["charge", "packLine", "ship"]],
    ["screen", ["packLine", "screen", "ship"]],
    ["packLine", ["packLine", "ship"]],
    ["ship", ["ship"]],
  ])("%s sends to control, and to the queues of what may follow: %s", (name, following) => {
    expect(sends(`pawl-order-${name}`)).toEqual(
      ["pawl-order", ...[...following, ...undos].map((n) => `pawl-order-${n}`)].sort(),
    );
  });

  it("control sends to every queue, since a dead letter may be of any node", () => {
    expect(sends("pawl-order")).toEqual(functions.toSorted());
  });

  it("receives from its own queue alone, and control from the dead letters' as well", () => {
    for (const name of functions) {
      const own = allowing(policyOf(stack, name), "sqs:ReceiveMessage");
      expect(own.flatMap(({ Action }) => Action).sort()).toEqual([
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
      ]);
      expect(queuesOf(stack, own)).toEqual(name === "pawl-order" ? ["pawl-order", "pawl-order_dead"] : [name]);
    }
  });

  it("emits what the graph lets it emit, from its source and of its type, and others emit nothing", () => {
    for (const name of functions) {
      const emits = allowing(policyOf(stack, name), "events:PutEvents");
      if (!["pawl-order", "pawl-order-ship"].includes(name)) expect(emits, name).toEqual([]);
      else
        expect(emits, name).toMatchObject([
          {
            Condition: {
              "ForAllValues:StringEquals": { "events:source": ["shop.orders"] },
              StringEquals: { "events:detail-type": ["OrderShipped"] },
            },
          },
        ]);
      for (const { Resource } of emits) expect(text(Resource)).toMatch(/^arn:.*:events:.*:event-bus\/pawl-events$/);
    }
  });

  it("reads and writes records of its own workflow, one at a time; control alone looks through an execution", () => {
    for (const name of functions) {
      const policy = policyOf(stack, name);
      const keys = (action: string) =>
        allowing(policy, action).flatMap(({ Resource, Condition }) => {
          expect(text(Resource)).toMatch(/^arn:.*:dynamodb:.*:table\/pawl-log$/);
          return list(Condition?.["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
        });
      const control = name === "pawl-order";
      expect(keys("dynamodb:GetItem")).toEqual(["order/*", "~graph/*", ...(control ? ["~workflows"] : [])]);
      for (const action of ["dynamodb:PutItem", "dynamodb:UpdateItem"])
        expect(keys(action)).toEqual(control ? ["order/*", "~graph/*", "~workflows"] : ["order/*"]);
      expect(keys("dynamodb:ConditionCheckItem")).toEqual(["order/*"]); // parks a message while the header says so
      for (const action of ["dynamodb:Query", "dynamodb:DeleteItem"])
        expect(keys(action)).toEqual(control ? ["order/*"] : []);
    }
  });

  it("stores and fetches payloads of its own workflow", () => {
    for (const name of functions) {
      const [payloads, ...more] = allowing(policyOf(stack, name), "s3:GetObject");
      expect(more).toEqual([]);
      expect(payloads?.Action).toEqual(["s3:GetObject", "s3:PutObject"]);
      const bucket = "arn:<AWS::Partition>:s3:::pawl-payloads-<AWS::AccountId>-<AWS::Region>";
      expect(list(payloads?.Resource).map(text)).toEqual([`${bucket}/month/order/*`, `${bucket}/year/order/*`]);
    }
  });

  it("writes its own log", () => {
    const logs = resources(templateOf(stack), "AWS::Logs::LogGroup");
    for (const name of functions) {
      const [log] = allowing(policyOf(stack, name), "logs:PutLogEvents");
      expect(log?.Action).toEqual(["logs:CreateLogStream", "logs:PutLogEvents"]);
      const own = logs.find(({ Properties: of }) => of.LogGroupName === `/aws/lambda/${name}`);
      expect(log?.Resource).toEqual({ "Fn::GetAtt": [own?.id, "Arn"] });
    }
  });

  it("may do nothing else, and nowhere by a wildcard but behind its own workflow's prefix and among the delays", () => {
    const known =
      /^(sqs:(ReceiveMessage|DeleteMessage|ChangeMessageVisibility|GetQueueAttributes|SendMessage)|dynamodb:(GetItem|PutItem|UpdateItem|DeleteItem|ConditionCheckItem|Query)|s3:(Get|Put)Object|events:PutEvents|scheduler:CreateSchedule|iam:PassRole|logs:(CreateLogStream|PutLogEvents))$/;
    for (const name of functions)
      for (const { Effect, Action, Resource } of policyOf(stack, name)) {
        expect(Effect).toBe("Allow");
        for (const action of list(Action)) expect(action).toMatch(known);
        for (const arn of list(Resource)
          .map(text)
          .filter((it) => it.includes("*")))
          expect(arn).toMatch(
            /^arn:.*:(s3:::pawl-payloads-[^/]*\/(month|year)\/order|scheduler:.*:schedule\/pawl-delays)\/\*$/,
          );
      }
  });
});

describe("a node with long pauses between attempts", () => {
  const N = z.object({ n: z.number() });
  const nodeOf = (name: string, maxDelay: "15 minutes" | "16 minutes", inline = false) =>
    node(name, { input: N, output: N, inline, retry: { maxDelay } });
  const project = (...nodes: ReturnType<typeof nodeOf>[]): Stack => {
    const folder = tempProject({
      "functions/slow/workflow.ts": "",
      ...Object.fromEntries(nodes.map(({ name }) => [`functions/slow/${name}.ts`, "export const handler = 1;"])),
    });
    const chain = nodes.reduce((built, one) => built.task(one) as never, workflow("slow", { input: N }));
    const deployment = new Deployment();
    const props = { platform: deployment.platform, workflow: chain, code: `${folder}/functions/slow` };
    return new WorkflowFunctions(deployment.stack, "Slow", props).stack;
  };
  const schedules = (of: Stack, name: string) => allowing(policyOf(of, `pawl-${name}`), "scheduler:CreateSchedule");

  it("may make schedules from more than 15 minutes on, and hand them the role that sends", () => {
    const of = project(nodeOf("patient", "16 minutes"), nodeOf("quick", "15 minutes"));
    expect(schedules(of, "slow-patient").map(({ Resource }) => text(Resource))).toEqual([
      expect.stringMatching(/^arn:.*:scheduler:.*:schedule\/pawl-delays\/\*$/),
    ]);
    expect(allowing(policyOf(of, "pawl-slow-patient"), "iam:PassRole")).toMatchObject([
      {
        Resource: { Ref: expect.stringContaining("Scheduler") },
        Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
      },
    ]);
    expect(schedules(of, "slow-quick")).toEqual([]);
    expect(schedules(of, "slow")).toHaveLength(1); // a dead letter of it is tried again as well
  });

  it("gives the same to whoever runs it inline", () => {
    const of = project(nodeOf("first", "15 minutes"), nodeOf("patient", "16 minutes", true));
    expect(schedules(of, "slow-first")).toHaveLength(1);
  });
});

describe("a key of the user's", () => {
  it("may be used through the table and the bucket, and in no other way", () => {
    const deployment = new Deployment((of) => ({ encryptionKey: new Key(of, "Key") }));
    const policy = policyOf(deployment.order().stack, "pawl-order-charge");
    expect(allowing(policy, "kms:Decrypt")).toMatchObject([
      {
        Resource: { Ref: expect.stringContaining("Key") },
        Condition: {
          StringEquals: {
            "kms:ViaService": ["dynamodb", "s3"].map((service) => ({
              "Fn::Join": ["", [`${service}.`, { Ref: "AWS::Region" }, ".", { Ref: "AWS::URLSuffix" }]],
            })),
          },
        },
      },
    ]);
  });
});

describe("what a handler needs besides", () => {
  const deployment = new Deployment();
  const orders = deployment.order();
  const ledger = new Table(deployment.stack, "Ledger", { partitionKey: { name: "id", type: AttributeType.STRING } });
  ledger.grantWriteData(orders.node(charge));
  ledger.grantReadData(orders.node(screen));
  orders.node(charge).addEnvironment("LEDGER", "charge");
  orders.node("screen").addEnvironment("RULES", "screen");
  const template = templateOf(orders.stack);
  const granted = (action: string) =>
    resources(template, "AWS::IAM::Policy")
      .filter(({ Properties: of }) =>
        of.PolicyDocument.Statement.some(({ Action }: Statement) => list(Action).includes(action)),
      )
      .flatMap(({ Properties: of }) => of.Roles.map(({ Ref }: Properties) => Ref.replace(/Role.*/, "")))
      .sort();
  const having = (variable: string) =>
    resources(template, "AWS::Lambda::Function")
      .filter(({ Properties: of }) => of.Environment.Variables[variable])
      .map(({ Properties: of }) => of.FunctionName)
      .sort();

  it("is granted to the node's function", () => {
    expect(granted("dynamodb:BatchWriteItem")).toEqual(["Nodecharge"]);
    expect(having("LEDGER")).toEqual(["pawl-order-charge"]);
  });

  it("is granted to every function that runs an inline node's handler", () => {
    expect(granted("dynamodb:BatchGetItem")).toEqual(["Nodereserve", "Nodescreen"]);
    expect(having("RULES")).toEqual(["pawl-order-reserve", "pawl-order-screen"]);
    expect(orders.node("screen").function.node.path).toBe("test/Order/Node-screen/Function");
  });

  it("is not granted to a node that is not there", () => {
    expect(() => orders.node("invoice")).toThrow(
      /workflow 'order' has no node 'invoice'; it has reserve, release, charge/,
    );
  });

  it("may be granted to control, which runs the inline nodes that a workflow begins with", () => {
    expect(orders.control.functions.map(({ node: of }) => of.path)).toEqual(["test/Order/Control/Function"]);
  });
});
