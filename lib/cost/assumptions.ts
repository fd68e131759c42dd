/** What a graph does not say: what its values weigh, how long its handlers take, how often it runs. All of it is printed. */

export interface Assumptions {
  /** JSON of the input, and of each output and each value that a state makes. */
  readonly payloadBytes: number;
  /** Of a handler's attempt. */
  readonly durationMs: number;
  readonly memoryMiB: number;
  /** Items of each map, which share one payload. */
  readonly items: number;
  /** Rounds of each loop, as many as its `max` allows. */
  readonly rounds: number;
  /** Executions a second: for cold starts, and for what a month comes to. */
  readonly perSecond: number;
  /** What compression leaves of a body above 768 bytes. */
  readonly compressed: number;
  /** How much of its duration a handler computes: that part the messages of a batch do not share. */
  readonly busy: number;
  /** Whether the log can be put back to any moment (point-in-time recovery). */
  readonly recovery: boolean;
}

export const ASSUMED: Assumptions = {
  payloadBytes: 1024,
  durationMs: 100,
  memoryMiB: 512,
  items: 100,
  rounds: 10,
  perSecond: 10,
  compressed: 0.55,
  busy: 0.1,
  recovery: true,
};

/** How long requests take, for the time that a function is billed while it waits for them. */
export const DYNAMO_MS = 5;
export const SQS_MS = 10;
/** From a message's sending to its handler, where a container is warm. */
export const HOP_MS = 25;
/** With a bundle of about 1.2 MB; until then a container that had nothing to do is kept. */
export const COLD_START_MS = 400;
export const WARM_FOR_S = 300;
/** From a step on Step Functions to its Lambda and back, beside the handler's own time. */
export const INVOKE_MS = 15;
/** An event of an Express workflow's log, without the data that it carries. */
export const LOG_EVENT_BYTES = 400;
/** "RetentionPeriodInDays", default. */
export const DURABLE_RETENTION_DAYS = 14;
export const SECONDS_A_MONTH = 30 * 24 * 3600;
