/**
 * The scheduler on EventBridge Scheduler: a one-time schedule that sends the message and is gone. Its name is a hash of
 * queue and body, so a message that is scheduled twice is scheduled once.
 *
 * A schedule is carried out at some moment of the minute that begins with its time ("Schedule types", 60-second
 * precision), so it is made for a minute earlier, and the receiver puts off what is left:
 *
 *      due - 60 s           sent              due
 *      ├──────────────────────┼────────────────┤
 *      └─ carried out in here ┴──── put off ───┘
 */
import { createHash } from "node:crypto";
import { ConflictException, CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import type { PayloadStore } from "../../ports/payload-store.ts";
import type { Scheduler } from "../../ports/scheduler.ts";
import type { OutMessage } from "../../ports/transport.ts";
import { type AwsOptions, awsClient } from "./client-config.ts";
import { printBody } from "./message-body.ts";
import { storageFailed } from "./storage-failed.ts";

const PRECISION_MS = 60_000;

export const schedulerClient = (options: AwsOptions): SchedulerClient => awsClient(SchedulerClient, options);

export interface EventBridgeSchedulerOptions {
  readonly client: SchedulerClient;
  readonly group: string;
  /** The role under which a schedule sends. */
  readonly roleArn: string;
  readonly queueArn: (queue: string) => string;
  readonly payloads: PayloadStore;
}

export class EventBridgeScheduler implements Scheduler {
  readonly #options: EventBridgeSchedulerOptions;

  constructor(options: EventBridgeSchedulerOptions) {
    this.#options = options;
  }

  /**
   * The time is to be more than a minute ahead: what is due sooner goes by a queue's own delay, which the transport sees
   * to.
   *
   * @throws PawlError `storage_failed`
   */
  async sendAt(timeMs: number, { queue, envelope }: Omit<OutMessage, "delayMs">): Promise<void> {
    const { client, group, roleArn, queueArn, payloads } = this.#options;
    const body = await printBody(envelope, payloads, timeMs);
    const command = new CreateScheduleCommand({
      GroupName: group,
      Name: scheduleName(queue, body),
      ScheduleExpression: `at(${printSecond(timeMs - PRECISION_MS)})`,
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      ActionAfterCompletion: "DELETE",
      Target: { Arn: queueArn(queue), RoleArn: roleArn, Input: withoutKeywords(body) },
    });
    try {
      await client.send(command);
    } catch (error) {
      if (!(error instanceof ConflictException)) throw storageFailed(`the schedule group ${group}`, error);
    }
  }
}

/** Base 32, since a name has 64 characters at most, of which case is not to be relied on. */
export function scheduleName(queue: string, body: string): string {
  const hash = createHash("sha256").update(`${queue}\n${body}`).digest("hex");
  return BigInt(`0x${hash}`).toString(32);
}

/** `YYYY-MM-DDThh:mm:ss`. */
const printSecond = (timeMs: number): string => new Date(Math.ceil(timeMs / 1000) * 1000).toISOString().slice(0, 19);

/** Scheduler replaces `<aws.scheduler.…>` wherever it stands ("Adding context attributes"). A body is JSON, so `<` may be escaped. */
const withoutKeywords = (body: string): string => body.replaceAll("<aws.", "\\u003caws.");
