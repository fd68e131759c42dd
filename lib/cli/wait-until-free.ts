import { setTimeout as sleep } from "node:timers/promises";
import { isPawlError } from "../errors.ts";

/** Longer than a `list` holds the folder, or than an engine that begins takes to say where it answers. */
const PATIENCE_MS = 2_000;

/** Tries again, for a moment, while another process holds the data folder. */
export async function waitUntilFree<T>(attempt: () => Promise<T>): Promise<T> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const inUse = isPawlError(error) && error.code === "data_folder_in_use";
      if (!inUse || performance.now() > endMs) throw error;
      await sleep(100);
    }
  }
}
