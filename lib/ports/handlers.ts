/** Where handlers run: in this process, in a child process, in a Lambda. One call is one attempt. */
import type { TransactAction } from "../contract/transact-action.ts";
import type { Json } from "../model/json.ts";

export interface Handlers {
  /** @param remember keeps a part of the handler that is done; rejects when the attempt has lost its step */
  run(call: HandlerCall, remember: Remember): Promise<HandlerOutcome>;
  stop(): Promise<void>;
}

export interface HandlerCall {
  readonly workflow: string;
  readonly node: string;
  readonly input: Json;
  readonly step: StepInfo;
  readonly timeoutMs: number;
  /** What earlier attempts remembered, by name. */
  readonly memo?: Readonly<Record<string, Json>>;
  /** The largest output, in bytes of JSON. */
  readonly outputBytes: number;
}
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
    }
  /** The process died under it. */
  | { readonly kind: "crashed"; readonly message: string };
