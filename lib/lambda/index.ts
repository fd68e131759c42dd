/**
 * `pawl/lambda`: what a deployed function is made of. Entries are generated; written by hand, one would be:
 *
 * @example
 * import { nodeHandler, workflowIn } from "pawl/lambda";
 * import { handler as reserve } from "./reserve.ts";
 * import * as file from "./workflow.ts";
 * export const handler = nodeHandler({ workflow: workflowIn(file), node: "reserve", handlers: { reserve } });
 */
export type { AwsOptions } from "../adapters/aws/client-config.ts";
export type { Environment } from "../contract/environment.ts";
export { callbackHandler } from "./callback-handler.ts";
export type { Deployment } from "./container.ts";
export { type ControlFunction, controlHandler } from "./control-handler.ts";
export { type NodeFunction, nodeHandler } from "./node-handler.ts";
export type { SqsFunction } from "./sqs-function.ts";
export type { CallbackFunction, UrlFunction } from "./url-function.ts";
export { type WorkflowValue, workflowIn } from "./workflow-in.ts";
