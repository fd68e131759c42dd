/** The client of a deployed platform, on the wire. What executes is an engine in this process, on the platform's table. */
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { type Client, client } from "../../lib/client/index.ts";
import { parseEnvelope } from "../../lib/contract/envelope.ts";
import { parseEvent } from "../../lib/contract/event-detail.ts";
import { event, node, workflow } from "../../lib/index.ts";
import { implement } from "../../lib/node/index.ts";
import { barePlatform, engineOn, takeMessages } from "../support/aws/bare-platform.ts";
import { runFunctions } from "../support/aws/functions.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

const Guest = z.object({ name: z.string().trim().min(1), forMs: z.number().optional() });
const arrived = event("house.door", "Arrived", { version: 1, data: Guest });
const rang = event("house.bell", "Rang", { version: 1, data: z.object({ door: z.string() }) });
const hello = node("hello", { input: Guest, output: z.object({ text: z.string() }), errors: ["Refused"] });
const greet = workflow("greet", { input: Guest, on: arrived }).task(hello);
/** The executions are named by a key. */
const open = workflow("open", { input: z.object({ door: z.string() }), on: rang.by((e) => e.data.door) }).set(
  "opened",
  (s) => s.input.door,
);
/** Deployed, and never sent anything. */
const idle = workflow("idle", { input: z.object({ door: z.string() }), on: rang }).set("door", (s) => s.input.door);
const handlers = {
  hello: implement(hello, async ({ name, forMs = 0 }, step) => {
    await new Promise((resolve) => setTimeout(resolve, forMs));
    if (name === "Mallory") step.fail("Refused");
    return { text: `Hello ${name}` };
  }),
};

const arrival = (id: string, detail: unknown = { name: "Ada" }) => ({
  ...{ id, source: "house.door", "detail-type": "Arrived" },
  detail: detail as { name: string },
});
const ring = (id: string, door: string) => ({ id, source: "house.bell", "detail-type": "Rang", detail: { door } });
const accepted = (execution: string, started = true) => ({ execution, started });
const refusal = (code: string, text: string) => ({ name: "PawlError", code, message: expect.stringContaining(text) });

