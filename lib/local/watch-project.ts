/** Changes of a project's files, while it runs. */
import { relative, sep } from "node:path";
import { watch } from "chokidar";
import { type ProjectOptions, placeOf } from "../project/place.ts";

/** Changes that come within this of each other come together. */
const QUIET_MS = 80;
const IGNORED = /(^|\/)(node_modules|\.[^/]+|samples|samples\.ts|[^/]+\.test\.ts)(\/|$)/;

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
