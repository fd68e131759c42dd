/**
 * `pawl/client`: start executions, send events and read results from outside, of an embedded engine or of a platform
 * that is deployed to AWS.
 *
 * @example
 * const pawl = client(); // or client({ target: "aws", platform: "shop" })
 * await pawl.start(order, { id: "1042", input }); // the same id again starts nothing new
 * const result = await pawl.result(order, "1042", { timeout: "1 minute" });
 * if (result.status === "succeeded") console.log(result.output.tracking);
 */
export type { Controlled } from "../engine/ask.ts";
export type {
  ControlFailure,
  ControlFilter,
  ControlledMany,
  ControlManyOptions,
  ControlProgress,
} from "../engine/control-many.ts";
export type { Accepted } from "../engine/engine.ts";
export type {
  CalledView,
  ExecutionView,
  ItemsView,
  StepStatus,
  StepView,
  WaitView,
} from "../engine/inspect.ts";
export type { MapOutputs } from "../engine/map-outputs.ts";
export type { ControlRequest } from "../engine/requests.ts";
export type { ExecutionSummary } from "../engine/summary.ts";
export type { ExecutionStatus, StepError } from "../kernel/record.ts";
export { client } from "./client.ts";
export type {
  CancelOptions,
  Client,
  ClientOptions,
  EngineClientOptions,
  EventBridgeEvent,
  ExecutionPage,
  ForkOptions,
  ListQuery,
  PlatformClientOptions,
  RedriveOptions,
  Result,
} from "./types.ts";
