/**
 * The Lambdas of one workflow, bundled at once: what they share is read once, and each takes along only what its own
 * entry reaches. Synchronous, as CDK's constructors are.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { type BuildOptions, type BuildResult, buildSync, type Metafile } from "esbuild";
import { messageOf, PawlError } from "../errors.ts";
import { answersCallbacks, type DeployedGraph } from "../model/reach.ts";
import { BUNDLE, buildFailed, conditions } from "./bundle.ts";
import { callbackEntry, controlEntry, type LambdaEntry, type Modules, nodeEntry } from "./lambda-entries.ts";

/**
 * Names are kept, since errors and logs tell them. The SDK's ES modules can be taken apart, its CommonJS cannot: with
 * them, what a cold start has to load is a third ("Optimizing static initialization").
 */
const LAMBDA = {
  ...BUNDLE,
  minifyWhitespace: true,
  minifySyntax: true,
  mainFields: ["module", "main"],
} as const satisfies BuildOptions;

export interface LambdaSource {
  readonly graph: DeployedGraph;
  /** The node whose handler serves one that is retired, by its name. Default: each its own. */
  readonly servedBy?: (node: string) => string;
  /** The workflow's folder, and its handlers' files in there by their nodes' names. */
  readonly folder: string;
  readonly files: ReadonlyMap<string, string>;
  /** Entries are written below here, into `.pawl`; `pawl` is what resolves from here. */
  readonly root: string;
}

export interface LambdaBundle {
  /** As Lambda names it: `charge.handler`. */
  readonly handler: string;
  /** Contents by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Those that are loaded before the first message; the others wait until somebody needs them. */
  readonly atOnce: ReadonlySet<string>;
  /** The sources in it, from the root on. */
  readonly inputs: ReadonlySet<string>;
}

/**
 * By entry: nodes by their names, `CONTROL_ENTRY`, and `CALLBACK_ENTRY` if a node hands out callbacks. The same source gives the same bytes, wherever it lies.
 *
 * @throws PawlError `build_failed` with every file and line that does not build
 */
export function bundleLambdas(source: LambdaSource): ReadonlyMap<string, LambdaBundle> {
  const { root, graph, files, servedBy = String } = source;
  // Entries of a depth of their own, so that their texts are the same wherever their folder is named.
  const home = join(root, ".pawl", "lambda");
  const modules = modulesFrom(join(home, "entries"), source);
  // In one go they would share chunks: a node's function need not load what control alone does.
  const handled = Object.keys(graph.nodes).filter((node) => files.has(servedBy(node)));
  const nodes = handled.map((node) => nodeEntry(node, graph, modules));
  const callbacks = answersCallbacks(graph) ? built([callbackEntry(modules)], home, root) : [];
  return new Map([...built(nodes, home, root), ...built([controlEntry(graph, modules)], home, root), ...callbacks]);
}

function modulesFrom(entries: string, { folder, files, servedBy }: LambdaSource): Modules {
  const to = (file: string) => relative(entries, join(folder, file)).split(sep).join("/");
  const handler = (node: string) => to(files.get(node) ?? "");
  return { workflow: to("workflow.ts"), handler, ...(servedBy && { servedBy }) };
}

function built(entries: readonly LambdaEntry[], home: string, root: string): (readonly [string, LambdaBundle])[] {
  const written = keep(home, entries);
  let result: BuildResult<{ write: false; metafile: true }>;
  try {
    result = buildSync({
      ...LAMBDA,
      absWorkingDir: root,
      entryPoints: entries.map(({ name }) => ({ out: name, in: join(written, `${name}.ts`) })),
      outdir: join(home, "built"),
      conditions: [...conditions(), "module"],
      metafile: true,
      write: false,
    });
  } catch (error) {
    throw buildFailed(error);
  }
  const contents = new Map(result.outputFiles.map((file) => [basename(file.path), file.contents]));
  return entries.map(({ name }) => [name, only(name, contents, result.metafile)] as const);
}

/** What an entry reaches, and nothing else. */
function only(entry: string, contents: ReadonlyMap<string, Uint8Array>, { outputs }: Metafile): LambdaBundle {
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const reach = (lazy: boolean, name: string, reached: Set<string>): Set<string> => {
    if (!byName.has(name) || reached.has(name)) return reached;
    reached.add(name);
    for (const { path, kind } of byName.get(name)?.imports ?? [])
      if (lazy || kind === "import-statement") reach(lazy, basename(path), reached);
    return reached;
  };
  const names = [...reach(true, `${entry}.mjs`, new Set())].sort();
  const files = names.flatMap((name) => [name, `${name}.map`].map((file) => [file, contents.get(file)] as const));
  return {
    handler: `${entry}.handler`,
    files: new Map(files.filter((file): file is [string, Uint8Array<ArrayBuffer>] => file[1] !== undefined)),
    atOnce: reach(false, `${entry}.mjs`, new Set()),
    inputs: new Set(names.flatMap((name) => Object.keys(byName.get(name)?.inputs ?? {}))),
  };
}

/** Another process may write the same entries at this moment: the folder appears whole, and the first one wins. */
function keep(home: string, entries: readonly LambdaEntry[]): string {
  const digest = createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 20);
  const folder = join(home, digest);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  try {
    mkdirSync(unfinished, { recursive: true });
    for (const { name, text } of entries) writeFileSync(join(unfinished, `${name}.ts`), text);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (existsSync(folder)) return folder;
    const message = `the entries of Lambdas cannot be written, at ${folder}: ${messageOf(error)}`;
    throw new PawlError("data_folder_unwritable", message, { folder }, error);
  }
  return folder;
}
