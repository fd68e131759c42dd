import { RemovalPolicy } from "aws-cdk-lib";
import { Architecture } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { order } from "../../functions/order/workflow.ts";
import { nodeTimeout } from "../../lib/cdk/workflow-queues.ts";
import { node, workflow } from "../../lib/index.ts";
import { Deployment, resources, templateOf } from "./deployment.ts";

const NODES = ["reserve", "release", "charge", "refund", "screen", "packLine", "ship"];
const template = templateOf(new Deployment().order().stack);
const queues = resources(template, "AWS::SQS::Queue");
const functions = resources(template, "AWS::Lambda::Function");
const mappings = resources(template, "AWS::Lambda::EventSourceMapping");
const queueNamed = (name: string) => queues.find(({ Properties }) => Properties.QueueName === name)!;
const functionNamed = (name: string) => functions.find(({ Properties }) => Properties.FunctionName === name)!;
const dead = queueNamed("pawl-order_dead");

describe("the queues of a workflow", () => {
  it("are one for each node, one for control, and one for dead letters", () => {
    const names = queues.map(({ Properties }) => Properties.QueueName).sort();
    expect(names).toEqual([...NODES.map((node) => `pawl-order-${node}`), "pawl-order", "pawl-order_dead"].sort());
  });

  it("hand a message on as a dead letter after 30 receives, each to the workflow's one queue for these", () => {
    for (const { id, Properties } of queues)
      expect(Properties.RedrivePolicy, id).toEqual(
        id === dead.id ? undefined : { maxReceiveCount: 30, deadLetterTargetArn: { "Fn::GetAtt": [dead.id, "Arn"] } },
      );
  });

  it("keep a message for 14 days, encrypted, and refuse what does not come over TLS", () => {
    for (const { id, Properties } of queues) {
      expect(Properties, id).toMatchObject({ MessageRetentionPeriod: 14 * 24 * 60 * 60, SqsManagedSseEnabled: true });
      const policy = resources(template, "AWS::SQS::QueuePolicy").find(({ Properties: of }) => of.Queues[0].Ref === id);
      expect(policy?.Properties.PolicyDocument.Statement, id).toContainEqual({
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "sqs:*",
        Resource: { "Fn::GetAtt": [id, "Arn"] },
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
    }
  });

  it("hide a message for as long as its function may run, a lease's end and two clocks are apart", () => {
    // charge: 30 s for the node, 15 s around it; 5 s of lease, 60 s between clocks, 5 s to deliver
    expect(queueNamed("pawl-order-charge").Properties.VisibilityTimeout).toBe(30 + 15 + 5 + 60 + 5);
    for (const { Properties: mapping } of mappings) {
      const queue = queues.find(({ id }) => id === mapping.EventSourceArn["Fn::GetAtt"][0])!;
      const { Properties } = functions.find(({ id }) => id === mapping.FunctionName.Ref)!;
      expect(queue.Properties.VisibilityTimeout).toBe(Properties.Timeout + 70);
    }
  });

  it("stay when the stack goes, unless the platform is one to be thrown away", () => {
    expect(queues.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(queues.map(() => "Retain"));
    const { stack } = new Deployment({ removalPolicy: RemovalPolicy.DESTROY }).order();
    const thrown = resources(templateOf(stack), "AWS::SQS::Queue");
    expect(thrown.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(thrown.map(() => "Delete"));
  });
});

describe("the functions of a workflow", () => {
  it("are one for each node and one for control", () => {
    const names = functions.map(({ Properties }) => Properties.FunctionName).sort();
    expect(names).toEqual([...NODES.map((node) => `pawl-order-${node}`), "pawl-order"].sort());
  });

  it("run on Node.js 24 with 512 MB on ARM, may call themselves, and say where an error is in the source", () => {
    for (const { Properties } of functions)
      expect(Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        MemorySize: 512,
        RecursiveLoop: "Allow",
        Environment: { Variables: { NODE_OPTIONS: "--enable-source-maps", POWERTOOLS_SERVICE_NAME: "order" } },
      });
  });

  it("have 15 seconds more than their nodes, and never take concurrency away from others", () => {
    for (const node of NODES) {
      const { Timeout, ReservedConcurrentExecutions } = functionNamed(`pawl-order-${node}`).Properties;
      expect(Timeout).toBe((order.program.graph.nodes[node]?.timeoutMs ?? 0) / 1000 + 15);
      expect(ReservedConcurrentExecutions).toBeUndefined();
    }
  });

  it("are told the platform, and what its queues' urls and ARNs begin with, as an existing queue says", () => {
    const control = queueNamed("pawl-order").id;
    const before = (value: unknown) => ({ "Fn::Select": [0, { "Fn::Split": ["pawl-order", value] }] });
    for (const { Properties } of functions)
      expect(Properties.Environment.Variables).toMatchObject({
        PAWL_PLATFORM: "pawl",
        PAWL_QUEUES: before({ Ref: control }),
        PAWL_QUEUE_ARNS: before({ "Fn::GetAtt": [control, "Arn"] }),
        PAWL_CLOCK_MARGIN_MS: "60000",
        PAWL_PAYLOAD_LIMIT_MIB: "32",
      });
  });

  it("each write to a log of their own, which goes after a month", () => {
    const logs = resources(template, "AWS::Logs::LogGroup");
    expect(logs).toHaveLength(functions.length);
    for (const { Properties } of functions) {
      const log = logs.find(({ id }) => id === Properties.LoggingConfig.LogGroup.Ref);
      expect(log?.Properties).toEqual({ LogGroupName: `/aws/lambda/${Properties.FunctionName}`, RetentionInDays: 30 });
    }
  });

  it("each receive from their own queue in tens, at most 20 at once, and answer for each message", () => {
    for (const { id, Properties } of functions) {
      const own = queueNamed(Properties.FunctionName).id;
      const mapping = mappings.find((it) => it.Properties.EventSourceArn["Fn::GetAtt"][0] === own);
      expect(mapping?.Properties).toEqual({
        EventSourceArn: { "Fn::GetAtt": [own, "Arn"] },
        FunctionName: { Ref: id },
        BatchSize: 10,
        ScalingConfig: { MaximumConcurrency: 20 },
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      });
    }
  });

  it("leave dead letters to control, and there is no other source of messages", () => {
    const of = mappings.filter(({ Properties }) => Properties.EventSourceArn["Fn::GetAtt"][0] === dead.id);
    expect(of.map(({ Properties }) => Properties)).toMatchObject([
      { FunctionName: { Ref: functionNamed("pawl-order").id }, ScalingConfig: { MaximumConcurrency: 2 } },
    ]);
    expect(mappings).toHaveLength(functions.length + 1);
  });
});

describe("settings", () => {
  const { stack } = new Deployment().order({
    defaults: { memorySize: 256, environment: { A: "all", B: "all" } },
    nodes: {
      ship: {
        memorySize: 1024,
        concurrency: 2,
        architecture: Architecture.X86_64,
        logRetention: RetentionDays.ONE_DAY,
        environment: { B: "ship" },
      },
    },
    control: { memorySize: 128 },
  });
  const set = resources(templateOf(stack), "AWS::Lambda::Function");
  const of = (name: string) => set.find(({ Properties }) => Properties.FunctionName === name)!.Properties;

  it("are for all functions, and for one of them otherwise", () => {
    expect(of("pawl-order-charge")).toMatchObject({
      MemorySize: 256,
      Environment: { Variables: { A: "all", B: "all" } },
    });
    expect(of("pawl-order-ship")).toMatchObject({
      MemorySize: 1024,
      Architectures: ["x86_64"],
      Environment: { Variables: { A: "all", B: "ship" } },
    });
    expect(of("pawl-order")).toMatchObject({ MemorySize: 128 });
  });

  it("do not reach what the engine needs in the environment", () => {
    const { stack: other } = new Deployment().order({ defaults: { environment: { PAWL_PLATFORM: "x" } } });
    for (const { Properties } of resources(templateOf(other), "AWS::Lambda::Function"))
      expect(Properties.Environment.Variables.PAWL_PLATFORM).toBe("pawl");
  });
});

describe("a trigger", () => {
  it("is a rule on the platform's bus that hands the event to control as it is", () => {
    const [rule, ...more] = resources(template, "AWS::Events::Rule");
    expect(more).toEqual([]);
    expect(rule?.Properties).toMatchObject({
      EventBusName: { Ref: expect.stringContaining("Bus") },
      EventPattern: { source: ["shop.orders"], "detail-type": ["OrderPlaced"] },
      State: "ENABLED",
      Targets: [{ Arn: { "Fn::GetAtt": [queueNamed("pawl-order").id, "Arn"] } }],
    });
    expect(Object.keys(rule?.Properties.Targets[0]).sort()).toEqual(["Arn", "DeadLetterConfig", "Id"]);
  });

  it("makes a dead letter of an event that cannot be delivered", () => {
    const [rule] = resources(template, "AWS::Events::Rule");
    expect(rule?.Properties.Targets[0].DeadLetterConfig).toEqual({ Arn: { "Fn::GetAtt": [dead.id, "Arn"] } });
  });

  it("is an event that another workflow emits as well", () => {
    const crm = templateOf(new Deployment().crm().stack);
    crm.hasResourceProperties("AWS::Events::Rule", {
      EventPattern: { source: ["shop.orders"], "detail-type": ["OrderShipped"] },
    });
  });
});

describe("a workflow", () => {
  it("comes after its platform, which it knows by name", () => {
    const deployment = new Deployment();
    deployment.order();
    const [nested] = resources(templateOf(deployment.stack), "AWS::CloudFormation::Stack");
    const { DependsOn } = nested as unknown as { DependsOn: string[] };
    for (const what of ["Log", "Bus", "Payloads", "Delays", "Scheduler"])
      expect(DependsOn).toContainEqual(expect.stringMatching(new RegExp(`^Platform${what}`)));
  });
});

describe("the function of a node", () => {
  it("has time enough for an inline node after it that takes longer", () => {
    const json = { input: z.json(), output: z.json() };
    const quick = node("quick", { ...json, timeout: "3 seconds" });
    const slow = node("slow", { ...json, timeout: "2 minutes", inline: true });
    const { graph } = workflow("flow", { input: z.json() }).task(quick).task(slow).program;
    expect(nodeTimeout(graph, "quick").toSeconds()).toBe(120 + 15);
    const { graph: queued } = workflow("flow", { input: z.json() }).task(slow).task(quick).program;
    expect(nodeTimeout(queued, "quick").toSeconds()).toBe(3 + 15);
  });

  it("is deployed before control's, which starts executions on the new graph", () => {
    const control = functionNamed("pawl-order");
    for (const name of NODES) expect(control.DependsOn).toContain(functionNamed(`pawl-order-${name}`).id);
  });
});
