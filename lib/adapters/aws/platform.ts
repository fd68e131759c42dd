/**
 * A deployed platform, seen from outside: its step log to read, its queues and its bus to send to. Whoever knows its
 * name finds the rest. What a call does not need is neither loaded nor asked for.
 */
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { payloadBytesOf, payloadLimitIn } from "../../contract/limits.ts";
import { bucketName, checkPlatform, tableName } from "../../contract/names.ts";
import { NAME } from "../../model/name.ts";
import type { StepLog } from "../../ports/step-log.ts";
import type { DeadLetter } from "../../ports/transport.ts";
import { type AwsOptions, awsClient } from "./client-config.ts";
import { DynamoDeadLetters } from "./dead-letters.ts";
import { lazyPayloads } from "./lazy-payloads.ts";
import { once } from "./once.ts";
import type { Messages } from "./platform-messages.ts";
import { reachError } from "./platform-unreachable.ts";
import { DynamoStepLog } from "./step-log.ts";
import { storageFailed } from "./storage-failed.ts";

export interface PlatformOptions extends Pick<AwsOptions, "region" | "endpoint"> {
  /** Default: the environment's `PAWL_PLATFORM`, or `pawl`. */
  readonly platform?: string;
  /** The platform's own, in MiB. Default: the environment's `PAWL_PAYLOAD_LIMIT_MIB`, or 32. */
  readonly payloadLimitMiB?: number;
}

/** Every call may throw `platform_unreachable` and `storage_failed`. */
export interface Platform extends Messages {
  readonly name: string;
  readonly log: Pick<StepLog, "header" | "glance" | "read" | "list" | "executions" | "graph">;
  /** The hash of the newest graph of each workflow that has had a message, by name. */
  workflows(): Promise<ReadonlyMap<string, string>>;
  /** Those that were sent last come first. */
  deadLetters(workflow: string, limit: number): Promise<readonly DeadLetter[]>;
  /** Larger inputs are not sent. */
  readonly payloadBytes: number;
  now(): number;
}

/** Somebody waits for the answer: fewer attempts than in a function, which has minutes. */
const MAX_ATTEMPTS = 4;

/** Sends nothing yet. @throws PawlError `usage` for a name that no platform has, and a limit that is none */
export function openPlatform(options: PlatformOptions = {}): Platform {
  const name = checkPlatform(options.platform ?? (process.env.PAWL_PLATFORM || "pawl"));
  const table = tableName(name);
  const aws = whereOf(options);
  const db = awsClient(DynamoDBClient, aws, { maxAttempts: MAX_ATTEMPTS });
  const payloads = lazyPayloads(() => bucketOf(name, db), aws);
  const log = new DynamoStepLog({ client: db, table, payloads });
  const deadLetters = new DynamoDeadLetters({ client: db, table, payloads });
  const messages = once(async () => {
    const { openMessages } = await import("./platform-messages.ts");
    return openMessages({ platform: name, aws, maxAttempts: MAX_ATTEMPTS, payloads });
  });
  const reached = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      const region = await db.config.region().catch(() => undefined);
      throw reachError(error, { platform: name, table, region });
    }
  };
  return {
    name,
    log: {
      header: (of) => reached(log.header(of)),
      glance: (of) => reached(log.glance(of)),
      read: (of, key) => reached(log.read(of, key)),
      list: (of) => reached(log.list(of)),
      executions: (query) => reached(log.executions(query)),
      graph: (hash) => reached(log.graph(hash)),
    },
    workflows: async () => new Map((await reached(log.workflows())).map(({ workflow, graph }) => [workflow, graph])),
    has: async (workflow) => NAME.test(workflow) && (await reached((await messages()).has(workflow))),
    send: async (message) => reached((await messages()).send(message)),
    put: async (event) => reached((await messages()).put(event)),
    listeners: async (event) => reached((await messages()).listeners(event)),
    deadLetters: (workflow, limit) => reached(deadLetters.list(workflow, limit)),
    payloadBytes: payloadBytesOf(options.payloadLimitMiB ?? payloadLimitIn(process.env)),
    now: () => Date.now(),
  };
}

/** The SDK reads it by itself; said aloud, it also tells S3 that a bucket has no host of its own there. */
function whereOf({ region, endpoint = process.env.AWS_ENDPOINT_URL || undefined }: PlatformOptions): AwsOptions {
  return { ...(region !== undefined && { region }), ...(endpoint !== undefined && { endpoint }) };
}

/** It has the account in it, which the table's ARN tells. */
async function bucketOf(platform: string, db: DynamoDBClient): Promise<string> {
  const TableName = tableName(platform);
  const { Table } = await db.send(new DescribeTableCommand({ TableName })).catch((error: unknown) => {
    throw storageFailed(`the table ${TableName}`, error);
  });
  // arn:aws:dynamodb:eu-west-1:123456789012:table/shop-log
  const [, , , region = "", account = ""] = Table?.TableArn?.split(":") ?? [];
  return bucketName(platform, account, region);
}
