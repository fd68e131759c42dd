/** Where handlers run: in this process, in a child process, in a Lambda. One call is one attempt. */
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

/** A write to a table of the user's, in the words of DynamoDB's TransactWriteItems; values are JSON. */
export type TransactAction =
  | { readonly Put: TransactPut }
  | { readonly Update: TransactUpdate }
  | { readonly Delete: TransactKey }
  | { readonly ConditionCheck: TransactKey };
type Item = Readonly<Record<string, Json>>;
interface TransactWords {
  readonly TableName: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}
export interface TransactPut extends TransactWords {
  readonly Item: Item;
}
export interface TransactKey extends TransactWords {
  readonly Key: Item;
}
export interface TransactUpdate extends TransactKey {
  readonly UpdateExpression: string;
}
