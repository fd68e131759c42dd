/** A platform without a deployment: the resources that the adapters ask for, made one by one, and gone with the server. */
import { randomBytes } from "node:crypto";
import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateScheduleGroupCommand } from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { AwsOptions } from "../../../lib/adapters/aws/client-config.ts";
import { eventBridgeClient } from "../../../lib/adapters/aws/event-bus.ts";
import { type FunctionPorts, openFunctionPorts } from "../../../lib/adapters/aws/function-ports.ts";
import { schedulerClient } from "../../../lib/adapters/aws/scheduler.ts";
import { sqsClient } from "../../../lib/adapters/aws/transport.ts";
import type { Environment } from "../../../lib/contract/environment.ts";
import { controlQueue } from "../../../lib/contract/ids.ts";
import {
  bucketName,
  busName,
  deadLetterQueueName,
  queueName,
  scheduleGroupName,
  tableName,
} from "../../../lib/contract/names.ts";
import { region } from "./environment.ts";
import type { StandIn } from "./stand-in.ts";
import { createBucket, createTable } from "./table.ts";

const account = "000000000000";
const queueArns = `arn:aws:sqs:${region}:${account}:`;

export interface QueueOptions {
  /** Default 4: long enough for a test's handler, short enough to wait for. */
  readonly visibilitySeconds?: number;
  /** Default 3, where a deployment has 30. */
  readonly mostReceives?: number;
}

export class TestPlatform {
  readonly environment: Environment;
  /** Connects to the platform, and tells nobody of requests. */
  readonly aws: AwsOptions;
  readonly sqs: SQSClient;

  private constructor(environment: Environment, aws: AwsOptions) {
    this.environment = environment;
    this.aws = aws;
    this.sqs = sqsClient(aws);
  }

  static async create({ endpoint, region, credentials }: StandIn): Promise<TestPlatform> {
    const platform = `t${randomBytes(4).toString("hex")}`;
    const aws = { endpoint, region, credentials };
    const environment: Environment = {
      platform,
      queues: `${endpoint}/${account}/`,
      bucket: bucketName(platform, account, region),
      schedulerRole: `arn:aws:iam::${account}:role/${platform}-scheduler`,
      queueArns,
      clockMarginMs: 0,
      payloadLimitMiB: 32,
    };
    await Promise.all([
      createTable(aws, tableName(platform)),
      createBucket(aws, environment.bucket),
      eventBridgeClient(aws).send(new CreateEventBusCommand({ Name: busName(platform) })),
      schedulerClient(aws).send(new CreateScheduleGroupCommand({ Name: scheduleGroupName(platform) })),
    ]);
    return new TestPlatform(environment, aws);
  }

  ports(aws: AwsOptions = this.aws): FunctionPorts {
    return openFunctionPorts(this.environment, aws);
  }

  /** A workflow's queues, each with the workflow's dead-letter queue behind it. */
  async createQueues(workflow: string, nodes: readonly string[], options: QueueOptions = {}): Promise<void> {
    const { visibilitySeconds = 4, mostReceives = 3 } = options;
    const { platform } = this.environment;
    const dead = deadLetterQueueName(platform, workflow);
    const VisibilityTimeout = String(visibilitySeconds);
    await this.sqs.send(new CreateQueueCommand({ QueueName: dead, Attributes: { VisibilityTimeout } }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArns + dead, maxReceiveCount: mostReceives });
    const queues = [controlQueue(workflow), ...nodes.map((node) => `${workflow}.${node}`)];
    const Attributes = { VisibilityTimeout, RedrivePolicy };
    await Promise.all(
      queues.map((queue) =>
        this.sqs.send(new CreateQueueCommand({ QueueName: queueName(platform, queue), Attributes })),
      ),
    );
  }

  /** The same again is the same rule. */
  async subscribe(
    workflow: string,
    { source, type }: { readonly source: string; readonly type: string },
  ): Promise<void> {
    const client = eventBridgeClient(this.aws);
    const rule = { EventBusName: busName(this.environment.platform), Name: workflow };
    const EventPattern = JSON.stringify({ source: [source], "detail-type": [type] });
    await client.send(new PutRuleCommand({ ...rule, EventPattern, State: "ENABLED" }));
    const { EventBusName, Name: Rule } = rule;
    const Arn = queueArns + queueName(this.environment.platform, controlQueue(workflow));
    await client.send(new PutTargetsCommand({ EventBusName, Rule, Targets: [{ Id: "control", Arn }] }));
    client.destroy();
  }

  /** Where a poller receives from. */
  queue(queue: string): { readonly client: SQSClient; readonly url: string; readonly arn: string } {
    return this.#named(queueName(this.environment.platform, queue));
  }
  deadLetterQueue(workflow: string): { readonly client: SQSClient; readonly url: string; readonly arn: string } {
    return this.#named(deadLetterQueueName(this.environment.platform, workflow));
  }

  #named(name: string) {
    return { client: this.sqs, url: this.environment.queues + name, arn: queueArns + name };
  }
}
