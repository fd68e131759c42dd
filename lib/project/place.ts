/** Where a project has what: its root, its functions, its data. */
import { join, resolve } from "node:path";
import type { BundleOptions } from "./bundle.ts";

export interface ProjectOptions {
  /** Default: the working directory. */
  readonly root?: string;
  /** Where the workflows' folders are, from the root. Default `functions`. */
  readonly functions?: string;
  /** The data folder, which bundles are kept in. Default `.pawl` in the root. */
  readonly folder?: string;
}

export interface Place extends BundleOptions {
  readonly functions: string;
  readonly folder: string;
}

export function placeOf({ root = ".", functions = "functions", folder }: ProjectOptions): Place {
  const from = resolve(root);
  const data = folder === undefined ? join(from, ".pawl") : resolve(folder);
  return { root: from, functions: resolve(from, functions), folder: data, builds: join(data, "build") };
}
