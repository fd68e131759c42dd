import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { type Client, client, type Result } from "../../lib/client/index.ts";
import { event, node, workflow } from "../../lib/index.ts";
import { writeEngineFile } from "../../lib/local/engine-file.ts";
import { httpApi } from "../../lib/local/http-api.ts";
import { openEngine } from "../../lib/local/index.ts";
import { serveHttpApi } from "../../lib/local/serve-http-api.ts";
import { implement } from "../../lib/node/index.ts";
import { tempFolder } from "../local/temp-folder.ts";

const Guest = z.object({ name: z.string(), forMs: z.number().optional() });
const arrived = event("house.door", "Arrived", { version: 1, data: Guest });
const hello = node("hello", { input: Guest, output: z.object({ text: z.string() }), errors: ["Refused"] });
const greet = workflow("greet", { input: Guest, on: arrived }).task(hello);
/** Whoever is called Ida waits for it. */
const door = Promise.withResolvers<void>();
const handlers = {
  hello: implement(hello, async ({ name, forMs = 0 }, step) => {
    if (name === "Ida") await door.promise;
    await new Promise((resolve) => setTimeout(resolve, forMs));
    if (name === "Mallory") step.fail("Refused");
    return { text: `Hello ${name}` };
  }),
};

const arrival = (id: string) => ({ id, source: "house.door", "detail-type": "Arrived", detail: { name: "Ada" } });

/** An engine with its HTTP API. */
async function begun(folder: string) {
  const engine = await openEngine({ folder, workflows: [{ workflow: greet, handlers }] });
  const server = await serveHttpApi(httpApi(engine, { version: "0", folder }), { port: 0 });
  const end = async () => {
    await server.close();
    await engine.stop();
  };
  return { url: server.url, end };
}

describe("a client", () => {
  let engine: Awaited<ReturnType<typeof begun>>;
  let pawl: Client;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pawl-client-"));
    engine = await begun(folder);
    pawl = client({ url: engine.url });
  });
  afterAll(async () => {
    await engine.end();
    rmSync(folder, { recursive: true });
  });

  it("starts an execution once per id, and waits for its end", async () => {
    const input = { name: "Ada" };
    expect(await pawl.start(greet, { id: "1", input })).toEqual({ execution: "greet/1", started: true });
    const result = await pawl.result(greet, "1", { timeout: "10 seconds" });
    expect(result).toStrictEqual({
      execution: "greet/1",
      status: "succeeded",
      output: { text: "Hello Ada" },
      error: null,
    });
    expect(await pawl.start("greet", { id: "1", input })).toEqual({ execution: "greet/1", started: false });
    const { execution } = await pawl.start(greet, { input }); // an id of the engine's making
    expect(await pawl.result("greet", execution.slice("greet/".length))).toMatchObject({ status: "succeeded" });
  });

  it("gives a failed execution as a result", async () => {
    await pawl.start(greet, { id: "bad", input: { name: "Mallory" } });
    expect(await pawl.result(greet, "bad")).toStrictEqual({
      execution: "greet/bad",
      status: "failed",
      output: null,
      error: { code: "Refused", path: "hello", message: expect.any(String) },
    });
  });

  it("sends events, and shows and lists executions", async () => {
    expect(await pawl.sendEvent(arrival("e1"))).toEqual([{ execution: "greet/e1", started: true }]);
    await pawl.result(greet, "e1");
    expect(await pawl.sendEvent(arrival("e1"))).toEqual([{ execution: "greet/e1", started: false }]);
    expect(await pawl.show(greet, "e1")).toMatchObject({ execution: "greet/e1", steps: [{ path: "hello" }] });
    await pawl.sendEvent(arrival("e2"));
    await pawl.result(greet, "e2");
    const page = await pawl.list({ workflow: "greet", status: "succeeded", limit: 1 });
    expect(page).toMatchObject({ executions: [{ execution: "greet/e2", error: null }], next: expect.any(String) });
    const rest = await pawl.list({ workflow: "greet", status: "succeeded", before: page.next ?? "" });
    expect(rest.executions[0]).toMatchObject({ execution: "greet/e1" });
    expect(rest.next).toBeNull();
  });

  it("gives up waiting when its timeout is over, and not before", async () => {
    await pawl.start(greet, { id: "slow", input: { name: "Ada", forMs: 400 } });
    await expect(pawl.result(greet, "slow", { timeout: "0.1 seconds" })).rejects.toMatchObject({
      name: "PawlError",
      code: "still_running",
      message: expect.stringContaining("0.1 seconds"),
    });
    expect(await pawl.result(greet, "slow", { timeout: "10 seconds" })).toMatchObject({ status: "succeeded" });
  });

  it("pauses and resumes, cancels and redrives, and heals", async () => {
    const input = { name: "Ida" };
    await pawl.start(greet, { id: "p", input });
    expect(await pawl.pause(greet, "p")).toEqual({
      execution: "greet/p",
      status: "paused",
      epoch: 0,
      carriedOut: true,
    });
    expect(await pawl.resume("greet", "p")).toMatchObject({ status: "running", carriedOut: true });
    expect(await pawl.heal(greet, "p")).toMatchObject({ carriedOut: true });
    expect(await pawl.cancel(greet, "p", { reason: "no" })).toMatchObject({ status: "stopping", carriedOut: true });
    door.resolve();
    expect(await pawl.result(greet, "p")).toStrictEqual({
      execution: "greet/p",
      status: "cancelled",
      output: null,
      error: { code: "cancelled", message: "no", path: "" },
    });
    await expect(pawl.pause(greet, "p")).rejects.toMatchObject({ code: "invalid_status" });
    const redriven = await pawl.redrive(greet, "p", { from: "hello", input: { name: "Grace" } });
    expect(redriven).toMatchObject({ epoch: 1, carriedOut: true });
    expect(await pawl.result(greet, "p")).toMatchObject({ output: { text: "Hello Grace" } });
    await expect(pawl.redrive(greet, "p")).rejects.toMatchObject({ code: "invalid_redrive" });
    await expect(pawl.redrive(greet, "p", { from: "nowhere" })).rejects.toMatchObject({ code: "invalid_redrive" });
    await expect(pawl.heal(greet, "nobody")).rejects.toMatchObject({ code: "unknown_execution" });
  });

  it("forks from a step on", async () => {
    await pawl.start(greet, { id: "source", input: { name: "Ada" } });
    expect(await pawl.result(greet, "source")).toMatchObject({ output: { text: "Hello Ada" } });
    const options = { from: "hello", input: { name: "Grace" }, id: "forked" };
    expect(await pawl.fork(greet, "source", options)).toMatchObject({ execution: "greet/forked", carriedOut: true });
    expect(await pawl.fork("greet", "source", options)).toMatchObject({ execution: "greet/forked", carriedOut: true });
    expect(await pawl.result(greet, "forked")).toMatchObject({ output: { text: "Hello Grace" } });
    const { execution } = await pawl.fork(greet, "source", { from: "hello" });
    expect(await pawl.result("greet", execution.slice("greet/".length))).toMatchObject({
      output: { text: "Hello Ada" },
    });
    await expect(pawl.fork(greet, "source", { from: "nowhere" })).rejects.toMatchObject({ code: "invalid_fork" });
    await expect(pawl.fork(greet, "source", { from: "hello", id: "a b" })).rejects.toMatchObject({
      code: "invalid_id",
    });
  });

  it("throws what the engine says, with its code and detail", async () => {
    const input = { name: "Ada" };
    await expect(pawl.start("nope", { input })).rejects.toMatchObject({
      code: "unknown_workflow",
      detail: { workflow: "nope" },
    });
    await expect(pawl.start("greet", { input: { name: 7 } })).rejects.toMatchObject({
      name: "PawlError",
      code: "invalid_input",
    });
    await expect(pawl.start("greet", { id: "a b", input })).rejects.toMatchObject({ code: "invalid_id" });
    await expect(pawl.sendEvent({ ...arrival("x"), source: "elsewhere" })).rejects.toMatchObject({
      code: "unmatched_event",
    });
    await expect(pawl.sendEvent({ ...arrival("x"), detail: 7 })).rejects.toMatchObject({ code: "invalid_event" });
    await expect(pawl.show(greet, "nope")).rejects.toMatchObject({ code: "unknown_execution" });
    await expect(pawl.show("greet", "../../health")).rejects.toMatchObject({ code: "invalid_id" });
    await expect(pawl.result(greet, "1", { timeout: "soon" as "1 second" })).rejects.toMatchObject({ code: "usage" });
  });
});

