/** What a version changes that is safe only without executions in flight: nobody here knows whether there are any. */
import { Annotations, type Stack } from "aws-cdk-lib";
import type { VersionCheck } from "../versions/check-versions.ts";
import { printCheck } from "../versions/print-changes.ts";

export function tellVersions(stack: Stack, versions: VersionCheck): void {
  if (versions.verdict === "safe") return;
  const gate = "look with `pawl check --target aws` before it is deployed";
  Annotations.of(stack).addWarningV2("pawl:versions", `${gate}:\n${printCheck(versions)}`);
}
