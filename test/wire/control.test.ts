/** What is asked of executions of a deployed platform, on the wire: through the control queue, carried out by the functions. */
import { setTimeout as sleep } from "node:timers/promises";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type Client, client } from "../../lib/client/index.ts";
import { deadLetterQueueName } from "../../lib/contract/names.ts";
import { node, workflow } from "../../lib/index.ts";
import { implement } from "../../lib/node/index.ts";
import { pawlInside } from "../cli/run-cli.ts";
import { until } from "../local/temp-folder.ts";
import { type Functions, runFunctions } from "../support/aws/functions.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

const Text = z.object({ text: z.string() });
const work = node("work", { input: Text, output: Text, errors: ["Refused"] });
const quick = node("quick", { input: Text, output: Text, inline: true, repeatable: true });
const chain = workflow("chain", { input: Text })
  .task(work)
  .task(quick)
  .parallel("both", { left: (b) => b.task(work.as("left")), right: (b) => b.task(quick.as("right")) })
  .map("each", { over: (s) => [s.both.left, s.both.right], each: (b) => b.task(work.as("one")), concurrency: 1 })
  .output((s) => s.each.map(({ text }) => text).join(" "));
const PATHS = ["work", "quick", "both/left/left", "both/right/right", "each/0/one", "each/1/one"];

/** Runs, by `execution path`. */
const runs = new Map<string, number>();
const world = { takesMs: 0, refuses: false };
const ran = (execution: string, path: string) => runs.get(`${execution} ${path}`) ?? 0;
const handlers = {
  work: implement(work, async ({ text }, step) => {
    const where = `${step.execution} ${step.path}`;
    runs.set(where, (runs.get(where) ?? 0) + 1);
    await sleep(world.takesMs);
    if (world.refuses && step.path === "both/left/left") step.fail("Refused");
    return { text: `${text}.` };
  }),
  quick: implement(quick, ({ text }) => ({ text: `${text},` })),
};
const OUTPUT = "in.,.. in.,,.";

