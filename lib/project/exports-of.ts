/** The names that files export, themselves or from another one they name; read without being run. */
import { basename, join } from "node:path";
import { type BuildOptions, build, buildSync, type Metafile } from "esbuild";

/** By file; undefined when it is no module that can be read. */
export type Exports = ReadonlyMap<string, readonly string[] | undefined>;

export async function exportsOf(folder: string, files: readonly string[]): Promise<Exports> {
  const read = async (some: readonly string[]) => named((await build(quietly(folder, some))).metafile);
  const each = async (file: string) => [file, (await read([file]).catch(() => undefined))?.get(file)] as const;
  // Together is quicker; one that cannot be read fails them all.
  return read(files).catch(async () => new Map(await Promise.all(files.map(each))));
}

/** The same for whoever cannot wait, as the constructor of a construct. */
export function exportsOfSync(folder: string, files: readonly string[]): Exports {
  const read = (some: readonly string[]) => named(buildSync(quietly(folder, some)).metafile);
  const attempt = (some: readonly string[]): Exports | undefined => {
    try {
      return read(some);
    } catch {
      return undefined;
    }
  };
  return attempt(files) ?? new Map(files.map((file) => [file, attempt([file])?.get(file)]));
}

const quietly = (folder: string, files: readonly string[]) =>
  ({
    absWorkingDir: folder,
    entryPoints: files.map((file) => join(folder, file)),
    outdir: folder,
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "silent",
  }) as const satisfies BuildOptions;

const named = ({ outputs }: Metafile): Exports =>
  new Map(
    Object.values(outputs).flatMap(({ entryPoint, exports }) => (entryPoint ? [[basename(entryPoint), exports]] : [])),
  );
