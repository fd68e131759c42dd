/** What a function is told of where it runs. */
import { Fn } from "aws-cdk-lib";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { printEnvironment } from "../contract/environment.ts";
import { queueName } from "../contract/names.ts";
import type { Graph } from "../model/graph.ts";
import { payloadBucketName } from "./arns.ts";
import type { Platform } from "./platform.ts";

export interface EnvironmentOf {
  readonly platform: Platform;
  readonly graph: Graph;
  /** Its queue in AWS, for what all queues' urls and ARNs begin with. */
  readonly controlQueue: IQueue;
  readonly callbackSecret?: string;
  readonly callbackUrl?: string;
}

export function environmentOf(of: EnvironmentOf): Record<string, string> {
  const { platform, graph, controlQueue, callbackSecret, callbackUrl } = of;
  // Read off a queue that is there, so that they are right wherever this is deployed.
  const name = queueName(platform.name, graph.workflow);
  const before = (text: string): string => Fn.select(0, Fn.split(name, text));
  return {
    ...printEnvironment({
      platform: platform.name,
      queues: before(controlQueue.queueUrl),
      queueArns: before(controlQueue.queueArn),
      bucket: payloadBucketName(platform),
      schedulerRole: platform.schedulerRole.roleArn,
      clockMarginMs: platform.clockMargin.toMilliseconds(),
      payloadLimitMiB: platform.payloadLimit.toMebibytes(),
      callbackSecret,
      callbackUrl,
    }),
    NODE_OPTIONS: "--enable-source-maps",
    POWERTOOLS_SERVICE_NAME: graph.workflow,
  };
}
