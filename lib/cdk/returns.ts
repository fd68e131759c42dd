/**
 * The way back of a call. Who is called does not know by whom: the callers say it, in whatever order they are deployed in
 * an app. A caller in another app is named by hand.
 */
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { returnTo } from "./permissions.ts";
import type { Platform } from "./platform.ts";

interface Called {
  readonly callers: Set<string>;
  /** Once it is there. */
  functions: readonly LambdaFunction[];
}

const calledOn = new WeakMap<Platform, Map<string, Called>>();

export interface Callable {
  readonly workflow: string;
  readonly functions: readonly LambdaFunction[];
  readonly calls: readonly string[];
  /** Those in other apps. */
  readonly calledBy: readonly string[];
}

export function grantReturns(platform: Platform, { workflow, functions, calls, calledBy }: Callable): void {
  const known = calledOn.get(platform) ?? new Map<string, Called>();
  calledOn.set(platform, known);
  const at = (name: string): Called => {
    const called = known.get(name) ?? { callers: new Set(), functions: [] };
    known.set(name, called);
    return called;
  };
  const own = at(workflow);
  own.functions = functions;
  for (const caller of new Set([...own.callers, ...calledBy])) grant(platform, own, caller);
  for (const name of calls) {
    const called = at(name);
    called.callers.add(workflow);
    grant(platform, called, workflow);
  }
}

function grant(platform: Platform, { functions }: Called, caller: string): void {
  for (const one of functions) one.addToRolePolicy(returnTo(platform, caller));
}
