/**
 * `pawl`: contracts and workflows. No handler, no AWS: what a workflow is, not how it runs.
 *
 * @example
 * const greet = node("greet", { input: z.object({ name: z.string() }), output: z.object({ text: z.string() }) });
 * export const hello = workflow("hello", { input: z.object({ name: z.string() }) }).task(greet);
 */
export { type ErrorCode, isPawlError, PawlError, type StepCode } from "./errors.ts";
export {
  type AttemptOptions,
  contract,
  type EventContract,
  type EventOf,
  event,
  type Node,
  type NodeOptions,
  node,
  type RetryOptions,
  type SignalContract,
  signal,
  type TriggerOf,
  type TriggerOptions,
  type WorkflowContract,
} from "./model/contracts.ts";
export type { Duration } from "./model/duration.ts";
export type { Graph, Tolerance } from "./model/graph.ts";
export type { Json, JsonSchema } from "./model/json.ts";
export type { Program, Slot } from "./model/program.ts";
export { type ScheduleOf, type ScheduleOptions, schedule, type Tick } from "./model/schedule.ts";
export type { SchemaOf } from "./model/schema.ts";
export type {
  Builder,
  CaughtError,
  Detached,
  Ended,
  ItemResult,
  Leaf,
  MapSummary,
  RetiredOptions,
  Round,
  Taken,
  Workflow,
  WorkflowOptions,
} from "./model/types.ts";
export { workflow } from "./model/workflow.ts";
