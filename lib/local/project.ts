/**
 * A project's folder: each `functions/<name>/workflow.ts` is a workflow, and beside it each node's handler is in
 * `<node's name in kebab-case>.ts`. Everything that is wrong with any of them is told at once.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { watch } from "chokidar";
import { isPawlError, messageOf, PawlError } from "../errors.ts";
import { kebab } from "../model/name.ts";
import type { Program } from "../model/program.ts";
import { checkHandlers } from "../node/in-process.ts";
import { type BundleOptions, bundle, type Entry, exportsOf } from "./bundle.ts";

export interface ProjectOptions {
  /** Default: the working directory. */
  readonly root?: string;
  /** Where the workflows' folders are, from the root. Default `functions`. */
  readonly functions?: string;
  /** The data folder, which bundles are kept in. Default `.pawl` in the root. */
  readonly folder?: string;
}

export interface ProjectProgram {
  readonly program: Program;
  /** The workflow's folder. */
  readonly folder: string;
}

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
 *   `invalid_workflow`, `handlers_mismatch`, `invalid_handler`; `usage` when there is no workflow
 */
export async function loadProject(options: ProjectOptions = {}): Promise<Project> {
  const place = placeOf(options);
  const { programs, problems } = await loadPrograms(options);
  const found: { readonly loaded: LoadedProgram; readonly entry: Entry }[] = [];
  const lacking: PawlError[] = [];
  for (const loaded of programs) {
    const { entry, problems } = await handlersOf(loaded, place.root);
    found.push({ loaded, entry });
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

interface LoadedProgram extends ProjectProgram {
  readonly hash: string;
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
    (await workflowFiles(folders, place)).map((built) => caught(() => loadProgram(built, place))),
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
  return { programs, problems };
}

/**
 * Calls back, once for changes that come together, when a file of the project's functions has changed. Samples and
 * tests are no part of what runs.
 *
 * @returns what ends it
 */
export async function watchProject(options: ProjectOptions, onChange: () => void): Promise<() => Promise<void>> {
  const { functions, folder } = placeOf(options);
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(functions, {
    ignoreInitial: true,
    ignored: (path) => path === folder || IGNORED.test(relative(functions, path).split(sep).join("/")),
  });
  watcher.on("all", () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
  });
  watcher.on("error", () => {}); // a file that went away while it was looked at; the change itself is told
  await new Promise<void>((ready) => watcher.once("ready", ready));
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
const QUIET_MS = 80;
const IGNORED = /(^|\/)(node_modules|\.[^/]+|samples|samples\.ts|[^/]+\.test\.ts)(\/|$)/;

interface Place extends BundleOptions {
  readonly functions: string;
  readonly folder: string;
}
function placeOf({ root = ".", functions = "functions", folder }: ProjectOptions): Place {
  const from = resolve(root);
  const data = folder === undefined ? join(from, ".pawl") : resolve(folder);
  return { root: from, functions: resolve(from, functions), folder: data, builds: join(data, "build") };
}

async function workflowFolders(functions: string): Promise<string[]> {
  if (!existsSync(functions)) return [];
  const names = (await readdir(functions)).sort();
  return names.map((name) => join(functions, name)).filter((folder) => existsSync(join(folder, "workflow.ts")));
}

interface WorkflowFile {
  readonly folder: string;
  /** What the workflow was built to, or why it was not. */
  readonly built: { readonly file: string; readonly hash: string } | PawlError;
}

/** Built together, which is quicker; when that fails each on its own, to tell which ones can be looked at further. */
async function workflowFiles(folders: readonly string[], place: Place): Promise<WorkflowFile[]> {
  const entries = Object.fromEntries(
    folders.map((folder) => [basename(folder), { file: join(folder, "workflow.ts") }]),
  );
  const built = await caught(() => bundle(entries, place));
  if (!(built instanceof PawlError))
    return folders.map((folder) => ({ folder, built: { file: built.file(basename(folder)), hash: built.hash } }));
  if (folders.length === 1) return folders.map((folder) => ({ folder, built }));
  return (await Promise.all(folders.map((folder) => workflowFiles([folder], place)))).flat();
}

async function loadProgram({ folder, built }: WorkflowFile, place: Place): Promise<LoadedProgram> {
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

/** An entry that exports the handlers that are there, and what is wrong with the rest. */
async function handlersOf({ program, folder }: ProjectProgram, root: string) {
  const nodes = Object.keys(program.graph.nodes);
  const fileOf = new Map(nodes.map((node) => [node, `${kebab(node)}.ts`]));
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).sort();
  const present = nodes.filter((node) => files.includes(fileOf.get(node) ?? ""));
  const problems: PawlError[] = [];
  const usable: string[] = [];
  for (const node of present) {
    const file = join(folder, fileOf.get(node) ?? "");
    const exported = await exportsOf(file);
    if (exported && !exported.includes("handler")) problems.push(exportsNone(relative(root, file), node));
    else usable.push(node); // one that cannot be read is told of by the build
  }
  const surplus: string[] = [];
  const others = files.filter((file) => !NO_HANDLER.test(file) && !present.some((node) => fileOf.get(node) === file));
  for (const file of others) if ((await exportsOf(join(folder, file)))?.includes("handler")) surplus.push(file);
  const mismatch = await caught(() =>
    checkHandlers(program, [...present, ...surplus], (name) => relative(root, join(folder, fileOf.get(name) ?? name))),
  );
  if (mismatch instanceof PawlError) problems.push(mismatch);
  const lines = usable.map((node) => `export { handler as ${node} } from ${JSON.stringify(`./${fileOf.get(node)}`)};`);
  const entry: Entry = { text: lines.join("\n"), in: folder };
  return { entry, problems };
}
const NO_HANDLER = /^(contracts|workflow|samples)\.ts$|\.(test|d)\.ts$/;

const exportsNone = (file: string, node: string): PawlError =>
  new PawlError("invalid_handler", `${file} exports no handler: write export const handler = implement(${node}, …)`, {
    file,
    node,
  });

const twice = (workflow: string, folders: readonly string[]): PawlError =>
  new PawlError(
    "invalid_workflow",
    `two folders have a workflow named '${workflow}': ${folders.map((f) => basename(f)).join(" and ")}; rename one of the two`,
    { workflow, folders },
  );

/** The first line of the stack that is in a file of the user's. */
function whatAndWhere(error: unknown): string {
  const where =
    error instanceof Error ? error.stack?.split("\n").find((line) => /^\s+at .*\.[cm]?tsx?:/.test(line)) : undefined;
  return where ? `${messageOf(error)} (${where.trim()})` : messageOf(error);
}

async function caught<T>(work: () => T | Promise<T>): Promise<T | PawlError> {
  try {
    return await work();
  } catch (error) {
    if (isPawlError(error)) return error;
    throw error;
  }
}

/** Several problems as one error: the code is the first one's. */
function together(problems: readonly PawlError[]): PawlError {
  const [first] = problems;
  const each = problems.map(({ code, message, detail }) => ({ code, message, detail }));
  if (!first) throw new TypeError("no problem to tell of");
  if (problems.length === 1)
    return new PawlError(first.code, first.message, { ...first.detail, problems: each }, first);
  const list = each.map(({ message }) => `- ${message.replaceAll("\n", "\n  ")}`).join("\n");
  return new PawlError(first.code, `the project has ${problems.length} problems:\n${list}`, { problems: each });
}
