/**
 * The engine over HTTP, for this machine only: JSON in, JSON out, and each error as `{error: {code, message, detail}}`.
 * Who may call at all is in `http-guard.ts`.
 */
import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { stream } from "hono/streaming";
import { CALLBACK_PATH } from "../contract/callback.ts";
import { parseEvent } from "../contract/event-detail.ts";
import { printExecution } from "../contract/ids.ts";
import { isPawlError, messageOf } from "../errors.ts";
import { type CallbackNote, callbackRoutes } from "../security/callback-routes.ts";
import { controlLines } from "./control-lines.ts";
import { executionsPage } from "./executions-page.ts";
import { answerError, refused } from "./http-errors.ts";
import { limitBody, onlyThisMachine, readBody } from "./http-guard.ts";
import {
  CONTROLS,
  ControlQuery,
  controlIn,
  manyIn,
  nameIn,
  OutputsPage,
  ResultQuery,
  read,
  StartBody,
} from "./http-requests.ts";
import type { EmbeddedEngine } from "./open-engine.ts";

/** What of an engine is reached over HTTP. */
export type ServedEngine = Pick<
  EmbeddedEngine,
  | "start"
  | "sendEvent"
  | "show"
  | "outputs"
  | "list"
  | "result"
  | "ask"
  | "workflows"
  | "deadLetters"
  | "items"
  | "payloadBytes"
  | "callbackParts"
>;

export interface ServedInfo {
  readonly version: string;
  /** The data folder. */
  readonly folder: string;
}

export function httpApi(engine: ServedEngine, info: ServedInfo): Hono {
  const app = new Hono();
  // Before the rest: whoever has a link may come through a proxy, from any page, with a form.
  app.route(CALLBACK_PATH, callbackRoutes(engine.callbackParts, tellOfCallback));
  app.use(onlyThisMachine);
  app.use(limitBody(engine.payloadBytes));
  app.onError((error, c) => answerError(c, error));
  app.notFound((c) => answerError(c, refused(404, `there is no ${c.req.method} ${c.req.path}`)));

  app.get("/api/health", (c) => {
    const workflows = engine.workflows().map(({ graph }) => graph.workflow);
    return c.json({ ok: true, version: info.version, pid: process.pid, folder: info.folder, workflows });
  });
  app.post("/api/executions", async (c) => {
    const { workflow, id = randomUUID(), input } = read(StartBody, await readBody(c), "body");
    return c.json(await engine.start(workflow, { id, input }), 202);
  });
  app.get("/api/executions", async (c) => {
    return c.json(await executionsPage(engine, c.req.query()));
  });
  app.get("/api/executions/:workflow/:id", async (c) => c.json(await engine.show(nameIn(c))));
  app.get("/api/executions/:workflow/:id/outputs", async (c) => {
    return c.json(await engine.outputs(nameIn(c), read(OutputsPage, c.req.query(), "query")));
  });
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
  for (const kind of CONTROLS)
    app.post(`/api/executions/:workflow/:id/${kind}`, async (c) => {
      const { timeoutMs } = read(ControlQuery, c.req.query(), "query");
      const request = controlIn(kind, await readBody(c));
      const controlled = await engine.ask(nameIn(c), request, { timeoutMs });
      return c.json(controlled, controlled.carriedOut ? 200 : 202);
    });
  app.post("/api/controls", async (c) => {
    const asked = manyIn(await readBody(c));
    c.header("content-type", "application/x-ndjson");
    return stream(c, (lines) => controlLines(engine, asked, lines));
  });
  app.post("/api/events", async (c) => {
    const event = parseEvent(await readBody(c));
    return c.json({ event: event.id, executions: await engine.sendEvent(event) }, 202);
  });
  app.get("/api/graphs", (c) => {
    const graphs = engine.workflows().map(({ graph }) => [graph.workflow, graph] as const);
    return c.json({ workflows: Object.fromEntries(graphs) });
  });
  app.get("/api/tables/:table/items", (c) => c.json({ items: engine.items(c.req.param("table")) }));
  app.get("/api/dead-letters", (c) => c.json({ deadLetters: engine.deadLetters() }));
  return app;
}

const tellOfCallback = ({ code, error }: CallbackNote): void => {
  if (error !== undefined)
    process.stderr.write(`pawl: a callback could not be answered: ${code}: ${messageOf(error)}\n`);
};
