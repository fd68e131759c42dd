/** Whole chains through the functions of a workflow: from an event on the bus to an execution that has ended in the log. */
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import * as handlersOfOrder from "../../functions/order/charge.ts";
import * as packLine from "../../functions/order/pack-line.ts";
import * as refund from "../../functions/order/refund.ts";
import * as release from "../../functions/order/release.ts";
import * as reserve from "../../functions/order/reserve.ts";
import { samples } from "../../functions/order/samples.ts";
import * as screen from "../../functions/order/screen.ts";
import * as ship from "../../functions/order/ship.ts";
import * as orderFile from "../../functions/order/workflow.ts";
import { parseEvent } from "../../lib/contract/event-detail.ts";
import { node, workflow } from "../../lib/index.ts";
import { workflowIn } from "../../lib/lambda/index.ts";
import { implement } from "../../lib/node/index.ts";
import { type Functions, runFunctions } from "../support/aws/functions.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";

const order = workflowIn(orderFile);
const handlers = {
  charge: handlersOfOrder.handler,
  packLine: packLine.handler,
  refund: refund.handler,
  release: release.handler,
  reserve: reserve.handler,
  screen: screen.handler,
  ship: ship.handler,
};

onStandIn("the functions of order", (aws) => {
  let platform: TestPlatform;
  let functions: Functions;
  let lines: string[];
  beforeAll(async () => {
    lines = [];
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, "write").mockImplementation((line) => lines.push(String(line)) > 0);
    // Whoever turns this on for a function would have every payload in its log.
    vi.stubEnv("POWERTOOLS_LOGGER_LOG_EVENT", "true");
    platform = await TestPlatform.create(aws);
    functions = await runFunctions(platform, { workflow: order, handlers });
  });
  afterAll(async () => {
    await functions.stop();
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  const errors = () => [...functions.pollers.values()].flatMap((poller) => poller.errors);
  const idOf = (event: { readonly detail: unknown }) => ({
    workflow: "order",
    id: (event.detail as { readonly orderId: string }).orderId,
  });
  const logged = () =>
    lines.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : []));

  it("bring each sample from its event to its end", async () => {
    const all = (await samples()).slice(0, 6);
    const { bus } = platform.ports();
    await bus.put(all.map(({ event }) => parseEvent(event)));
    for (const { event, expect: expected } of all) {
      const { header, records } = await functions.ended(idOf(event));
      expect(header).toMatchObject({ status: expected.status, trigger: { kind: "event", id: event.id } });
      expect([...records.keys()]).toContain("step/ship");
    }
    await functions.quiet();
    expect(errors()).toEqual([]);
  });

  it("write lines with execution, path and attempt, and no payload", async () => {
    const charged = logged().filter(({ message }) => message === "charged");
    expect(charged.length).toBe(6);
    for (const line of charged)
      expect(line).toMatchObject({
        service: "order.charge",
        execution: expect.stringMatching(/^order\//),
        path: "pay/charge/charge",
        attempt: 1,
        data: { cents: expect.any(Number) },
      });
    expect(lines.join("")).not.toMatch(/4242424242424242|jana\.vogel/);
  });

  it("end failed what fails for good", async () => {
    const failing = (await samples()).filter((sample) => sample.expect.code === "OutOfStock")[0];
    if (!failing) throw new Error("there is such a sample");
    await platform.ports().bus.put([parseEvent(failing.event)]);
    const { header } = await functions.ended(idOf(failing.event));
    expect(header).toMatchObject({ status: "failed", error: { code: "OutOfStock", path: "reserve" } });
  });

  it("start one execution for the same event twice, and for another event of the same key", async () => {
    const [sample] = (await samples()).slice(10);
    if (!sample) throw new Error("there is such a sample");
    const event = parseEvent(sample.event);
    const { bus } = platform.ports();
    await bus.put([event, event]);
    await bus.put([{ ...event, id: "another" }]);
    await functions.ended(idOf(sample.event));
    await functions.quiet();
    const { records } = await functions.ended(idOf(sample.event));
    for (const record of records.values())
      if (record.kind === "step") expect(record).toMatchObject({ failures: 0, crashes: 0, status: "settled" });
    const listed = await platform.ports().log.executions({ workflow: "order", limit: 100 });
    expect(listed.filter(({ id }) => id === idOf(sample.event).id)).toHaveLength(1);
  });

  const buried = async (count: number) =>
    vi.waitFor(
      async () => {
        const letters = await platform.ports().deadLetters.list("order", 100);
        expect(letters).toHaveLength(count);
        return letters;
      },
      { timeout: 20_000 },
    );
  const send = (queue: string, body: unknown) => {
    const MessageBody = typeof body === "string" ? body : JSON.stringify(body);
    return platform.sqs.send(new SendMessageCommand({ QueueUrl: platform.queue(queue).url, MessageBody }));
  };
  const step = { v: 1, kind: "step", workflow: "order", id: "x", graph: order.program.hash, epoch: 0, expiresAt: 9e9 };

  it("bury what can never be processed, with the reason, and harm nobody", async () => {
    const [sample] = (await samples()).slice(11);
    if (!sample) throw new Error("there is such a sample");
    const good = parseEvent(sample.event);
    const bad = { ...good, id: "bad", data: { orderId: 7 } };
    await platform.ports().bus.put([bad, good]);
    const of = { ...step, path: "reserve", bind: { prev: "decide/#start!input" }, attempt: 1 };
    const wrong: [queue: string, body: unknown, reason: RegExp][] = [
      ["order", "{", /^invalid_envelope: the message is not JSON/],
      ["order", { "detail-type": "OrderPlaced" }, /^invalid_event: this is no EventBridge event: id/],
      [
        "order",
        { v: 1, kind: "start", workflow: "order", id: "a/b", trigger: { kind: "direct" }, input: good.data },
        /^invalid_id/,
      ],
      [
        "order",
        { v: 1, kind: "start", workflow: "order", id: "a", trigger: { kind: "direct" }, input: 1 },
        /^invalid_input/,
      ],
      ["order", of, /^a step's message in the control queue/],
      [
        "order",
        { v: 1, kind: "stored", workflow: "order", payload: { key: "crm/1/ff", sha256: "ff" } },
        /^invalid_envelope/,
      ],
      ["order.charge", of, /^a message for 'reserve' in the queue of 'charge'/],
      ["order.charge", { ...of, path: "nowhere" }, /^a message for no node in the queue of 'charge'/],
      ["order.charge", { ...of, workflow: "crm" }, /^a message for workflow 'crm' in a queue of 'order'/],
      [
        "order.charge",
        { ...step, kind: "stop", error: { code: "c", message: "m", path: "p" }, as: "failed" },
        /^a message of kind 'stop'/,
      ],
    ];
    for (const [queue, body] of wrong) await send(queue, body);
    const letters = await buried(wrong.length + 1);
    for (const [queue, body, reason] of wrong)
      expect(letters).toContainEqual({
        queue,
        body: typeof body === "string" ? body : JSON.stringify(body),
        reason: expect.stringMatching(reason),
        atMs: expect.any(Number),
      });
    expect(letters).toContainEqual(
      expect.objectContaining({ queue: "order", reason: expect.stringMatching(/^invalid_event: the event bad/) }),
    );
    expect((await functions.ended(idOf(sample.event))).header.status).toBe("succeeded");
    const reasons = logged().filter(({ message }) => message === "buried a message");
    expect(reasons.map(({ reason }) => reason)).toContain("invalid_id");
    expect(lines.join("")).not.toMatch(/a\/b/);
  });

  it("look after a dead letter that no node could do anything with", async () => {
    const of = { ...step, kind: "step", id: "none", path: "nowhere", bind: { prev: "x" }, attempt: 1 };
    const { url: QueueUrl } = platform.deadLetterQueue("order");
    const before = (await platform.ports().deadLetters.list("order", 100)).length;
    await platform.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(of) }));
    const [last] = await buried(before + 1);
    expect(last).toMatchObject({ reason: "a message for nowhere, where the graph has no task" });
  });
});

