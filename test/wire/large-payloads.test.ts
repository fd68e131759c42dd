/** 20 MB through functions on S3, DynamoDB and SQS; a payload that somebody changed; what is above the limit. */
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { s3Client } from "../../lib/adapters/aws/payload-store.ts";
import { node, workflow } from "../../lib/index.ts";
import { type WorkflowValue, workflowIn } from "../../lib/lambda/index.ts";
import { implement } from "../../lib/node/index.ts";
import { runFunctions } from "../support/aws/functions.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";
import { LARGE_BYTES, largeChain, largeHandlers, largeInput, largeProblem } from "../support/large-chain.ts";
import { noise } from "../support/noise.ts";

const startOf = ({ program }: WorkflowValue, id: string, input: z.core.util.JSONType) => ({
  queue: program.graph.workflow,
  envelope: {
    ...{ kind: "start" as const, v: 1 as const, workflow: program.graph.workflow, id },
    ...{ trigger: { kind: "direct" as const }, input },
  },
});

onStandIn("large payloads on AWS", (aws) => {
  let platform: TestPlatform;
  const s3 = s3Client(aws);
  beforeAll(async () => {
    platform = await TestPlatform.create(aws);
  });
  afterAll(() => s3.destroy());
  const objectsOf = async (Prefix: string) => {
    const { bucket: Bucket } = platform.environment;
    return (await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))).Contents ?? [];
  };

  it("of 20 MB travel through a chain of five, compressed", async () => {
    const flow = workflowIn({ largeChain });
    const options = { workflow: flow, handlers: largeHandlers, visibilitySeconds: 120 };
    const functions = await runFunctions(platform, options);
    const input = largeInput();
    const { transport, log } = platform.ports();
    await transport.send([startOf(flow, "1", input)]);
    const { header, records } = await functions.ended({ workflow: "large", id: "1" });
    await functions.stop();
    expect(header.status).toBe("succeeded");
    const last = records.get("step/five");
    expect(largeProblem(input, last?.kind === "step" ? last.output : undefined)).toBeUndefined();
    expect((await log.read(header, "decide/#start"))?.kind).toBe("decision");
    // The start's message, its record, five outputs.
    const sizes = (await objectsOf("month/large/1/")).map(({ Size = 0 }) => Size);
    expect(sizes).toHaveLength(7);
    expect(Math.max(...sizes)).toBeLessThan(LARGE_BYTES * 0.8);
  });

  it("that somebody changed are not taken for what was put, and the message stays until they are put back", async () => {
    const make = node("make", { input: z.null(), output: z.string() });
    const use = node("use", {
      ...{ input: z.string(), output: z.number() },
      retry: { maxAttempts: 5, firstDelay: "1 second" },
      timeout: "1 second", // a delivery that fails holds its claim for so long, and five seconds
    });
    const flow = workflowIn({ flow: workflow("changed", { input: z.null() }).task(make).task(use) });
    const text = noise(100_000);
    let calls = 0;
    let change = async () => {};
    const handlers = {
      make: implement(make, () => text),
      use: implement(use, async (made) => {
        if (++calls > 1) return made.length;
        await change();
        throw new Error("not yet");
      }),
    };
    const options = { visibilitySeconds: 1, mostReceives: 1000 };
    const functions = await runFunctions(platform, { workflow: flow, handlers, ...options });
    const { bucket: Bucket } = platform.environment;
    let putBack = async () => {};
    change = async () => {
      const [{ Key } = {}] = await objectsOf("month/changed/1/");
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const sound = (await Body?.transformToByteArray()) ?? new Uint8Array();
      putBack = async () => void (await s3.send(new PutObjectCommand({ Bucket, Key, Body: sound })));
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: sound.with(1000, 0).with(1001, 0) }));
    };
    const name = { workflow: "changed", id: "1" };
    const { transport, log, deadLetters } = platform.ports();
    await transport.send([startOf(flow, "1", null)]);
    const reads = () => (functions.requests.get("changed.use") ?? []).filter(({ service }) => service === "S3").length;
    // Its first read was sound; from the second on, each delivery finds the payload changed.
    await expect.poll(reads, { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
    await expect(log.read(name, "step/make")).rejects.toMatchObject({
      code: "storage_failed",
      message: expect.stringMatching(/^the payload month\/changed\/1\/\w+ is not what was put there/),
    });
    expect([calls, await deadLetters.list("changed", 10)]).toEqual([1, []]);
    await putBack();
    const { header, records } = await functions.ended(name);
    await functions.stop();
    expect([header.status, calls]).toEqual(["succeeded", 2]);
    expect(records.get("step/use")).toMatchObject({ output: 100_000 });
  });

  it("above the limit are refused: an output fails its step, and a start is kept as a dead letter", async () => {
    const Grow = z.object({ text: z.string(), to: z.number() });
    const grow = node("grow", { input: Grow, output: z.string() });
    const flow = workflowIn({ flow: workflow("above", { input: Grow }).task(grow) });
    const handlers = { grow: implement(grow, ({ to }) => "x".repeat(to)) };
    const functions = await runFunctions(platform, { workflow: flow, handlers, visibilitySeconds: 60 });
    const { transport, deadLetters } = platform.ports();
    const above = 32 * 1024 * 1024;
    await transport.send([startOf(flow, "1", { text: "", to: above })]);
    const { header } = await functions.ended({ workflow: "above", id: "1" });
    expect(header.error).toMatchObject({
      ...{ code: "payload_too_large", path: "grow" },
      message: expect.stringMatching(/^the output has 33554434 bytes of JSON and the limit is 33554432: /),
    });
    await transport.send([startOf(flow, "2", { text: "x".repeat(above), to: 1 })]);
    await expect
      .poll(() => deadLetters.list("above", 10), { timeout: 60_000 })
      .toMatchObject([
        { reason: expect.stringMatching(/^payload_too_large: the input of 'above' has \d+ bytes of JSON/) },
      ]);
    await functions.stop();
  });
});
