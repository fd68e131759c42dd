/**
 * The names of what is deployed, worked out from the platform's and the workflow's: whoever knows these two finds the
 * rest. Names of ours have no hyphen, so a hyphen parts them.
 */
import { createHash } from "node:crypto";
import { PawlError } from "../errors.ts";

/** A platform: one table, one bus and one bucket in one account and region. */
const PLATFORM = /^[a-z][a-z0-9]{0,19}$/;
const PLATFORM_RULE = "a platform's name has 1 to 20 small letters and digits and begins with a letter";

/** @throws PawlError `usage` */
export function checkPlatform(name: string): string {
  if (PLATFORM.test(name)) return name;
  throw new PawlError("usage", `the platform '${name}' is refused: ${PLATFORM_RULE}`, { value: name });
}

export const tableName = (platform: string): string => `${platform}-log`;
/** The index over headers, by workflow and status. */
export const EXECUTIONS_INDEX = "executions";
export const busName = (platform: string): string => `${platform}-events`;
/** Schedules of messages whose delay is too long for a queue. */
export const scheduleGroupName = (platform: string): string => `${platform}-delays`;
/** Bucket names are worldwide, so account and region are a part of it. */
export const bucketName = (platform: string, account: string, region: string): string =>
  `${platform}-payloads-${account}-${region}`;

/** SQS allows 80 characters of letters, digits, hyphens and underscores. `queue` is `order` or `order.charge`. */
export const queueName = (platform: string, queue: string): string => fitted(platform, queue, 80);
/** Where a workflow's messages go that came to nothing too often. */
export const deadLetterQueueName = (platform: string, workflow: string): string => `${platform}-${workflow}_dead`;
/** Lambda allows 64 characters. */
export const functionName = (platform: string, queue: string): string => fitted(platform, queue, 64);

/** No node's name has an underscore. */
export const callbackFunctionName = (platform: string, workflow: string): string =>
  functionName(platform, `${workflow}_callbacks`);

/** Where it is too long, cut, with a hash of the whole in place of the rest. */
function fitted(platform: string, queue: string, most: number): string {
  const name = `${platform}-${queue.replace(".", "-")}`;
  if (name.length <= most) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, most - hash.length - 1)}-${hash}`;
}
