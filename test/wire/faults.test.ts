/**
 * A workflow's functions in processes that are killed between any two requests and within each kind of them, behind
 * queues that deliver everything twice and a table that is throttled. What is held against it is not the engine's word:
 * the proxy saw which writes took effect, handlers wrote down when they began, the ledger is the user's.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { awsClient } from "../../lib/adapters/aws/client-config.ts";
import { type Client, client } from "../../lib/client/index.ts";
import { tempFolder } from "../local/temp-folder.ts";
import { type Asked, faultProxy } from "../support/aws/fault-proxy.ts";
import { type FunctionProcess, functionProcess } from "../support/aws/function-process.ts";
import { type Poller, poll } from "../support/aws/poller.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { createPlainTable } from "../support/aws/table.ts";
import { TestPlatform } from "../support/aws/test-platform.ts";
import { itemsOf } from "../support/aws/transact-on.ts";
import { FaultyRequests, type Kind, MOMENTS } from "./faulty/requests.ts";
import { faulty, journalIn, OUTPUT, type Shared, STEPS } from "./faulty/workflow.ts";

const PROCESS = fileURLToPath(new URL("faulty/process.ts", import.meta.url));
const IDS = Array.from({ length: 12 }, (_, i) => `f${i}`);
const FEW = IDS.slice(0, 6);
const QUEUES = ["faulty", ...Object.keys(faulty.program.graph.nodes).map((name) => `faulty.${name}`)];

// A machine that is busy with other tests takes several times as long.
vi.setConfig({ testTimeout: 240_000 });

onStandIn("functions that die, on a table that is throttled and queues that deliver twice", (aws) => {
  let platform: TestPlatform;
  let shared: Shared;
  let pawl: Client;
  let db: DynamoDBClient;
  let opened: { close(): Promise<void> }[];
  let pollers: Poller[];
  beforeEach(async () => {
    platform = await TestPlatform.create(aws);
    // As many receives as a deployment has: dying that often is what makes a dead letter, and so a failed step.
    await platform.createQueues("faulty", Object.keys(faulty.program.graph.nodes), {
      mostReceives: 30,
    });
    shared = { LEDGER: `${platform.environment.platform}-ledger`, FOLDER: tempFolder() };
    await createPlainTable(aws, shared.LEDGER, "pk");
    pawl = client({ target: "aws", platform: platform.environment.platform });
    db = awsClient(DynamoDBClient, platform.aws);
    [opened, pollers] = [[], []];
  });
  afterEach(async () => {
    db.destroy();
    await Promise.all(pollers.map((poller) => poller.stop()));
    await Promise.all(opened.map((it) => it.close()));
  });

  /** A process with every function, and what Lambda does for them. */
  async function run(requests: FaultyRequests): Promise<FunctionProcess> {
    let functions: FunctionProcess | undefined;
    const proxy = await faultProxy(aws.endpoint, {
      faultOf: (asked: Asked) => requests.faultOf(asked),
      done: (asked: Asked) => requests.done(asked),
      kill: async () => functions?.kill(),
    });
    const { environment } = platform;
    functions = functionProcess(
      PROCESS,
      { environment, aws: { ...platform.aws, endpoint: proxy.endpoint } },
      { ...shared, NODE_COMPILE_CACHE: join(shared.FOLDER, "compiled"), POWERTOOLS_LOG_LEVEL: "SILENT" },
    );
    opened.push(functions, proxy);
    const places = [
      ...QUEUES.map((queue) => [queue, platform.queue(queue)] as const),
      ["faulty", platform.deadLetterQueue("faulty")] as const,
    ];
    // Several small batches at once, as Lambda scales: a batch waits for its slowest message.
    for (const [queue, place] of [...places, ...places])
      pollers.push(poll({ ...place, handler: functions.at(queue), functionTimeoutMs: 16_000, batchSize: 4 }));
    return functions;
  }

  const start = (id: string) => pawl.start(faulty, { id, input: { text: "in" } });
  /** All that must be so of executions that have ended, however they came to it. */
  async function judge(ids: readonly string[], requests: FaultyRequests): Promise<void> {
    const { log, deadLetters } = platform.ports();
    const journal = readFileSync(journalIn(shared.FOLDER), "utf8").trimEnd().split("\n");
    const began = Map.groupBy(
      journal.map((line) => line.split(" ")),
      ([, execution, path]) => `${execution} ${path}`,
    );
    const ledger: Record<string, unknown> = {};
    for (const id of ids) {
      expect(await log.header({ workflow: "faulty", id }), id).toMatchObject({ status: "succeeded" });
      const records = await log.list({ workflow: "faulty", id });
      const settled = [...records].flatMap(([key, record]) =>
        record.kind === "step" ? [[key.slice("step/".length), record] as const] : [],
      );
      expect(settled.map(([path]) => path).toSorted(), id).toEqual(Object.keys(STEPS).toSorted());
      for (const [path, record] of settled) {
        const where = `faulty/${id} ${path}`;
        expect(record, where).toMatchObject({ status: "settled", crashes: 0 });
        expect(requests.settled.get(where), where).toBe(1);
        const late = (began.get(where) ?? []).filter(([at]) => Number(at) > (record.endedAtMs ?? 0));
        if (STEPS[path] !== "repeatable") expect(late, `${where} began after it had settled`).toEqual([]);
        if (STEPS[path] === "pays") ledger[where] = { pk: where, n: 1 };
      }
    }
    const n = Object.keys(ledger).length;
    expect(await itemsOf(db, shared.LEDGER)).toEqual({ ...ledger, total: { pk: "total", n } });
    expect(await deadLetters.list("faulty", 10)).toEqual([]);
    for (const { errors } of pollers)
      for (const error of errors) expect(error).toEqual(new Error("the process exited"));
  }

  const ended = async (ids: readonly string[]) => {
    for (const id of ids)
      expect(await pawl.result(faulty, id, { timeout: "200 seconds" }), id).toMatchObject({
        status: "succeeded",
        output: OUTPUT,
      });
  };

  it("end every execution, settle no step twice, and run none that has settled", async () => {
    const deaths = MOMENTS.flatMap((kind: Kind) => [
      { kind, fault: "diesBefore" as const },
      { kind, fault: "diesAfter" as const },
    ]);
    const requests = new FaultyRequests({ seed: 1, deaths, everySeen: 20 });
    const processes = [await run(requests), await run(requests)];
    await Promise.all(IDS.map(start));
    await ended(IDS);
    await judge(IDS, requests);
    expect(requests.deathsLeft).toEqual([]);
    // Those in a handler come on top.
    const died = processes.reduce((sum, { deaths: n }) => sum + n, 0);
    expect(died).toBeGreaterThan(deaths.length);
    for (const fault of ["throttled", "conflicting", "lost", "twice"] as const)
      expect(requests.count(fault), fault).toBeGreaterThan(10);
  });

  it("do the same when all queues are purged over it, and the log is healed", async () => {
    const deaths = (["settleWith", "send", "arrive"] as const).map((kind) => ({ kind, fault: "diesAfter" as const }));
    const requests = new FaultyRequests({ seed: 2, deaths, everySeen: 40 });
    await run(requests);
    await Promise.all(FEW.map(start));
    await expect.poll(() => requests.settled.size, { timeout: 60_000 }).toBeGreaterThan(12);
    for (const place of [...QUEUES.map((queue) => platform.queue(queue)), platform.deadLetterQueue("faulty")])
      await platform.sqs.send(new PurgeQueueCommand({ QueueUrl: place.url }));
    await sleep(1000);
    await Promise.all(FEW.map(start)); // of those whose start was lost
    for (const id of FEW) if (!(await pawl.show(faulty, id)).endedAt) await pawl.heal(faulty, id);
    await ended(FEW);
    await judge(FEW, requests);
  });
});