onStandIn("control of a deployed platform", (aws) => {
  let platform: TestPlatform;
  let functions: Functions;
  let pawl: Client;
  const cli = async (...args: readonly string[]) => {
    const name = platform.environment.platform;
    const ran = await pawlInside([...args, "--target", "aws", "--platform", name]);
    return { ...ran, stdout: ran.stdout.replaceAll(` --target aws --platform ${name}`, "") };
  };
  const start = (id: string) => pawl.start(chain, { id, input: { text: "in" } });
  const statuses = async (id: string) => {
    const { steps } = await pawl.show(chain, id).catch(() => ({ steps: [] }));
    return Object.fromEntries(steps.map(({ path, status }) => [path, status]));
  };
  beforeAll(async () => {
    platform = await TestPlatform.create(aws);
    functions = await runFunctions(platform, { workflow: chain, handlers });
    pawl = client({ target: "aws", platform: platform.environment.platform });
    return () => functions.stop();
  });
  beforeAll(() => {
    // The functions' logs.
    const write = process.stdout.write.bind(process.stdout);
    const spy = vi
      .spyOn(process.stdout, "write")
      .mockImplementation((text) => String(text).startsWith("{") || write(text));
    return () => spy.mockRestore();
  });

  it("pauses and resumes, from right after the start", async () => {
    world.takesMs = 500;
    await start("p");
    const paused = await cli("pause", "chain/p");
    expect(paused).toMatchObject({ code: 0, stdout: "chain/p paused\nresume it with `pawl resume chain/p`\n" });
    await until(async () => Object.values(await statuses("p")).includes("paused"), 30_000);
    await functions.quiet();
    const held = await statuses("p");
    await sleep(300);
    expect(await statuses("p")).toEqual(held);
    expect((await cli("show", "chain/p")).stdout).toMatch(/^chain\/p paused\n/);
    expect(await cli("pause", "chain/p")).toMatchObject({ code: 0 }); // it is so already
    expect(await cli("resume", "chain/p", "--wait", "--timeout", "60s")).toMatchObject({ code: 0 });
    expect(await pawl.result(chain, "p")).toMatchObject({ status: "succeeded", output: OUTPUT });
    expect(ran("chain/p", "work")).toBe(1);
    await expect(pawl.pause(chain, "p")).rejects.toMatchObject({ code: "invalid_status" });
  });

  it("cancels, and a redrive goes on where it was", async () => {
    world.takesMs = 500;
    await start("c");
    await until(async () => (await statuses("c")).work === "running", 30_000);
    expect(await pawl.cancel(chain, "c", { reason: "twice" })).toMatchObject({ status: "stopping", carriedOut: true });
    expect(await cli("cancel", "chain/c", "--wait")).toMatchObject({
      code: 0,
      stdout: "chain/c cancelled\ncancelled: twice\n",
    });
    expect(await statuses("c")).toMatchObject({ work: "succeeded" });
    world.takesMs = 0;
    expect(await cli("redrive", "chain/c", "--wait", "--timeout", "60s")).toMatchObject({ code: 0 });
    expect(await pawl.result(chain, "c")).toMatchObject({ status: "succeeded", output: OUTPUT });
    expect(ran("chain/c", "work")).toBe(1);
  });

  it("redrives what failed, and from a step on with an input", async () => {
    world.refuses = true;
    await start("r");
    expect(await pawl.result(chain, "r")).toMatchObject({ status: "failed", error: { code: "Refused" } });
    expect((await cli("show", "chain/r")).stdout).toContain("`pawl redrive chain/r`");
    world.refuses = false;
    expect(await pawl.redrive(chain, "r")).toMatchObject({ epoch: 1, carriedOut: true });
    expect(await pawl.result(chain, "r")).toMatchObject({ status: "succeeded", output: OUTPUT });
    expect(await pawl.redrive(chain, "r", { from: "each/1/one", input: { text: "x" } })).toMatchObject({ epoch: 2 });
    expect(await pawl.result(chain, "r")).toMatchObject({ output: "in.,.. x." });
    expect(PATHS.map((path) => ran("chain/r", path))).toEqual([1, 0, 2, 0, 1, 2]);
    await expect(pawl.redrive(chain, "r")).rejects.toMatchObject({ code: "invalid_redrive" });
  });

  it("asks all that match, and tells which refused", async () => {
    world.refuses = true;
    const ids = ["many-1", "many-2", "many-3"];
    await Promise.all(ids.map(start));
    for (const id of ids) await pawl.result(chain, id);
    world.refuses = false;
    const failed = ["redrive", "--workflow", "chain", "--status", "failed"] as const;
    const shown = await cli(...failed, "--dry-run");
    expect(shown.stdout.match(/^chain\/many-\d +failed/gm)).toHaveLength(3);
    expect(await cli(...failed)).toMatchObject({ code: 0, stdout: "redrive: carried out for 3 of 3 executions\n" });
    for (const id of ids) expect(await pawl.result(chain, id)).toMatchObject({ status: "succeeded" });
    const none = await pawl.controlMany({ workflow: "chain", status: "succeeded" }, { kind: "cancel" });
    expect(none.carriedOut).toBe(0);
    expect(new Set(none.failed.map(({ error }) => error.code))).toEqual(new Set(["invalid_status"]));
    expect(none.failed.length).toBe(none.executions.length);
  });

  it("forks from a step on, and does nothing again that was done before it", async () => {
    await start("f");
    expect(await pawl.result(chain, "f")).toMatchObject({ output: OUTPUT });
    const options = { from: "each/1/one", input: { text: "x" }, id: "g" };
    expect(await pawl.fork(chain, "f", options)).toMatchObject({ execution: "chain/g", epoch: 1, carriedOut: true });
    expect(await pawl.result(chain, "g")).toMatchObject({ status: "succeeded", output: "in.,.. x." });
    expect(await pawl.fork(chain, "f", options)).toMatchObject({ status: "succeeded", carriedOut: true });
    expect(PATHS.filter((path) => ran("chain/g", path) > 0)).toEqual(["each/1/one"]);
    const shown = (await cli("show", "chain/g")).stdout;
    expect(shown).toMatch(/ forked +from chain\/f at each\/1\/one\n/);
    const flags = ["--from", "both/left/left", "--id", "h", "--wait", "--timeout", "60s"];
    expect(await cli("fork", "chain/g", ...flags)).toMatchObject({ code: 0 });
    expect(await pawl.result(chain, "h")).toMatchObject({ output: OUTPUT });
    expect(PATHS.filter((path) => ran("chain/h", path) > 0)).toEqual(["both/left/left", "each/0/one", "each/1/one"]);
    await expect(pawl.fork(chain, "f", { from: "each" })).rejects.toMatchObject({ code: "invalid_fork" });
  });

  it("says of what never was that it is unknown", async () => {
    await expect(pawl.cancel(chain, "never")).rejects.toMatchObject({ code: "unknown_execution" });
    await expect(pawl.cancel(chain, "a b")).rejects.toMatchObject({ code: "invalid_id" });
  });

  describe("when every queue is purged in mid-flight", () => {
    it("heal brings all executions to their end, each step once", async () => {
      world.takesMs = 150;
      const ids = Array.from({ length: 24 }, (_, i) => `heal-${i}`);
      await Promise.all(ids.map(start));
      await until(async () => (await pawl.list({ workflow: "chain" })).executions.length > 12, 30_000);
      await sleep(400);
      const { environment, sqs } = platform;
      const dead = deadLetterQueueName(environment.platform, "chain");
      const queues = ["chain", "chain.work", "chain.quick"].map((queue) => platform.queue(queue).url);
      for (const QueueUrl of [...queues, environment.queues + dead])
        await sqs.send(new PurgeQueueCommand({ QueueUrl }));
      await functions.quiet();
      const left = (await pawl.list({ workflow: "chain", status: "running", limit: 100 })).executions;
      expect(left.length).toBeGreaterThan(6);
      const told = await cli("heal", "--all", "--json");
      expect(told).toMatchObject({ code: 0, stderr: "" });
      expect((JSON.parse(told.stdout) as { carriedOut: number }).carriedOut).toBeGreaterThan(6);
      await Promise.all(ids.map(start)); // of those whose start was lost too
      for (const id of ids)
        expect(await pawl.result(chain, id, { timeout: "90 seconds" })).toMatchObject({ output: OUTPUT });
      const again = [...runs].filter(([where, n]) => where.startsWith("chain/heal-") && n > 1);
      expect(again).toEqual([]);
      expect([...functions.pollers.values()].flatMap(({ errors }) => errors)).toEqual([]);
    });
  });
});
