import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { event, node, workflow } from "../../lib/index.ts";
import { httpApi } from "../../lib/local/http-api.ts";
import { type EmbeddedEngine, openEngine } from "../../lib/local/open-engine.ts";
import { type HttpServer, serveHttpApi } from "../../lib/local/serve-http-api.ts";
import { implement } from "../../lib/node/index.ts";
import { until } from "./temp-folder.ts";

const N = z.object({ n: z.number() });
const double = node("double", { input: N, output: N, errors: ["TooBig"] });
const asked = event("test.shop", "Asked", { version: 1, data: z.object({ id: z.string(), n: z.number() }) });
const twice = workflow("twice", { input: N, on: asked.by((e) => e.data.id) }).task(double);
const wait = node("wait", { input: N, output: N });
const slow = workflow("slow", { input: N }).task(wait).task(wait.as("more"));

let folder: string;
let engine: EmbeddedEngine;
let server: HttpServer;
let letGo = () => {};
/** What a handler of `slow` waits for, by its input. */
const holds = new Map<number, Promise<void>>();
const hold = (n: number): (() => void) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  holds.set(n, promise);
  return resolve;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pawl-test-"));
  const waited = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const handler = implement(double, ({ n }, step) => (n > 100 ? step.fail("TooBig", { n }) : { n: n * 2 }));
  const waits = implement(wait, async (input) => {
    await (holds.get(input.n) ?? waited);
    return input;
  });
  engine = await openEngine({
    folder,
    payloadLimitMiB: 2,
    workflows: [
      { workflow: twice, handlers: { double: handler } },
      { workflow: slow, handlers: { wait: waits } },
    ],
  });
  server = await serveHttpApi(httpApi(engine, { version: "1.2.3", folder }), { port: 0 });
});
afterAll(async () => {
  letGo();
  await server.close();
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (path: string) => await answerOf(await fetch(server.url + path));
const post = async (path: string, body: unknown, type = "application/json") => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return await answerOf(
    await fetch(server.url + path, { method: "POST", headers: { "content-type": type }, body: text }),
  );
};
/** What a route that tells line by line says. */
const lines = async (body: unknown): Promise<unknown[]> => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${server.url}/api/controls`, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const text = await response.text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
};
const answerOf = async (response: Response) => ({
  status: response.status,
  body: (await response.json()) as Record<string, unknown>,
});
const refusal = (status: number, code: string, message: RegExp, detail: unknown = expect.anything()) => ({
  status,
  body: { error: { code, message: expect.stringMatching(message), detail } },
});

describe("the HTTP API", () => {
  it("says who it is", async () => {
    const body = { ok: true, version: "1.2.3", pid: process.pid, folder, workflows: ["twice", "slow"] };
    expect(await get("/api/health")).toEqual({ status: 200, body });
  });

  it("starts an execution once per id, and gives its result and its steps", async () => {
    const start = { workflow: "twice", id: "a", input: { n: 4 } };
    expect(await post("/api/executions", start)).toEqual({
      status: 202,
      body: { execution: "twice/a", started: true },
    });
    const ended = { status: 200, body: { execution: "twice/a", status: "succeeded", output: { n: 8 }, error: null } };
    expect(await get("/api/executions/twice/a/result")).toEqual(ended);
    expect(await post("/api/executions", start)).toEqual({
      status: 202,
      body: { execution: "twice/a", started: false },
    });
    expect(await get("/api/executions/twice/a")).toMatchObject({
      status: 200,
      body: {
        execution: "twice/a",
        workflow: "twice",
        steps: [{ path: "double", status: "succeeded", output: { n: 8 } }],
      },
    });
  });

  it("makes up an id when none is given", async () => {
    const { body } = await post("/api/executions", { workflow: "twice", input: { n: 1 } });
    expect(body).toEqual({ execution: expect.stringMatching(/^twice\/[0-9a-f-]{36}$/), started: true });
  });

  it("gives the error of an execution that failed", async () => {
    await post("/api/executions", { workflow: "twice", id: "big", input: { n: 101 } });
    const error = { code: "TooBig", message: expect.any(String), path: "double", data: { n: 101 } };
    const body = { execution: "twice/big", status: "failed", output: null, error };
    expect(await get("/api/executions/twice/big/result")).toEqual({ status: 200, body });
  });

  it("says that an execution still runs when the time to wait is over", async () => {
    await post("/api/executions", { workflow: "slow", id: "s", input: { n: 1 } });
    const body = { code: "still_running", execution: "slow/s" };
    expect(await get("/api/executions/slow/s/result?timeoutMs=30")).toEqual({ status: 202, body });
    expect(await get("/api/executions/slow/s/result?timeoutMs=0")).toEqual({ status: 202, body });
  });

  it("takes an event, and says what it starts", async () => {
    const sent = { id: "e-1", source: "test.shop", "detail-type": "Asked", detail: { id: "from-event", n: 3 } };
    const executions = [{ execution: "twice/from-event", started: true }];
    expect(await post("/api/events", sent)).toEqual({ status: 202, body: { event: "e-1", executions } });
    expect((await get("/api/executions/twice/from-event/result")).body).toMatchObject({ output: { n: 6 } });
    const again = [{ execution: "twice/from-event", started: false }];
    expect(await post("/api/events", { ...sent, id: "e-2" })).toMatchObject({
      status: 202,
      body: { executions: again },
    });
  });

  it("lists executions a page at a time, newest first", async () => {
    for (const n of [1, 2, 3, 4, 5])
      await post("/api/executions", { workflow: "twice", id: `page-${n}`, input: { n } });
    await until(async () => (await get("/api/executions?status=running&workflow=twice")).body.next === null);
    const seen: string[] = [];
    let next: unknown = "";
    let pages = 0;
    while (next !== null) {
      const { body } = await get(`/api/executions?workflow=twice&limit=2${next ? `&before=${next}` : ""}`);
      const executions = body.executions as { execution: string }[];
      seen.push(...executions.map((e) => e.execution));
      next = body.next;
      pages++;
    }
    const all = (await get("/api/executions?workflow=twice&limit=1000")).body.executions as { execution: string }[];
    expect(seen).toEqual(all.map((e) => e.execution));
    expect(pages).toBe(Math.ceil(all.length / 2));
    const failed = (await get("/api/executions?status=failed")).body.executions;
    expect(failed).toEqual([
      {
        ...{ execution: "twice/big", workflow: "twice", status: "failed" },
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        endedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        error: expect.objectContaining({ code: "TooBig" }),
      },
    ]);
  });

  it("holds an execution back and lets it go on", async () => {
    const go = hold(11);
    await post("/api/executions", { workflow: "slow", id: "held", input: { n: 11 } });
    const told = (status: string) => ({ execution: "slow/held", status, epoch: 0, carriedOut: true });
    // At once after its start, when it may have no header yet.
    expect(await post("/api/executions/slow/held/pause", {})).toEqual({ status: 200, body: told("paused") });
    expect(await post("/api/executions/slow/held/pause", {})).toEqual({ status: 200, body: told("paused") });
    go();
    const steps = async () => (await get("/api/executions/slow/held")).body.steps;
    await until(async () => JSON.stringify(await steps()).includes('"paused"'));
    expect(await get("/api/executions/slow/held")).toMatchObject({ body: { status: "paused", epoch: 0 } });
    expect(await get("/api/executions?status=paused")).toMatchObject({ body: { executions: [{ status: "paused" }] } });
    expect(await post("/api/executions/slow/held/resume", {})).toMatchObject({
      status: 200,
      body: { carriedOut: true },
    });
    expect(await get("/api/executions/slow/held/result")).toMatchObject({ body: { status: "succeeded" } });
    expect(await post("/api/executions/slow/held/resume", {})).toEqual(
      refusal(409, "invalid_status", /slow\/held is succeeded: resume is for one that is paused/),
    );
  });

  it("cancels an execution, and what its step still gives comes to nothing", async () => {
    const go = hold(12);
    await post("/api/executions", { workflow: "slow", id: "ended", input: { n: 12 } });
    await until(async () => {
      const { steps } = (await get("/api/executions/slow/ended")).body as { steps?: readonly { status: string }[] };
      return steps?.[0]?.status === "running";
    });
    const body = { execution: "slow/ended", status: "stopping", epoch: 0, carriedOut: true };
    expect(await post("/api/executions/slow/ended/cancel", { reason: "ordered twice" })).toEqual({ status: 200, body });
    go();
    const error = { code: "cancelled", message: "ordered twice", path: "" };
    const result = { execution: "slow/ended", status: "cancelled", output: null, error };
    expect(await get("/api/executions/slow/ended/result")).toEqual({ status: 200, body: result });
    const { steps } = (await get("/api/executions/slow/ended")).body as { steps: { path: string; status: string }[] };
    expect(steps.map(({ path, status }) => [path, status])).toEqual([
      ["wait", "succeeded"],
      ["more", "closed"],
    ]);
  });

  it("redrives an execution that has ended, and heals one", async () => {
    await post("/api/executions", { workflow: "twice", id: "more", input: { n: 200 } });
    expect((await get("/api/executions/twice/more/result")).body).toMatchObject({ status: "failed" });
    const redriven = await post("/api/executions/twice/more/redrive", { from: "double", input: { n: 5 } });
    expect(redriven).toMatchObject({ status: 200, body: { execution: "twice/more", epoch: 1, carriedOut: true } });
    expect((await get("/api/executions/twice/more/result")).body).toMatchObject({ output: { n: 10 } });
    expect(await post("/api/executions/twice/more/redrive", {})).toEqual(
      refusal(409, "invalid_redrive", /twice\/more cannot be redriven: nothing of it has failed/),
    );
    expect(await post("/api/executions/twice/more/heal", {})).toEqual({
      status: 200,
      body: { execution: "twice/more", status: "succeeded", epoch: 1, carriedOut: true },
    });
  });

  it("forks an execution from a step on, once per id", async () => {
    await post("/api/executions", { workflow: "twice", id: "source", input: { n: 4 } });
    expect((await get("/api/executions/twice/source/result")).body).toMatchObject({ output: { n: 8 } });
    const asked = { from: "double", input: { n: 6 }, id: "forked" };
    const body = { execution: "twice/forked", status: expect.any(String), epoch: 1, carriedOut: true };
    for (const _ of [1, 2])
      expect(await post("/api/executions/twice/source/fork", asked)).toEqual({ status: 200, body });
    expect((await get("/api/executions/twice/forked/result")).body).toMatchObject({ output: { n: 12 } });
    expect((await get("/api/executions/twice/forked")).body).toMatchObject({
      input: { n: 4 },
      trigger: { kind: "fork", execution: "twice/source", path: "double", epoch: 0 },
    });
    const random = await post("/api/executions/twice/source/fork", { from: "double" });
    expect(random).toMatchObject({ status: 200, body: { execution: expect.stringMatching(/^twice\/[0-9a-f-]{36}$/) } });
    expect(await post("/api/executions/twice/source/fork", { from: "nowhere" })).toEqual(
      refusal(409, "invalid_fork", /twice\/source cannot be forked: no step at 'nowhere' has settled/),
    );
    expect(await post("/api/executions/twice/source/fork", { from: "double", input: { n: "x" } })).toEqual(
      refusal(400, "invalid_input", /the input of 'double' breaks its schema: n/),
    );
    expect(await post("/api/executions/twice/source/fork", {})).toEqual(refusal(400, "usage", /from/));
  });

  it("asks all executions that match, and tells line by line how far it is", async () => {
    for (const id of ["all-1", "all-2"]) await post("/api/executions", { workflow: "twice", id, input: { n: 300 } });
    for (const id of ["all-1", "all-2"]) await get(`/api/executions/twice/${id}/result`);
    const since = (await get("/api/executions/twice/all-1")).body.startedAt;
    const asked = { filter: { workflow: "twice", status: "failed", since }, request: { kind: "redrive" } };
    const dry = await lines({ ...asked, dryRun: true });
    expect(dry.at(-1)).toMatchObject({ result: { executions: [{}, {}], carriedOut: 0, dryRun: true } });
    const told = await lines({ ...asked, concurrency: 1 });
    const counted = [0, 1, 2].map((done) => ({ progress: { done, of: 2, failed: 0 } }));
    expect(told.slice(0, 3)).toEqual(counted);
    expect(told.at(-1)).toMatchObject({
      result: { executions: [{ execution: "twice/all-2" }, { execution: "twice/all-1" }], carriedOut: 2, failed: [] },
    });
    for (const id of ["all-1", "all-2"]) expect((await get(`/api/executions/twice/${id}`)).body.epoch).toBe(1);
    expect(await lines({ ...asked, filter: { until: "2020-01-01T00:00:00Z" } })).toMatchObject([
      { progress: { done: 0, of: 0 } },
      { result: { executions: [] } },
    ]);
    expect(await post("/api/controls", { ...asked, filter: { since: "yesterday" } })).toEqual(
      refusal(400, "usage", /the body is refused: filter.since/),
    );
  });

  it("gives the graphs and the dead letters", async () => {
    const { body } = await get("/api/graphs");
    expect(body).toEqual({ workflows: { twice: twice.program.graph, slow: slow.program.graph } });
    expect(await get("/api/dead-letters")).toEqual({ status: 200, body: { deadLetters: [] } });
  });
});

describe("the HTTP API refuses", () => {
  const aStart = { workflow: "twice", id: "b", input: { n: 4 } };
  const anEvent = { id: "e-9", source: "test.shop", "detail-type": "Asked", detail: { id: "x", n: 1 } };

  it("a workflow, an execution and a path that are not there", async () => {
    const start = await post("/api/executions", { ...aStart, workflow: "thrice" });
    expect(start).toEqual(refusal(404, "unknown_workflow", /no workflow 'thrice'; known: twice, slow/));
    expect(await get("/api/executions/twice/nobody")).toEqual(
      refusal(404, "unknown_execution", /no execution twice\/nobody/),
    );
    const result = await get("/api/executions/twice/nobody/result?timeoutMs=20");
    expect(result).toEqual(refusal(404, "unknown_execution", /no execution twice\/nobody/));
    expect(await get("/api/other")).toEqual(refusal(404, "usage", /there is no GET \/api\/other/));
  });

  it("input that breaks its schema, and a body that is no start", async () => {
    const wrong = await post("/api/executions", { ...aStart, input: { n: "4" } });
    expect(wrong).toEqual(refusal(400, "invalid_input", /input of 'twice' breaks its schema.*number/));
    expect(await post("/api/executions", { id: "b" })).toEqual(
      refusal(400, "usage", /the body is refused: .*workflow/),
    );
    const more = await post("/api/executions", { ...aStart, inptu: 1 });
    expect(more).toEqual(refusal(400, "usage", /Unrecognized key: "inptu"/));
    expect(await post("/api/executions", [])).toEqual(refusal(400, "usage", /the body is refused/));
  });

  it("a request of an execution that is not there, or that is none", async () => {
    expect(await post("/api/executions/twice/nobody/pause", {})).toEqual(
      refusal(404, "unknown_execution", /no execution twice\/nobody/),
    );
    expect(await post("/api/executions/twice/b/stop", {})).toEqual(refusal(404, "usage", /there is no POST/));
    expect(await post("/api/executions/twice/b/pause", { reason: "x" })).toEqual(refusal(400, "usage", /reason/));
    expect(await post("/api/executions/twice/b/redrive", { form: "x" })).toEqual(refusal(400, "usage", /form/));
    expect(await post("/api/executions/twice/b/cancel", [])).toEqual(refusal(400, "usage", /the body is refused/));
    expect(await post("/api/executions/twice/b/cancel", { reason: "x".repeat(1001) })).toEqual(
      refusal(400, "usage", /longer than 1000 characters/),
    );
    expect(await post("/api/executions/twice/b/pause", "{}", "text/plain")).toEqual(refusal(415, "usage", /send JSON/));
  });

  it("an id that is none", async () => {
    expect(await post("/api/executions", { ...aStart, id: "a/b" })).toEqual(
      refusal(400, "invalid_id", /"a\/b" is refused/),
    );
    expect(await get("/api/executions/twice/a%2Fb")).toEqual(refusal(400, "invalid_id", /"a\/b" is refused/));
    expect(await get("/api/executions/Twice/a")).toEqual(refusal(400, "usage", /'Twice' is no workflow's name/));
  });

  it.each([
    ['{"workflow": twice}', { position: 14, line: 1, column: 15 }],
    ['{"workflow": "twice",\n "input": }', { position: 32, line: 2, column: 11 }],
    [`{"a": "${"long ".repeat(100)}",\n\n  b: 1}`, { position: 513, line: 3, column: 3 }],
    ['{"a": [1, 2', { position: 11, line: 1, column: 12 }],
    ['{"a": tru}', { position: 9, line: 1, column: 10 }],
  ])("JSON that does not parse, with the place: %j", async (text, place) => {
    const message = new RegExp(`not JSON.*position ${place.position} \\(line ${place.line}, column ${place.column}\\)`);
    expect(await post("/api/executions", text)).toEqual(refusal(400, "invalid_json", message, place));
  });

  it("an empty body", async () => {
    expect(await post("/api/events", "")).toEqual(refusal(400, "invalid_json", /the body is empty/, {}));
  });

  it("events without an id, with the wrong data, and that nothing listens to", async () => {
    const { id: _, ...nameless } = anEvent;
    expect(await post("/api/events", nameless)).toEqual(refusal(400, "invalid_event", /no EventBridge event: .*id/));
    const wrong = await post("/api/events", { ...anEvent, detail: { id: "x" } });
    expect(wrong).toEqual(refusal(400, "invalid_event", /e-9 .*breaks its schema/));
    const unmatched = await post("/api/events", { ...anEvent, "detail-type": "Forgotten" });
    expect(unmatched).toEqual(refusal(404, "unmatched_event", /listen to: test\.shop Asked/));
  });

  it("queries that make no sense", async () => {
    expect(await get("/api/executions?limit=1001")).toEqual(refusal(400, "usage", /query is refused: limit: .*1000/));
    expect(await get("/api/executions?status=done")).toEqual(refusal(400, "usage", /status/));
    expect(await get("/api/executions?before=xyz")).toEqual(refusal(400, "usage", /before=xyz is no cursor/));
    expect(await get("/api/executions/twice/a/result?timeoutMs=60001")).toEqual(refusal(400, "usage", /60000/));
  });

  it("a body a MiB above the payload limit, told its length beforehand or not", async () => {
    const large = JSON.stringify({ ...aStart, input: "x".repeat(3 * 1024 * 1024) });
    const tooLarge = refusal(413, "payload_too_large", /above the limit of 3145728 bytes/);
    expect(await post("/api/executions", large)).toEqual(tooLarge);
    const body = new Blob([large]).stream();
    const init = { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" };
    expect(await answerOf(await fetch(`${server.url}/api/executions`, init as RequestInit))).toEqual(tooLarge);
  });

  it("what a page of another site could send: a form, or a name that leads here", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
      expect(await post("/api/executions", aStart, type)).toEqual(refusal(415, "usage", /send JSON/));
    for (const host of ["evil.example", "evil.example:7295", "127.0.0.1.evil.example", "localhost.evil.example"])
      expect(await withHost(host)).toEqual(refusal(403, "usage", /is not this machine/));
    expect(await withHost("localhost@evil.example")).toEqual(refusal(400, "usage", /[Hh]ost/));
    for (const host of ["127.0.0.1", "localhost:80", "[::1]:7295", "LOCALHOST"])
      expect(await withHost(host)).toMatchObject({ status: 200 });
    const preflight = await fetch(`${server.url}/api/executions`, {
      method: "OPTIONS",
      headers: { origin: "http://evil.example" },
    });
    expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

const withHost = async (host: string) =>
  await new Promise((resolve, reject) => {
    const sent = request(`${server.url}/api/health`, { headers: { host }, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(text) as unknown }));
    });
    sent.on("error", reject);
    sent.end();
  });

describe("a port that is taken", () => {
  it("is said to be, with the process when it is an engine's", async () => {
    const port = Number(new URL(server.url).port);
    await expect(serveHttpApi(httpApi(engine, { version: "1", folder }), { port })).rejects.toMatchObject({
      ...{ code: "usage", detail: { port, pid: process.pid, folder } },
      message: expect.stringContaining(
        `taken by the engine of process ${process.pid}, on the data folder ${folder}: stop`,
      ),
    });
    await expect(serveHttpApi(httpApi(engine, { version: "1", folder }), { port, folder })).rejects.toThrow(
      "on this same data folder",
    );
    const other = createServer((_, response) => void response.end("hello"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close().closeAllConnections());
    const taken = (other.address() as AddressInfo).port;
    await expect(serveHttpApi(httpApi(engine, { version: "1", folder }), { port: taken })).rejects.toThrow(
      `the port ${taken} is taken by another program: stop it, or take another --port (0 for any)`,
    );
    await expect(serveHttpApi(httpApi(engine, { version: "1", folder }), { port: 70_000 })).rejects.toMatchObject({
      ...{ code: "usage", message: expect.stringContaining("the port 70000 cannot be listened on") },
    });
  });

  it("does not keep others from any free one", async () => {
    const other = await serveHttpApi(httpApi(engine, { version: "1", folder }), { port: 0 });
    onTestFinished(() => other.close());
    expect(other.url).not.toBe(server.url);
  });
});
