import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LocalStore } from "../adapters/local/store.ts";
import { isPawlError, PawlError } from "../errors.ts";

/** What a data folder holds. */
const OURS = /^(pawl\.db(-wal|-shm|-journal)?|pawl\.lock|engine\.json(\.\d+)?|build)$/;

/**
 * Removes what an earlier demo left, and nothing else.
 *
 * @throws PawlError `data_folder_in_use` while another demo runs, `usage` when something else lies there
 */
export async function emptyFolder(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const others = (await readdir(folder)).filter((name) => !OURS.test(name));
  if (others.length > 0)
    throw new PawlError(
      "usage",
      `the demo begins by removing ${folder}, but this is not all its own: ${others.join(", ")}. Move it away, or give another --data`,
      { folder, others },
    );
  if (existsSync(join(folder, "pawl.db"))) checkNotInUse(folder);
  await rm(folder, { recursive: true, force: true });
}

function checkNotInUse(folder: string): void {
  try {
    new LocalStore(folder).close();
  } catch (error) {
    // A damaged one may go.
    if (isPawlError(error) && error.code === "data_folder_in_use") throw error;
  }
}