onStandIn("a client of a deployed platform", (aws) => {
  let platform: TestPlatform;
  let pawl: Client;
  let engine: Awaited<ReturnType<typeof engineOn>>;
  beforeAll(async () => {
    platform = await barePlatform(aws, [greet.program, open.program, idle.program]);
    engine = await engineOn(platform, { program: greet.program, handlers }, { program: open.program, handlers: {} });
    pawl = client({
      target: "aws",
      platform: platform.environment.platform,
      endpoint: aws.endpoint,
      region: aws.region,
    });
    return () => engine.stop();
  });

  describe("start", () => {
    it("sends one message to the workflow's control queue, and writes nothing", async () => {
      expect(await pawl.start(greet, { id: "s1", input: { name: " Ada " } })).toEqual(accepted("greet/s1"));
      const [body = "", ...more] = await takeMessages(platform, "greet");
      expect(more).toEqual([]);
      // As it was given: the control function parses it, and what a schema changes must not be changed twice.
      const message = { kind: "start", v: 1, workflow: "greet", id: "s1", input: { name: " Ada " } };
      expect(parseEnvelope(body)).toEqual({ ...message, trigger: { kind: "direct" } });
      await expect(pawl.show(greet, "s1")).rejects.toMatchObject({ code: "unknown_execution" });
    });

    it("starts nothing that has a header, and sends nothing then", async () => {
      await engine.start("greet", { id: "s2", input: { name: "Ada" } });
      await engine.result({ workflow: "greet", id: "s2" });
      expect(await pawl.start("greet", { id: "s2", input: { name: "Ada" } })).toEqual(accepted("greet/s2", false));
      expect(await takeMessages(platform, "greet")).toEqual([]);
    });

    it("takes an input as large as an engine does", async () => {
      const name = "é".repeat(500_000);
      await pawl.start(greet, { id: "s3", input: { name } });
      const [body = ""] = await takeMessages(platform, "greet");
      expect(JSON.parse(body)).toMatchObject({
        kind: "stored",
        payload: { key: expect.stringMatching(/^month\/greet\/s3\//) },
      });
      const large = { name: "x".repeat(32 * 1024 * 1024) };
      await expect(pawl.start(greet, { input: large })).rejects.toMatchObject(
        refusal("payload_too_large", "the limit"),
      );
    });

    it("checks an input by the stored graph when it has a name only", async () => {
      await pawl.start("greet", { id: "s4", input: { name: "Ada" } });
      expect(await takeMessages(platform, "greet")).toHaveLength(1);
      await expect(pawl.start("greet", { input: { name: 7 } })).rejects.toMatchObject(refusal("invalid_input", "name"));
      await expect(pawl.start("greet", { input: undefined })).rejects.toMatchObject(refusal("invalid_input", "greet"));
      await expect(pawl.start("greet", { id: "a b", input: { name: "Ada" } })).rejects.toMatchObject({
        code: "invalid_id",
      });
      expect(await takeMessages(platform, "greet")).toEqual([]);
    });

    it("leaves the checking to the control function when no graph is stored yet", async () => {
      expect(await pawl.start("idle", { id: "s5", input: "anything" })).toEqual(accepted("idle/s5"));
      expect(await takeMessages(platform, "idle")).toHaveLength(1);
    });

    it("refuses a workflow that is not deployed, and tells which ones are", async () => {
      const unknown = refusal("unknown_workflow", "known: greet, open");
      await expect(pawl.start("greeet", { input: {} })).rejects.toMatchObject(unknown);
      await expect(pawl.start("no/name", { input: {} })).rejects.toMatchObject(unknown);
      const other = workflow("other", { input: Guest }).task(hello);
      await expect(pawl.start(other, { input: { name: "Ada" } })).rejects.toMatchObject({ code: "unknown_workflow" });
    });
  });

  describe("sendEvent", () => {
    it("puts the event on the bus under its own id, and tells what it starts", async () => {
      expect(await pawl.sendEvent(arrival("e1"))).toEqual([accepted("greet/e1")]);
      const [body = ""] = await takeMessages(platform, "greet");
      const seen = parseEvent(JSON.parse(body));
      expect(seen).toMatchObject({ id: "e1", source: "house.door", type: "Arrived", data: { name: "Ada" } });
    });

    it("names the executions of a key where it has the code, and else the workflow", async () => {
      expect(await pawl.sendEvent(ring("e2", "front"))).toEqual([accepted("idle"), accepted("open")]);
      const workflows = [open, idle];
      const knowing = client({ target: "aws", platform: platform.environment.platform, workflows });
      expect(await knowing.sendEvent(ring("e3", "back"))).toEqual([accepted("idle/e3"), accepted("open/back")]);
      await engine.start("open", { id: "back", input: { door: "back" } });
      expect(await knowing.sendEvent(ring("e4", "back"))).toEqual([accepted("idle/e4"), accepted("open/back", false)]);
      expect(await takeMessages(platform, "open")).toHaveLength(3);
    });

    it("refuses what nobody listens to, and what breaks the schema of whoever does", async () => {
      const left = { ...arrival("e5"), "detail-type": "Left" };
      const unmatched = refusal("unmatched_event", "they listen to: house.bell Rang, house.door Arrived");
      await expect(pawl.sendEvent(left)).rejects.toMatchObject(unmatched);
      await expect(pawl.sendEvent(arrival("e6", { name: 7 }))).rejects.toMatchObject(refusal("invalid_event", "name"));
      await expect(pawl.sendEvent(ring("e7", 7 as never))).rejects.toMatchObject(refusal("invalid_event", "door"));
      await expect(pawl.sendEvent(arrival("e 8"))).rejects.toMatchObject({ code: "invalid_id" });
      const large = arrival("e9", { name: "x".repeat(256 * 1024) });
      await expect(pawl.sendEvent(large)).rejects.toMatchObject({ code: "payload_too_large" });
      expect(await takeMessages(platform, "greet")).toEqual([]);
    });
  });

  describe("result", () => {
    const ada = (forMs: number) => ({ name: "Ada", forMs });

    it("waits for an execution that does not even exist yet", async () => {
      const waiting = pawl.result(greet, "r1", { timeout: "30 seconds" });
      await new Promise((resolve) => setTimeout(resolve, 300));
      await engine.start("greet", { id: "r1", input: ada(300) });
      const ended = { execution: "greet/r1", status: "succeeded", output: { text: "Hello Ada" }, error: null };
      expect(await waiting).toStrictEqual(ended);
    });

    it("gives a failed execution as a result", async () => {
      await engine.start("greet", { id: "r2", input: { name: "Mallory" } });
      const error = { code: "Refused", path: "hello", message: expect.any(String) };
      expect(await pawl.result("greet", "r2")).toStrictEqual({
        ...{ execution: "greet/r2", status: "failed", output: null, error },
      });
    });

    it("gives up when its timeout is over, and not before", async () => {
      await engine.start("greet", { id: "r3", input: ada(1_500) });
      const begunMs = performance.now();
      const late = refusal("still_running", "0.3 seconds");
      await expect(pawl.result(greet, "r3", { timeout: "0.3 seconds" })).rejects.toMatchObject(late);
      expect(performance.now() - begunMs).toBeGreaterThan(299);
      expect(await pawl.result(greet, "r3", { timeout: "30 seconds" })).toMatchObject({ status: "succeeded" });
      const never = refusal("unknown_execution", "greet/r4");
      await expect(pawl.result(greet, "r4", { timeout: "0.1 seconds" })).rejects.toMatchObject(never);
      await expect(pawl.result(greet, "a/b")).rejects.toMatchObject({ code: "invalid_id" });
      await expect(pawl.result("../x", "1")).rejects.toMatchObject({ code: "usage" });
      const soon = { timeout: "soon" as "1 second" };
      await expect(pawl.result(greet, "r3", soon)).rejects.toMatchObject({ code: "usage" });
    });

    const envelope = (id: string) => ({
      kind: "start",
      v: 1,
      workflow: "idle",
      id,
      trigger: { kind: "direct" },
      input: 7,
    });
    const body = { kind: "stored", v: 1, workflow: "idle", payload: { key: "idle/d2/0af", sha256: "0af" } };
    it.each([
      ["was refused", "d1", envelope("d1")],
      ["was refused and is long", "d2", body],
      ["came with an event", "d3", { id: "d3", source: "house.bell", "detail-type": "Rang", detail: {} }],
    ])("tells the reason of a dead letter when the start %s", async (_, id, letter) => {
      const buried = {
        workflow: "idle",
        queue: "idle",
        reason: `invalid_input: no number in ${id}`,
        sentAtMs: Date.now(),
      };
      const waiting = pawl.result("idle", id);
      const told = expect(waiting).rejects.toMatchObject(refusal("unknown_execution", buried.reason));
      await platform
        .ports()
        .deadLetters.bury({ ...buried, messageId: id, atMs: Date.now(), body: JSON.stringify(letter) });
      await told;
    });

    it("does not take an old dead letter for the start that it waits for, and mentions it at the end", async () => {
      const old = { workflow: "greet", queue: "greet", sentAtMs: 1000, atMs: Date.now() - 120_000 };
      const letter = JSON.stringify({ ...envelope("d4"), workflow: "greet" });
      await platform.ports().deadLetters.bury({ ...old, messageId: "d4", reason: "long ago", body: letter });
      const timedOut = pawl.result(greet, "d4", { timeout: "2 seconds" });
      await expect(timedOut).rejects.toMatchObject(refusal("unknown_execution", "long ago"));
      const waiting = pawl.result(greet, "d4");
      await new Promise((resolve) => setTimeout(resolve, 3_500)); // it has looked through the dead letters by then
      await engine.start("greet", { id: "d4", input: ada(0) });
      expect(await waiting).toMatchObject({ status: "succeeded" });
    });
  });

  it("pages through executions, newest first", async () => {
    const own = await barePlatform(aws, [greet.program]);
    const runs = await engineOn(own, { program: greet.program, handlers });
    onTestFinished(() => runs.stop());
    const here = client({ target: "aws", platform: own.environment.platform });
    expect(await here.list()).toEqual({ executions: [], next: null });
    for (const id of ["1", "2", "3"]) {
      await runs.start("greet", { id, input: { name: id === "2" ? "Mallory" : "Ada" } });
      await runs.result({ workflow: "greet", id });
    }
    const page = await here.list({ limit: 2 });
    expect(page.executions.map(({ execution }) => execution)).toEqual(["greet/3", "greet/2"]);
    const rest = await here.list({ limit: 2, before: page.next ?? "" });
    expect(rest).toMatchObject({
      executions: [{ execution: "greet/1", status: "succeeded", error: null }],
      next: null,
    });
    const failed = await here.list({ workflow: "greet", status: "failed" });
    expect(failed.executions).toMatchObject([{ execution: "greet/2", error: { code: "Refused" } }]);
    await expect(here.list({ limit: 0 })).rejects.toMatchObject(refusal("usage", "limit"));
    await expect(here.list({ before: "x" })).rejects.toMatchObject(refusal("usage", "before=x"));
  });
});

onStandIn("a client of a platform with its functions", (aws) => {
  const Fare = z.object({ cents: z.number().transform((cents) => cents * 2) });
  const ride = workflow("ride", { input: Fare }).set("cents", (s) => s.input.cents);

  it("gets what the functions make of a start, and hears what they refuse", async () => {
    // Lines of the functions' logs.
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockReturnValue(true);
    onTestFinished(() => void vi.restoreAllMocks());
    const platform = await TestPlatform.create(aws);
    const functions = await runFunctions(platform, { workflow: ride, handlers: {} });
    onTestFinished(() => functions.stop());
    const pawl = client({ target: "aws", platform: platform.environment.platform });
    // Its graph is not known before the first message: nobody but the control function can refuse it.
    await pawl.start("ride", { id: "bad", input: { cents: "7" } });
    await expect(pawl.result("ride", "bad")).rejects.toMatchObject(refusal("unknown_execution", "invalid_input: "));
    for (const [id, given] of [
      ["typed", ride],
      ["named", "ride"],
    ] as const) {
      expect(await pawl.start(given as "ride", { id, input: { cents: 7 } })).toEqual(accepted(`ride/${id}`));
      expect(await pawl.result("ride", id)).toMatchObject({ status: "succeeded", output: 14 });
      expect(await pawl.start(given as "ride", { id, input: { cents: 7 } })).toEqual(accepted(`ride/${id}`, false));
    }
    expect((await pawl.list()).executions.map(({ execution }) => execution)).toEqual(["ride/named", "ride/typed"]);
  });
});

onStandIn("a client of a platform that is not there", (aws) => {
  it("is told which one was looked for, and what to do", async () => {
    const pawl = client({ target: "aws", platform: "nowhere" });
    const missing = refusal(
      "platform_unreachable",
      `the platform 'nowhere' (its table is nowhere-log) in the region ${aws.region}`,
    );
    await expect(pawl.list()).rejects.toMatchObject(missing);
    await expect(pawl.show("greet", "1")).rejects.toMatchObject(missing);
    await expect(pawl.start(greet, { input: { name: "Ada" } })).rejects.toMatchObject(missing);
    await expect(pawl.sendEvent(arrival("1"))).rejects.toMatchObject(missing);
  });

  it("is told that nothing answers, and of a name that no platform has", async () => {
    const away = client({ target: "aws", endpoint: "http://127.0.0.1:1" });
    await expect(away.list()).rejects.toMatchObject(refusal("platform_unreachable", "nothing answers"));
    await expect(client({ target: "aws", platform: "My Shop" }).list()).rejects.toMatchObject(
      refusal("usage", "My Shop"),
    );
  });
});