onStandIn("the functions of a workflow whose handlers fail", (aws) => {
  const Text = z.object({ text: z.string() });
  const flaky = node("flaky", { input: Text, output: Text, retry: { maxAttempts: 3, firstDelay: "1 second" } });
  const slow = node("slow", { input: Text, output: Text, timeout: "1 second", retry: { maxAttempts: 1 } });
  const value = workflow("failing", { input: Text }).task(flaky).task(slow);
  const failing = workflowIn({ value });
  let platform: TestPlatform;
  let functions: Functions;
  const calls: string[] = [];
  let aborted = false;
  beforeAll(async () => {
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockReturnValue(true);
    platform = await TestPlatform.create(aws);
    functions = await runFunctions(platform, {
      workflow: failing,
      handlers: {
        flaky: implement(flaky, (input, step) => {
          calls.push(`${step.attempt} ${step.idempotencyKey}`);
          if (step.attempt < 3) throw new Error("not yet");
          return input;
        }),
        slow: implement(slow, (input, step) => {
          if (input.text === "slow")
            return new Promise((resolve) => {
              step.signal.addEventListener("abort", () => {
                aborted = true;
                resolve(input);
              });
            });
          return input;
        }),
      },
    });
  });
  afterAll(async () => {
    await functions.stop();
    vi.restoreAllMocks();
  });
  const start = (id: string, text: string) =>
    platform.ports().transport.send([
      {
        queue: "failing",
        envelope: { kind: "start", v: 1, workflow: "failing", id, trigger: { kind: "direct" }, input: { text } },
      },
    ]);

  it("try again under the same idempotency key, and go on", async () => {
    await start("a", "quick");
    const { header, records } = await functions.ended({ workflow: "failing", id: "a" });
    expect(header.status).toBe("succeeded");
    expect(records.get("step/flaky")).toMatchObject({ failures: 2, status: "settled" });
    expect(calls.map((call) => call.split(" ")[0])).toEqual(["1", "2", "3"]);
    expect(new Set(calls.map((call) => call.split(" ")[1])).size).toBe(1);
  });

  it("abort the signal of an attempt that takes too long, and end", async () => {
    await start("b", "slow");
    const { header } = await functions.ended({ workflow: "failing", id: "b" });
    expect(header).toMatchObject({ status: "failed", error: { code: "timeout", path: "slow" } });
    expect(aborted).toBe(true);
  });
});

