/**
 * A project's folder: each `functions/<name>/workflow.ts` is a workflow, and beside it each node's handler is in
 * `<node's name in kebab-case>.ts`. Everything that is wrong with any of them is told at once.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { PawlError } from "../errors.ts";
import { missingCalls } from "../model/missing-calls.ts";
import { bundle, type Entry } from "./bundle.ts";
import { findHandlers } from "./find-handlers.ts";
import { buildWorkflows, type LoadedProgram, loadProgram, type ProjectProgram } from "./load-program.ts";
import { type ProjectOptions, placeOf } from "./place.ts";
import { caught, together } from "./problems.ts";

export interface ProjectWorkflow extends ProjectProgram {
  /** The built file that exports every handler by its node's name. */
  readonly handlersEntry: string;
  /** Names the code of the workflow and of all handlers: another hash, other code. */
  readonly hash: string;
}

export interface Project {
  readonly root: string;
  readonly workflows: readonly ProjectWorkflow[];
}

/**
 * Loads the workflows and builds their handlers, without running a handler's file.
 *
 * @throws PawlError with every problem of every folder, one by one in `detail.problems`: `build_failed`,
 *   `invalid_workflow`, `handlers_mismatch`, `invalid_handler`, `unknown_workflow` of one that is called; `usage` when there
 *   is no workflow
 */
export async function loadProject(options: ProjectOptions = {}): Promise<Project> {
  const place = placeOf(options);
  const { programs, problems } = await loadPrograms(options);
  const found: { readonly loaded: LoadedProgram; readonly entry: Entry }[] = [];
  const lacking: PawlError[] = [];
  for (const loaded of programs) {
    const { files, problems } = await findHandlers(loaded, place.root);
    const lines = [...files].map(
      ([node, file]) => `export { handler as ${node} } from ${JSON.stringify(`./${file}`)};`,
    );
    found.push({ loaded, entry: { text: lines.join("\n"), in: loaded.folder } });
    lacking.push(...problems);
  }
  const entries = Object.fromEntries(found.map(({ loaded, entry }) => [loaded.program.graph.workflow, entry]));
  const built = await caught(() => bundle(entries, place));
  const all = [...problems, ...lacking, ...(built instanceof PawlError ? [built] : [])];
  if (built instanceof PawlError || all.length > 0) throw together(all);
  const workflows = programs.map(({ program, folder, hash }) => ({
    program,
    folder,
    handlersEntry: built.file(program.graph.workflow),
    hash: `${hash}-${built.hash}`,
  }));
  return { root: place.root, workflows };
}

export interface Programs {
  readonly programs: readonly LoadedProgram[];
  readonly problems: readonly PawlError[];
}

/**
 * The workflows alone: what to draw and to check, handlers or not.
 *
 * @throws PawlError `usage` when there is no workflow
 */
export async function loadPrograms(options: ProjectOptions = {}): Promise<Programs> {
  const place = placeOf(options);
  const folders = await workflowFolders(place.functions);
  if (folders.length === 0)
    throw new PawlError(
      "usage",
      `there is no workflow in ${place.functions}: write functions/<name>/workflow.ts, or begin with \`pawl init\``,
      { folder: place.functions },
    );
  process.setSourceMapsEnabled(true); // a slot that throws then names the user's file
  const loaded = await Promise.all(
    (await buildWorkflows(folders, place)).map((built) => caught(() => loadProgram(built, place))),
  );
  const programs: LoadedProgram[] = [];
  const problems: PawlError[] = [];
  for (const one of loaded) {
    if (one instanceof PawlError) {
      problems.push(one);
      continue;
    }
    const { workflow } = one.program.graph;
    const twin = programs.find(({ program }) => program.graph.workflow === workflow);
    if (twin) problems.push(twice(workflow, [twin.folder, one.folder]));
    else programs.push(one);
  }
  // A workflow that could not be loaded may be the one that is called.
  if (problems.length === 0) problems.push(...missingCalls(programs.map(({ program }) => program.graph)));
  return { programs, problems };
}

async function workflowFolders(functions: string): Promise<string[]> {
  if (!existsSync(functions)) return [];
  const names = (await readdir(functions)).sort();
  return names.map((name) => join(functions, name)).filter((folder) => existsSync(join(folder, "workflow.ts")));
}

const twice = (workflow: string, folders: readonly string[]): PawlError =>
  new PawlError(
    "invalid_workflow",
    `two folders have a workflow named '${workflow}': ${folders.map((f) => basename(f)).join(" and ")}; rename one of the two`,
    { workflow, folders },
  );
