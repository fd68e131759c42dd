/** Events for one key, and times of a schedule, at a deployed platform's functions. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { type Client, client } from "../../lib/client/index.ts";
import { event, node, schedule, type TriggerOptions, workflow } from "../../lib/index.ts";
import { implement } from "../../lib/node/index.ts";
import { type Functions, runFunctions } from "../support/aws/functions.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

const Placed = z.object({ order: z.string() });
const work = node("work", { input: Placed, output: z.null() });
const handlers = {
  work: implement(work, async () => {
    await sleep(1_000);
    return null;
  }),
};
const policies = ["ignore", "queue", "replace"] as const satisfies NonNullable<TriggerOptions["whenRunning"]>[];
const keyed = policies.map((whenRunning) => {
  const placed = event("test.shop", `Placed-${whenRunning}`, { version: 1, data: Placed });
  return workflow(whenRunning, { input: Placed, on: placed.by((e) => e.data.order, { whenRunning }) }).task(work);
});
const report = workflow("report", {
  input: Placed,
  on: schedule({ rate: "5 minutes", input: ({ time }) => ({ order: time }) }),
}).task(work);

onStandIn("triggers of a deployed platform", (aws) => {
  let platform: TestPlatform;
  let pawl: Client;
  const functions: Functions[] = [];
  beforeAll(async () => {
    platform = await TestPlatform.create(aws);
    for (const of of [...keyed, report]) functions.push(await runFunctions(platform, { workflow: of, handlers }));
    pawl = client({ target: "aws", platform: platform.environment.platform, workflows: keyed });
    const write = process.stdout.write.bind(process.stdout);
    const spy = vi
      .spyOn(process.stdout, "write")
      .mockImplementation((text) => String(text).startsWith("{") || write(text));
    return () => spy.mockRestore();
  });
  afterAll(() => Promise.all(functions.map((one) => one.stop())));

  const endsOf = async (of: string) => {
    for (const one of functions) await one.quiet();
    const { executions } = await pawl.list({ workflow: of });
    return executions.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  };

  it("start, put off, pass over or replace as they say, one execution of a key at a time", async () => {
    const send = (of: string) =>
      pawl.sendEvent({
        ...{ id: randomUUID(), source: "test.shop", "detail-type": `Placed-${of}`, detail: { order: "7" } },
      });
    for (const of of policies) {
      await send(of);
      await vi.waitFor(async () => expect((await pawl.list({ workflow: of })).executions).toHaveLength(1), 20_000);
      await Promise.all([send(of), send(of)]);
    }
    await vi.waitFor(
      async () => {
        const ended = async (of: string) => (await endsOf(of)).map(({ status }) => status);
        expect(await ended("ignore")).toEqual(["succeeded"]);
        expect(await ended("queue")).toEqual(["succeeded", "succeeded", "succeeded"]);
        expect((await ended("replace")).at(0)).toBe("cancelled");
        expect((await ended("replace")).at(-1)).toBe("succeeded");
      },
      { timeout: 60_000, interval: 200 },
    );
    for (const of of policies) {
      const all = await endsOf(of);
      for (const [i, { startedAt }] of all.entries())
        if (i > 0) expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(Date.parse(all[i - 1]?.endedAt ?? ""));
    }
  });

  it("start one execution of a scheduled time, and none while that runs", async () => {
    const due = (time: string) =>
      platform.sqs.send(
        new SendMessageCommand({
          QueueUrl: platform.queue("report").url,
          MessageBody: JSON.stringify({ v: 1, kind: "tick", workflow: "report", time }),
        }),
      );
    const [first, second, third] = ["2026-05-01T09:00:00Z", "2026-05-01T09:05:00Z", "2026-05-01T09:10:00Z"] as const;
    await Promise.all([due(first), due(first)]);
    await vi.waitFor(async () => expect((await pawl.list({ workflow: "report" })).executions).toHaveLength(1), 20_000);
    await due(second);
    expect(await pawl.result(report, `schedule:${first}`, { timeout: "30 seconds" })).toMatchObject({ output: null });
    await functions.at(-1)?.quiet();
    await due(third);
    await pawl.result(report, `schedule:${third}`, { timeout: "30 seconds" });
    expect((await endsOf("report")).map(({ execution }) => execution)).toEqual([
      ...[`report/schedule:${first}`, `report/schedule:${third}`],
    ]);
  });
});
