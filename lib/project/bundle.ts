/** Bundles of a project's code, kept under the hash of what is in them: the same code is one folder, built twice or not. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type BuildOptions, type BuildResult, build, formatMessagesSync, type Message, type Plugin } from "esbuild";
import { messageOf, PawlError } from "../errors.ts";

/** How code is bundled, for here and for a Lambda alike. */
export const BUNDLE = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  splitting: true,
  sourcemap: "linked",
  sourcesContent: false,
  // The nearest package.json is the user's, and need not say that its .js files are modules.
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunk-[hash]",
  // A CommonJS package inside a module still wants `require`; esbuild keeps this name free.
  banner: {
    js: 'import { createRequire as pawlCreateRequire } from "node:module"; const require = pawlCreateRequire(import.meta.url);',
  },
  logLevel: "silent",
} as const satisfies BuildOptions;

/** An entry point: a file, or a text that stands for one. */
export type Entry = { readonly file: string } | { readonly text: string; readonly in: string };

export interface BundleOptions {
  /** Messages name files from here on. */
  readonly root: string;
  /** Holds a folder per bundle. */
  readonly builds: string;
}

export interface Bundle {
  readonly folder: string;
  readonly hash: string;
  /** The built file of an entry, by the entry's name. */
  file(name: string): string;
}

/**
 * Bundles the entries together; what they share is built once.
 *
 * @throws PawlError `build_failed` with every file and line that does not build
 */
export async function bundle(entries: Readonly<Record<string, Entry>>, options: BundleOptions): Promise<Bundle> {
  const { root, builds } = options;
  const outdir = join(builds, "new"); // as deep as the final folder, which the source maps are relative to
  const points = Object.entries(entries).map(([out, e]) => ({ out, in: "file" in e ? e.file : VIRTUAL + out }));
  let result: BuildResult<{ write: false }>;
  try {
    result = await build({
      ...BUNDLE,
      absWorkingDir: root,
      entryPoints: points,
      outdir,
      conditions: conditions(),
      plugins: [virtual(entries)],
      write: false,
    });
  } catch (error) {
    throw buildFailed(error);
  }
  const files = result.outputFiles
    .map(({ path, contents }) => [basename(path), contents] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash("sha256");
  for (const [name, contents] of files) digest.update(`${name}\n${contents.length}\n`).update(contents);
  const hash = digest.digest("hex").slice(0, 20);
  const folder = join(builds, hash);
  await keep(folder, files);
  return { folder, hash, file: (name) => join(folder, `${name}.mjs`) };
}

/** Removes bundles but those given, the newest five, and what was used within the hour: somebody may be loading them. */
export async function pruneBundles(builds: string, inUse: readonly string[]): Promise<void> {
  const folders = existsSync(builds) ? await readdir(builds) : [];
  const aged = await Promise.all(folders.map(async (name) => ({ name, usedMs: await usedMs(join(builds, name)) })));
  const old = aged
    .sort((a, b) => b.usedMs - a.usedMs)
    .slice(5)
    .filter(({ name, usedMs }) => usedMs < Date.now() - HOUR_MS && !inUse.includes(join(builds, name)));
  for (const { name } of old) await rm(join(builds, name), { recursive: true, force: true });
}
const HOUR_MS = 60 * 60_000;
const usedMs = async (folder: string): Promise<number> => (await stat(folder).catch(() => undefined))?.mtimeMs ?? 0;

/** The conditions that this process resolves packages under: what it loads and what it bundles are then the same files. */
export function conditions(execArgv: readonly string[] = process.execArgv): string[] {
  return execArgv.flatMap((arg, i) => {
    const [flag, value = execArgv[i + 1] ?? ""] = arg.split("=", 2);
    return (flag === "--conditions" || flag === "-C") && value ? [value] : [];
  });
}

const VIRTUAL = "pawl-entry:";
const virtual = (entries: Readonly<Record<string, Entry>>): Plugin => ({
  name: "pawl-entries",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^pawl-entry:/ }, ({ path }) => ({
      path: path.slice(VIRTUAL.length),
      namespace: "pawl-entry",
    }));
    onLoad({ filter: /.*/, namespace: "pawl-entry" }, ({ path }) => {
      const entry = entries[path];
      return entry && "text" in entry ? { contents: entry.text, resolveDir: entry.in, loader: "ts" } : undefined;
    });
  },
});

/** Another process may write the same bundle at this moment: the folder appears whole, and the first one wins. */
async function keep(folder: string, files: readonly (readonly [name: string, contents: Uint8Array])[]): Promise<void> {
  const now = new Date();
  if (existsSync(folder)) return utimes(folder, now, now);
  const unfinished = `${folder}.${process.pid}.${unique++}`;
  try {
    await mkdir(unfinished, { recursive: true });
    for (const [name, contents] of files) await writeFile(join(unfinished, name), contents);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
    if (existsSync(folder)) return;
    const message = `the data folder cannot be written, at ${folder}: ${messageOf(error)}`;
    throw new PawlError("data_folder_unwritable", message, { folder }, error);
  }
}
let unique = 0;

/** What esbuild threw, with every file and line. */
export function buildFailed(error: unknown): PawlError {
  const errors = (error as { errors?: Message[] }).errors ?? [];
  const told = formatMessagesSync(errors, { kind: "error", color: false });
  const text = errors.length > 0 ? told.join("").trim() : String(error);
  const places = errors.flatMap(({ location: l }) => (l ? [`${l.file}:${l.line}:${l.column}`] : []));
  return new PawlError("build_failed", `the code cannot be built:\n${text}`, { places }, error);
}
