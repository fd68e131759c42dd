/** What requests hold: their bodies, queries, names and cursors, each checked before the engine sees it. */
import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { z } from "zod";
import type { Listed } from "../client/log-view.ts";
import { checkExecutionId, type ExecutionName, printExecution } from "../contract/ids.ts";
import { schemaProblem } from "../contract/schema-problem.ts";
import type { SingleRequest } from "../engine/requests.ts";
import { type Header, STATUSES } from "../kernel/record.ts";
import { NAME } from "../model/name.ts";
import { refused } from "./http-errors.ts";

export const StartBody = z.strictObject({
  workflow: z.string(),
  id: z.string().optional(),
  // Whether it fits is for the workflow's schema to say.
  input: z.unknown(),
});
export const ListQuery = z.strictObject({
  workflow: z.string().regex(NAME, "is no workflow's name").optional(),
  status: z.enum(STATUSES).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  before: z.string().optional(),
});
/** As the log is asked for it. */
export const listedBy = ({ workflow, status, since, until, limit, before }: z.infer<typeof ListQuery>): Listed => ({
  limit,
  ...(workflow !== undefined && { workflow }),
  ...(status !== undefined && { status }),
  ...(since !== undefined && { sinceMs: Date.parse(since) }),
  ...(until !== undefined && { untilMs: Date.parse(until) }),
  ...(before !== undefined && { before: parseCursor(before) }),
});
/** What is asked of an execution: its kind stands in the path, the rest in the body. */
const ControlBody = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("pause") }),
  z.strictObject({ kind: z.literal("resume") }),
  z.strictObject({ kind: z.literal("cancel"), reason: z.string().optional(), undo: z.boolean().optional() }),
  z.strictObject({ kind: z.literal("redrive"), from: z.string().optional(), input: z.json().optional() }),
  z.strictObject({ kind: z.literal("heal") }),
  z.strictObject({
    kind: z.literal("signal"),
    signal: z.string(),
    data: z.json(),
    id: z.string().default(() => randomUUID()),
  }),
]);
const SingleBody = z.discriminatedUnion("kind", [
  ...ControlBody.options,
  z.strictObject({
    kind: z.literal("fork"),
    from: z.string(),
    id: z.string().default(() => randomUUID()),
    input: z.json().optional(),
  }),
]);
export const controlIn = (kind: SingleRequest["kind"], body: unknown): SingleRequest =>
  read(SingleBody, { ...read(z.record(z.string(), z.unknown()), body, "body"), kind }, "body");
export const CONTROLS = SingleBody.options.map(({ shape }) => shape.kind.value);
const ManyBody = z.strictObject({
  filter: ListQuery.pick({ workflow: true, status: true, since: true, until: true }),
  request: ControlBody,
  dryRun: z.boolean().default(false),
  concurrency: z.int().min(1).max(100).default(10),
});
export const manyIn = (body: unknown): z.infer<typeof ManyBody> => read(ManyBody, body, "body");
export const ControlQuery = z.strictObject({ timeoutMs: z.coerce.number().int().min(0).max(60_000).default(25_000) });
export const ResultQuery = z.strictObject({ timeoutMs: z.coerce.number().int().min(0).max(60_000).default(25_000) });

export function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refused(400, `the ${what} is refused: ${schemaProblem(parsed.error)}`);
}

export function nameIn(c: Context): ExecutionName {
  const workflow = c.req.param("workflow") ?? "";
  if (!NAME.test(workflow)) throw refused(400, `'${workflow}' is no workflow's name`);
  return { workflow, id: checkExecutionId(c.req.param("id") ?? "") };
}

/** Where the next page begins: after the last one of this page. */
export const printCursor = (last: Header): string =>
  Buffer.from(JSON.stringify([last.startedAtMs, printExecution(last)])).toString("base64url");

function parseCursor(text: string): { readonly startedAtMs: number; readonly execution: string } {
  try {
    const [startedAtMs, execution] = Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
    return { startedAtMs, execution };
  } catch {
    throw refused(400, `before=${text} is no cursor: give the 'next' of the page before`);
  }
}
const Cursor = z.tuple([z.int(), z.string()]);
