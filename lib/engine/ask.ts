/**
 * Asking something of an execution from outside, and looking on until its header shows that it was carried out. Whoever
 * asks writes nothing but a message to the control queue.
 */
import type { Envelope } from "../contract/envelope.ts";
import { type ExecutionName, printExecution } from "../contract/ids.ts";
import { isPawlError } from "../errors.ts";
import type { ExecutionStatus, Header } from "../kernel/record.ts";
import type { Clock } from "../ports/clock.ts";
import type { Asked } from "./asked.ts";
import { growingPauses } from "./growing-pauses.ts";
import { controlMessage, type SingleRequest, shownBy, unknownExecution } from "./requests.ts";

/** What came of a request, as the execution's header shows it. */
export interface Controlled {
  readonly execution: string;
  readonly status: ExecutionStatus;
  readonly epoch: number;
  /**
   * False: the time to look on was over first. The request stands in its queue, and will be carried out unless the
   * execution moves on before that. A fork that is not there yet is told of as it will begin.
   */
  readonly carriedOut: boolean;
}

export interface Asking extends Asked {
  readonly clock: Pick<Clock, "now" | "at">;
  readonly send: (envelope: Envelope) => Promise<void>;
  /** Resolves when what was seen and sent is on disk. */
  readonly sync: () => Promise<void>;
  /** Between two looks, at first. */
  readonly pauseMs: number;
  /** How long an execution whose start was accepted may still be unknown. */
  readonly startMs: number;
  /** How long to look on. */
  readonly timeoutMs: number;
}

export const LOOK_ON_MS = 30_000;

/** @throws PawlError what `controlMessage` throws, and what sending does */
export async function ask(asking: Asking, name: ExecutionName, request: SingleRequest): Promise<Controlled> {
  const { log, clock, send, sync, timeoutMs } = asking;
  const envelope = await messageOnceKnown(asking, name, request);
  if (envelope) await send(envelope);
  await sync();
  const untilMs = clock.now() + timeoutMs;
  const shown = shownBy(name, request);
  for (const pauses = growingPauses(asking.pauseMs); ; ) {
    const header = await log.header(shown);
    if (!header && request.kind !== "fork") throw unknownExecution(printExecution(name));
    const carriedOut = header !== undefined && (!envelope || isCarriedOut(envelope, header));
    if (carriedOut || clock.now() >= untilMs) {
      await sync();
      const { status, epoch } = header ?? UNBORN;
      return { execution: printExecution(shown), status, epoch, carriedOut };
    }
    await sleep(clock, Math.min(pauses(), untilMs - clock.now()));
  }
}

/** How a fork begins. */
const UNBORN = { status: "running", epoch: 1 } as const;

/** An execution that was started a moment ago has no header yet: only after a while is there none. */
async function messageOnceKnown(
  asking: Asking,
  name: ExecutionName,
  request: SingleRequest,
): Promise<Envelope | undefined> {
  const { clock, startMs } = asking;
  const untilMs = clock.now() + startMs;
  for (const pauses = growingPauses(asking.pauseMs); ; ) {
    try {
      return await controlMessage(asking, name, request);
    } catch (error) {
      if (!isPawlError(error) || error.code !== "unknown_execution" || clock.now() >= untilMs) throw error;
    }
    await sleep(clock, Math.min(pauses(), untilMs - clock.now()));
  }
}

/** What somebody else did meanwhile counts as well: there is nothing left to wait for. */
function isCarriedOut(envelope: Envelope, { status, epoch, turns = 0, keep }: Header): boolean {
  if (!("epoch" in envelope) || epoch > envelope.epoch) return true;
  switch (envelope.kind) {
    case "pause":
      return status !== "running" || turns > envelope.turns;
    case "resume":
      return status !== "paused" || turns > envelope.turns;
    case "stop":
      if (envelope.keep && (status === "stuck" || (status === "stopping" && !keep))) return false;
      return status !== "running" && status !== "paused";
    case "redrive":
      return false; // another epoch
    default:
      return true; // a heal and a signal show nowhere: they are accepted, and harm nothing
  }
}

const sleep = (clock: Asking["clock"], ms: number): Promise<void> =>
  new Promise((resolve) => void clock.at(clock.now() + ms, resolve));
