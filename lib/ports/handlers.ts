/** Where handlers run: in this process, in a child process, in a Lambda. One call is one attempt. */
import type { TransactAction } from "../contract/transact-action.ts";
import type { Json } from "../model/json.ts";

export interface Handlers {
  /**
   * @param remember keeps a part of the handler that is done; rejects when the attempt has lost its step
   * @param beat called while a handler with a heartbeat is at work, three times in its `heartbeatMs` at most
   */
  run(call: HandlerCall, remember: Remember, beat: Beat): Promise<HandlerOutcome>;
  /**
   * Aborts `step.signal` of what is being attempted here of an execution, at a path or below it; undo steps are left
   * alone. What such an attempt gives is still taken as its outcome.
   *
   * @param scope a state's path, `pay` or `pack/3`; empty for all
   */
  abort(execution: string, scope: string): void;
  stop(): Promise<void>;
}

export interface HandlerCall {
  readonly workflow: string;
  readonly node: string;
  readonly input: Json;
  readonly step: StepInfo;
  readonly timeoutMs: number;
  /** An attempt that is silent for so long has failed. Absent: it may be. */
  readonly heartbeatMs?: number;
  /** What earlier attempts remembered, by name. */
  readonly memo?: Readonly<Record<string, Json>>;
  /** The largest output, in bytes of JSON. */
  readonly outputBytes: number;
}
/**
 * The attempt is still at work. `stop`: nothing will come of it, since its execution is ending. Rejects when the attempt
 * has lost its step, or when that could not be found out.
 */
export type Beat = () => Promise<"go on" | "stop">;
export type Remember = (name: string, value: Json) => Promise<void>;

export interface StepInfo {
  /** `order/1042` */
  readonly execution: string;
  readonly path: string;
  /** From 1. */
  readonly attempt: number;
  /** In which the step's effects were last asked for: a part of the idempotency key. */
  readonly epoch: number;
  /** Of a step that undoes another: that one. */
  readonly undoes?: { readonly path: string; readonly epoch: number };
}

export type HandlerOutcome =
  | { readonly kind: "output"; readonly output: Json; readonly transact?: readonly TransactAction[] }
  /** `final`: declared by the node, or bound to happen again; not retried. */
  | {
      readonly kind: "error";
      readonly code: string;
      readonly message: string;
      readonly data?: Json;
      readonly final: boolean;
      /** The error that the handler threw, as it stands there. */
      readonly thrown?: { readonly name: string; readonly message: string };
    }
  /** The process died under it. */
  | { readonly kind: "crashed"; readonly message: string };
