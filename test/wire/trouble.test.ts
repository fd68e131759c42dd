/** Deployed functions that die, for a time or for good, and a deployment while executions are at work. */

import { join } from "node:path";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { client } from "../../lib/client/index.ts";
import { deadLetterQueueName, queueName } from "../../lib/contract/names.ts";
import { CdkApp } from "../support/aws/cdk-app.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { trouble } from "./app/first/trouble/workflow.ts";

onStandIn("a deployed workflow", (aws) => {
  const platform = `bad${aws.prefix.slice(-7, -1)}`;
  const app = new CdkApp(aws, "test/wire/app/app.ts", { platform });
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
  });

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
    const first = trouble.program.hash;
    for (const id of before) expect(graphs.get(id), id).toBe(first);
    expect((await pawl.show("trouble", "after")).graph).not.toBe(first);
  });
});
