/** A callback on this machine, from the handler that hands it out to the signal: over HTTP, as a person and a program do. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { FileCallbackKeys } from "../../lib/adapters/local/callback-keys.ts";
import type { HandedOut } from "../../lib/contract/callback.ts";
import { node, signal, workflow } from "../../lib/index.ts";
import { httpApi } from "../../lib/local/http-api.ts";
import { type EmbeddedEngine, openEngine } from "../../lib/local/open-engine.ts";
import { type HttpServer, serveHttpApi } from "../../lib/local/serve-http-api.ts";
import { implement } from "../../lib/node/index.ts";
import type { SentSignal } from "../../lib/security/receive-callback.ts";

const Ask = z.object({ by: z.string() });
const decision = signal("decision", { data: z.object({ approved: z.boolean(), comment: z.string().optional() }) });
const ask = node("ask", { input: Ask, output: Ask, callbacks: [decision], retry: { firstDelay: "0.01 seconds" } });
const hold = node("hold", { input: Ask, output: Ask });
const purchase = workflow("purchase", { input: Ask }).task(ask).task(hold).waitFor(decision);

const code = (of: string) => expect.objectContaining({ code: of });

describe("a callback on this machine", () => {
  let folder: string;
  let engine: EmbeddedEngine;
  let server: HttpServer;
  let sent: (SentSignal & { execution: string })[] = [];
  let executions = 0;
  const given = new Map<string, HandedOut[]>();
  const letGo = Promise.withResolvers<void>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pawl-test-"));
    const handlers = {
      ask: implement(ask, async (input, step) => {
        const answers = { Approve: { approved: true }, "Send it back": { approved: false } };
        const handedOut = await step.callback(decision, { for: "<legal>@example.org", answers, expires: "2 days" });
        const all = given.get(step.executionId) ?? [];
        given.set(step.executionId, [...all, handedOut]);
        if (all.length === 0) throw new Error("the mail could not be sent");
        return input;
      }),
      hold: implement(hold, async (input) => {
        await letGo.promise;
        return input;
      }),
    };
    engine = await openEngine({ folder, workflows: [{ workflow: purchase, handlers }], onLog: () => {} });
    const parts = {
      ...engine.callbackParts,
      sendSignal: async ({ id }: { id: string }, of: SentSignal) => void sent.push({ ...of, execution: id }),
    };
    const served = new Proxy(engine, { get: (of, name) => (name === "callbackParts" ? parts : Reflect.get(of, name)) });
    server = await serveHttpApi(httpApi(served, { version: "1.2.3", folder }), { port: 0 });
    engine.callbacks.listensAt(server.url);
  });
  afterAll(async () => {
    letGo.resolve();
    await server.close();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    sent = [];
  });

  /** An execution that has handed out a callback, after a first attempt that failed. */
  async function handedOut(): Promise<HandedOut & { readonly id: string }> {
    const id = `e${++executions}`;
    await engine.start("purchase", { id, input: { by: "jo" } });
    while ((given.get(id)?.length ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const [first, second] = given.get(id) ?? [];
    expect(second).toEqual(first);
    return { id, ...(second as HandedOut) };
  }
  const answer = (url: string, body: unknown) =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const submit = (url: string, form: Record<string, string>) =>
    fetch(url, { method: "POST", body: new URLSearchParams(form) });
  const errorOf = async (response: Response) => ((await response.json()) as { error: unknown }).error;

  it("is the same on each attempt, and leads to where the engine listens", async () => {
    const { url, token } = await handedOut();
    expect(url).toBe(`${server.url}/callbacks/${token}`);
  });

  it("is a page with the allowed answers, and looking at it, however often, answers nothing", async () => {
    const { url, id } = await handedOut();
    for (const method of ["GET", "HEAD", "GET"]) expect((await fetch(url, { method })).status).toBe(200);
    const page = await (await fetch(url)).text();
    expect(page).toContain(`purchase/${id}`);
    expect(page).toContain("&lt;legal&gt;@example.org");
    expect([...page.matchAll(/<button type="submit" name="answer" value="([^"]*)">/g)].map((it) => it[1])).toEqual([
      "Approve",
      "Send it back",
    ]);
    expect(page).toContain('<textarea name="text.comment"');
    expect(page).not.toMatch(/<script|text\.approved/);
    expect(sent).toEqual([]);
  });

  it("is a page that no other one may frame, keep, or learn the address of", async () => {
    const { url } = await handedOut();
    for (const response of [await fetch(url), await fetch(`${url}x`), await submit(url, { answer: "?" })])
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "content-security-policy": expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
      });
  });

  it("is answered by the page's form, with what the person wrote besides", async () => {
    const { url, id } = await handedOut();
    const thanks = await submit(url, { answer: "Send it back", "text.comment": "which budget?" });
    expect([thanks.status, await thanks.text()]).toEqual([200, expect.stringContaining("Your answer is recorded")]);
    expect(sent).toMatchObject([
      { execution: id, signal: "decision", data: { approved: false, comment: "which budget?" } },
    ]);
    const again = await submit(url, { answer: "Send it back", "text.comment": "which budget?" });
    expect(again.status).toBe(200);
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([409, expect.stringContaining("was answered before")]);
  });

  it("is no form in which a text could change what was chosen", async () => {
    const { url } = await handedOut();
    expect((await submit(url, { answer: "Approve", "text.approved": "false" })).status).toBe(200);
    expect(sent).toMatchObject([{ data: { approved: true } }]);
  });

  it("is answered by a program with the signal's data", async () => {
    const { url, id } = await handedOut();
    const response = await answer(url, { approved: true });
    expect([response.status, await response.json()]).toEqual([
      200,
      { accepted: true, execution: `purchase/${id}`, signal: "decision" },
    ]);
    expect(sent).toMatchObject([{ execution: id, data: { approved: true } }]);
  });

  it("is answered from anywhere: whatever host a proxy calls it by", async () => {
    const { token } = await handedOut();
    const app = httpApi(engine, { version: "1", folder });
    const from = (path: string) => app.request(path, { headers: { host: "approvals.example.org" } });
    expect((await from(`/callbacks/${token}`)).status).toBe(200);
    expect((await from("/api/health")).status).toBe(403);
  });

  it("is refused with its reason, to a program and to a person", async () => {
    const { url, token } = await handedOut();
    const forged = `${url.slice(0, -10)}${"A".repeat(10)}`;
    const refusals: [string, number, string, () => Promise<Response>][] = [
      ["half of the address", 400, "callback_malformed", () => answer(url.slice(0, -20), { approved: true })],
      [
        "a text that is not JSON",
        400,
        "invalid_json",
        () => fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: "{" }),
      ],
      ["another signature", 403, "callback_forged", () => answer(forged, { approved: true })],
      ["what does not fit", 422, "answer_refused", () => answer(url, { approved: 1 })],
      ["too much", 413, "payload_too_large", () => answer(url, { approved: true, comment: "x".repeat(65_536) })],
    ];
    for (const [what, status, name, call] of refusals) {
      const response = await call();
      expect([what, response.status, await errorOf(response)]).toEqual([what, status, code(name)]);
      expect(JSON.stringify(response)).not.toContain(token);
    }
    const page = await fetch(forged);
    expect([page.status, page.headers.get("content-type")]).toEqual([403, expect.stringContaining("text/html")]);
    expect(await page.text()).toContain("was not handed out here");
    const unknown = await submit(url, { answer: "constructor" });
    expect([unknown.status, await unknown.text()]).toEqual([422, expect.stringContaining("no answer was chosen")]);
    expect((await submit(url, {})).status).toBe(422);
    expect(sent).toEqual([]);
    await answer(url, { approved: true });
    expect([(await answer(url, { approved: false })).status, (await answer(url, { approved: true })).status]).toEqual([
      409, 200,
    ]);
  });

  it("comes too late once its execution is cancelled", async () => {
    const { url, id } = await handedOut();
    await engine.control({ workflow: "purchase", id }, { kind: "cancel" });
    let response = await fetch(url);
    while (response.status === 200) response = await fetch(url);
    expect(response.status).toBe(410);
    expect(await errorOf(await answer(url, { approved: true }))).toEqual(code("callback_too_late"));
  });

  it("is signed by a key that its folder keeps for its owner, and that another process finds there", async () => {
    await handedOut();
    const file = join(folder, "callback-keys.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const kept = await new FileCallbackKeys(folder).current();
    expect(kept).toEqual(await engine.callbacks.keys.current());
    expect(kept.secret).toHaveLength(32);
    expect(Object.keys((JSON.parse(readFileSync(file, "utf8")) as { keys: object[] }).keys[0] ?? {})).toEqual([
      "kty",
      "alg",
      "use",
      "kid",
      "k",
    ]);
  });

  it("has keys that are rotated by putting another before them, and none that is too short or damaged", async () => {
    const old = mkdtempSync(join(tmpdir(), "pawl-test-"));
    const file = join(old, "callback-keys.json");
    const first = await new FileCallbackKeys(old).current();
    const jwk = (kid: string, bytes: number) => ({ kty: "oct", kid, k: Buffer.alloc(bytes, 7).toString("base64url") });
    const { keys } = JSON.parse(readFileSync(file, "utf8")) as { keys: object[] };
    writeFileSync(file, JSON.stringify({ keys: [jwk("newer", 32), ...keys] }));
    const rotated = new FileCallbackKeys(old);
    expect((await rotated.current()).id).toBe("newer");
    expect(await rotated.byId(first.id)).toEqual(first);
    for (const damaged of [{ keys: [jwk("short", 31)] }, { keys: [] }, "{"]) {
      writeFileSync(file, typeof damaged === "string" ? damaged : JSON.stringify(damaged));
      await expect(new FileCallbackKeys(old).current()).rejects.toEqual(code("data_folder_damaged"));
    }
    rmSync(old, { recursive: true, force: true });
  });

  // To be turned on with the engine's side of signals: nothing of this test's own is missing.
  it("is an answer that reaches its execution, though nothing waited for it yet", async () => {
    const { token, id } = await handedOut();
    const response = await httpApi(engine, { version: "1", folder }).request(`/callbacks/${token}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ approved: true }),
    });
    expect(response.status).toBe(200);
    letGo.resolve();
    expect(await engine.result({ workflow: "purchase", id })).toMatchObject({
      status: "succeeded",
      output: { approved: true },
    });
  });
});
