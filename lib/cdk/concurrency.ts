/** How many functions a platform's workflows may run at once, told when the app is synthesised. */
import { Annotations, Aspects } from "aws-cdk-lib";
import { PawlError } from "../errors.ts";
import type { Named } from "./arns.ts";

/** An account's own limit unless it was raised ("Lambda quotas", concurrent executions). */
const ACCOUNT = 1_000;
const asked = new WeakMap<Named, Map<string, number>>();

/** @throws PawlError `usage` when the platform has the workflow already: their queues would have the same names */
export function askFor(platform: Named, workflow: string, concurrency: number): void {
  const workflows = asked.get(platform) ?? new Map<string, number>();
  if (workflows.has(workflow))
    throw new PawlError(
      "usage",
      `the platform '${platform.name}' has the workflow '${workflow}' twice: deploy it once`,
      {
        workflow,
      },
    );
  asked.set(platform, workflows.set(workflow, concurrency));
}

export function tellConcurrency(platform: Named): void {
  const tell = (): void => {
    const sum = [...(asked.get(platform)?.values() ?? [])].reduce((all, one) => all + one, 0);
    const message = `the workflows of platform '${platform.name}' may run ${sum} functions at once; an account has ${ACCOUNT} by default`;
    const annotations = Annotations.of(platform);
    if (sum > ACCOUNT) annotations.addWarningV2("pawl:concurrency", message);
    else annotations.addInfoV2("pawl:concurrency", message);
  };
  // Not before all workflows are known.
  Aspects.of(platform).add({ visit: (node) => node === platform && tell() });
}
