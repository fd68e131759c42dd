/**
 * What becomes of an answer, from the token to the signal:
 *
 *     verify → execution known and under way → schema → allowed → recorded, once → signal sent
 *
 * The record is put before the signal is sent, and holds which answer it was: whoever answers the same again, after a
 * crash between the two as well, has the signal sent again under the same id, which changes nothing. Another answer is
 * refused.
 */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { z } from "zod";
import type { Callback } from "../contract/callback.ts";
import { parseExecution } from "../contract/ids.ts";
import { schemaProblem } from "../contract/schema-problem.ts";
import { PawlError } from "../errors.ts";
import { callbackKey, type Header, hasEnded } from "../kernel/record.ts";
import type { Json } from "../model/json.ts";
import type { CallbackKeys } from "../ports/callback-keys.ts";
import type { StepLog } from "../ports/step-log.ts";
import { allows } from "./answers.ts";
import { verifyCallback } from "./token.ts";

export interface CallbackParts {
  readonly keys: Pick<CallbackKeys, "byId">;
  readonly log: Pick<StepLog, "header" | "read" | "decide" | "sync">;
  /** Of a signal, as the execution's graph and the newest code have it; undefined: it has no such signal. */
  readonly schemaOf: (header: Header, signal: string) => Promise<z.ZodType<Json> | undefined>;
  /** Resolves when the signal is as durable as a write of the log is; the same id again changes nothing. */
  readonly sendSignal: (header: Header, of: SentSignal) => Promise<void>;
  readonly now: () => number;
}

export interface SentSignal {
  readonly signal: string;
  readonly id: string;
  readonly data: Json;
}

/** A callback that can be answered. */
export interface OpenCallback {
  readonly callback: Callback;
  readonly schema: z.ZodType<Json>;
}

/**
 * What the holder of a token is asked; changes nothing.
 *
 * @throws PawlError `callback_malformed`, `callback_forged`, `callback_expired`, `callback_used`, `callback_too_late`,
 *   `unknown_execution`, `storage_failed`
 */
export async function openCallback(parts: CallbackParts, token: string): Promise<OpenCallback> {
  const callback = await verifyCallback(token, parts.keys, parts.now());
  const header = await headerOf(parts, callback);
  if (await parts.log.read(header, callbackKey(callback.id))) throw used(callback);
  checkUnderWay(header, callback);
  return { callback, schema: await schemaOf(parts, header, callback) };
}

/**
 * Answers it: the execution gets the signal once.
 *
 * @throws PawlError as `openCallback`, and `answer_refused`; `callback_used` only for another answer than the first
 */
export async function answerCallback(parts: CallbackParts, token: string, data: Json): Promise<Callback> {
  const { log } = parts;
  const callback = await verifyCallback(token, parts.keys, parts.now());
  const header = await headerOf(parts, callback);
  const key = callbackKey(callback.id);
  const standing = await log.read(header, key);
  if (!standing) checkUnderWay(header, callback);
  const parsed = parse(await schemaOf(parts, header, callback), callback, data);
  const answer = digest(parsed);
  const record = { kind: "decision", next: [], output: { answer }, atMs: parts.now() } as const;
  const decided = standing ?? (await log.decide(header, key, record)).record;
  if (!isAnswer(decided, answer)) throw used(callback);
  await log.sync();
  if (isUnderWay(header)) await parts.sendSignal(header, { signal: callback.signal, id: callback.id, data: parsed });
  return callback;
}

async function headerOf({ log }: CallbackParts, { execution }: Callback): Promise<Header> {
  const header = await log.header(parseExecution(execution));
  if (header) return header;
  throw new PawlError("unknown_execution", `there is no execution ${execution}: nothing waits for this answer`, {
    execution,
  });
}

/** One that is paused gets it when it goes on. */
const isUnderWay = ({ status }: Header): boolean => status === "running" || status === "paused";

function checkUnderWay(header: Header, { execution }: Callback): void {
  if (isUnderWay(header)) return;
  const { status } = header;
  const how = hasEnded(header) ? `has ended, as ${status}` : `is ${status}`;
  throw new PawlError("callback_too_late", `${execution} ${how}, so no answer is needed any more`, {
    execution,
    status,
  });
}

async function schemaOf(parts: CallbackParts, header: Header, { signal, execution }: Callback) {
  const schema = await parts.schemaOf(header, signal);
  if (schema) return schema;
  throw new PawlError("callback_malformed", `${execution} has no signal '${signal}': its workflow waits for none`, {
    execution,
    signal,
  });
}

/** What the schema lets through is what is compared, recorded and sent: nothing is read in two ways. */
function parse(schema: z.ZodType<Json>, { signal, answers }: Callback, data: Json): Json {
  const parsed = schema.safeParse(data);
  if (!parsed.success)
    throw new PawlError("answer_refused", `the answer does not fit '${signal}': ${schemaProblem(parsed.error)}`, {
      signal,
    });
  if (allows(answers, parsed.data)) return parsed.data;
  const allowed = Object.keys(answers ?? {});
  throw new PawlError("answer_refused", `this answer is not allowed here; these are: ${allowed.join(", ")}`, {
    signal,
    allowed,
  });
}

const digest = (data: Json): string =>
  createHash("sha256")
    .update(canonicalize(data) ?? "")
    .digest("hex");

function isAnswer(record: unknown, answer: string): boolean {
  const { output } = record as { readonly output?: { readonly answer?: string } };
  return output?.answer === answer;
}

const used = ({ signal, execution }: Callback): PawlError =>
  new PawlError("callback_used", `this was answered before: '${signal}' of ${execution} has its answer, and keeps it`, {
    execution,
    signal,
  });
