/**
 * `pawl/cdk`: workflows on AWS, as constructs of the AWS CDK.
 *
 * @example
 * const platform = new Platform(stack, "Platform");
 * const orders = new WorkflowFunctions(stack, "Order", { platform, workflow: order, code: "functions/order" });
 * ledger.grantWriteData(orders.node(charge));
 */
export type { FunctionSettings, WorkflowSettings } from "./function-settings.ts";
export type { NodeFunctions } from "./node-functions.ts";
export { Platform, type PlatformProps } from "./platform.ts";
export { WorkflowFunctions, type WorkflowFunctionsProps } from "./workflow-functions.ts";
