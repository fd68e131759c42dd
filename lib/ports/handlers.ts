/** Where handlers run: in this process, in a child process, in a Lambda. One call is one attempt. */
import type { Json } from "../model/json.ts";

export interface Handlers {
  run(call: HandlerCall): Promise<HandlerOutcome>;
  stop(): Promise<void>;
}

export interface HandlerCall {
  readonly workflow: string;
  readonly node: string;
  readonly input: Json;
  readonly step: StepInfo;
  readonly timeoutMs: number;
}

export interface StepInfo {
  /** `order/1042` */
  readonly execution: string;
  readonly path: string;
  /** From 1. */
  readonly attempt: number;
  readonly epoch: number;
}

export type HandlerOutcome =
  | { readonly kind: "output"; readonly output: Json }
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
