/** A client of an embedded engine, by its HTTP API. */
import { type Controlled, LOOK_ON_MS } from "../engine/ask.ts";
import type { Accepted } from "../engine/engine.ts";
import type { ExecutionView } from "../engine/inspect.ts";
import type { MapOutputs } from "../engine/map-outputs.ts";
import { PawlError } from "../errors.ts";
import { readEngineFile } from "../local/engine-file.ts";
import type { Duration } from "../model/duration.ts";
import type { Workflow } from "../model/types.ts";
import { controlCalls } from "./control-calls.ts";
import { type Answer, type Call, call } from "./http.ts";
import type { Client, EngineClientOptions, ExecutionPage, Result } from "./types.ts";
import { nameOf, stillRunning, timeLeft } from "./wait.ts";

/** One request waits at most this long: proxies and sockets give up on silence. */
const LONGEST_POLL_MS = 20_000;

/** Nothing is sent before the first call. */
export function engineClient(options: EngineClientOptions): Client {
  const ask = async (request: Call): Promise<Answer> => call(await urlOf(options), request);
  const list: Client["list"] = async (query = {}) =>
    (await ask({ path: "/api/executions", query: { ...query } })).body as ExecutionPage;
  return {
    async start(workflow: Pick<Workflow, "name"> | string, of: { readonly id?: string; readonly input?: unknown }) {
      const body = { workflow: nameOf(workflow), ...of };
      return (await ask({ method: "POST", path: "/api/executions", body })).body as Accepted;
    },
    async sendEvent(event) {
      const { body } = await ask({ method: "POST", path: "/api/events", body: event });
      return (body as { readonly executions: readonly Accepted[] }).executions;
    },
    // `O` is what the workflow's type says; the engine has checked the output against the schemas behind it.
    result: (
      workflow: Pick<Workflow, "name"> | string,
      id: string,
      { timeout }: { readonly timeout?: Duration } = {},
    ) => pollResult(ask, { workflow: nameOf(workflow), id, timeout }) as Promise<Result<never>>,
    async show(workflow, id) {
      return (await ask({ path: pathOf(nameOf(workflow), id) })).body as ExecutionView;
    },
    async outputs(workflow, id, query) {
      return (await ask({ path: `${pathOf(nameOf(workflow), id)}/outputs`, query: { ...query } })).body as MapOutputs;
    },
    list,
    ...controlCalls(async ({ workflow, id }, { kind, ...body }) => {
      const path = `${pathOf(workflow, id)}/${kind}`;
      return (await ask({ method: "POST", path, query: { timeoutMs: LOOK_ON_MS }, body })).body as Controlled;
    }, list),
  };
}

const pathOf = (workflow: string, id: string): string =>
  `/api/executions/${encodeURIComponent(workflow)}/${encodeURIComponent(id)}`;

async function urlOf({ url = process.env.PAWL_URL, folder = ".pawl" }: EngineClientOptions): Promise<string> {
  if (url !== undefined && url !== "") {
    if (URL.canParse(url)) return url;
    throw new PawlError("usage", `'${url}' is no url: write it as http://127.0.0.1:7295`, { url });
  }
  const engine = await readEngineFile(folder);
  if (engine) return engine.url;
  throw new PawlError(
    "engine_not_running",
    `no engine runs on the data folder ${folder}: start one with \`pawl dev\`, or give its url (PAWL_URL)`,
    { folder },
  );
}

interface Wanted {
  readonly workflow: string;
  readonly id: string;
  readonly timeout: Duration | undefined;
}

async function pollResult(ask: (request: Call) => Promise<Answer>, wanted: Wanted): Promise<Result> {
  const { workflow, id, timeout } = wanted;
  const leftMs = timeLeft(timeout);
  for (;;) {
    const timeoutMs = Math.min(LONGEST_POLL_MS, leftMs());
    const answer = await ask({ path: `${pathOf(workflow, id)}/result`, query: { timeoutMs } });
    if (answer.status === 200) {
      const { execution, status, output, error } = answer.body as Result;
      return { execution, status, output: output ?? null, error: error ?? null } as Result;
    }
    if (leftMs() <= 0) throw stillRunning(`${workflow}/${id}`, timeout);
  }
}
