/** A sample: an event as EventBridge delivers it, what people tell the execution it starts, and how that must end. */
import { z } from "zod";

export const Sample = z.object({
  name: z.string(),
  event: z.object({
    version: z.literal("0"),
    id: z.uuid(),
    source: z.string(),
    "detail-type": z.string(),
    account: z.string(),
    time: z.iso.datetime(),
    region: z.string(),
    resources: z.array(z.string()),
    detail: z.json(),
  }),
  /** One after another. */
  people: z.exactOptional(
    z.array(
      z.object({
        signal: z.string(),
        data: z.json(),
        /** After what was told before, or the start. Default: a moment. */
        afterSeconds: z.exactOptional(z.number().min(0)),
      }),
    ),
  ),
  expect: z.object({
    status: z.enum(["succeeded", "failed"]),
    /** The code of the error, when it must fail. */
    code: z.exactOptional(z.string()),
  }),
});
export type Sample = z.infer<typeof Sample>;
