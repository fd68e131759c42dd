/**
 * What a function of a workflow may do, written out by hand and worked out from the graph: no wildcard in an action, and
 * in a resource only behind the prefix of what is this workflow's own.
 */
import { Stack } from "aws-cdk-lib";
import { type Conditions, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Graph } from "../model/graph.ts";
import { LONGEST_QUEUE_DELAY_MS, type Reach } from "../model/reach.ts";
import { bucketArn, busArn, controlQueueArn, objectArns, payloadArns, scheduleArns, tableArn } from "./arns.ts";
import type { Platform } from "./platform.ts";

export interface FunctionDuty {
  readonly platform: Platform;
  readonly graph: Graph;
  readonly reach: Reach;
  /** Its own queue, and for control the dead-letter queue. */
  readonly receives: readonly IQueue[];
  readonly sends: readonly IQueue[];
  /** Nodes that it may have to try again. */
  readonly retries: readonly string[];
  readonly control: boolean;
  readonly logGroup: ILogGroup;
  /** What signs callbacks; of a function that runs a node which hands some out. */
  readonly callbackSecret?: Secret | undefined;
}

export function permissionsOf(duty: FunctionDuty): PolicyStatement[] {
  return [
    ...queues(duty),
    ...stepLog(duty),
    payloads(duty),
    ...reads(duty),
    ...calls(duty),
    ...events(duty),
    ...schedules(duty),
    logs(duty),
    ...(duty.callbackSecret ? readSecret(duty.platform, duty.callbackSecret) : []),
    ...keysThrough(duty.platform, ["dynamodb", "s3"]),
  ];
}

/** The wildcards in them, for whoever looks for such. */
export function wildcardsOf(duty: FunctionDuty): string[] {
  const { platform, graph, reach } = duty;
  const payloads = [graph.workflow, ...reach.calls].flatMap((workflow) => payloadArns(platform, workflow));
  const objects = (reach.reads ?? []).flatMap((one) => (one.list ? [] : objectArns(platform, one)));
  const any = objects.filter((arn) => arn.endsWith("/*"));
  return [...payloads, ...any, ...(schedules(duty).length > 0 ? [scheduleArns(platform)] : [])];
}

export const allow = (actions: string[], resources: string[], conditions?: Conditions): PolicyStatement =>
  new PolicyStatement({ actions, resources, ...(conditions && { conditions }) });

function queues({ receives, sends }: FunctionDuty): PolicyStatement[] {
  const arns = (some: readonly IQueue[]) => some.map(({ queueArn }) => queueArn);
  const receive = ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"];
  return [
    allow(
      receive.map((action) => `sqs:${action}`),
      arns(receives),
    ),
    allow(["sqs:SendMessage"], arns(sends)),
  ];
}

/** By the partitions' beginnings ("Using IAM policy conditions for fine-grained access control", LeadingKeys). */
export const leadingKeys = (...keys: string[]): Conditions => ({
  "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys },
});

function stepLog({ platform, graph, reach, control }: FunctionDuty): PolicyStatement[] {
  const table = [tableArn(platform)];
  const leading = leadingKeys;
  const [own, graphs, registry] = [`${graph.workflow}/*`, "~graph/*", "~workflows"];
  const write = ["dynamodb:PutItem", "dynamodb:UpdateItem"];
  const park = "dynamodb:ConditionCheckItem"; // a message is parked while the header says so
  if (!control)
    return [
      allow(["dynamodb:GetItem"], table, leading(own, graphs)),
      allow([...write, park, ...(reach.closes ? ["dynamodb:Query"] : [])], table, leading(own)),
    ];
  return [
    allow(["dynamodb:GetItem", ...write], table, leading(own, graphs, registry)),
    // Control looks for what is open, and takes away what was parked.
    allow(["dynamodb:Query", "dynamodb:DeleteItem", park], table, leading(own)),
  ];
}

/**
 * Executions of other workflows are begun and stopped by messages; how they ended is read. A message that is too large for
 * a queue lies among their payloads.
 */
