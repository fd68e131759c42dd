/** The HTTP API on a port of 127.0.0.1, which no other machine reaches. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { Hono } from "hono";
import { messageOf, PawlError } from "../errors.ts";
import { engineAt } from "./engine-file.ts";
import { errorBody, refused } from "./http-errors.ts";

const DEFAULT_PORT = 7295;

export interface HttpServer {
  /** `http://127.0.0.1:7295` */
  readonly url: string;
  /** Ends those who wait for a result too. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1.
 *
 * @param options `port` 0 takes any that is free; default 7295. `folder`: this engine's data folder, for the message
 * @throws PawlError `usage` when the port is taken, with the process if it is an engine's, or may not be had
 */
export async function serveHttpApi(
  app: Pick<Hono, "fetch">,
  options: { readonly port?: number; readonly folder?: string } = {},
): Promise<HttpServer> {
  const { port = DEFAULT_PORT } = options;
  const errorHandler = (error: unknown) => {
    const { status, body } = errorBody(error instanceof RequestError ? refused(400, error.message) : error);
    return Response.json(body, { status });
  };
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false, errorHandler });
  const server = createServer((request, response) => void listener(request, response));
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  await listening.catch((error: NodeJS.ErrnoException) => portRefused({ ...options, port }, error));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function portRefused(
  { port, folder }: { readonly port: number; readonly folder?: string },
  error: NodeJS.ErrnoException,
): Promise<never> {
  if (error.code !== "EADDRINUSE") {
    const message = `the port ${port} cannot be listened on: ${messageOf(error)}; take another --port`;
    throw new PawlError("usage", message, { port }, error);
  }
  const holder = await engineAt(`http://127.0.0.1:${port}`);
  const where = holder?.folder === folder ? "this same data folder" : `the data folder ${holder?.folder}`;
  const by = holder ? `the engine of process ${holder.pid}, on ${where}` : "another program";
  const message = `the port ${port} is taken by ${by}: stop it, or take another --port (0 for any)`;
  throw new PawlError("usage", message, { port, ...holder }, error);
}