describe("a client's engine", () => {
  it("is the one of PAWL_URL, else the one that holds the data folder", async () => {
    const folder = tempFolder();
    const engine = await begun(folder);
    onTestFinished(engine.end);
    await expect(client({ folder }).list()).rejects.toMatchObject({ code: "engine_not_running", detail: { folder } });
    await writeEngineFile(folder, { url: engine.url, pid: process.pid, startedAt: new Date().toISOString() });
    expect(await client({ folder }).list()).toEqual({ executions: [], next: null });
    vi.stubEnv("PAWL_URL", engine.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await client({ folder: tempFolder() }).list()).toEqual({ executions: [], next: null });
  });

  it("is told of when it does not answer, or is none", async () => {
    await expect(client({ url: "http://127.0.0.1:1" }).list()).rejects.toMatchObject({ code: "engine_not_running" });
    await expect(client({ url: "127.0.0.1:7295" }).list()).rejects.toMatchObject({ code: "usage" });
    const other = createServer((_, response) => response.end("<h1>It works</h1>")).listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once("listening", resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await expect(client({ url }).list()).rejects.toMatchObject({
      code: "engine_not_running",
      message: expect.stringContaining("is this the address of one?"),
    });
  });
});

describe("a client's types", () => {
  it("are the workflow's", () => {
    const pawl = client({ url: "http://127.0.0.1:1" });
    type Greeted = Result<{ text: string }>;
    expectTypeOf(() => pawl.result(greet, "1")).returns.resolves.toEqualTypeOf<Greeted>();
    // @ts-expect-error the input of greet has a name
    const wrong = () => pawl.start(greet, { input: { nam: "Ada" } });
    // @ts-expect-error a duration has a unit
    const bare = () => pawl.result(greet, "1", { timeout: 30 });
    const deployed = client({ target: "aws", platform: "shop", workflows: [greet] });
    expectTypeOf(deployed).toEqualTypeOf<Client>();
    expectTypeOf(() => deployed.result(greet, "1")).returns.resolves.toEqualTypeOf<Greeted>();
    // @ts-expect-error a platform has no url
    const mixed = () => client({ target: "aws", url: "http://127.0.0.1:1" });
    // @ts-expect-error a platform is named for AWS alone
    const local = () => client({ platform: "shop" });
    expect([wrong, bare, mixed, local]).toHaveLength(4);
  });
});
