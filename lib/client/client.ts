import type { Accepted } from "../engine/engine.ts";
import type { ExecutionView } from "../engine/inspect.ts";
import { PawlError } from "../errors.ts";
import type { ExecutionStatus, StepError } from "../kernel/record.ts";
import { readEngineFile } from "../local/engine-file.ts";
import { type Duration, durationMs } from "../model/duration.ts";
import type { Json } from "../model/json.ts";
import type { Workflow } from "../model/types.ts";
import { type Answer, type Call, call } from "./http.ts";

export interface ClientOptions {
  /** Where the engine answers, as in `http://127.0.0.1:7295`. Default: the environment's `PAWL_URL`. */
  readonly url?: string;
  /** Without a url, the engine that holds this data folder. Default `.pawl`. */
  readonly folder?: string;
}

/** An event as EventBridge carries it. What else it has is passed over. */
export interface EventBridgeEvent {
  readonly id: string;
  readonly source: string;
  readonly "detail-type": string;
  /** ISO 8601. */
  readonly time?: string;
  readonly detail: Json;
}

/** How an execution ended. */
export type Result<O = unknown> =
  | { readonly execution: string; readonly status: "succeeded"; readonly output: O; readonly error: null }
  | { readonly execution: string; readonly status: "failed"; readonly output: null; readonly error: StepError };

export interface ListQuery {
  readonly workflow?: string;
  readonly status?: ExecutionStatus;
  /** How many at most. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly before?: string;
}

export interface ExecutionSummary {
  readonly execution: string;
  readonly workflow: string;
  readonly status: ExecutionStatus;
  readonly error: StepError | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

export interface ExecutionPage {
  /** Newest first. */
  readonly executions: readonly ExecutionSummary[];
  /** Asks for the page after this one; null: there is none. */
  readonly next: string | null;
}

/** Every call may throw `engine_not_running`, besides what is said at it. */
export interface Client {
  /**
   * Starts an execution and resolves when the start is on disk. The same id again starts nothing new.
   *
   * @param id 1 to 128 letters, digits or `. _ : @ = + -`. Default: a random one.
   * @throws PawlError `unknown_workflow`, `invalid_input`, `invalid_id`, `payload_too_large`, `storage_failed`
   */
  start<I>(workflow: Workflow<I, unknown>, of: { readonly id?: string; readonly input: NoInfer<I> }): Promise<Accepted>;
  start(workflow: string, of: { readonly id?: string; readonly input: unknown }): Promise<Accepted>;
  /**
   * Puts an event on the bus and tells what it starts. The same event again starts nothing new.
   *
   * @throws PawlError `unmatched_event`, `invalid_event`, `invalid_id`, `payload_too_large`, `storage_failed`
   */
  sendEvent(event: EventBridgeEvent): Promise<readonly Accepted[]>;
  /**
   * Waits for the end of an execution. That it failed is a result, not an error.
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
  /** Executions, newest first; may lag behind by a second. */
  list(query?: ListQuery): Promise<ExecutionPage>;
}

/** One request waits at most this long: proxies and sockets give up on silence. */
const LONGEST_POLL_MS = 20_000;

/** Talks to an embedded engine by its HTTP API. Nothing is sent before the first call. */
export function client(options: ClientOptions = {}): Client {
  const ask = async (request: Call): Promise<Answer> => call(await urlOf(options), request);
  return {
    async start(workflow: Pick<Workflow, "name"> | string, of: { readonly id?: string; readonly input?: unknown }) {
      const body = { workflow: nameOf(workflow), ...of };
      return (await ask({ method: "POST", path: "/api/executions", body })).body as Accepted;
    },
    async sendEvent(event) {
      const { body } = await ask({ method: "POST", path: "/api/events", body: event });
      return (body as { readonly executions: readonly Accepted[] }).executions;
    },
    // `O` is what the workflow's type says; the engine has checked the output against the schemas behind it.
    result: (
      workflow: Pick<Workflow, "name"> | string,
      id: string,
      { timeout }: { readonly timeout?: Duration } = {},
    ) => pollResult(ask, { workflow: nameOf(workflow), id, timeout }) as Promise<Result<never>>,
    async show(workflow, id) {
      return (await ask({ path: pathOf(nameOf(workflow), id) })).body as ExecutionView;
    },
    async list(query = {}) {
      return (await ask({ path: "/api/executions", query: { ...query } })).body as ExecutionPage;
    },
  };
}

const nameOf = (workflow: Pick<Workflow, "name"> | string): string =>
  typeof workflow === "string" ? workflow : workflow.name;
const pathOf = (workflow: string, id: string): string =>
  `/api/executions/${encodeURIComponent(workflow)}/${encodeURIComponent(id)}`;

async function urlOf({ url = process.env.PAWL_URL, folder = ".pawl" }: ClientOptions): Promise<string> {
  if (url !== undefined && url !== "") {
    if (URL.canParse(url)) return url;
    throw new PawlError("usage", `'${url}' is no url: write it as http://127.0.0.1:7295`, { url });
  }
  const engine = await readEngineFile(folder);
  if (engine) return engine.url;
  throw new PawlError(
    "engine_not_running",
    `no engine runs on the data folder ${folder}: start one with \`pawl dev\`, or give its url (PAWL_URL)`,
    { folder },
  );
}

interface Wanted {
  readonly workflow: string;
  readonly id: string;
  readonly timeout: Duration | undefined;
}

async function pollResult(ask: (request: Call) => Promise<Answer>, wanted: Wanted): Promise<Result> {
  const { workflow, id, timeout } = wanted;
  const leftMs = timeLeft(timeout);
  for (;;) {
    const timeoutMs = Math.min(LONGEST_POLL_MS, leftMs());
    const answer = await ask({ path: `${pathOf(workflow, id)}/result`, query: { timeoutMs } });
    if (answer.status === 200) {
      const { execution, status, output, error } = answer.body as Result;
      return { execution, status, output: output ?? null, error: error ?? null } as Result;
    }
    if (leftMs() <= 0)
      throw new PawlError("still_running", `${workflow}/${id} is still running after ${timeout}`, {
        execution: `${workflow}/${id}`,
      });
  }
}

/** @throws PawlError `usage` */
function timeLeft(timeout: Duration | undefined): () => number {
  if (timeout === undefined) return () => Number.POSITIVE_INFINITY;
  const ms = durationMs(timeout);
  if (ms === undefined)
    throw new PawlError("usage", `the timeout '${timeout}' is no duration: write "30 seconds" or "5 minutes"`);
  const endMs = performance.now() + ms;
  return () => Math.max(0, Math.ceil(endMs - performance.now()));
}
