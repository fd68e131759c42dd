/** The examples, deployed by the CDK's command line: what an event on the bus becomes, and that it is what the embedded engine makes of it. */

import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { samples as questions } from "../../functions/agent/samples.ts";
import { samples as orderSamples } from "../../functions/order/samples.ts";
import { samples as requests } from "../../functions/purchase/samples.ts";
import type { Sample } from "../../functions/sample.ts";
import { samples as ticketSamples } from "../../functions/ticket/samples.ts";
import { client, type ExecutionView } from "../../lib/client/index.ts";
import { busName, deadLetterQueueName, tableName } from "../../lib/contract/names.ts";
import { openProject } from "../../lib/local/open-project.ts";
import { CdkApp } from "../support/aws/cdk-app.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { tempFolder } from "../support/temp-folder.ts";

const NAMES = [
  "one mug, around the corner",
  "customer who wants no messages",
  "the same article on three lines",
  "more than there is of one article",
  "card without funds",
  "to a forwarder, throwaway address, billed abroad (85)",
  "a table too heavy for any box",
];

/** With what people tell them at once, so that no reminder depends on how quick anybody is. */
const REQUESTS = ["a centrifuge: all three approve", "sent back once by administration", "finance rejects"];

onStandIn("the examples on AWS", (aws) => {
  const platform = `e2e${aws.prefix.slice(-7, -1)}`;
  const app = new CdkApp(aws, "infra/app.ts", { platform, standIn: "true" });
  const bus = new EventBridgeClient(aws);
  const sqs = new SQSClient(aws);
  const table = new DynamoDBClient(aws);
  const pawl = client({ target: "aws", platform, region: aws.region, endpoint: aws.endpoint });
  let listener = "";

  /** At most ten events a request. */
  const put = async (...events: Sample["event"][]): Promise<void> => {
    const Entries = events.slice(0, 10).map((e) => ({
      ...{ EventBusName: busName(platform), Source: e.source, DetailType: e["detail-type"] },
      Detail: JSON.stringify(e.detail),
    }));
    const { FailedEntryCount } = await bus.send(new PutEventsCommand({ Entries }));
    expect(FailedEntryCount).toBe(0);
    if (events.length > 10) await put(...events.slice(10));
  };
  const ended = (workflow: string, id: string) => pawl.result(workflow, id, { timeout: "90 seconds" });

  beforeAll(async () => {
    await app.bootstrap();
    await app.deploy();
    // Who listens to what workflows emit, as another application would.
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${platform}-listener` }));
    listener = QueueUrl ?? "";
    const rule = { Name: "listener", EventBusName: busName(platform) };
    await bus.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: ["shop.orders"] }) }));
    const Arn = `arn:aws:sqs:${aws.region}:000000000000:${platform}-listener`;
    await bus.send(
      new PutTargetsCommand({ Rule: rule.Name, EventBusName: rule.EventBusName, Targets: [{ Id: "1", Arn }] }),
    );
  }, 600_000); // 33 functions are bundled and made; a busy machine takes its time
  afterAll(() => app.clean());

  it("take an event to a finished execution in the step log, just as the embedded engine does", async () => {
    const orders = (await orderSamples()).filter(({ name }) => NAMES.includes(name));
    expect(orders).toHaveLength(NAMES.length);
    const tickets = (await ticketSamples()).slice(0, 4);
    // EventBridge gives each event an id of its own. A webhook's is to name the execution, so it travels within.
    const asCloudEvent = ({ event }: Sample): Sample["event"] => {
      const { id, source, "detail-type": type, time, detail: data } = event;
      return { ...event, detail: { specversion: "1.0", id, source, type, time, data } };
    };
    const asked = (await questions()).slice(2, 5);
    const wanted = (await requests()).filter(({ name }) => REQUESTS.includes(name));
    await put(...[...orders, ...asked, ...wanted].map(({ event }) => event), ...tickets.map(asCloudEvent));

    const open = await openProject({ folder: tempFolder(), onLog: () => {} });
    const { sendEvent, ask, result, show } = bound(open.engine);
    try {
      for (const sample of [...orders, ...tickets, ...asked, ...wanted]) {
        const { id, source, detail, time } = sample.event;
        const event = { id, source, type: sample.event["detail-type"], version: 1, time, data: detail };
        const [here] = await sendEvent(event);
        const [workflow = "", name = ""] = here?.execution.split("/") ?? [];
        for (const [i, { signal, data }] of (sample.people ?? []).entries()) {
          await ask({ workflow, id: name }, { kind: "signal", signal, data, id: String(i) });
          await pawl.signal(workflow, name, signal, data, { id: String(i) });
        }
        await result({ workflow, id: name });
        const there = await ended(workflow, name);
        expect(there.status, sample.name).toBe(sample.expect.status);
        expect(there.error?.code, sample.name).toBe(sample.expect.code);
        const [a, b] = [await show({ workflow, id: name }), await pawl.show(workflow, name)];
        expect(history(b), sample.name).toEqual(history(a));
      }
      // What a shipped order set off: the indirect edge.
      for (const { event, expect: wanted } of orders.filter((o) => o.expect.status === "succeeded")) {
        const { orderId } = event.detail as { orderId: string };
        const name = { workflow: "crm", id: orderId };
        expect((await ended("crm", orderId)).status, `${orderId} ${wanted.status}`).toBe("succeeded");
        await result(name);
        expect(history(await pawl.show("crm", orderId))).toEqual(history(await show(name)));
      }
    } finally {
      await open.close();
    }
  });

  it("put what they emit on the bus, as CloudEvents under an id that a second attempt would have as well", async () => {
    const heard = await receiveAll(sqs, listener);
    const shipped = heard.filter((e) => e["detail-type"] === "OrderShipped");
    const ids = new Set(shipped.map((e) => (e.detail as { id: string }).id));
    expect(ids.size).toBe(3); // as many as succeeded
    expect(shipped[0]?.detail).toMatchObject({
      ...{ specversion: "1.0", type: "OrderShipped", source: "shop.orders", dataversion: 1 },
      data: { orderId: expect.any(String), tracking: expect.any(String) },
    });
  });

  it("start one execution for an event that comes twice", async () => {
    const [sample] = await orderSamples();
    if (!sample) throw new Error("there is a sample");
    const before = await pawl.show("order", "2026-1008");
    await put(sample.event, sample.event);
    const again = { ...sample.event, detail: { ...(sample.event.detail as object), orderId: "2026-9999" } };
    await put(again, again, again);
    expect((await ended("order", "2026-9999")).status).toBe("succeeded");
    expect(await pawl.show("order", "2026-1008")).toEqual(before);
    const { executions } = await pawl.list({ workflow: "order", limit: 100 });
    expect(executions.filter(({ execution }) => execution === "order/2026-9999")).toHaveLength(1);
    const shipped = (await receiveAll(sqs, listener)).filter((e) => e["detail-type"] === "OrderShipped");
    expect(new Set(shipped.map((e) => (e.detail as { id: string }).id)).size).toBe(1);
  });

  it("keep a malformed event aside with its reason, and nobody is harmed", async () => {
    const [sample] = await orderSamples();
    if (!sample) throw new Error("there is a sample");
    const fine = { ...(sample.event.detail as object), orderId: "2026-9998" };
    await put(
      { ...sample.event, detail: { orderId: "2026-9997", lines: "none" } },
      { ...sample.event, detail: fine },
      { ...sample.event, detail: "not an order at all" },
    );
    expect((await ended("order", "2026-9998")).status).toBe("succeeded");
    const letters = async () => {
      const { Items = [] } = await table.send(
        new ScanCommand({
          ...{ TableName: tableName(platform), ConsistentRead: true },
          ...{ FilterExpression: "pk = :dead", ExpressionAttributeValues: { ":dead": { S: "order/~dead" } } },
        }),
      );
      return Items;
    };
    await expect.poll(letters, { timeout: 30_000 }).toHaveLength(2);
    expect(JSON.stringify(await letters())).toContain("2026-9997");
    expect(JSON.stringify(await letters())).toMatch(/breaks its schema/);
    await expect(pawl.show("order", "2026-9997")).rejects.toMatchObject({ code: "unknown_execution" });
  });

  it("give every record of an execution the same end", async () => {
    const { Items = [] } = await table.send(
      new ScanCommand({
        ...{ TableName: tableName(platform), ConsistentRead: true },
        ...{ FilterExpression: "pk = :one", ExpressionAttributeValues: { ":one": { S: "order/2026-1008" } } },
      }),
    );
    expect(Items.length).toBeGreaterThan(7);
    expect(new Set(Items.map((item) => item.expiresAt?.N)).size).toBe(1);
    expect(Number(Items[0]?.expiresAt?.N)).toBeGreaterThan(Date.now() / 1000 + 44 * 24 * 60 * 60);
  });

  it("leave what is retained when they are destroyed, and nothing else", async () => {
    await app.destroy();
    const { Functions = [] } = await new LambdaClient(aws).send(new ListFunctionsCommand({ MaxItems: 1000 }));
    expect(Functions.filter(({ FunctionName }) => FunctionName?.startsWith(platform))).toEqual([]);
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: `${platform}-order` }));
    const left = QueueUrls.map((url) => url.split("/").at(-1)).toSorted();
    const nodes = ["charge", "packLine", "refund", "release", "reserve", "screen", "ship"].map(
      (node) => `${platform}-order-${node}`,
    );
    expect(left).toEqual([`${platform}-order`, ...nodes, deadLetterQueueName(platform, "order")]);
    const { Count = 0 } = await table.send(new ScanCommand({ TableName: tableName(platform), Select: "COUNT" }));
    expect(Count).toBeGreaterThan(50);
  });
});

const bound = (engine: Awaited<ReturnType<typeof openProject>>["engine"]) => ({
  sendEvent: engine.sendEvent.bind(engine),
  ask: engine.ask.bind(engine),
  result: engine.result.bind(engine),
  show: engine.show.bind(engine),
});

/** An execution without its times, the addresses that callbacks have there and here, and the id that EventBridge gives an event. */
function history(view: ExecutionView): unknown {
  const { startedAt: _, endedAt: __, trigger: ___, steps, ...rest } = view;
  const byPath = steps
    .map(({ startedAt: _, endedAt: __, wait, ...step }) => ({ ...step, ...(wait && { signal: wait.signal }) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return JSON.parse(JSON.stringify({ ...rest, steps: byPath }, (key, value) => (key === "url" ? "" : value)));
}

interface Heard {
  readonly "detail-type": string;
  readonly detail: unknown;
}
async function receiveAll(sqs: SQSClient, QueueUrl: string): Promise<Heard[]> {
  const heard: Heard[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    if (Messages.length === 0) return heard;
    heard.push(...Messages.map(({ Body }) => JSON.parse(Body ?? "") as Heard));
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}