onStandIn("the functions of a workflow of which one dies", (aws) => {
  const contract = {
    input: z.string(),
    output: z.string(),
    retry: { firstDelay: "1 second", maxDelay: "1 second" },
  } as const;
  const before = node("before", contract);
  const mortal = node("mortal", contract);
  const value = workflow("dying", { input: z.string() }).task(before).task(mortal);
  const run = async (dies: (invocation: number) => boolean) => {
    const platform = await TestPlatform.create(aws);
    const functions = await runFunctions(platform, {
      workflow: workflowIn({ value }),
      handlers: { before: implement(before, (text) => text), mortal: implement(mortal, (text) => `${text}!`) },
      dying: { node: "mortal", dies },
      visibilitySeconds: 1,
    });
    const envelope = {
      kind: "start",
      v: 1,
      workflow: "dying",
      id: "a",
      trigger: { kind: "direct" },
      input: "x",
    } as const;
    await platform.ports().transport.send([{ queue: "dying", envelope }]);
    const ended = await functions.ended({ workflow: "dying", id: "a" });
    await functions.stop();
    return ended;
  };

  it("go on where it died", async () => {
    const { header, records } = await run((invocation) => invocation < 2);
    expect(header.status).toBe("succeeded");
    expect(records.get("step/mortal")).toMatchObject({ status: "settled", output: "x!", crashes: 0 });
  });
  it("count a crash for each dead letter, and end at the third", async () => {
    const { header, records } = await run(() => true);
    expect(header).toMatchObject({ status: "failed", error: { code: "crashed", path: "mortal" } });
    expect(records.get("step/mortal")).toMatchObject({ status: "settled", crashes: 2 });
  });
});
