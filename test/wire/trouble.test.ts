/** Deployed functions that die, for a time or for good, and a deployment while executions are at work. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPlatform } from "../../lib/adapters/aws/platform.ts";
import { inFlightOn } from "../../lib/cli/in-flight.ts";
import { client } from "../../lib/client/index.ts";
import { deadLetterQueueName, queueName } from "../../lib/contract/names.ts";
import { committedFile, writeCommitted } from "../../lib/project/committed-graphs.ts";
import { checkVersions } from "../../lib/versions/check-versions.ts";
import { CdkApp } from "../support/aws/cdk-app.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { go, proceed } from "./app/first/relay/contracts.ts";
import { relay } from "./app/first/relay/workflow.ts";
import { trouble } from "./app/first/trouble/workflow.ts";
import { relay as nextRelay, unmapped } from "./app/second/relay/workflow.ts";

onStandIn("a deployed workflow", (aws) => {
  const platform = `bad${aws.prefix.slice(-7, -1)}`;
  const graphs = mkdtempSync(join(tmpdir(), "pawl-graphs-"));
  const app = new CdkApp(aws, "test/wire/app/app.ts", { platform, graphs });
  const pawl = client({ target: "aws", platform, region: aws.region, endpoint: aws.endpoint });
  const sqs = new SQSClient(aws);
  const marker = (name: string) => join(tempFolder(), name);
  const start = (id: string, kind: "dies" | "throws" | "slow", mark: string | null = null) =>
    pawl.start(trouble, { id, input: { kind, marker: mark } });
  const ended = (id: string) => pawl.result(trouble, id, { timeout: "100 seconds" });
  const stepOf = async (id: string, path: string) =>
    (await pawl.show("trouble", id)).steps.find((step) => step.path === path);

  const urlOf = async (QueueName: string) => (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? "";

  beforeAll(async () => {
    await app.bootstrap();
    await app.deploy();
    // As an operator might: a message comes back sooner, and counts as dead sooner, than a test has time for.
    const QueueUrl = await urlOf(queueName(platform, "trouble.dies"));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["RedrivePolicy"] }),
    );
    const redrive = { ...JSON.parse(Attributes?.RedrivePolicy ?? "{}"), maxReceiveCount: 2 };
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl,
        Attributes: { VisibilityTimeout: "3", RedrivePolicy: JSON.stringify(redrive) },
      }),
    );
  }, 240_000);
  afterAll(async () => {
    await app.destroy();
    app.clean();
    rmSync(graphs, { recursive: true, force: true });
  }, 240_000);

  it("tries a step again whose process died, and ends once", async () => {
    await start("once", "dies", marker("once"));
    expect(await ended("once")).toMatchObject({ status: "succeeded", output: "came back, by the first version" });
    const { steps } = await pawl.show("trouble", "once");
    expect(steps.map((step) => `${step.path} ${step.status}`)).toEqual([
      "kind succeeded",
      "kind/dies/dies succeeded",
      "last succeeded",
    ]);
  });

  it("ends as crashed where its process always dies, and goes on with others meanwhile, also to the last attempt of one that always throws", async () => {
    await start("always", "dies");
    await start("beside", "throws", marker("beside"));
    await start("throws", "throws");
    expect(await ended("beside")).toMatchObject({ output: "attempt 2, by the first version" });
    // Meanwhile as well: a node that throws each time.
    expect(await ended("throws")).toMatchObject({ status: "failed", error: { code: "handler_failed" } });
    expect(await stepOf("throws", "kind/throws/throws")).toMatchObject({ status: "failed", attempt: 3 });
    expect(await ended("always")).toMatchObject({
      status: "failed",
      error: { code: "crashed", path: "kind/dies/dies" },
    });
    // Its message is done with: nothing is left over, and nothing was kept aside.
    for (const queue of [queueName(platform, "trouble.dies"), deadLetterQueueName(platform, "trouble")]) {
      const QueueUrl = await urlOf(queue);
      const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
      const left = async () =>
        Object.values(
          (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] })))
            .Attributes ?? {},
        );
      await expect.poll(left, { timeout: 20_000 }).toEqual(["0", "0"]);
    }
  });

  const first = relay.program.graph;
  const waiting = { early: ["w1", "w2"], late: ["w3", "w4"] };
  const relays = [...waiting.early, ...waiting.late];
  const place = { platform, region: aws.region, endpoint: aws.endpoint };
  const inFlight = async () => {
    return (await inFlightOn({ ...place, target: "aws", root: "." }, "relay")).inFlight;
  };
  const { log } = openPlatform(place);
  const stepsOf = async (id: string) => {
    const records = await log.list({ workflow: "relay", id });
    return [...records.keys()].filter((key) => key.startsWith("step/")).sort();
  };

  it("tells what a next version lacks for executions that wait, and for which of them", async () => {
    writeCommitted(committedFile(graphs, "relay"), { graph: first, earlier: [] });
    for (const id of relays) await pawl.start(relay, { id, input: { id } });
    const started = async () => (await inFlight()).get(relay.program.hash)?.count;
    await expect.poll(started, { timeout: 60_000, interval: 500 }).toBe(4);
    for (const id of waiting.late) await pawl.signal(relay, id, go, { id });
    const where = async () => [...(await inFlight()).values()];
    const at = { go: 2, proceed: 2 };
    await expect.poll(where, { timeout: 60_000, interval: 1_000 }).toEqual([{ count: 4, at }]);

    const open = (found: Awaited<ReturnType<typeof inFlight>>) =>
      checkVersions(unmapped().program, [first], found).against.flatMap(({ changes }) =>
        changes
          .filter(({ settled, verdict }) => !settled && verdict !== "safe")
          .map(({ kind, where }) => `${kind} ${where}`),
      );
    const found = await inFlight();
    expect(open(found)).toEqual([
      "node_removed weigh",
      "node_renamed charge",
      "slot_missing charge.input",
      "slot_reads ship.input",
    ]);
    // Those that are past `weigh` do not come to it.
    expect(open(new Map([[relay.program.hash, { count: 2, at: { proceed: 2 } }]]))).not.toContain("node_removed weigh");
    expect(checkVersions(nextRelay.program, [first], found)).toMatchObject({ ok: true, verdict: "safe" });
  });

  it("takes a next version while executions are at work: each ends, on the graph that it began with", async () => {
    const before = ["a", "b", "c", "d"];
    for (const id of before) await start(id, "slow");
    await expect.poll(async () => (await stepOf("a", "kind/slow/slow"))?.status, { timeout: 20_000 }).toBe("running");
    const deploying = app.deploy({ version: "second" });
    const during = ["e", "f"];
    for (const id of during) await start(id, "slow");
    await deploying;
    await start("after", "slow");

    expect(await ended("after")).toMatchObject({ output: "slow, by the second version, and more" });
    const graphs = new Map<string, string>();
    for (const id of [...before, ...during]) {
      const { status, output } = await ended(id);
      const { graph, steps } = await pawl.show("trouble", id);
      expect(status, id).toBe("succeeded");
      expect(output, id).toMatch(/^slow, by the (first|second) version(, and more)?$/);
      const paths = steps.map((step) => step.path);
      expect(paths.slice(0, 3), id).toEqual(["kind", "kind/slow/slow", "last"]);
      expect(paths.includes("added"), id).toBe(String(output).endsWith("and more"));
      graphs.set(id, graph);
    }
    for (const id of before) expect(graphs.get(id), id).toBe(trouble.program.hash);
    expect((await pawl.show("trouble", "after")).graph).not.toBe(trouble.program.hash);
  }, 300_000);

  it("lets those that waited finish on their own graph, though a node was put in, one renamed and one removed", async () => {
    await pawl.start(nextRelay, { id: "new", input: { id: "new" } });
    await expect.poll(async () => (await inFlight()).get(nextRelay.program.hash)?.count, { timeout: 60_000 }).toBe(1);
    for (const id of [...waiting.early, "new"]) await pawl.signal(relay, id, go, { id });
    for (const id of [...relays, "new"]) await pawl.signal(relay, id, proceed, { by: "them" });
    for (const id of relays) {
      const { status, output } = await pawl.result(relay, id, { timeout: "100 seconds" });
      expect({ status, output }).toEqual({ status: "succeeded", output: `second: ${id}, paid by card for 2, them` });
      expect(await stepsOf(id)).toEqual(["step/charge", "step/ship", "step/weigh"]);
      expect((await pawl.show("relay", id)).graph).toBe(relay.program.hash);
    }
    expect(await pawl.result(nextRelay, "new", { timeout: "100 seconds" })).toMatchObject({ status: "succeeded" });
    expect(await stepsOf("new")).toEqual(["step/check", "step/payCard", "step/ship"]);
    // Nobody needs what was kept for them any more.
    await expect.poll(async () => (await inFlight()).size, { timeout: 20_000 }).toBe(0);
    expect(checkVersions(nextRelay.program, [first], await inFlight())).toMatchObject({
      ok: true,
      spare: ["retired.nodes.weigh", "retired.nodes.charge", "retired.slots.charge.input", "retired.slots.ship.input"],
    });
  }, 300_000);
});
