/** The nodes of a workflow in the builder: what its tasks ask of each function, all of them together. */
import type { Retrier, TaskState } from "../definition.ts";

/** What the builder can say of trying again. */
export interface RetryPlan {
  readonly maxAttempts: number;
  readonly firstDelaySeconds: number;
  readonly rate: number;
  readonly maxDelaySeconds: number;
  /** Delays would grow longer. */
  readonly isCapped: boolean;
  readonly jitter: boolean;
  /** `any`: whatever the error; `failed`: all but a timeout. */
  readonly on: "any" | "failed" | readonly string[];
}

export interface NodePlan {
  readonly called: string;
  readonly name: string;
  readonly errors: ReadonlySet<string>;
  /** Undefined: it is not tried again. */
  readonly retry: RetryPlan | undefined;
}

/** Those of the Lambda service itself, which has no part in a call here: nothing fails with them. */
const OF_THE_SERVICE: ReadonlySet<string> = new Set([
  ...["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"],
  "Lambda.TooManyRequestsException",
]);
export const isOfTheService = (error: string): boolean => OF_THE_SERVICE.has(error);

const CODE = /^[A-Z][A-Za-z0-9]{0,63}$/;
/** Codes of the builder for the name of an error; undefined: it has none for it. */
export function codeOf(error: string): string | undefined {
  if (error === "States.Timeout") return "timeout";
  return CODE.test(error) ? error : undefined;
}

const DAY_S = 24 * 60 * 60;

/** A text: why the builder cannot say it. */
export function retryOf({ Retry = [], HeartbeatSeconds }: TaskState): RetryPlan | string | undefined {
  const [retrier, ...more] = Retry.filter(
    ({ ErrorEquals, MaxAttempts }) => MaxAttempts !== 0 && !ErrorEquals.every(isOfTheService),
  );
  if (!retrier) return undefined;
  if (more.length > 0 || Retry.some(({ MaxAttempts }) => MaxAttempts === 0))
    return "its Retry has rules that count apart";
  const names = retrier.ErrorEquals.filter((error) => !isOfTheService(error));
  if (names.includes("States.ALL")) return delaysOf(retrier, "any");
  if (names.length === 1 && names[0] === "States.TaskFailed") return delaysOf(retrier, "failed");
  const odd = names.find((name) => codeOf(name) === undefined);
  if (odd !== undefined) return `its Retry names '${odd}', for which the builder has no code`;
  if (names.includes("States.Timeout") && HeartbeatSeconds !== undefined)
    return "its Retry takes a missed heartbeat for a timeout";
  return delaysOf(
    retrier,
    names.map((name) => codeOf(name) ?? name),
  );
}

function delaysOf(retrier: Retrier, on: RetryPlan["on"]): RetryPlan | string {
  const { IntervalSeconds: first = 1, MaxAttempts: more = 3, BackoffRate: rate = 2 } = retrier;
  const longest = first * rate ** Math.max(0, more - 1);
  const most = Math.min(retrier.MaxDelaySeconds ?? longest, longest);
  if (most > DAY_S || more > 99 || rate > 100) return "its Retry goes on for longer than the builder's can";
  const jitter = retrier.JitterStrategy === "FULL";
  const isCapped = most < longest;
  const delays = { firstDelaySeconds: first, rate, maxDelaySeconds: Math.ceil(most), isCapped };
  return { maxAttempts: more + 1, ...delays, jitter, on };
}

export class Calls {
  readonly #names: ReadonlyMap<string, string>;
  readonly #retries = new Map<string, RetryPlan | undefined>();
  readonly #errors = new Map<string, Set<string>>();

  /** @param names of the nodes, by those of the functions */
  constructor(names: ReadonlyMap<string, string>) {
    this.#names = names;
  }

  /** @returns the node. Undefined: another state has the function tried again in another way */
  visit(called: string, retry: RetryPlan | undefined): string | undefined {
    if (!this.#retries.has(called)) this.#retries.set(called, retry);
    if (JSON.stringify(this.#retries.get(called)) !== JSON.stringify(retry)) return undefined;
    if (typeof retry?.on === "object") for (const code of retry.on) this.declare(called, code);
    return this.#names.get(called);
  }

  /** It may end with this code. */
  declare(called: string, code: string): void {
    if (code === "timeout") return;
    const errors = this.#errors.get(called) ?? new Set();
    this.#errors.set(called, errors.add(code));
  }

  get nodes(): readonly NodePlan[] {
    return [...this.#retries].map(([called, retry]) => {
      const errors = this.#errors.get(called) ?? new Set<string>();
      return { called, name: this.#names.get(called) ?? called, errors, retry };
    });
  }
}
