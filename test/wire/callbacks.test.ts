/** The function that answers callbacks, called as a function url calls it, with its key in Secrets Manager. */
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { Context, LambdaFunctionURLEvent } from "aws-lambda";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { SecretCallbackKeys } from "../../lib/adapters/aws/callback-keys.ts";
import type { RequestNote } from "../../lib/adapters/aws/requests.ts";
import { parseEnvelope } from "../../lib/contract/envelope.ts";
import { node, signal, workflow } from "../../lib/index.ts";
import { callbackHandler, type UrlFunction } from "../../lib/lambda/index.ts";
import { issueCallbacks } from "../../lib/security/issue-callbacks.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";
import { aCallback } from "../support/callbacks.ts";

const N = z.object({ n: z.number() });
const decision = signal("decision", { data: z.object({ approved: z.boolean() }) });
const purchase = workflow("purchase", { input: N })
  .task(node("ask", { input: N, output: N, callbacks: [decision] }))
  .waitFor(decision);
const { program } = purchase;

onStandIn("the function that answers callbacks", (aws) => {
  let platform: TestPlatform;
  let call: UrlFunction;
  let secret: string;
  let client: SecretsManagerClient;
  const requests: RequestNote[] = [];
  const lines: string[] = [];
  const logged = () => lines.filter((line) => line.includes("callback")).map((line) => JSON.parse(line) as object);

  beforeAll(async () => {
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, "write").mockImplementation((line) => lines.push(String(line)) > 0);
    vi.stubEnv("POWERTOOLS_LOGGER_LOG_EVENT", "true");
    platform = await TestPlatform.create(aws);
    await platform.createQueues("purchase", ["ask"]);
    client = new SecretsManagerClient(platform.aws as never);
    const Name = `${platform.environment.platform}-callbacks`;
    secret = (await client.send(new CreateSecretCommand({ Name, SecretString: "a".repeat(64) }))).ARN ?? "";
    const { log } = platform.ports();
    await log.putGraph(program.hash, program.graph);
    for (const id of ["1", "2", "3"])
      await log.open({
        kind: "header",
        ...{ workflow: "purchase", id, graph: program.hash, status: "running", epoch: 0 },
        trigger: { kind: "direct" },
        ...{ startedAtMs: Date.now(), expiresAt: Math.floor(Date.now() / 1000) + 100_000 },
      });
    call = callbackHandler(
      { workflow: purchase },
      {
        environment: { ...platform.environment, callbackSecret: secret },
        aws: { ...platform.aws, onRequest: (note) => requests.push(note) },
      },
    );
  });
  afterAll(() => {
    client.destroy();
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  const keys = (now?: () => number) => new SecretCallbackKeys({ client, secret, ...(now && { now }) });
  const handOut = (id: string, by = keys()) =>
    issueCallbacks(
      by,
      () => "https://a.lambda-url.eu-west-1.on.aws/",
    )(
      aCallback({
        id: id.padEnd(40, "0"),
        execution: `purchase/${id}`,
        expiresAtMs: (Math.floor(Date.now() / 1000) + 600) * 1000,
      }),
    );
  const event = (method: string, url: string, body?: { readonly type: string; readonly text: string }) =>
    ({
      version: "2.0",
      ...{ routeKey: "$default", rawPath: new URL(url).pathname, rawQueryString: "" },
      headers: { host: "a.lambda-url.eu-west-1.on.aws", ...(body && { "content-type": body.type }) },
      requestContext: {
        ...{ accountId: "anonymous", apiId: "a", domainName: "a.lambda-url.eu-west-1.on.aws", stage: "$default" },
        http: { method, path: new URL(url).pathname, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      },
      ...(body && { body: Buffer.from(body.text).toString("base64") }),
      isBase64Encoded: body !== undefined,
    }) as unknown as LambdaFunctionURLEvent;
  const invoke = async (...of: Parameters<typeof event>) => {
    const result = await call(event(...of), { awsRequestId: "r", functionName: "f" } as Context);
    const { statusCode, body = "", headers = {} } = result as { statusCode: number; body?: string; headers?: object };
    return { status: statusCode, body, headers };
  };
  const json = (data: unknown) => ({ type: "application/json", text: JSON.stringify(data) });
  const form = (of: Record<string, string>) => ({
    type: "application/x-www-form-urlencoded",
    text: new URLSearchParams(of).toString(),
  });
  const received = async () => {
    const { client: sqs, url: QueueUrl } = platform.queue("purchase");
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 10, VisibilityTimeout: 1 }),
    );
    return Messages.map(({ Body = "" }) => parseEnvelope(Body));
  };

  it("shows the page, which answers nothing, and takes the form: the control queue has the signal", async () => {
    const { url } = await handOut("1");
    expect(await invoke("GET", url)).toMatchObject({
      status: 200,
      body: expect.stringContaining("Approve"),
      headers: {
        "cache-control": "no-store",
        "content-security-policy": expect.stringContaining("default-src 'none'"),
      },
    });
    expect(await received()).toEqual([]);
    expect(await invoke("POST", url, form({ answer: "Approve" }))).toMatchObject({ status: 200 });
    expect(await received()).toEqual([
      {
        kind: "signal",
        ...{ v: 1, workflow: "purchase", id: "1", signal: "decision", signalId: "1".padEnd(40, "0") },
        data: { approved: true },
      },
    ]);
    expect((await invoke("POST", url, json({ approved: true }))).status).toBe(200);
    expect((await invoke("POST", url, json({ approved: false }))).status).toBe(409);
    expect((await invoke("GET", url)).status).toBe(409);
  });

  it("refuses what is forged, malformed, or no answer, and reads no key for it again", async () => {
    const { url } = await handOut("2");
    await invoke("GET", url);
    const before = requests.filter(({ service }) => service === "SecretsManager").length;
    const stranger = { id: "x", secret: new Uint8Array(32) };
    const forged = await handOut("2", { current: async () => stranger } as SecretCallbackKeys);
    for (let i = 0; i < 5; i++) expect((await invoke("POST", forged.url, json({ approved: true }))).status).toBe(403);
    expect((await invoke("GET", url.slice(0, -9))).status).toBe(400);
    expect((await invoke("POST", url, json({ approved: "perhaps" }))).status).toBe(422);
    expect((await invoke("POST", url, json("x".repeat(70_000)))).status).toBe(413);
    expect((await invoke("GET", (await handOut("4")).url)).status).toBe(404);
    expect((await invoke("GET", "https://a/elsewhere")).status).toBe(404);
    expect(requests.filter(({ service }) => service === "SecretsManager").length).toBe(before);
  });

  it("asks for no more than its role allows", () => {
    expect([...new Set(requests.map(({ service, operation }) => `${service} ${operation}`))].sort()).toEqual([
      "DynamoDB GetItem",
      "DynamoDB PutItem",
      "SQS SendMessageBatch",
      "SecretsManager GetSecretValue",
    ]);
  });

  it("knows the key before the current one, and looks for a newer one once a minute", async () => {
    let atMs = Date.now();
    const looking = keys(() => atMs);
    const old = await looking.current();
    expect(await looking.byId(old.id)).toEqual(old);
    await client.send(new PutSecretValueCommand({ SecretId: secret, SecretString: "b".repeat(64) }));
    const newer = (await client.send(new GetSecretValueCommand({ SecretId: secret }))).VersionId ?? "";
    expect(await looking.byId(newer)).toBeUndefined();
    atMs += 60_000;
    expect(await looking.byId(newer)).toMatchObject({ id: newer });
    expect(await looking.byId(old.id)).toEqual(old);
    expect((await looking.current()).id).toBe(newer);
    await client.send(new PutSecretValueCommand({ SecretId: secret, SecretString: "c".repeat(64) }));
    atMs += 3_600_000;
    expect(await looking.byId(newer)).toMatchObject({ id: newer });
    expect(await looking.byId(old.id)).toBeUndefined();
  });

  it("cannot answer while its key is not to be had, says no more than that, and logs why", async () => {
    const broken = callbackHandler(
      { workflow: purchase },
      { environment: { ...platform.environment, callbackSecret: "nowhere" }, aws: platform.aws },
    );
    const { url } = await handOut("3");
    const answer = (await broken(event("GET", url), { awsRequestId: "r" } as Context)) as {
      statusCode: number;
      body: string;
    };
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toMatch(/secret|nowhere/i);
    expect(logged().at(-1)).toMatchObject({
      level: "ERROR",
      code: "storage_failed",
      errorMessage: expect.stringContaining("the secret nowhere is not there"),
    });
  });

  it("logs what became of each, by execution, without a token or an answer", async () => {
    expect(logged()).toContainEqual(
      expect.objectContaining({
        message: "a callback was answered",
        execution: "purchase/1",
        service: "purchase.callbacks",
      }),
    );
    expect(logged()).toContainEqual(
      expect.objectContaining({ message: "a callback was refused", code: "callback_forged" }),
    );
    expect(lines.join("")).not.toMatch(/eyJ|approved/);
  });
});
