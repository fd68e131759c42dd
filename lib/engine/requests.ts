/** What is asked of an execution from outside: looked at against its log, so that whoever asks hears at once why not. */
import type { Envelope } from "../contract/envelope.ts";
import { type ExecutionName, printExecution } from "../contract/ids.ts";
import { tooLarge } from "../contract/limits.ts";
import { PawlError } from "../errors.ts";
import type { ExecutionStatus, Header } from "../kernel/record.ts";
import { planRedrive } from "../kernel/redrive.ts";
import type { Json } from "../model/json.ts";
import { EXECUTION_ID, EXECUTION_ID_RULE } from "../model/name.ts";
import type { Asked } from "./asked.ts";
import { DEFAULT_LIMITS } from "./context.ts";
import { isAtRest } from "./ends.ts";
import { checkInput, type ForkRequest, forkMessage } from "./fork-request.ts";
import { earlierIn, generationOf } from "./generation-log.ts";
import { tooOld } from "./lifetime.ts";
import { signalData } from "./signals.ts";

export type ControlRequest =
  /** Steps under way end; what follows them is held back. */
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  /** Steps under way end; nothing follows them. */
  | {
      readonly kind: "cancel";
      readonly reason?: string | undefined;
      /** False: what was done stays done. Default true. */
      readonly undo?: boolean | undefined;
    }
  /** Goes on with an execution that has ended: what failed, or `from` a step on, perhaps with another input. */
  | { readonly kind: "redrive"; readonly from?: string | undefined; readonly input?: Json | undefined }
  /** Sends again whatever ought to be under way. */
  | { readonly kind: "heal" }
  /** Tells it what it waits for, or will wait for. @param id the same one twice is one signal */
  | { readonly kind: "signal"; readonly signal: string; readonly data: Json; readonly id: string };

/** What is asked of one execution; the others can be asked of many alike. */
export type SingleRequest = ControlRequest | ForkRequest;

/** The execution that is to show what was asked for. */
export const shownBy = (name: ExecutionName, request: SingleRequest): ExecutionName =>
  request.kind === "fork" ? { workflow: name.workflow, id: request.id } : name;

/**
 * @throws PawlError `unknown_execution`, `invalid_status`, `invalid_redrive`, `invalid_fork`, `unknown_signal`,
 *   `invalid_signal`, `invalid_input`, `invalid_id`, `payload_too_large`, `usage`; undefined: it is so already
 */
export async function controlMessage(
  asked: Asked,
  name: ExecutionName,
  request: SingleRequest,
): Promise<Envelope | undefined> {
  const { log, payloadBytes, programOf } = asked;
  checkSize(request, payloadBytes);
  const header = await log.header(name);
  if (!header) throw unknownExecution(printExecution(name));
  if (request.kind === "redrive") await checkRedrive(asked, header, request);
  const allowed = allowedFor(request);
  if (allowed.already.includes(header.status)) return undefined;
  if (!allowed.from.includes(header.status)) throw wrongStatus(header, request.kind, allowed.from);
  const program = request.kind === "signal" ? await programOf?.(header) : undefined;
  if (request.kind === "signal" && program) signalData(program, request);
  const { workflow, id, graph, epoch, expiresAt, turns = 0 } = header;
  const of = { v: 1 as const, workflow, id, graph, epoch, expiresAt };
  switch (request.kind) {
    case "pause":
    case "resume":
      return { kind: request.kind, ...of, turns };
    case "cancel": {
      const error = { code: "cancelled", message: request.reason ?? "it was cancelled", path: "" };
      return { kind: "stop", ...of, error, as: "cancelled", ...(request.undo === false && { keep: true as const }) };
    }
    case "redrive": {
      const { from, input } = request;
      return { kind: "redrive", ...of, ...(from !== undefined && { from }), ...(input !== undefined && { input }) };
    }
    case "heal":
      return { kind: "heal", ...of };
    case "signal": {
      const { signal, data, id: signalId } = request;
      return { kind: "signal", v: 1, workflow, id, signal, signalId, data };
    }
    case "fork":
      return forkMessage(asked, header, request);
  }
}

interface Allowed {
  readonly from: readonly ExecutionStatus[];
  readonly already: readonly ExecutionStatus[];
}
const ALLOWED: Readonly<Record<ControlRequest["kind"], Allowed>> = {
  pause: { from: ["running"], already: ["paused"] },
  resume: { from: ["paused"], already: ["running"] },
  cancel: { from: ["running", "paused"], already: ["stopping", "cancelled"] },
  redrive: { from: ["succeeded", "failed", "cancelled", "stuck"], already: [] },
  heal: { from: ["running", "paused", "stopping"], already: ["succeeded", "failed", "cancelled"] },
  signal: { from: ["running", "paused"], already: [] },
};

/** Without undoing, what is stuck, or is being undone, can be ended too. */
const ABANDON: Allowed = { from: ["running", "paused", "stopping", "stuck"], already: ["cancelled"] };
/** What is being undone is neither done nor undone. */
const FORKED: Allowed = { from: ["running", "paused", "succeeded", "failed", "cancelled"], already: [] };
export function allowedFor(request: SingleRequest): Allowed {
  if (request.kind === "fork") return FORKED;
  return request.kind === "cancel" && request.undo === false ? ABANDON : ALLOWED[request.kind];
}

/** A reason stands in the header, and is told with every listing. */
const MOST_REASON = 1000;

function checkSize(request: SingleRequest, payloadBytes: number): void {
  if (request.kind === "cancel" && (request.reason?.length ?? 0) > MOST_REASON)
    throw new PawlError("usage", `the reason is longer than ${MOST_REASON} characters`, { limit: MOST_REASON });
  if (request.kind === "signal" && !EXECUTION_ID.test(request.id))
    throw new PawlError("invalid_id", `the signal's id ${JSON.stringify(request.id)} is refused: ${EXECUTION_ID_RULE}`);
  const size =
    (request.kind === "redrive" && tooLarge("the input", request.input, payloadBytes)) ||
    (request.kind === "signal" && tooLarge(`the data of '${request.signal}'`, request.data, payloadBytes));
  if (size) throw new PawlError("payload_too_large", size);
}

async function checkRedrive(
  { log, clock, programOf }: Asked,
  header: Header,
  request: { from?: string | undefined; input?: Json | undefined },
) {
  if (!isAtRest(header)) return;
  const execution = printExecution(header);
  const refuse = (why: string) =>
    new PawlError("invalid_redrive", `${execution} cannot be redriven: ${why}`, { execution, ...request });
  const over = tooOld({ clock, limits: DEFAULT_LIMITS }, header);
  if (over !== undefined) throw refuse(over);
  const generation = await generationOf(log, header, header.epoch);
  const all = await log.list(header);
  const of = { ...request, status: header.status, atMs: 0 };
  const planned = planRedrive(generation.view(all), of, earlierIn(generation, all));
  if (planned.kind === "refused") throw refuse(planned.why);
  const { from, input } = request;
  // Else the step would fail by it, and all be undone.
  if (from !== undefined && input !== undefined) checkInput(await programOf?.(header), from, input);
}

function wrongStatus(header: Header, asked: string, from: readonly ExecutionStatus[]): PawlError {
  const execution = printExecution(header);
  const { status } = header;
  return new PawlError(
    "invalid_status",
    `${execution} is ${status}: ${asked} is for one that is ${from.join(" or ")}`,
    { execution, status },
  );
}

export const unknownExecution = (execution: string, more = ""): PawlError =>
  new PawlError("unknown_execution", `there is no execution ${execution}${more}`, { execution });
