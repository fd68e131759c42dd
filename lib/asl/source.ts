/**
 * What a graph holds in place of a state's data flow: the state's own fields, and which part of the flow they are for.
 * Amazon States Language, "Data flow"; of JSONata, "Transforming data".
 */
import type { Json } from "../model/json.ts";

type Fields = { readonly [field: string]: Json | undefined };

export type Source =
  /** What goes into the work: `InputPath` and `Parameters`, or `Arguments`. @param payload of `lambda:invoke`: its `Payload` alone */
  | (Fields & { readonly op: "input"; readonly payload?: true })
  /**
   * What the state passes on, of `result`: `ResultSelector`, `ResultPath`, `OutputPath`, or `Output`.
   *
   * @param payload of `lambda:invoke`: `result` is what the function gave, and is wrapped as the API wraps it
   */
  | (Fields & { readonly op: "output"; readonly payload?: true })
  /** Of a Pass, a Wait, a Choice or a Succeed: from what came in to what goes on, in one. */
  | (Fields & { readonly op: "pass" })
  /** An object of variables, `Assign`. `result` is there where the state has one. @param payload as above */
  | (Fields & { readonly op: "assign"; readonly payload?: true })
  /** `Choices`: the number of the first rule that holds, as a text, or `"default"`. */
  | (Fields & { readonly op: "choose" })
  /**
   * A list, each item as it goes into its iteration: `ItemsPath` or `Items`, `ItemSelector` or `Parameters`, `ItemBatcher`.
   * With an `ItemReader`, `result` is what it read: a `Dataset`.
   */
  | (Fields & { readonly op: "items" })
  /** `{ from, mostItems }`: what an `ItemReader` asks for. */
  | (Fields & { readonly op: "reader" })
  /** A time in ISO 8601: `Seconds`, `SecondsPath`, `Timestamp`, `TimestampPath`. Seconds count from `State.EnteredTime`. */
  | (Fields & { readonly op: "until" })
  /** `{ Error?, Cause? }` of a Fail. */
  | (Fields & { readonly op: "failure" })
  /** What a catcher passes on; `result` is `{ Error, Cause }`. `ResultPath`, or `Output`. */
  | (Fields & { readonly op: "caught" })
  /** A catcher's `Assign`; `result` is `{ Error, Cause }`. */
  | (Fields & { readonly op: "caughtAssign" })
  /** A number: `TimeoutSeconds(Path)`, `HeartbeatSeconds(Path)`, `MaxConcurrency(Path)`, `ToleratedFailure…`: the one field that is there. */
  | (Fields & { readonly op: "number" });

/** Of the translation itself, evaluated by `dialect.ts`. */
export type OwnSource =
  /** The function of a Task whose name is worked out while it runs: one of `names`, or "". */
  (Fields & { readonly op: "function" }) | (Fields & { readonly op: RetryOp | TokenOp });

/** See `retried.ts`. */
export type RetryOp = "failed" | "tries" | "again" | "backoff" | "unwrap" | "recaught" | "reset";
/** See `task-token.ts`. */
export type TokenOp = "pair" | "given" | "answered" | "unpaired" | "refused";
