/** A state that fails with what is worked out: `{ Error?, Cause? }`. */
import type { Data, FailState } from "../model/graph.ts";

/** @param code for whoever reads the graph */
export const failState = (failure: Data, code = ""): FailState => ({
  kind: "fail",
  code,
  message: { kind: "constant", value: "" },
  failure,
});
