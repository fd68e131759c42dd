/** Which function a Task calls, and how. */
import type { Json } from "../model/json.ts";
import type { TaskState } from "./definition.ts";

export interface CalledFunction {
  /** Undefined: it is worked out while it runs. */
  readonly name: string | undefined;
  /** By `lambda:invoke`, whose input and result are the API's. */
  readonly payload: boolean;
  /** It waits for somebody to give back the token. */
  readonly token?: true;
}

const FUNCTION = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)(?::[^:]+)?$/;
const INVOKE = /^arn:[^:]+:states:[^:]*:[^:]*:lambda:invoke(\.waitForTaskToken)?$/;

export function functionOf({ Resource, Parameters, Arguments }: TaskState): CalledFunction {
  const direct = FUNCTION.exec(Resource);
  if (direct?.[1] !== undefined) return { name: direct[1], payload: false };
  const token = INVOKE.exec(Resource)?.[1] !== undefined && { token: true as const };
  const given = Arguments ?? Parameters;
  const { FunctionName } = (typeof given === "object" && given !== null ? given : {}) as Readonly<Record<string, Json>>;
  const name =
    typeof FunctionName === "string" && !FunctionName.startsWith("{%") ? functionName(FunctionName) : undefined;
  return { name, payload: true, ...token };
}

/** `lambda:invoke` takes a name or an ARN ("Invoke", FunctionName). */
export const functionName = (text: string): string => FUNCTION.exec(text)?.[1] ?? text;
