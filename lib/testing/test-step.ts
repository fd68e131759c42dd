import type { HandedOut, HandOut } from "../contract/callback.ts";
import { callbackId, idempotencyKey } from "../contract/ids.ts";
import type { TransactAction } from "../contract/transact-action.ts";
import type { SignalContract } from "../model/contracts.ts";
import type { Json } from "../model/json.ts";
import type { CallbackOptions, Step, UndoneStep } from "../node/implement.ts";

export interface TestStepOptions {
  /** Default `test/1`. */
  readonly execution?: string;
  readonly path?: string;
  readonly attempt?: number;
  readonly signal?: AbortSignal;
  /** The path of the step that this one undoes. */
  readonly undoes?: string;
}

/** Addresses that lead nowhere: a test answers by a signal. */
export const handOutForTests: HandOut = async ({ id }) => ({
  url: `https://callbacks.test/callbacks/${id}`,
  token: id,
});

export interface TestStep extends Step<never> {
  /** What the handler logged, in order. */
  readonly logged: readonly { readonly message: string; readonly data?: Json }[];
  /** What the handler gave to `transact`, in order. */
  readonly transacted: readonly TransactAction[];
  /** What the handler has handed out, in order. */
  readonly handedOut: readonly (CallbackOptions & HandedOut & { readonly signal: string })[];
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
  const handedOut: (CallbackOptions & HandedOut & { signal: string })[] = [];
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
    undoes: undone(execution, options.undoes),
    logged,
    transacted,
    async memo<T>(name: string, part: () => T | Promise<T>): Promise<T> {
      if (!parts.has(name)) parts.set(name, await part());
      return parts.get(name) as T; // what the part of this name gave
    },
    heartbeat: () => {},
    transact: (...actions) => void transacted.push(...actions),
    handedOut,
    async callback({ signal: name }: SignalContract, of: CallbackOptions): Promise<HandedOut> {
      const id = callbackId({ execution, path, epoch: 0, signal: name, subject: of.for });
      const given = await handOutForTests({ id, execution, path, signal: name, subject: of.for, expiresAtMs: 0 });
      handedOut.push({ signal: name, ...of, ...given });
      return given;
    },
    log: (message, data) => void logged.push({ message, ...(data !== undefined && { data }) }),
    fail: (code: string, data?: Json): never => {
      throw new StepFailed(code, data);
    },
  };
}

const undone = (execution: string, path: string | undefined): UndoneStep | undefined =>
  path === undefined ? undefined : { path, idempotencyKey: idempotencyKey({ execution, path, epoch: 0 }) };
