/** A deployed platform, with what the project at hand knows of its workflows. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { client } from "../client/index.ts";
import type { Program } from "../model/program.ts";
import type { DeployedPlace } from "./place.ts";
import { overClient, type ReachedEngine, type ReachOptions } from "./reached-engine.ts";

export async function reachPlatform(
  { root, ...platform }: DeployedPlace,
  { usesCode = false }: ReachOptions,
): Promise<ReachedEngine> {
  const programs = usesCode ? await programsIn(root) : [];
  const workflows = programs.map((program) => ({ name: program.graph.workflow, program }));
  return overClient(client({ ...platform, workflows }));
}

/** Those that load: a mistake in a file of this machine is no reason not to talk to what is deployed. */
async function programsIn(root: string): Promise<readonly Program[]> {
  if (!existsSync(join(root, "functions"))) return [];
  const { loadPrograms } = await import("../project/load-project.ts");
  const { programs } = await loadPrograms({ root });
  return programs.map(({ program }) => program);
}
