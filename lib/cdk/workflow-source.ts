/** Where a workflow's code lies, and everything that is wrong with it, told at once. */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { PawlError } from "../errors.ts";
import { hashOf, type Program } from "../model/program.ts";
import type { DeployedGraph } from "../model/reach.ts";
import { committedFile, GRAPHS, graphsOf, readCommitted } from "../project/committed-graphs.ts";
import { findHandlersSync } from "../project/find-handlers.ts";
import { caughtNow, together } from "../project/problems.ts";
import { checkVersions, type VersionCheck } from "../versions/check-versions.ts";
import { deployedGraph } from "../versions/deployed.ts";
import { printCheck } from "../versions/print-changes.ts";
import { problemsOf } from "./check-workflow.ts";
import { settingsProblems, type WorkflowSettings } from "./function-settings.ts";

export interface WorkflowSource {
  readonly root: string;
  readonly folder: string;
  readonly files: ReadonlyMap<string, string>;
  /** With what executions on the committed graphs still come to. */
  readonly graph: DeployedGraph;
  readonly versions: VersionCheck;
}

export interface GivenSource extends WorkflowSettings {
  readonly code: string;
  readonly graphs?: string;
}

/** @throws PawlError with all problems, one by one in `detail.problems` */
export function sourceOf(program: Program, given: GivenSource): WorkflowSource {
  const root = resolve(".");
  const file = committedFile(resolve(given.graphs ?? GRAPHS), program.graph.workflow);
  const committed = caughtNow(() => graphsOf(readCommitted(file)));
  const graphs = committed instanceof PawlError ? [] : committed;
  const earlier = graphs.filter((one) => hashOf(one) !== program.hash);
  const graph = deployedGraph(program, earlier);
  const versions = checkVersions(program, earlier);
  const also = [
    ...(committed instanceof PawlError ? [committed] : []),
    ...(versions.ok ? [] : [incompatible(versions)]),
    ...problemsOf(graph),
    ...settingsProblems(graph, given),
  ];
  const folder = resolve(given.code);
  const place = relative(root, folder) || ".";
  if (!existsSync(join(folder, "workflow.ts"))) throw together([noWorkflow(program, place), ...also]);
  const { files, problems } = findHandlersSync({ program, folder }, root);
  const all = [...problems, ...also];
  if (all.length > 0) throw together(all);
  return { root, folder, files, graph, versions };
}

const incompatible = (versions: VersionCheck): PawlError =>
  new PawlError("incompatible_version", `executions in flight would not get on:\n${printCheck(versions)}`, {
    workflow: versions.workflow,
    verdict: versions.verdict,
  });

const noWorkflow = ({ graph }: Program, place: string): PawlError =>
  new PawlError("usage", `there is no ${place}/workflow.ts: \`code\` is the folder of workflow '${graph.workflow}'`, {
    folder: place,
  });
