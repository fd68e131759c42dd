import { idempotencyKey } from "../contract/ids.ts";
import type { TransactAction } from "../contract/transact-action.ts";
import type { Json } from "../model/json.ts";
import type { Step } from "../node/implement.ts";

export interface TestStepOptions {
  /** Default `test/1`. */
  readonly execution?: string;
  readonly path?: string;
  readonly attempt?: number;
  readonly signal?: AbortSignal;
}

export interface TestStep extends Step<never> {
  /** What the handler logged, in order. */
  readonly logged: readonly { readonly message: string; readonly data?: Json }[];
  /** What the handler gave to `transact`, in order. */
  readonly transacted: readonly TransactAction[];
}

/** What `fail` of a test step throws: match it with `toThrow` or by its code. */
export class StepFailed extends Error {
  readonly code: string;
  readonly data: Json | undefined;
  constructor(code: string, data: Json | undefined) {
    super(data === undefined ? code : `${code}: ${JSON.stringify(data)}`);
    this.name = "StepFailed";
    this.code = code;
    this.data = data;
  }
}

/**
 * A step for a unit test of a handler: `await handler.run(input, testStep())`.
 */
export function testStep(options: TestStepOptions = {}): TestStep {
  const { execution = "test/1", path = "step", attempt = 1, signal = new AbortController().signal } = options;
  const logged: { message: string; data?: Json }[] = [];
  const transacted: TransactAction[] = [];
  const parts = new Map<string, unknown>();
  const [workflow = "", executionId = ""] = execution.split("/");
  return {
    execution,
    workflow,
    executionId,
    path,
    attempt,
    signal,
    idempotencyKey: idempotencyKey({ execution, path, epoch: 0 }),
    logged,
    transacted,
    async memo<T>(name: string, part: () => T | Promise<T>): Promise<T> {
      if (!parts.has(name)) parts.set(name, await part());
      return parts.get(name) as T; // what the part of this name gave
    },
    heartbeat: () => {},
    transact: (...actions) => void transacted.push(...actions),
    log: (message, data) => void logged.push({ message, ...(data !== undefined && { data }) }),
    fail: (code: string, data?: Json): never => {
      throw new StepFailed(code, data);
    },
  };
}
