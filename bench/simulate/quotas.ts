/**
 * AWS's quotas, each with the page that says it, as read on `READ_ON`: what the simulation runs under and what
 * docs/scale.md lists. Pages were read as they are publicly stored, so the account's own Service Quotas have the last word.
 */
export const READ_ON = "2026-11-23";

export interface Quota {
  readonly what: string;
  readonly default: number;
  /** What the simulation takes for `--quotas raised`. Where it cannot be raised, the same. */
  readonly raised: number;
  readonly unit: string;
  /** How it is raised, or what there is to do instead. */
  readonly raise: string;
  readonly source: string;
  /** Where the simulation takes it into account; others are weighed in the text alone. */
  readonly simulated: boolean;
}

const DYNAMO = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide";
const LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg";
const SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide";
const EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html";
const SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html";
const S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html";

const fixed = (value: number) => ({ default: value, raised: value });

export const QUOTAS = {
  newTableWrites: {
    what: "DynamoDB: writes of a new table, or of its index, at once; later twice the peak of the last 30 minutes",
    ...{ default: 4_000, raised: 1_000_000, unit: "units/s", simulated: true },
    raise: "warm throughput, set ahead, of table and index",
    source: `${DYNAMO}/on-demand-capacity-mode.html`,
  },
  newTableReads: {
    what: "DynamoDB: reads, the same",
    ...{ default: 12_000, raised: 3_000_000, unit: "units/s", simulated: true },
    raise: "warm throughput",
    source: `${DYNAMO}/on-demand-capacity-mode.html`,
  },
  tableWrites: {
    what: "DynamoDB: writes of one table on demand; of each index apart",
    ...{ default: 40_000, raised: 1_000_000, unit: "units/s", simulated: true },
    raise: "Service Quotas, table-level write throughput",
    source: `${DYNAMO}/ServiceQuotas.html`,
  },
  tableReads: {
    what: "DynamoDB: reads of one table on demand",
    ...{ default: 40_000, raised: 1_000_000, unit: "units/s", simulated: true },
    raise: "Service Quotas, table-level read throughput",
    source: `${DYNAMO}/ServiceQuotas.html`,
  },
  partitionWrites: {
    what: "DynamoDB: writes of one partition, so of one key whose sort key only grows",
    ...{ ...fixed(1_000), unit: "units/s", simulated: true },
    raise: "not: more keys",
    source: `${DYNAMO}/throttling-key-range-limit-exceeded-mitigation.html`,
  },
  partitionReads: {
    what: "DynamoDB: reads of one partition",
    ...{ ...fixed(3_000), unit: "units/s", simulated: false },
    raise: "not: more keys",
    source: `${DYNAMO}/throttling-key-range-limit-exceeded-mitigation.html`,
  },
  accountConcurrency: {
    what: "Lambda: functions of an account at work at once, in a region",
    ...{ default: 1_000, raised: 30_000, unit: "at once", simulated: true },
    raise: "Service Quotas, concurrent executions",
    source: `${LAMBDA}/lambda-concurrency.html`,
  },
  invocationsPerConcurrency: {
    what: "Lambda: invocations, for each of that concurrency",
    ...{ ...fixed(10), unit: "/s", simulated: true },
    raise: "goes up with the concurrency",
    source: `${LAMBDA}/lambda-concurrency.html`,
  },
  newEnvironments: {
    what: "Lambda: new environments of one function in 10 s",
    ...{ ...fixed(1_000), unit: "in 10 s", simulated: true },
    raise: "not: provisioned concurrency ahead",
    source: `${LAMBDA}/scaling-behavior.html`,
  },
  pollersAtFirst: {
    what: "Lambda: batches of one queue at once when it wakes",
    ...{ ...fixed(5), unit: "at once", simulated: true },
    raise: "provisioned mode's minimum",
    source: `${LAMBDA}/services-sqs-scaling.html`,
  },
  pollersPerMinute: {
    what: "Lambda: more of them in a minute, while messages wait",
    ...{ ...fixed(300), unit: "/min", simulated: true },
    raise: "provisioned mode: 1,000/min",
    source: `${LAMBDA}/services-sqs-scaling.html`,
  },
  mostPollers: {
    what: "Lambda: batches of one queue at once; 1,000 where a maximum concurrency is set",
    ...{ ...fixed(1_250), unit: "at once", simulated: false },
    raise: "provisioned mode: 20,000 (not together with a maximum concurrency)",
    source: `${LAMBDA}/services-sqs-scaling.html`,
  },
  invokePayload: {
    what: "Lambda: a batch's bytes",
    ...{ ...fixed(6), unit: "MB", simulated: false },
    raise: "not: long bodies lie in S3",
    source: `${LAMBDA}/gettingstarted-limits.html`,
  },
  inFlight: {
    what: "SQS: messages of one queue received and not deleted yet, with those put off",
    ...{ ...fixed(120_000), unit: "at once", simulated: false },
    raise: "AWS Support",
    source: `${SQS}/quotas-queues.html`,
  },
  putEvents: {
    what: "EventBridge: PutEvents requests of a region (us-east-1; 400 in the smallest), each of 10 events at most",
    ...{ default: 10_000, raised: 10_000, unit: "/s", simulated: false },
    raise: "Service Quotas",
    source: EVENTS,
  },
  ruleInvocations: {
    what: "EventBridge: events handed to targets (us-east-1; 750 in the smallest); later ones are delayed, not lost",
    ...{ default: 18_750, raised: 18_750, unit: "/s", simulated: false },
    raise: "Service Quotas",
    source: EVENTS,
  },
  createSchedules: {
    what: "Scheduler: schedules made in a second (large regions; 1,000 by older versions of the page)",
    ...{ default: 5_000, raised: 5_000, unit: "/s", simulated: false },
    raise: "Service Quotas",
    source: SCHEDULER,
  },
  scheduleInvocations: {
    what: "Scheduler: schedules carried out in a second; later ones are delayed",
    ...{ default: 1_000, raised: 1_000, unit: "/s", simulated: false },
    raise: "Service Quotas",
    source: SCHEDULER,
  },
  schedules: {
    what: "Scheduler: schedules at once",
    ...{ default: 10_000_000, raised: 10_000_000, unit: "at once", simulated: false },
    raise: "Service Quotas",
    source: SCHEDULER,
  },
  objectWrites: {
    what: "S3: writes of one prefix, which S3 divides further by itself as they go on",
    ...{ ...fixed(3_500), unit: "/s", simulated: false },
    raise: "not: more prefixes",
    source: S3,
  },
  objectReads: {
    what: "S3: reads of one prefix",
    ...{ ...fixed(5_500), unit: "/s", simulated: false },
    raise: "not: more prefixes",
    source: S3,
  },
} as const satisfies Readonly<Record<string, Quota>>;

export const QUOTA_SETS = ["default", "raised"] as const;
export type QuotaSet = (typeof QUOTA_SETS)[number];
