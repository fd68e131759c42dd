/**
 * What a step costs, counted at the SDK's clients, is what the budget says (docs: "What a step costs"): capacity units with
 * those of the index, and requests. Executions come one at a time to containers that are warm; batches are looked at apart.
 */
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { COUNTED } from "../../bench/simulate/workloads.ts";
import type { RequestNote } from "../../lib/adapters/aws/requests.ts";
import { node, workflow } from "../../lib/index.ts";
import { nodeHandler, workflowIn } from "../../lib/lambda/index.ts";
import type { NodeOptions } from "../../lib/model/contracts.ts";
import { implement } from "../../lib/node/index.ts";
import { runFunctions } from "../support/aws/functions.ts";
import { invocationContext, recordOf } from "../support/aws/poller.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

const NODES = ["one", "two", "three", "four"] as const;
const Text = z.object({ text: z.string() });
/** A serial chain whose values are 1 KiB or less. */
function chain(name: string, options: NodeOptions) {
  const contract = { input: Text, output: Text, ...options };
  const [one, two, three, four] = [
    node("one", contract),
    node("two", contract),
    node("three", contract),
    node("four", contract),
  ];
  const value = workflow(name, { input: Text }).task(one).task(two).task(three).task(four);
  const handlers = {
    one: implement(one, (input) => input),
    two: implement(two, (input) => input),
    three: implement(three, (input) => input),
    four: implement(four, (input) => input),
  };
  return { workflow: workflowIn({ value }), handlers };
}
const startOf = (workflow: string, id: string) => ({
  queue: workflow,
  envelope: {
    ...{ kind: "start" as const, v: 1 as const, workflow, id, trigger: { kind: "direct" as const } },
    input: { text: "x".repeat(500) },
  },
});

interface Cost {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly sends: number;
}
const costOf = (notes: readonly RequestNote[]): Cost => ({
  writeUnits: notes.reduce((sum, { writeUnits }) => sum + writeUnits, 0),
  readUnits: notes.reduce((sum, { readUnits }) => sum + readUnits, 0),
  sends: notes.filter(({ service }) => service === "SQS").length,
});

/** What the simulation of docs/scale.md reckons with. */
const { queuedStep, repeatableStep, inlineStep, inlineSegment, openHeader, recordStart, closeHeader } = COUNTED;
/** The header is opened (2, with the index) and closed (3, since the index is keyed by the status); the start is recorded (1). */
const EXECUTION_WRITES = 6;
const STARTED = openHeader.writeUnits + recordStart.writeUnits;

onStandIn("the budget", (aws) => {
  async function spend(name: string, options: NodeOptions): Promise<ReadonlyMap<string, Cost>> {
    const platform = await TestPlatform.create(aws);
    const functions = await runFunctions(platform, { ...chain(name, options), visibilitySeconds: 60 });
    const { transport } = platform.ports();
    const before = new Map<string, number>();
    for (const id of ["cold", "warm"]) {
      for (const [queue, notes] of functions.requests) before.set(queue, notes.length);
      await transport.send([startOf(name, id)]);
      await functions.ended({ workflow: name, id });
      await functions.quiet();
    }
    await functions.stop();
    return new Map([...functions.requests].map(([queue, notes]) => [queue, costOf(notes.slice(before.get(queue)))]));
  }

  describe("of a chain of four steps", () => {
    it("queued: two writes, half a read unit and one send each", async () => {
      const costs = await spend("queued", {});
      for (const n of ["one", "two", "three"]) expect(costs.get(`queued.${n}`)).toEqual({ ...queuedStep, sends: 1 });
      expect(costs.get("queued.four")).toEqual({ writeUnits: 2 + closeHeader.writeUnits, readUnits: 0.5, sends: 0 });
      expect(costs.get("queued")).toEqual({ writeUnits: STARTED, readUnits: 0, sends: 1 });
    });
    it("queued and repeatable: one write, half a read unit and one send each", async () => {
      const costs = await spend("repeatable", { repeatable: true });
      for (const n of ["one", "two", "three"])
        expect(costs.get(`repeatable.${n}`)).toEqual({ ...repeatableStep, sends: 1 });
      expect(costs.get("repeatable.four")).toEqual({
        writeUnits: 1 + closeHeader.writeUnits,
        readUnits: 0.5,
        sends: 0,
      });
      expect(costs.get("repeatable")).toEqual({ writeUnits: STARTED, readUnits: 0, sends: 1 });
    });
    it("inline and repeatable: one write each, and half a read unit for all of them", async () => {
      const costs = await spend("inline", { inline: true, repeatable: true });
      for (const n of NODES) expect(costs.get(`inline.${n}`)).toEqual({ writeUnits: 0, readUnits: 0, sends: 0 });
      expect(costs.get("inline")).toEqual({
        writeUnits: 4 * inlineStep.writeUnits + EXECUTION_WRITES,
        readUnits: 4 * inlineStep.readUnits + inlineSegment.readUnits,
        sends: 0,
      });
    });
  });

  it("of ten messages in one batch: what they send goes in a request or two", async () => {
    const platform = await TestPlatform.create(aws);
    const { workflow: of, handlers } = chain("batched", {});
    await platform.createQueues("batched", NODES, { visibilitySeconds: 60 });
    const { transport, log } = platform.ports();
    const graph = of.program.hash;
    const expiresAt = Math.ceil(Date.now() / 1000) + 45 * 86_400;
    const names = Array.from({ length: 10 }, (_, i) => ({ workflow: "batched", id: `e${i}`, expiresAt }));
    for (const name of names)
      await log.open({
        ...{ kind: "header", ...name, graph, status: "running", epoch: 0 },
        ...{ trigger: { kind: "direct" }, startedAtMs: Date.now() },
      });
    await transport.send(
      names.map((name) => ({
        queue: "batched.one",
        envelope: {
          ...{ kind: "step" as const, v: 1 as const, ...name, graph, epoch: 0, path: "one", attempt: 1 },
          bind: { prev: "decide/#start!input" },
          carry: { "decide/#start!input": { text: "x" } },
        },
      })),
    );
    const { url: QueueUrl, arn } = platform.queue("batched.one");
    const { Messages = [] } = await platform.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"] }),
    );
    expect(Messages).toHaveLength(10);
    const notes: RequestNote[] = [];
    const handler = nodeHandler(
      { workflow: of, node: "one", handlers },
      { environment: platform.environment, aws: { ...platform.aws, onRequest: (note) => notes.push(note) } },
    );
    const event = { Records: Messages.map((message) => recordOf(message, arn)) };
    expect(await handler(event, invocationContext(Date.now() + 45_000))).toEqual({ batchItemFailures: [] });
    for (const name of names) expect(await log.read(name, "step/one")).toMatchObject({ status: "settled" });
    const { sends, ...rest } = costOf(notes);
    expect(rest).toEqual({ writeUnits: 20, readUnits: 5 });
    console.info(`ten messages of one batch: sent on in ${sends} requests`);
    expect(sends).toBeLessThanOrEqual(3);
  });
});