function calls({ platform, reach, control }: FunctionDuty): PolicyStatement[] {
  if (reach.calls.length === 0) return [];
  const payloads = reach.calls.flatMap((workflow) => payloadArns(platform, workflow));
  const logs = leadingKeys(...reach.calls.map((workflow) => `${workflow}/*`));
  return [
    allow(
      ["sqs:SendMessage"],
      reach.calls.map((workflow) => controlQueueArn(platform, workflow)),
    ),
    allow(["s3:GetObject", "s3:PutObject"], payloads),
    ...(control || reach.closes ? [allow(["dynamodb:GetItem"], [tableArn(platform)], logs)] : []),
  ];
}

/** A called execution tells who called it that it has ended, whichever of its functions ends it. */
export const returnTo = (platform: Platform, caller: string): PolicyStatement =>
  allow(["sqs:SendMessage"], [controlQueueArn(platform, caller)]);

const payloads = ({ platform, graph }: FunctionDuty): PolicyStatement =>
  allow(["s3:GetObject", "s3:PutObject"], payloadArns(platform, graph.workflow));

/** Of the buckets that the definition names, and where it names one, of the object. */
const reads = ({ platform, reach }: FunctionDuty): PolicyStatement[] =>
  (reach.reads ?? []).map((one) => {
    if (one.list)
      return allow(
        ["s3:ListBucket"],
        one.buckets.map((bucket) => bucketArn(platform, bucket)),
      );
    return allow(["s3:GetObject", ...(one.versions ? ["s3:GetObjectVersion"] : [])], objectArns(platform, one));
  });

/** Only what the graph says ("Using IAM policy conditions in Amazon EventBridge", events:source and events:detail-type). */
function events({ platform, graph, reach }: FunctionDuty): PolicyStatement[] {
  const emits = reach.emits.flatMap((key) => graph.events[key] ?? []);
  if (emits.length === 0) return [];
  const conditions = {
    "ForAllValues:StringEquals": { "events:source": distinct(emits.map(({ source }) => source)) },
    StringEquals: { "events:detail-type": distinct(emits.map(({ type }) => type)) },
  };
  return [allow(["events:PutEvents"], [busArn(platform)], conditions)];
}

function schedules({ platform, graph, reach, retries }: FunctionDuty): PolicyStatement[] {
  const long =
    reach.sleeps || retries.some((node) => (graph.nodes[node]?.retry.maxDelayMs ?? 0) > LONGEST_QUEUE_DELAY_MS);
  if (!long) return [];
  const passed = { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } };
  return [
    allow(["scheduler:CreateSchedule"], [scheduleArns(platform)]),
    allow(["iam:PassRole"], [platform.schedulerRole.roleArn], passed),
  ];
}

const logs = ({ logGroup }: FunctionDuty): PolicyStatement =>
  allow(["logs:CreateLogStream", "logs:PutLogEvents"], [logGroup.logGroupArn]);

/** "DynamoDB encryption at rest: usage notes", and the same for S3: those who read and write need the key through it. */
export function keysThrough(platform: Platform, services: readonly string[]): PolicyStatement[] {
  const { encryptionKey } = platform;
  if (!encryptionKey) return [];
  const { region, urlSuffix } = Stack.of(platform);
  const through = services.map((service) => `${service}.${region}.${urlSuffix}`);
  const actions = ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey"];
  return [
    allow(
      actions.map((action) => `kms:${action}`),
      [encryptionKey.keyArn],
      { StringEquals: { "kms:ViaService": through } },
    ),
  ];
}

/** Of the functions that sign callbacks, and of the one that verifies them. */
export function readSecret(platform: Platform, { secretArn }: Secret): PolicyStatement[] {
  const read = allow(["secretsmanager:GetSecretValue"], [secretArn]);
  const { encryptionKey } = platform;
  if (!encryptionKey) return [read];
  const { region, urlSuffix } = Stack.of(platform);
  const through = { StringEquals: { "kms:ViaService": `secretsmanager.${region}.${urlSuffix}` } };
  return [read, allow(["kms:Decrypt"], [encryptionKey.keyArn], through)];
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
