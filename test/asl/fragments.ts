/** Definitions made of the one part that a test is about. */
import type { Json } from "../../lib/model/json.ts";

export type Fragment = Readonly<Record<string, Json>>;

export const FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:Echo";
const INVOKE = "arn:aws:states:::lambda:invoke";

/** One state `S`, which ends unless it says where it goes. */
export const only = (state: Fragment, more: Fragment = {}): Fragment => ({
  StartAt: "S",
  States: { S: state },
  ...more,
});

export const pass = (more: Fragment = {}): Fragment => ({ Type: "Pass", End: true, ...more });
export const task = (more: Fragment = {}): Fragment => ({ Type: "Task", Resource: FUNCTION, End: true, ...more });
export const invoke = (more: Fragment = {}): Fragment =>
  task({ Resource: INVOKE, Parameters: { FunctionName: "Echo" }, ...more });
export const wait = (more: Fragment): Fragment => ({ Type: "Wait", End: true, ...more });
export const fail = (more: Fragment): Fragment => ({ Type: "Fail", ...more });
export const parallel = (branches: Json, more: Fragment = {}): Fragment => ({
  Type: "Parallel",
  Branches: branches,
  End: true,
  ...more,
});
export const map = (more: Fragment = {}, processor: Fragment = {}): Fragment => ({
  Type: "Map",
  ItemProcessor: { StartAt: "I", States: { I: pass() }, ...processor },
  End: true,
  ...more,
});
export const distributed = (more: Fragment = {}, executionType = "STANDARD"): Fragment =>
  map(more, { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: executionType } });

/** A Choice whose first rule is given, and a state `T` for it to go to. */
export const choice = (rule: Json, more: Fragment = {}): Fragment => ({
  StartAt: "S",
  States: { S: { Type: "Choice", Choices: [rule], Default: "T" }, T: pass() },
  ...more,
});
export const chooses = (comparison: Fragment): Fragment => choice({ Next: "T", ...comparison });

export const jsonata = (state: Fragment): Fragment => only({ QueryLanguage: "JSONata", ...state });
export const choosesJsonata = (rule: Fragment): Fragment =>
  choice({ Next: "T", ...rule }, { QueryLanguage: "JSONata" });
