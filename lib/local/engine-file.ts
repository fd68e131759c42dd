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
  return engine && lives(engine.pid) && (await answers(engine)) ? engine : undefined;
}

/** As it was written, whether the engine still lives or not. */
export async function readUnchecked(folder: string): Promise<EngineFile | undefined> {
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

/** The port may be another program's by now, or another engine's. */
async function answers({ url, pid }: EngineFile): Promise<boolean> {
  try {
    const response = await fetch(new URL("/api/health", url), { signal: AbortSignal.timeout(HEALTH_MS) });
    const health = (await response.json()) as { readonly ok?: unknown; readonly pid?: unknown };
    return health.ok === true && health.pid === pid;
  } catch {
    return false;
  }
}
