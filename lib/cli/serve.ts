/** An open project that others can talk to: the HTTP API, and its address in the data folder. */
import { removeEngineFile, writeEngineFile } from "../local/engine-file.ts";
import { httpApi } from "../local/http-api.ts";
import type { OpenProject } from "../local/open-project.ts";
import { serveHttpApi } from "../local/serve-http-api.ts";
import { closeSoon } from "./close-soon.ts";
import { ownManifest } from "./own-manifest.ts";

export interface Served {
  readonly url: string;
  /** Ends this, and then the project. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly folder: string;
  /** 0 takes any that is free. Default 7295. */
  readonly port: number | undefined;
}

/** As long as a supervisor commonly waits before it kills. */
const GRACE_MS = 8_000;

/** @throws PawlError `usage` when the port is taken */
export async function serve(open: OpenProject, { folder, port }: ServeOptions): Promise<Served> {
  const app = httpApi(open.engine, { version: ownManifest().version, folder });
  const server = await serveHttpApi(app, { folder, ...(port !== undefined && { port }) });
  open.engine.callbacks.listensAt(server.url);
  const { pid } = process;
  await writeEngineFile(folder, { url: server.url, pid, startedAt: new Date().toISOString() });
  return {
    url: server.url,
    async close() {
      await removeEngineFile(folder, pid);
      await server.close();
      await closeSoon(open, GRACE_MS);
    },
  };
}
