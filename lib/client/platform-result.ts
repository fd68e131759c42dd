/** Waiting for an execution of a deployed platform: its header is asked for again and again, with growing pauses. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Platform } from "../adapters/aws/platform.ts";
import { parseEvent } from "../contract/event-detail.ts";
import { type ExecutionName, printExecution } from "../contract/ids.ts";
import { isAtRest } from "../engine/ends.ts";
import { growingPauses } from "../engine/growing-pauses.ts";
import { outputOf } from "../engine/inspect.ts";
import { unknownExecution } from "../engine/requests.ts";
import { whyOf } from "../engine/summary.ts";
import { PawlError } from "../errors.ts";
import type { Header } from "../kernel/record.ts";
import type { Duration } from "../model/duration.ts";
import type { DeadLetter } from "../ports/transport.ts";
import type { Result } from "./types.ts";
import { stillRunning, timeLeft } from "./wait.ts";

const FIRST_PAUSE_MS = 100;
/**
 * Without a header for so long, its start may have been refused: dead letters are looked through, each time after
 * twice as long. Costs nothing where executions start, which is nearly always.
 */
const FIRST_DOUBT_MS = 1_500;
/**
 * Dead letters from before the wait are of an earlier start under the same id, unless this one was sent just before it.
 * Where the clocks are further apart, the timeout tells of it, not the wait.
 */
const JUST_BEFORE_MS = 5_000;

/** @throws PawlError `still_running`, `unknown_execution` */
export async function pollHeader(
  platform: Platform,
  name: ExecutionName,
  timeout: Duration | undefined,
): Promise<Result> {
  const leftMs = timeLeft(timeout);
  const waiting = { sinceMs: platform.now(), doubtMs: FIRST_DOUBT_MS };
  for (const pauses = growingPauses(FIRST_PAUSE_MS); ; ) {
    const header = await platform.log.glance(name);
    // As of before a redrive, perhaps: an end that was glanced at is looked at once more.
    const ended = header && isAtRest(header) ? await platform.log.header(name) : undefined;
    if (ended && isAtRest(ended)) return resultOf(platform, ended);
    if (leftMs() <= 0) throw header ? stillRunning(printExecution(name), timeout) : await neverSeen(platform, name);
    if (!header && platform.now() - waiting.sinceMs >= waiting.doubtMs) {
      waiting.doubtMs *= 2;
      const letter = await buriedStart(platform, name);
      if (letter && letter.atMs >= waiting.sinceMs - JUST_BEFORE_MS) throw refusedStart(name, letter);
    }
    await sleep(Math.min(pauses(), leftMs()));
  }
}

async function resultOf({ log }: Platform, header: Header): Promise<Result> {
  const execution = printExecution(header);
  const { status } = header;
  const error = whyOf(header);
  if ((status === "failed" || status === "cancelled" || status === "stuck") && error)
    return { execution, status, output: null, error };
  const output = (await outputOf(log, header)) ?? null;
  return { execution, status: "succeeded", output, error: null };
}

async function neverSeen(platform: Platform, name: ExecutionName): Promise<PawlError> {
  const letter = await buriedStart(platform, name);
  return letter ? refusedStart(name, letter) : unknownExecution(printExecution(name));
}

const refusedStart = (name: ExecutionName, { atMs, reason }: DeadLetter): PawlError => {
  const execution = printExecution(name);
  const at = new Date(atMs).toISOString();
  const what = `${execution} did not start: its message was kept as a dead letter at ${at}: ${reason}`;
  return new PawlError("unknown_execution", what, { execution, reason });
};

/** Of the newest, so that a heap of them costs no more. */
const LETTERS = 100;

async function buriedStart(platform: Platform, name: ExecutionName): Promise<DeadLetter | undefined> {
  const letters = await platform.deadLetters(name.workflow, LETTERS);
  return letters.find(({ body }) => starts(body, name));
}

const starts = (body: string, { id }: ExecutionName): boolean => {
  try {
    return idIn(JSON.parse(body) as Partial<Body>) === id;
  } catch {
    return false; // nothing that starts an execution
  }
};

/** What a control queue's message may be; a long one lies elsewhere, under the execution's name. */
type Body =
  | { readonly kind: "start" | "fork"; readonly id: string }
  | { readonly kind: "stored"; readonly payload: { readonly key: string } }
  | { readonly kind: "event"; readonly event: { readonly id: string } }
  | { readonly kind?: never };

/** Of an event, its own id: what it starts has that one, unless by a key. */
function idIn(body: Partial<Body>): string | undefined {
  if (body.kind === "start" || body.kind === "fork") return body.id;
  if (body.kind === "stored") return body.payload?.key.split("/")[1];
  if (body.kind === "event") return body.event?.id;
  return parseEvent(body).id;
}
