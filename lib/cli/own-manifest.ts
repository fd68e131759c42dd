import { createRequire } from "node:module";

export interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** This package's own package.json: two folders up from here, as source and as built. */
export function ownManifest(): Manifest {
  return createRequire(import.meta.url)("../../package.json") as Manifest;
}
