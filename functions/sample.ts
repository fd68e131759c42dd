/** A sample: an event as EventBridge delivers it, and how the execution it starts must end. */
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
  expect: z.object({
    status: z.enum(["succeeded", "failed"]),
    /** The code of the error, when it must fail. */
    code: z.exactOptional(z.string()),
  }),
});
export type Sample = z.infer<typeof Sample>;
