/** What a client is, wherever what it talks to runs. */
import type { Controlled } from "../engine/ask.ts";
import type { ControlFilter, ControlledMany, ControlManyOptions } from "../engine/control-many.ts";
import type { Accepted } from "../engine/engine.ts";
import type { ExecutionView } from "../engine/inspect.ts";
import type { MapOutputs } from "../engine/map-outputs.ts";
import type { ControlRequest } from "../engine/requests.ts";
import type { ExecutionSummary } from "../engine/summary.ts";
import type { ExecutionStatus, StepError } from "../kernel/record.ts";
import type { SignalContract } from "../model/contracts.ts";
import type { Duration } from "../model/duration.ts";
import type { Json } from "../model/json.ts";
import type { Workflow } from "../model/types.ts";

/** Of an embedded engine, over its HTTP API. */
export interface EngineClientOptions {
  readonly target?: "local";
  /** Where the engine answers, as in `http://127.0.0.1:7295`. Default: the environment's `PAWL_URL`. */
  readonly url?: string;
  /** Without a url, the engine that holds this data folder. Default `.pawl`. */
  readonly folder?: string;
}

/**
 * Of a platform that is deployed to AWS. Credentials are those that the SDK finds by itself: the environment, a
 * profile, the role of whatever this runs in.
 */
export interface PlatformClientOptions {
  readonly target: "aws";
  /** Default: the environment's `PAWL_PLATFORM`, or `pawl`. */
  readonly platform?: string;
  /** Default: the environment's `AWS_REGION`, or what the SDK finds in the profile. */
  readonly region?: string;
  /** The platform's own limit of a value, in MiB. Default: the environment's `PAWL_PAYLOAD_LIMIT_MIB`, or 32. */
  readonly payloadLimitMiB?: number;
  /** Instead of AWS itself, as in `http://127.0.0.1:4566`. Default: the environment's `AWS_ENDPOINT_URL`. */
  readonly endpoint?: string;
  /** Code of workflows, which names the executions that an event starts where a trigger has a key (`.by(…)`). */
  readonly workflows?: readonly Pick<Workflow, "name" | "program">[];
}

export type ClientOptions = EngineClientOptions | PlatformClientOptions;

/** An event as EventBridge carries it. What else it has is passed over. */
export interface EventBridgeEvent {
  readonly id: string;
  readonly source: string;
  readonly "detail-type": string;
  /** ISO 8601. */
  readonly time?: string;
  readonly detail: Json;
}

/** How an execution ended, or that it stands still. */
export type Result<O = unknown> =
  | { readonly execution: string; readonly status: "succeeded"; readonly output: O; readonly error: null }
  | {
      readonly execution: string;
      /** `stuck`: what it did cannot be undone, and it waits for a person: a redrive, or a cancel without undo. */
      readonly status: "failed" | "cancelled" | "stuck";
      readonly output: null;
      /** Of a cancelled one the code is `cancelled`, and the message is the reason; of a stuck one, why it is. */
      readonly error: StepError;
    };

export interface ListQuery {
  readonly workflow?: string | undefined;
  readonly status?: ExecutionStatus | undefined;
  /** Started then or later; ISO 8601. */
  readonly since?: string | undefined;
  /** Started before then; ISO 8601. */
  readonly until?: string | undefined;
  /** How many at most. */
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly before?: string | undefined;
}

export interface ExecutionPage {
  /** Newest first. */
  readonly executions: readonly ExecutionSummary[];
  /** Asks for the page after this one; null: there is none. */
  readonly next: string | null;
}

/**
 * Every call may throw `engine_not_running` of an engine and `platform_unreachable` of a platform, besides what is
 * said at it.
 */
