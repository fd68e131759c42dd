/** What travels in a queue: small, versioned, parsed once at the edge. */
import { z } from "zod";
import { PawlError } from "../errors.ts";
import type {
  Bindings as KernelBindings,
  Leaving as KernelLeaving,
  StepError as KernelStepError,
} from "../kernel/record.ts";
import type { Json } from "../model/json.ts";
import { schemaProblem } from "./schema-problem.ts";

const ref = z.string();
const count = z.number().int().nonnegative();
// The parsers are given the types they read, so that what is parsed is what the kernel speaks of.
// A value out of JSON.parse is JSON, whatever it is: `z.json()` would drop "__proto__", and overflow where it is deep.
const json = z.unknown().refine((value) => value !== undefined, "is missing") as unknown as z.ZodType<Json>;
const Bindings = z.object({
  prev: ref,
  refs: z.record(z.string(), ref).optional(),
  maps: z.record(z.string(), z.object({ items: ref, of: z.number().int().positive() })).optional(),
  undo: z.object({ scope: z.string(), stage: count, member: count, of: count }).optional(),
}) as unknown as z.ZodType<KernelBindings>;
const StepError = z.object({
  code: z.string(),
  message: z.string(),
  path: z.string(),
  data: json.optional(),
}) as unknown as z.ZodType<KernelStepError>;
const Leaving = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("won"), path: z.string(), branch: z.string(), output: ref }),
  z.object({ kind: z.literal("failed"), path: z.string(), error: StepError }),
  z.object({ kind: z.literal("caught"), path: z.string(), branch: z.string(), error: ref }),
  z.object({ kind: z.literal("tolerated"), path: z.string(), member: count, error: ref }),
]) as unknown as z.ZodType<KernelLeaving>;
const Trigger = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("direct") }),
  z.object({ kind: z.literal("call"), execution: z.string(), path: z.string() }),
  z.object({ kind: z.literal("schedule"), time: z.string(), key: z.string().optional() }),
  z.object({
    kind: z.literal("event"),
    id: z.string(),
    source: z.string(),
    type: z.string(),
    key: z.string().optional(),
  }),
]);
const of = { v: z.literal(1), workflow: z.string(), id: z.string() };
/** Of an execution that has started: the graph that it keeps, the generation of its log, and when its records go. */
const started = { ...of, graph: z.string(), epoch: count, expiresAt: count };

/** Whom the end of a called execution is told to. */
const Caller = z.object({ ...started, path: z.string(), bind: Bindings, depth: count });
export type Caller = z.infer<typeof Caller>;

const Envelope = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("start"), ...of, trigger: Trigger, input: json, caller: Caller.optional() }),
  z.object({
    kind: z.literal("event"),
    v: z.literal(1),
    workflow: z.string(),
    event: z.object({
      id: z.string(),
      source: z.string(),
      type: z.string(),
      version: z.number(),
      time: z.string(),
      data: json,
    }),
  }),
  /** A schedule's time has come: ISO 8601, UTC, to the second. */
  z.object({
    kind: z.literal("tick"),
    v: z.literal(1),
    workflow: z.string(),
    time: z.iso.datetime({ precision: 0 }),
  }),
  z.object({
    kind: z.literal("step"),
    ...started,
    path: z.string(),
    bind: Bindings,
    attempt: z.number().int().positive(),
    /** Small values that whoever sent this had at hand, by reference. Whatever is not here is read from the log. */
    carry: z.record(z.string(), json).optional(),
  }),
  z.object({
    kind: z.literal("stop"),
    ...started,
    error: StepError,
    as: z.enum(["failed", "cancelled"]),
    /** What was done stays done. */
    keep: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal("timer"),
    ...started,
    path: z.string(),
    bind: Bindings,
    dueAtMs: z.number(),
    signal: z.string().optional(),
  }),
  z.object({ kind: z.literal("deadline"), ...started, dueAtMs: z.number() }),
  /** `signalId`: the same one twice is one signal. */
  z.object({ kind: z.literal("signal"), ...of, signal: z.string(), signalId: z.string(), data: json }),
  /** `refused`: why the child was never opened. */
  z.object({
    kind: z.literal("returned"),
    ...started,
    path: z.string(),
    bind: Bindings,
    child: z.string(),
    refused: z.string().optional(),
  }),
  z.object({ kind: z.literal("close"), ...started, scope: z.string(), how: Leaving, bind: Bindings }),
  // `turns` as whoever asks has seen it: asked twice, it is done once.
  z.object({ kind: z.literal("pause"), ...started, turns: count }),
  z.object({ kind: z.literal("resume"), ...started, turns: count }),
  z.object({ kind: z.literal("redrive"), ...started, from: z.string().optional(), input: json.optional() }),
  z.object({ kind: z.literal("heal"), ...started }),
  /** `id` is the new execution's. `source`: the one that is forked, and the generation of its log. */
  z.object({
    kind: z.literal("fork"),
    ...of,
    graph: z.string(),
    source: z.object({ id: z.string(), epoch: count }),
    from: z.string(),
    input: json.optional(),
  }),
  /** It has ended, and with it what it held: the key that it ran for. */
  z.object({ kind: z.literal("freed"), ...of }),
]);

type Parsed = z.infer<typeof Envelope>;
type Known<T> = T extends unknown ? { readonly [K in keyof T]: T[K] } : never;
export type Envelope = Known<Parsed>;
export type EnvelopeOf<K extends Envelope["kind"]> = Extract<Envelope, { kind: K }>;

export const printEnvelope = (envelope: Envelope): string => JSON.stringify(envelope);

/** @throws PawlError `invalid_envelope`: the message becomes a dead letter with this reason */
export function parseEnvelope(text: string): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new PawlError("invalid_envelope", "the message is not JSON", { length: text.length }, error);
  }
  const parsed = Envelope.safeParse(value);
  if (parsed.success) return parsed.data as Envelope;
  const problem = schemaProblem(parsed.error);
  throw new PawlError("invalid_envelope", `the message is no envelope of ours: ${problem}`);
}
