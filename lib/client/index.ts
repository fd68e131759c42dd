/**
 * `pawl/client`: start executions, send events and read results from outside the engine.
 *
 * @example
 * const pawl = client();
 * await pawl.start(order, { id: "1042", input }); // the same id again starts nothing new
 * const result = await pawl.result(order, "1042", { timeout: "1 minute" });
 * if (result.status === "succeeded") console.log(result.output.tracking);
 */
export type { Accepted } from "../engine/engine.ts";
export type { ExecutionView, StepStatus, StepView } from "../engine/inspect.ts";
export type { ExecutionStatus, StepError } from "../kernel/record.ts";
export {
  type Client,
  type ClientOptions,
  client,
  type EventBridgeEvent,
  type ExecutionPage,
  type ExecutionSummary,
  type ListQuery,
  type Result,
} from "./client.ts";