export interface Client {
  /**
   * Starts an execution and resolves when the start is on disk; on AWS, when it is in the workflow's queue. The same
   * id again starts nothing new.
   *
   * @param workflow On AWS its own schema checks the input; with a name alone, the schema of the newest graph does.
   * @param id 1 to 128 letters, digits or `. _ : @ = + -`. Default: a random one.
   * @throws PawlError `unknown_workflow`, `invalid_input`, `invalid_id`, `payload_too_large`, `storage_failed`
   */
  start<I>(workflow: Workflow<I, unknown>, of: { readonly id?: string; readonly input: NoInfer<I> }): Promise<Accepted>;
  start(workflow: string, of: { readonly id?: string; readonly input: unknown }): Promise<Accepted>;
  /**
   * Puts an event on the bus and tells what it starts. The same event again starts nothing new. Where the trigger has
   * `whenRunning`, `execution` is the one that the event starts once its turn comes, if it does.
   *
   * On AWS `execution` is the workflow's name alone, without an id, where the id is worked out by a key and
   * `client({ workflows })` was not given the workflow; `started` is true then.
   *
   * @throws PawlError `unmatched_event`, `invalid_event`, `invalid_id`, `payload_too_large`, `storage_failed`
   */
  sendEvent(event: EventBridgeEvent): Promise<readonly Accepted[]>;
  /**
   * Waits for the end of an execution, or until it is stuck. That it failed is a result, not an error. On AWS it asks again and again, at
   * first after 0.1 seconds and later every 2, and one whose start was kept as a dead letter meanwhile is unknown.
   *
   * @param timeout How long to wait, as in `"30 seconds"`. Default: for ever.
   * @throws PawlError `still_running` when the timeout is over, `unknown_execution`, `engine_stopped`
   */
  result<O>(workflow: Workflow<unknown, O>, id: string, options?: { readonly timeout?: Duration }): Promise<Result<O>>;
  result(workflow: string, id: string, options?: { readonly timeout?: Duration }): Promise<Result<Json>>;
  /**
   * An execution as it stands, step by step.
   *
   * @throws PawlError `unknown_execution`
   */
  show(workflow: Pick<Workflow, "name"> | string, id: string): Promise<ExecutionView>;
  /**
   * Outputs of a map that has come to its end, in the order of its items, a page at a time; also of one that leaves
   * `{ count, failed, results }` in place of the list. Of a map that tolerates failures they are `{ ok, output | error }`.
   *
   * @param query `path`: the map's, as in `"pack"`; `results` is `workflow/id#path`. `from`: the first item, from 0;
   *   default 0. `limit`: 1 to 1000; default 100
   * @throws PawlError `unknown_execution`, `usage` when no map has come to its end there
   */
  outputs(
    workflow: Pick<Workflow, "name"> | string,
    id: string,
    query: { readonly path: string; readonly from?: number; readonly limit?: number },
  ): Promise<MapOutputs>;
  /** Executions, newest first; may lag behind by a second. */
  list(query?: ListQuery): Promise<ExecutionPage>;
  /**
   * Holds a running execution back: the attempts under way come to their end, and what follows them waits. Inline steps
   * that ride on the same message still run.
   *
   * This and the four below resolve when the execution's header shows that it was done, by this call or another one, and
   * after 30 seconds with `carriedOut: false`. An execution that was just started is waited for: 2 seconds, on AWS 5.
   *
   * @throws PawlError `unknown_execution`, `invalid_status` of one that is stopping or has ended
   */
  pause(workflow: Pick<Workflow, "name"> | string, id: string): Promise<Controlled>;
  /**
   * Lets a paused execution go on.
   *
   * @throws PawlError `unknown_execution`, `invalid_status` of one that is stopping or has ended
   */
  resume(workflow: Pick<Workflow, "name"> | string, id: string): Promise<Controlled>;
  /**
   * Ends an execution: the attempts under way come to their end, nothing follows them, and what was done is undone, the
   * latest first. Resolves when it is `stopping`; `result` waits until it is `cancelled`. With `undo: false` it also ends
   * one that is `stuck`, or is being undone: as what it was to end.
   *
   * @throws PawlError `unknown_execution`, `invalid_status` of one that has ended otherwise, or is stuck
   */
  cancel(workflow: Pick<Workflow, "name"> | string, id: string, options?: CancelOptions): Promise<Controlled>;
  /**
   * Goes on with an execution that has ended, in its next epoch, by the code that is there now. What had failed, and what
   * was closed because of it, is done again; what had succeeded stands, and does not run, unless it was undone since. One
   * that is `stuck` goes on with its undoing instead.
   *
   * @param options `from`: the path of a step that has begun, which is done over with all that followed from it, under
   *   idempotency keys of their own. `input`: for that step, in place of what its mapping gives, until a redrive `from`
   *   it, or from what led to it, does it over without one
   * @throws PawlError `unknown_execution`, `invalid_status` of one that has not ended, `invalid_redrive`, `invalid_input`
   *   where the code is at hand, `payload_too_large`
   */
  redrive(workflow: Pick<Workflow, "name"> | string, id: string, options?: RedriveOptions): Promise<Controlled>;
  /**
   * Tells an execution what it waits for. A signal that comes before anything waits for it is kept; each goes to one
   * waiting state, the first that waits. Resolves when it is on disk; on AWS, when it is in the workflow's queue.
   *
   * @param signal its contract, or its name
   * @param options `id`: the same id twice is one signal. 1 to 128 letters, digits or `. _ : @ = + -`. Default: a random one
   * @throws PawlError `unknown_execution`, `invalid_status` of one that is stopping or has ended, `unknown_signal`,
   *   `invalid_signal`, `invalid_id`, `payload_too_large`
   */
  signal<T>(
    workflow: Pick<Workflow, "name"> | string,
    id: string,
    ...signal: readonly [
      signal: SignalContract<string, T> | string,
      data: NoInfer<T>,
      options?: { readonly id?: string },
    ]
  ): Promise<Controlled>;
  /**
   * Works out from the log alone what ought to be under way, and sets it going again: for an execution whose messages
   * were lost. Does no harm to one that is well. Resolves when the request is accepted.
   *
   * @throws PawlError `unknown_execution`, also of one whose start was lost: start it again
   */
  heal(workflow: Pick<Workflow, "name"> | string, id: string): Promise<Controlled>;
  /**
   * Begins a new execution from a step of another one, which stays as it is, whether it runs or has ended. The step is
   * done over with all that followed from it, by the code that is there now, on the graph of the other one; what was done
   * before and beside it stands in the new execution as well, and does not run: its effects and events stay those of the
   * other one, which alone undoes them. What had failed, was undone, or was still under way is done anew. Timers count from
   * the fork; signals that nobody has taken stay behind. Resolves when the new execution runs, and tells of that one.
   *
   * @param options the same id again, from the same step, makes one execution
   * @throws PawlError `unknown_execution`, `invalid_status` of one that is stopping or stuck, `invalid_fork`, `invalid_id`,
   *   `invalid_input` where the node's code is at hand (on AWS: given to `client({ workflows })`), `payload_too_large`
   * @example
   * await pawl.fork(order, "1042", { from: "ship", input: { to: "12 Elm St" }, id: "1042-elm" });
   */
  fork(workflow: Pick<Workflow, "name"> | string, id: string, options: ForkOptions): Promise<Controlled>;
  /**
   * Asks the same of all executions that match: of at most 100,000 a call, each once. What one of them refuses is told in
   * the result and does not stop the rest; one that cannot be reached does, and asking again goes on with what is left.
   *
   * @param filter by their start, workflow and status; without a status, all that the request is for: a redrive those that
   *   failed or were cancelled
   * @param options `dryRun` tells which would be meant, and asks nothing of them
   * @throws PawlError `usage`
   * @example
   * await pawl.controlMany({ workflow: "order", status: "failed", since: "2026-05-01T00:00:00Z" }, { kind: "redrive" });
   */
  controlMany(filter: ControlFilter, request: ControlRequest, options?: ControlManyOptions): Promise<ControlledMany>;
}

export interface CancelOptions {
  /** The error's message, at most 1,000 characters. */
  readonly reason?: string;
  /** False: what was done stays done. Default true: steps that declare `undo` are undone before it is cancelled. */
  readonly undo?: boolean;
}

export interface ForkOptions {
  /** The path of a step that has settled, in whichever way. */
  readonly from: string;
  /** For that step, in place of what its mapping gives. */
  readonly input?: Json;
  /** Of the new execution. Default: a random one; give one if the call may be made again. */
  readonly id?: string;
}

export interface RedriveOptions {
  readonly from?: string;
  readonly input?: Json;
}

/** What a client is made of: a function cannot be written with overloads, and is called by them all the same. */
export interface ClientCalls extends Omit<Client, "start" | "result"> {
  start(
    workflow: Pick<Workflow, "name" | "program"> | string,
    of: { readonly id?: string; readonly input?: unknown },
  ): Promise<Accepted>;
  /** `never`, because the caller's types say what it is; the engine has checked it against the schemas behind them. */
  result(
    workflow: Pick<Workflow, "name"> | string,
    id: string,
    options?: { readonly timeout?: Duration },
  ): Promise<Result<never>>;
}
