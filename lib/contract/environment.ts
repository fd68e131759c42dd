/** The environment that a deployed function is given: printed by the deployment, parsed once when the function starts. */
import { z } from "zod";
import { PawlError } from "../errors.ts";
import { PAYLOAD_LIMIT_VARIABLE } from "./limits.ts";
import { checkPlatform } from "./names.ts";
import { schemaProblem } from "./schema-problem.ts";

export interface Environment {
  readonly platform: string;
  /** What the queues' urls begin with, as in `https://sqs.eu-west-1.amazonaws.com/123456789012/`. */
  readonly queues: string;
  readonly bucket: string;
  /** The role that a schedule sends under, and the ARN that the queues' names are put behind. */
  readonly schedulerRole: string;
  readonly queueArns: string;
  /** How far the clocks of two workers may be apart. */
  readonly clockMarginMs: number;
  /** The largest value that an execution carries, in MiB of JSON. */
  readonly payloadLimitMiB: number;
  /** The secret that callbacks are signed with, and where they are answered; of functions that have to do with them. */
  readonly callbackSecret?: string | undefined;
  readonly callbackUrl?: string | undefined;
}

const Variables = z.object({
  PAWL_PLATFORM: z.string(),
  PAWL_QUEUES: z.string(),
  PAWL_BUCKET: z.string(),
  PAWL_SCHEDULER_ROLE: z.string(),
  PAWL_QUEUE_ARNS: z.string(),
  PAWL_CLOCK_MARGIN_MS: z.coerce.number().int().nonnegative(),
  [PAYLOAD_LIMIT_VARIABLE]: z.coerce.number().int().positive(),
  PAWL_CALLBACK_SECRET: z.string().optional(),
  PAWL_CALLBACK_URL: z.string().optional(),
});

export const printEnvironment = (of: Environment): Record<string, string> => ({
  PAWL_PLATFORM: of.platform,
  PAWL_QUEUES: of.queues,
  PAWL_BUCKET: of.bucket,
  PAWL_SCHEDULER_ROLE: of.schedulerRole,
  PAWL_QUEUE_ARNS: of.queueArns,
  PAWL_CLOCK_MARGIN_MS: String(of.clockMarginMs),
  [PAYLOAD_LIMIT_VARIABLE]: String(of.payloadLimitMiB),
  ...(of.callbackSecret !== undefined && { PAWL_CALLBACK_SECRET: of.callbackSecret }),
  ...(of.callbackUrl !== undefined && { PAWL_CALLBACK_URL: of.callbackUrl }),
});

/** @throws PawlError `usage` */
export function parseEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const parsed = Variables.safeParse(variables);
  if (!parsed.success)
    throw new PawlError("usage", `this function's environment is not a deployed one's: ${schemaProblem(parsed.error)}`);
  const { data } = parsed;
  return {
    platform: checkPlatform(data.PAWL_PLATFORM),
    queues: data.PAWL_QUEUES,
    bucket: data.PAWL_BUCKET,
    schedulerRole: data.PAWL_SCHEDULER_ROLE,
    queueArns: data.PAWL_QUEUE_ARNS,
    clockMarginMs: data.PAWL_CLOCK_MARGIN_MS,
    payloadLimitMiB: data[PAYLOAD_LIMIT_VARIABLE],
    callbackSecret: data.PAWL_CALLBACK_SECRET,
    callbackUrl: data.PAWL_CALLBACK_URL,
  };
}
