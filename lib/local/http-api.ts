/**
 * The engine over HTTP, for this machine only: JSON in, JSON out, and each error as `{error: {code, message, detail}}`.
 *
 * A page that a browser has open can reach 127.0.0.1 too. It is kept out: no CORS headers, so that it cannot read an
 * answer; bodies must say that they are JSON, which a page may not without asking; and the Host must be this machine's,
 * so that a name of the page's own that leads here (DNS rebinding) does not count as this origin.
 */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { parseEvent } from "../contract/event-detail.ts";
import { checkExecutionId, type ExecutionName, printExecution } from "../contract/ids.ts";
import { type ErrorCode, isPawlError, messageOf, PawlError } from "../errors.ts";
import type { ExecutionStatus, Header } from "../kernel/record.ts";
import { NAME } from "../model/name.ts";
import { engineAt } from "./engine-file.ts";
import type { EmbeddedEngine } from "./open-engine.ts";

/** What of an engine is reached over HTTP. */
export type ServedEngine = Pick<
  EmbeddedEngine,
  "start" | "sendEvent" | "show" | "list" | "result" | "workflows" | "deadLetters"
>;

export interface ServedInfo {
  readonly version: string;
  /** The data folder. */
  readonly folder: string;
}

const DEFAULT_PORT = 7295;
/** A body, which is above the limit of a single value so that this one can be told of as such. */
const MOST_BODY_BYTES = 5 * 1024 * 1024;

export function httpApi(engine: ServedEngine, info: ServedInfo): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const host = c.req.header("host") ?? "";
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host))
      throw refused(403, `the host '${host}' is not this machine: call http://127.0.0.1 or http://localhost`);
    await next();
  });
  app.use(bodyLimit({ maxSize: MOST_BODY_BYTES, onError: () => Promise.reject(tooLarge()) }));
  app.onError((error, c) => answerError(c, error));
  app.notFound((c) => answerError(c, refused(404, `there is no ${c.req.method} ${c.req.path}`)));

  app.get("/api/health", (c) => {
    const workflows = engine.workflows().map(({ graph }) => graph.workflow);
    return c.json({ ok: true, version: info.version, pid: process.pid, folder: info.folder, workflows });
  });
  app.post("/api/executions", async (c) => {
    const { workflow, id = randomUUID(), input } = read(StartBody, await body(c), "body");
    return c.json(await engine.start(workflow, { id, input }), 202);
  });
  app.get("/api/executions", async (c) => {
    const { limit, before, ...filter } = read(ListQuery, c.req.query(), "query");
    const from = before === undefined ? {} : { before: parseCursor(before) };
    // One more, to know whether there is a next page.
    const headers = await engine.list({ ...defined(filter), ...from, limit: limit + 1 });
    const page = headers.slice(0, limit);
    const last = headers.length > limit ? page.at(-1) : undefined;
    return c.json({ executions: page.map(summary), next: last ? printCursor(last) : null });
  });
  app.get("/api/executions/:workflow/:id", async (c) => c.json(await engine.show(nameIn(c))));
  app.get("/api/executions/:workflow/:id/result", async (c) => {
    const name = nameIn(c);
    const { timeoutMs } = read(ResultQuery, c.req.query(), "query");
    try {
      const { execution, status, output = null, error = null } = await engine.result(name, { timeoutMs });
      return c.json({ execution, status, output, error });
    } catch (error) {
      if (!isPawlError(error) || error.code !== "still_running") throw error;
      return c.json({ code: error.code, execution: printExecution(name) }, 202);
    }
  });
  app.post("/api/events", async (c) => {
    const event = parseEvent(await body(c));
    return c.json({ event: event.id, executions: await engine.sendEvent(event) }, 202);
  });
  app.get("/api/graphs", (c) => {
    const graphs = engine.workflows().map(({ graph }) => [graph.workflow, graph] as const);
    return c.json({ workflows: Object.fromEntries(graphs) });
  });
  app.get("/api/dead-letters", (c) => c.json({ deadLetters: engine.deadLetters() }));
  return app;
}

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

