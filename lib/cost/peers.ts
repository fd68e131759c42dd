/**
 * The same path on the other platforms of AWS, where the same handlers run on functions of the same size. What is in doubt
 * is counted in their favour: a Standard workflow's start and end are no transitions, the logs of Express cost nothing to
 * keep, and functions' own logs are left out everywhere.
 */
import { type Assumptions, DURABLE_RETENTION_DAYS, DYNAMO_MS, INVOKE_MS, LOG_EVENT_BYTES } from "./assumptions.ts";
import { GIGABYTE } from "./bill.ts";
import { usd } from "./prices.ts";
import type { Course, Shape } from "./shape.ts";

export interface Peers {
  readonly standard: Standard;
  readonly express: Express;
  readonly durable: Durable;
}
export interface Standard {
  readonly transitions: number;
  readonly invocations: number;
  readonly usd: number;
}
export interface Express {
  /** It ends after five minutes, and waits for nobody. */
  readonly possible: boolean;
  readonly gigabyteSeconds: number;
  /** With the data of each event, which is what can be looked at afterwards. */
  readonly logBytes: number;
  readonly usd: number;
  /** Of it, the log. */
  readonly logUsd: number;
}
export interface Durable {
  /** 3,000 operations and 100 MB at most. */
  readonly possible: boolean;
  readonly operations: number;
  readonly bytesWritten: number;
  readonly usd: number;
}

interface Path {
  readonly shape: Shape;
  readonly course: Course;
  readonly assumed: Assumptions;
}

export function peersOf(path: Path): Peers {
  return { standard: standardOf(path), express: expressOf(path), durable: durableOf(path) };
}

const gigabytes = ({ memoryMiB }: Assumptions): number => memoryMiB / 1024;

/** Each task calls its function by itself. */
function functionsOf({ shape: { tasks }, assumed }: Path): number {
  const seconds = (tasks * assumed.durationMs) / 1000;
  return usd("invocation", tasks) + usd("armGigabyteSecond", seconds * gigabytes(assumed));
}

function standardOf(path: Path): Standard {
  const { states, tasks, emits } = path.shape;
  return {
    transitions: states,
    invocations: tasks,
    usd: usd("standardTransition", states) + usd("event", emits) + functionsOf(path),
  };
}

/** "Pricing examples": 50 MB for a workflow, and what it carries. */
const EXPRESS_BASE_MB = 50;
/** "Step Functions service quotas". */
const EXPRESS_MOST_MS = 300_000;
/** "Lambda quotas", durable executions. */
const DURABLE_MOST_OPERATIONS = 3_000;
const DURABLE_MOST_BYTES = 100e6;

function expressOf(path: Path): Express {
  const { shape, course, assumed } = path;
  const { states, tasks, emits } = shape;
  const carriedMb = (assumed.payloadBytes * Math.max(1, shape.branches)) / 1e6;
  const megabytes = Math.ceil((EXPRESS_BASE_MB + carriedMb) / 64) * 64;
  const ms = course.handlerMs * (1 + INVOKE_MS / assumed.durationMs) + course.pausesMs;
  const gigabyteSeconds = ((Math.ceil(ms / 100) * 100) / 1000) * (megabytes / 1024);
  // A task: entered, scheduled, started, succeeded, exited, all but one with data. Any other state: entered and exited.
  const events = 2 + tasks * 5 + (states - tasks) * 2;
  const withData = 2 + tasks * 4 + (states - tasks) * 2;
  const logBytes = events * LOG_EVENT_BYTES + withData * assumed.payloadBytes;
  const logUsd = usd("logGigabyte", logBytes / GIGABYTE);
  const own = usd("expressRequest", 1) + usd("expressGigabyteSecond", gigabyteSeconds);
  const possible = ms <= EXPRESS_MOST_MS && !shape.signals;
  return { possible, gigabyteSeconds, logBytes, logUsd, usd: own + logUsd + usd("event", emits) + functionsOf(path) };
}

/** One function runs it all, step by step, and begins again after each wait. */
function durableOf({ shape, course, assumed }: Path): Durable {
  const { tasks, branches, suspensions, emits } = shape;
  const operations = 1 + tasks + branches + suspensions + emits;
  const bytesWritten = (1 + tasks + suspensions + emits) * assumed.payloadBytes;
  const written = bytesWritten / GIGABYTE;
  const seconds = (course.handlerMs + operations * DYNAMO_MS) / 1000;
  return {
    possible: operations <= DURABLE_MOST_OPERATIONS && bytesWritten <= DURABLE_MOST_BYTES,
    operations,
    bytesWritten,
    usd:
      usd("durableOperation", operations) +
      usd("durableGigabyteWritten", written) +
      usd("durableGigabyteMonth", (written * DURABLE_RETENTION_DAYS) / 30) +
      usd("event", emits) +
      usd("invocation", 1 + suspensions) +
      usd("armGigabyteSecond", seconds * gigabytes(assumed)),
  };
}
