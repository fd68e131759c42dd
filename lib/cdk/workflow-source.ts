/** Where a workflow's code lies, and everything that is wrong with it, told at once. */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { PawlError } from "../errors.ts";
import type { Program } from "../model/program.ts";
import { findHandlersSync } from "../project/find-handlers.ts";
import { together } from "../project/problems.ts";
import { problemsOf } from "./check-workflow.ts";
import { settingsProblems, type WorkflowSettings } from "./function-settings.ts";

export interface WorkflowSource {
  readonly root: string;
  readonly folder: string;
  readonly files: ReadonlyMap<string, string>;
}

/** @throws PawlError with all problems, one by one in `detail.problems` */
export function sourceOf(program: Program, given: { readonly code: string } & WorkflowSettings): WorkflowSource {
  const { graph } = program;
  const also = [...problemsOf(graph), ...settingsProblems(graph, given)];
  const root = resolve(".");
  const folder = resolve(given.code);
  const place = relative(root, folder) || ".";
  if (!existsSync(join(folder, "workflow.ts"))) throw together([noWorkflow(program, place), ...also]);
  const { files, problems } = findHandlersSync({ program, folder }, root);
  const all = [...problems, ...also];
  if (all.length > 0) throw together(all);
  return { root, folder, files };
}

const noWorkflow = ({ graph }: Program, place: string): PawlError =>
  new PawlError("usage", `there is no ${place}/workflow.ts: \`code\` is the folder of workflow '${graph.workflow}'`, {
    folder: place,
  });
