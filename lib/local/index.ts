/**
 * `pawl/local`: the embedded engine. One process, one data folder, no Docker and no account.
 *
 * @example
 * const engine = await openEngine({ folder: ".pawl", workflows: [{ workflow: order, handlers: { reserve, charge } }] });
 * await engine.start("order", { id: "1042", input });
 * const { status, output } = await engine.result({ workflow: "order", id: "1042" });
 * await engine.stop();
 */
export type { TableKey, TableKeys } from "../contract/transact-action.ts";
export type { Accepted, Ended, Engine } from "../engine/engine.ts";
export type {
  CalledView,
  ExecutionView,
  ItemsView,
  StepStatus,
  StepView,
  WaitView,
} from "../engine/inspect.ts";
export type { MapOutputs, OutputsQuery } from "../engine/map-outputs.ts";
export type { ExecutionStatus, Header, StepError } from "../kernel/record.ts";
export type { HandlerMap } from "../node/in-process.ts";
export type { LogLine } from "../node/run-attempt.ts";
export type { DeadLetter } from "../ports/transport.ts";
export { type EmbeddedEngine, type EmbeddedOptions, openEngine } from "./open-engine.ts";
