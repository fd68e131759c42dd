import type { OpenProject } from "../local/open-project.ts";

/**
 * Closes a project, whose engine waits for the attempts under way; those that are still not done after the grace are
 * ended, and made again when the next engine opens the folder.
 */
export async function closeSoon({ close, handlers }: OpenProject, graceMs: number): Promise<void> {
  const timer = setTimeout(() => void handlers.stop(), graceMs);
  try {
    await close();
  } finally {
    clearTimeout(timer);
  }
}
