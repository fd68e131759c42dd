/** A workflow's file: built, loaded, and the one workflow in it taken out. */
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { isPawlError, messageOf, PawlError } from "../errors.ts";
import type { Program } from "../model/program.ts";
import { bundle } from "./bundle.ts";
import type { Place } from "./place.ts";
import { caught } from "./problems.ts";

export interface ProjectProgram {
  readonly program: Program;
  /** The workflow's folder. */
  readonly folder: string;
}

export interface LoadedProgram extends ProjectProgram {
  readonly hash: string;
}

interface WorkflowFile {
  readonly folder: string;
  /** What the workflow was built to, or why it was not. */
  readonly built: { readonly file: string; readonly hash: string } | PawlError;
}

/** Built together, which is quicker; when that fails each on its own, to tell which ones can be looked at further. */
export async function buildWorkflows(folders: readonly string[], place: Place): Promise<WorkflowFile[]> {
  const entries = Object.fromEntries(
    folders.map((folder) => [basename(folder), { file: join(folder, "workflow.ts") }]),
  );
  const built = await caught(() => bundle(entries, place));
  if (!(built instanceof PawlError))
    return folders.map((folder) => ({ folder, built: { file: built.file(basename(folder)), hash: built.hash } }));
  if (folders.length === 1) return folders.map((folder) => ({ folder, built }));
  return (await Promise.all(folders.map((folder) => buildWorkflows([folder], place)))).flat();
}

export async function loadProgram({ folder, built }: WorkflowFile, place: Place): Promise<LoadedProgram> {
  if (built instanceof PawlError) throw built;
  const name = relative(place.root, join(folder, "workflow.ts"));
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(built.file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new PawlError("invalid_workflow", `${name} cannot be loaded: ${whatAndWhere(error)}`, { file: name }, error);
  }
  // The bundle has its own copy of the builder: what a value is, its `kind` tells and not its class.
  const workflows = new Set(Object.values(exported).filter(isWorkflow));
  const [only] = workflows;
  if (!only || workflows.size > 1)
    throw new PawlError(
      "invalid_workflow",
      `${name} exports ${workflows.size === 0 ? "no workflow" : `${workflows.size} workflows`}: export exactly one, as in export const order = workflow("order", …); another one has a folder of its own`,
      { file: name, exported: Object.keys(exported) },
    );
  try {
    return { program: only.program, folder, hash: built.hash };
  } catch (error) {
    if (!isPawlError(error))
      throw new PawlError("invalid_workflow", `${name}: ${whatAndWhere(error)}`, { file: name }, error);
    throw new PawlError(error.code, `${name}: ${error.message}`, { ...error.detail, file: name }, error);
  }
}

const isWorkflow = (value: unknown): value is { readonly program: Program } =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "workflow";

/** The first line of the stack that is in a file of the user's. */
function whatAndWhere(error: unknown): string {
  const where =
    error instanceof Error ? error.stack?.split("\n").find((line) => /^\s+at .*\.[cm]?tsx?:/.test(line)) : undefined;
  return where ? `${messageOf(error)} (${where.trim()})` : messageOf(error);
}
