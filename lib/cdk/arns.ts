/** What a platform's resources are called in policies: worked out from its name, so that other stacks need no export. */
import { ArnFormat, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { controlQueue } from "../contract/ids.ts";
import * as names from "../contract/names.ts";
import { payloadPrefixes } from "../contract/payload-terms.ts";
import type { ObjectReads } from "../model/graph.ts";

/** A platform, or one in the making. */
export interface Named extends IConstruct {
  readonly name: string;
}

export const tableArn = (of: Named): string => arn(of, "dynamodb", "table", names.tableName(of.name));
export const busArn = (of: Named): string => arn(of, "events", "event-bus", names.busName(of.name));
/** All schedules of its group. */
export const scheduleArns = (of: Named): string =>
  arn(of, "scheduler", "schedule", `${names.scheduleGroupName(of.name)}/*`);

/** Where a workflow's control function receives. */
export const controlQueueArn = (of: Named, workflow: string): string =>
  Stack.of(of).formatArn({
    service: "sqs",
    resource: names.queueName(of.name, controlQueue(workflow)),
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });

/** All queues of all its workflows. */
export const queueArns = (of: Named): string =>
  Stack.of(of).formatArn({
    service: "sqs",
    resource: names.queueName(of.name, "*"),
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });

/** All payloads of a workflow, and no other's. */
export const payloadArns = (of: Named, workflow: string): string[] =>
  payloadPrefixes(workflow).map((prefix) => `arn:${Stack.of(of).partition}:s3:::${payloadBucketName(of)}/${prefix}*`);

export const bucketArn = (of: Named, bucket: string): string => `arn:${Stack.of(of).partition}:s3:::${bucket}`;

/** All of a bucket's, where it is not one alone, or where its key would be taken for a pattern. */
export function objectArns(of: Named, { buckets, key = "*" }: ObjectReads): string[] {
  const objects = /[*?$]/.test(key) ? "*" : key;
  return buckets.map((bucket) => `${bucketArn(of, bucket)}/${objects}`);
}

export function payloadBucketName(of: Named): string {
  const { account, region } = Stack.of(of);
  return names.bucketName(of.name, account, region);
}

const arn = (of: Named, service: string, resource: string, resourceName: string): string =>
  Stack.of(of).formatArn({ service, resource, resourceName });
