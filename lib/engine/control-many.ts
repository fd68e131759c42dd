/**
 * One request for many executions: those that match are listed first, so that it is known how many there are and each is
 * asked once, whatever becomes of its status meanwhile. What one of them refuses does not stop the rest.
 */
import { parseExecution } from "../contract/ids.ts";
import { type ErrorCode, isPawlError } from "../errors.ts";
import type { ExecutionStatus } from "../kernel/record.ts";
import type { Controlled } from "./ask.ts";
import { allowedFor, type ControlRequest } from "./requests.ts";
import type { ExecutionSummary } from "./summary.ts";

/** Which executions are meant: all that match every part of it. */
export interface ControlFilter {
  readonly workflow?: string | undefined;
  /** Default: every status that the request is for; a redrive leaves out what has succeeded. */
  readonly status?: ExecutionStatus | undefined;
  /** Started then or later; ISO 8601. */
  readonly since?: string | undefined;
  /** Started before then; ISO 8601. */
  readonly until?: string | undefined;
}

export interface ControlManyOptions {
  /** Asks nothing of any of them, and tells which would be meant. Default false. */
  readonly dryRun?: boolean;
  /** How many are asked at once, from 1 to 100. Default 10. */
  readonly concurrency?: number;
  /** Told when they are known, and after each of them. */
  readonly onProgress?: (progress: ControlProgress) => void;
  /** Once aborted, no more are asked. */
  readonly signal?: AbortSignal;
}

export interface ControlProgress {
  readonly done: number;
  readonly of: number;
  readonly failed: number;
}

export interface ControlledMany {
  /** Those that were meant, newest first of each status, as they stood before. */
  readonly executions: readonly ExecutionSummary[];
  /** There are more, which were not meant: ask again. */
  readonly more: boolean;
  readonly carriedOut: number;
  /** Accepted, and not carried out when the time to look on was over. */
  readonly pending: readonly string[];
  readonly failed: readonly ControlFailure[];
  readonly dryRun: boolean;
}

export interface ControlFailure {
  readonly execution: string;
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/** What a place is asked: the same for an engine and for a platform. */
export interface Controls {
  list(query: ListedBy): Promise<{
    readonly executions: readonly ExecutionSummary[];
    readonly next: string | null;
  }>;
  ask(name: ReturnType<typeof parseExecution>, request: ControlRequest): Promise<Controlled>;
}
interface ListedBy {
  readonly workflow?: string;
  readonly status: ExecutionStatus;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly before?: string;
}

/** Of one call: what is kept in memory has a bound. */
export const MOST_AT_A_TIME = 100_000;
const PAGE = 1_000;

/** These say that nobody can be asked any more, not that one execution refuses. */
const GONE: readonly ErrorCode[] = ["engine_not_running", "engine_stopped", "platform_unreachable", "storage_failed"];

/** @throws PawlError `engine_not_running`, `engine_stopped`, `platform_unreachable`, `storage_failed`; the rest is undone */
export async function controlMany(
  controls: Controls,
  request: ControlRequest,
  { filter, ...options }: ControlManyOptions & { readonly filter: ControlFilter },
): Promise<ControlledMany> {
  const { dryRun = false, concurrency = 10, onProgress, signal } = options;
  const { executions, more } = await select(controls, statusesFor(request, filter), filter);
  const of = executions.length;
  let carriedOut = 0;
  const pending: string[] = [];
  const failed: ControlFailure[] = [];
  const tell = () => onProgress?.({ done: carriedOut + pending.length + failed.length, of, failed: failed.length });
  tell();
  const left = (dryRun ? [] : executions).values(); // shared: each lane takes the next one
  let gone = false;
  const lane = async () => {
    for (const { execution } of left) {
      if (gone || signal?.aborted) return;
      const came = await askOne(controls, execution, request).catch((error: unknown) => {
        gone = true;
        throw error;
      });
      if ("error" in came) failed.push(came);
      else if (came.carriedOut) carriedOut++;
      else pending.push(execution);
      tell();
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, Math.max(1, of)) }, lane));
  return { executions, more, carriedOut, pending, failed, dryRun };
}

async function askOne(
  controls: Controls,
  execution: string,
  request: ControlRequest,
): Promise<Controlled | ControlFailure> {
  try {
    return await controls.ask(parseExecution(execution), request);
  } catch (error) {
    if (!isPawlError(error) || GONE.includes(error.code)) throw error;
    return { execution, error: { code: error.code, message: error.message } };
  }
}

const statusesFor = (request: ControlRequest, { status }: ControlFilter): readonly ExecutionStatus[] =>
  status === undefined ? allowedFor(request).from.filter((from) => from !== "succeeded") : [status];

/** Newest first, by a cursor that only goes back: what changes its status on the way is neither missed nor met twice. */
async function select(
  { list }: Controls,
  statuses: readonly ExecutionStatus[],
  { workflow, since, until }: ControlFilter,
): Promise<Pick<ControlledMany, "executions" | "more">> {
  const where = {
    ...(workflow !== undefined && { workflow }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  const found = new Map<string, ExecutionSummary>();
  for (const status of statuses) {
    let before: string | null | undefined;
    while (before !== null) {
      const limit = Math.min(PAGE, MOST_AT_A_TIME - found.size);
      if (limit === 0) return { executions: [...found.values()], more: true };
      const page = await list({ status, limit, ...where, ...(before !== undefined && { before }) });
      for (const summary of page.executions) found.set(summary.execution, summary);
      before = page.next;
    }
  }
  return { executions: [...found.values()], more: false };
}
