import { Annotations, ArnFormat, Aspects, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { EventBus } from "aws-cdk-lib/aws-events";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { ScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import * as names from "../contract/names.ts";
import { DEFAULT_LIMITS } from "../engine/context.ts";
import { PawlError } from "../errors.ts";
import { acceptFinding, acceptWildcards } from "./accepted.ts";
import { AlarmSink } from "./alarm-sink.ts";
import { platformAlarms } from "./platform-alarms.ts";

export interface PlatformProps {
  /** 1 to 20 small letters and digits, `pawl` by default. All physical names begin with it. */
  readonly name?: string;
  /** How far the clocks of two functions may be apart. Default 60 seconds. */
  readonly clockMargin?: Duration;
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

/** An account's own limit unless it was raised ("Lambda quotas", concurrent executions). */
const ACCOUNT_CONCURRENCY = 1_000;
/** A record may outlive its time by some days ("Time to Live"), and an object must not go before it. */
const PAYLOAD_MARGIN = Duration.days(5);

/**
 * What the workflows of an account and region share: the step log (a DynamoDB table), the event bus, the bucket for
 * payloads too large for a record, and what sends messages whose delay is too long for a queue.
 *
 * @example
 * const platform = new Platform(stack, "Platform");
 * new WorkflowFunctions(stack, "Order", { platform, workflow: order, code: "functions/order" });
 *
 * @throws PawlError `usage` when the name is refused
 */
export class Platform extends Construct {
  readonly name: string;
  /** The step log. Other stacks find it by its name. */
  readonly table: Table;
  /** What workflows emit, and what starts them. */
  readonly bus: EventBus;
  readonly payloads: Bucket;
  readonly scheduleGroup: ScheduleGroup;
  /** A schedule sends under this role: to queues of this platform, and nothing else. */
  readonly schedulerRole: Role;
  readonly clockMargin: Duration;
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
  readonly standIn: boolean;
  /** Where alarms report. */
  readonly alarms: AlarmSink;
  readonly #concurrency = new Map<string, number>();

  constructor(scope: Construct, id: string, props: PlatformProps = {}) {
    super(scope, id);
    this.name = names.checkPlatform(props.name ?? "pawl");
    this.clockMargin = props.clockMargin ?? Duration.seconds(60);
    this.encryptionKey = props.encryptionKey;
    this.removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.standIn = props.standIn ?? false;
    this.alarms = new AlarmSink(props.alarmTopic, this.standIn);
    this.table = this.#table();
    this.bus = new EventBus(this, "Bus", { eventBusName: names.busName(this.name) });
    this.payloads = this.#payloads();
    this.scheduleGroup = new ScheduleGroup(this, "Delays", {
      scheduleGroupName: names.scheduleGroupName(this.name),
      removalPolicy: RemovalPolicy.DESTROY, // with the schedules in it: the messages they would send have no functions
    });
    this.schedulerRole = this.#schedulerRole();
    platformAlarms(this, this.name, this.alarms);
    this.#tellConcurrency();
  }

  /**
   * Takes note of a workflow; its functions run at most `concurrency` at once.
   *
   * @throws PawlError `usage` when the platform has it already: their queues would have the same names
   */
  add(workflow: string, concurrency: number): void {
    if (this.#concurrency.has(workflow))
      throw new PawlError("usage", `the platform '${this.name}' has the workflow '${workflow}' twice: deploy it once`, {
        workflow,
      });
    this.#concurrency.set(workflow, concurrency);
  }

  /** Of one of the platform's own resources, by its name: known to other stacks without an export. */
  arnOf(service: string, resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({ service, resource, resourceName });
  }

  queueArn(queueName: string): string {
    return Stack.of(this).formatArn({
      service: "sqs",
      resource: queueName,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
  }

  payloadArn(workflow: string): string {
    const { partition } = Stack.of(this);
    return `arn:${partition}:s3:::${this.payloadBucketName}/${workflow}/*`;
  }

  get payloadBucketName(): string {
    const { account, region } = Stack.of(this);
    return names.bucketName(this.name, account, region);
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

  /** An object goes with the records that refer to it, which stay as long as an execution may live and 15 days more. */
  #payloads(): Bucket {
    const { longestLifeMs, retentionMs } = DEFAULT_LIMITS;
    const bucket = new Bucket(this, "Payloads", {
      bucketName: this.payloadBucketName,
      ...(this.encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey: this.encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [
        {
          expiration: Duration.days(Duration.millis(longestLifeMs + retentionMs).toDays() + PAYLOAD_MARGIN.toDays()),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
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
    const { account } = Stack.of(this);
    const queues = this.queueArn(names.queueName(this.name, "*"));
    const role = new Role(this, "Scheduler", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": account },
          ArnEquals: { "aws:SourceArn": this.scheduleGroup.scheduleGroupArn },
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

  #tellConcurrency(): void {
    const tell = (): void => {
      const sum = [...this.#concurrency.values()].reduce((all, one) => all + one, 0);
      const message = `the workflows of platform '${this.name}' may run ${sum} functions at once; an account has ${ACCOUNT_CONCURRENCY} by default`;
      const annotations = Annotations.of(this);
      if (sum > ACCOUNT_CONCURRENCY) annotations.addWarningV2("pawl:concurrency", message);
      else annotations.addInfoV2("pawl:concurrency", message);
    };
    Aspects.of(this).add({ visit: (node) => node === this && tell() });
  }
}
