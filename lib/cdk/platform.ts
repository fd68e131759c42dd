import { Duration, RemovalPolicy, Size, Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { EventBus } from "aws-cdk-lib/aws-events";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { ScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { DEFAULT_PAYLOAD_MIB, payloadBytesOf } from "../contract/limits.ts";
import * as names from "../contract/names.ts";
import { PAYLOAD_TERMS } from "../contract/payload-terms.ts";
import { acceptFinding, acceptWildcards } from "./accepted.ts";
import { AlarmSink } from "./alarm-sink.ts";
import { payloadBucketName, queueArns } from "./arns.ts";
import { tellConcurrency } from "./concurrency.ts";
import { platformAlarms } from "./platform-alarms.ts";

export interface PlatformProps {
  /** 1 to 20 small letters and digits, `pawl` by default. All physical names begin with it. */
  readonly name?: string;
  /** How far the clocks of two functions may be apart. Default 60 seconds. */
  readonly clockMargin?: Duration;
  /**
   * The largest value that an execution carries: its input, an output, what a state makes, as JSON. From 1 to 256 MiB,
   * in whole ones; a function has a value in memory several times over. Default 32 MiB.
   */
  readonly payloadLimit?: Size;
  /** For the table and the payload bucket. Default: keys that AWS manages. */
  readonly encryptionKey?: IKey;
  /** Told of every alarm. Default: nobody; alarms are there all the same. */
  readonly alarmTopic?: ITopic;
  /**
   * What becomes of table, bucket and queues when they leave the stack. Default: they stay, and the table cannot be
   * deleted. `RemovalPolicy.DESTROY` is for platforms that are thrown away.
   */
  readonly removalPolicy?: RemovalPolicy;
  /** Leaves out what a stand-in for AWS cannot deploy: alarms over several metrics. Default false. */
  readonly standIn?: boolean;
}

/**
 * What the workflows of an account and region share: the step log (a DynamoDB table), the event bus, the bucket for
 * payloads too large for a record, and what sends messages whose delay is too long for a queue.
 *
 * @example
 * const platform = new Platform(stack, "Platform");
 * new WorkflowFunctions(stack, "Order", { platform, workflow: order, code: "functions/order" });
 *
 * @throws PawlError `usage` when the name or the payload limit is refused
 */
export class Platform extends Construct {
  readonly name: string;
  /** The step log. Other stacks find it by its name. */
  readonly table: Table;
  /** What workflows emit, and what starts them. */
  readonly bus: EventBus;
  /** What is too large for a record or a message. */
  readonly payloads: Bucket;
  /** A schedule sends under this role: to queues of this platform, and nothing else. */
  readonly schedulerRole: Role;
  readonly clockMargin: Duration;
  readonly payloadLimit: Size;
  readonly encryptionKey: IKey | undefined;
  readonly alarmTopic: ITopic | undefined;
  readonly removalPolicy: RemovalPolicy;
  readonly standIn: boolean;

  constructor(scope: Construct, id: string, props: PlatformProps = {}) {
    super(scope, id);
    this.name = names.checkPlatform(props.name ?? "pawl");
    this.clockMargin = props.clockMargin ?? Duration.seconds(60);
    this.payloadLimit = props.payloadLimit ?? Size.mebibytes(DEFAULT_PAYLOAD_MIB);
    payloadBytesOf(this.payloadLimit.toMebibytes());
    this.encryptionKey = props.encryptionKey;
    this.removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.standIn = props.standIn ?? false;
    this.alarmTopic = props.alarmTopic;
    this.table = this.#table();
    this.bus = new EventBus(this, "Bus", { eventBusName: names.busName(this.name) });
    this.payloads = this.#payloads();
    this.schedulerRole = this.#schedulerRole();
    platformAlarms(this, this.name, new AlarmSink(this));
    tellConcurrency(this);
  }

  get #kept(): boolean {
    return this.removalPolicy !== RemovalPolicy.DESTROY;
  }

  #table(): Table {
    const string = AttributeType.STRING;
    const table = new Table(this, "Log", {
      tableName: names.tableName(this.name),
      partitionKey: { name: "pk", type: string },
      sortKey: { name: "sk", type: string },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: "expiresAt",
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...(this.encryptionKey
        ? { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: this.encryptionKey }
        : { encryption: TableEncryption.AWS_MANAGED }),
      deletionProtection: this.#kept,
      removalPolicy: this.removalPolicy,
    });
    table.addGlobalSecondaryIndex({
      indexName: names.EXECUTIONS_INDEX,
      partitionKey: { name: "ipk", type: string },
      sortKey: { name: "isk", type: string },
      projectionType: ProjectionType.ALL,
    });
    return table;
  }

  /** An object goes after the records that refer to it, each by the one rule that its key begins with. */
  #payloads(): Bucket {
    const bucket = new Bucket(this, "Payloads", {
      bucketName: payloadBucketName(this),
      ...(this.encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey: this.encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: PAYLOAD_TERMS.map(({ prefix, days }) => ({
        prefix,
        expiration: Duration.days(days),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      })),
      removalPolicy: this.removalPolicy,
    });
    acceptFinding(
      bucket,
      "AwsSolutions-S1",
      "functions alone reach it, and CloudTrail's data events tell of each access",
    );
    return bucket;
  }

  /** Confined to the group's schedules ("Cross-service confused deputy prevention in EventBridge Scheduler"). */
  #schedulerRole(): Role {
    const group = new ScheduleGroup(this, "Delays", {
      scheduleGroupName: names.scheduleGroupName(this.name),
      removalPolicy: RemovalPolicy.DESTROY, // with the schedules in it: nobody receives what they would send
    });
    const queues = queueArns(this);
    const role = new Role(this, "Scheduler", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Stack.of(this).account },
          ArnEquals: { "aws:SourceArn": group.scheduleGroupArn },
        },
      }),
      inlinePolicies: {
        Send: new PolicyDocument({
          statements: [new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [queues] })],
        }),
      },
    });
    acceptWildcards(role, [queues], "workflows come and go, and all queues of this platform begin with its name");
    return role;
  }
}
