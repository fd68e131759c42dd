/** A function behind a url. */
import type { Context as LambdaContext, LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import type { WorkflowValue } from "./workflow-in.ts";

export interface CallbackFunction {
  readonly workflow: WorkflowValue;
}

export type UrlFunction = (event: LambdaFunctionURLEvent, context: LambdaContext) => Promise<LambdaFunctionURLResult>;
