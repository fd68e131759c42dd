/** `<data folder>/engine.json`: where the engine that holds the folder answers. A hint, checked each time it is read. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const EngineFile = z.object({
  /** `http://127.0.0.1:7295` */
  url: z.url(),
  pid: z.int().positive(),
  /** ISO 8601. */
  startedAt: z.string(),
});
export type EngineFile = Readonly<z.infer<typeof EngineFile>>;

/** What of its health says who it is. */
const Health = z.object({ ok: z.literal(true), pid: z.int(), folder: z.string() });
const HEALTH_MS = 1_000;
const fileIn = (folder: string): string => join(folder, "engine.json");

/** Appears whole or not at all. */
export async function writeEngineFile(folder: string, engine: EngineFile): Promise<void> {
  await mkdir(folder, { recursive: true });
  const unfinished = `${fileIn(folder)}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(engine)}\n`);
  await rename(unfinished, fileIn(folder));
}

/** Undefined: no engine that lives and answers. What an engine that was killed left behind counts as nothing. */
export async function readEngineFile(folder: string): Promise<EngineFile | undefined> {
  const engine = await readUnchecked(folder);
  if (!engine || !lives(engine.pid)) return undefined;
  // The port may be another program's by now, or another engine's.
  return (await engineAt(engine.url))?.pid === engine.pid ? engine : undefined;
}

/** The engine that answers at this address, if one does. */
export async function engineAt(url: string): Promise<{ readonly pid: number; readonly folder: string } | undefined> {
  try {
    const response = await fetch(new URL("/api/health", url), { signal: AbortSignal.timeout(HEALTH_MS) });
    return Health.safeParse(await response.json()).data;
  } catch {
    return undefined;
  }
}

async function readUnchecked(folder: string): Promise<EngineFile | undefined> {
  try {
    return EngineFile.safeParse(JSON.parse(await readFile(fileIn(folder), "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** Removes the file if it is of this process; another engine's stays. */
export async function removeEngineFile(folder: string, pid: number): Promise<void> {
  const engine = await readUnchecked(folder);
  if (engine?.pid === pid) await rm(fileIn(folder), { force: true });
}

/** Sends no signal. Refused means that it lives and is somebody else's. */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