const StartBody = z.strictObject({
  workflow: z.string(),
  id: z.string().optional(),
  // Whether it fits is for the workflow's schema to say.
  input: z.unknown(),
});
const STATUSES = ["running", "stopping", "succeeded", "failed"] as const satisfies readonly ExecutionStatus[];
const ListQuery = z.strictObject({
  workflow: z.string().regex(NAME, "is no workflow's name").optional(),
  status: z.enum(STATUSES).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  before: z.string().optional(),
});
const ResultQuery = z.strictObject({ timeoutMs: z.coerce.number().int().min(0).max(60_000).default(25_000) });
const Cursor = z.tuple([z.int(), z.string()]);

function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refused(400, `the ${what} is refused: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ")}`);
}

async function body(c: Context): Promise<unknown> {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw refused(415, `the content type is '${type}': send JSON, with content-type: application/json`);
  return parseJson(await c.req.text());
}

/** @throws PawlError `invalid_json` with where it stops being JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (text.trim() === "") throw new PawlError("invalid_json", "the body is empty; JSON is wanted");
    const position = positionOf(error, text);
    const before = text.slice(0, position).split("\n");
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    // V8's message may show a part of the payload, which is for nobody's log.
    const message = `the body is not JSON: something else begins at position ${position} (line ${line}, column ${column})`;
    throw new PawlError("invalid_json", message, { position, line, column });
  }
}

/** V8 tells the position of most mistakes. For the rest: the first character with which the text can no longer go on. */
function positionOf(error: unknown, text: string): number {
  const told = /at position (\d+)/.exec(messageOf(error))?.[1];
  if (told !== undefined) return Number(told);
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUnexpected(text.slice(0, middle))) bad = middle;
    else good = middle;
  }
  return good;
}
function isUnexpected(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return messageOf(error).startsWith("Unexpected token");
  }
}

function nameIn(c: Context): ExecutionName {
  const workflow = c.req.param("workflow") ?? "";
  if (!NAME.test(workflow)) throw refused(400, `'${workflow}' is no workflow's name`);
  return { workflow, id: checkExecutionId(c.req.param("id") ?? "") };
}

const summary = (header: Header) => ({
  execution: printExecution(header),
  workflow: header.workflow,
  status: header.status,
  startedAt: iso(header.startedAtMs),
  endedAt: header.endedAtMs === undefined ? null : iso(header.endedAtMs),
  error: header.error ?? null,
});
const iso = (ms: number): string => new Date(ms).toISOString();

const printCursor = (last: Header): string =>
  Buffer.from(JSON.stringify([last.startedAtMs, printExecution(last)])).toString("base64url");
function parseCursor(text: string): { readonly startedAtMs: number; readonly execution: string } {
  try {
    const [startedAtMs, execution] = Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
    return { startedAtMs, execution };
  } catch {
    throw refused(400, `before=${text} is no cursor: give the 'next' of the page before`);
  }
}

const defined = <T extends object>(of: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

type ErrorStatus = 400 | 403 | 404 | 409 | 413 | 415 | 500 | 503;
class Refusal extends PawlError {
  readonly status: ErrorStatus;
  constructor(status: ErrorStatus, message: string) {
    super("usage", message);
    this.status = status;
  }
}
const refused = (status: ErrorStatus, message: string): Refusal => new Refusal(status, message);
const tooLarge = (): PawlError =>
  new PawlError(
    "payload_too_large",
    `the body is above the limit of ${MOST_BODY_BYTES} bytes: store what is in it elsewhere and pass on where`,
    { limitBytes: MOST_BODY_BYTES },
  );

const STATUS_OF: Partial<Record<ErrorCode, ErrorStatus>> = {
  invalid_input: 400,
  invalid_event: 400,
  invalid_json: 400,
  invalid_id: 400,
  usage: 400,
  unknown_workflow: 404,
  unknown_execution: 404,
  unknown_graph: 404,
  unmatched_event: 404,
  invalid_workflow: 409,
  payload_too_large: 413,
  storage_failed: 503,
  engine_stopped: 503,
};

function answerError(c: Context, error: unknown): Response {
  const { status, body } = errorBody(error);
  return c.json(body, status);
}

function errorBody(error: unknown) {
  if (!isPawlError(error)) {
    const text = `the engine did not expect this: ${messageOf(error)}`;
    const code: ErrorCode = "internal_error";
    return { status: 500 as const, body: { error: { code, message: text, detail: {} } } };
  }
  const { code, message, detail } = error;
  const status = error instanceof Refusal ? error.status : (STATUS_OF[code] ?? 500);
  return { status, body: { error: { code, message, detail } } };
}
