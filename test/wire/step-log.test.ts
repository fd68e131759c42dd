/** The step log on DynamoDB and S3: what every log promises, and what only this one can get wrong. */
import { randomBytes } from "node:crypto";
import { DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AwsOptions, awsClient } from "../../lib/adapters/aws/client-config.ts";
import { S3PayloadStore, s3Client } from "../../lib/adapters/aws/payload-store.ts";
import type { RequestNote } from "../../lib/adapters/aws/requests.ts";
import { DynamoStepLog } from "../../lib/adapters/aws/step-log.ts";
import type { Execution } from "../../lib/contract/ids.ts";
import type { MailChange } from "../../lib/kernel/mailbox.ts";
import type { DecisionRecord, Header, StepRecord } from "../../lib/kernel/record.ts";
import type { Holder, Settlement } from "../../lib/kernel/step.ts";
import type { Json } from "../../lib/model/json.ts";
import { stepLogSuite } from "../conformance/step-log.suite.ts";
import { type LossyProxy, lossyProxy } from "../support/aws/lossy-proxy.ts";
import { onStandIn, type StandIn } from "../support/aws/stand-in.ts";
import { createBucket, createPlainTable, createTable, deleteTable } from "../support/aws/table.ts";
import { itemsOf } from "../support/aws/transact-on.ts";
import { empty, graphOf } from "../support/graphs.ts";

const expiresAt = 4_102_444_800;
const one: Execution = { workflow: "order", id: "1", expiresAt };
const header = (over: Partial<Header> = {}): Header => ({
  ...{ kind: "header", ...one, graph: "h", status: "running", epoch: 0, trigger: { kind: "direct" } },
  ...{ startedAtMs: 1000 },
  ...over,
});
const claimAt = (nowMs: number, skewMs = 0) => ({ node: "a", nowMs, leaseMs: 100, skewMs });
const settlement = (holder: Holder, output: Json = "done"): Settlement => ({
  ...{ node: "a", holder, atMs: 50, startedAtMs: 20, result: { output } },
  decision: { next: [] },
});
const error = { code: "Broken", message: "it broke", path: "a" };
const bind = { prev: "decide/#start" };
const wait = (place: string): MailChange => ({ kind: "wait", place, bind });
const receive = (id: string): MailChange => ({ kind: "receive", id, data: "yes" });
const assigned = (place: string, id: string) => ({ kind: "assigned", place, bind, id, data: "yes" });
const setback = (holder: Holder, of = error) => ({
  ...{ node: "a", holder, startedAtMs: 20, error: of, notBeforeMs: 500 },
});
const decision = (output?: Json): DecisionRecord => ({
  kind: "decision",
  next: [],
  atMs: 1,
  ...(output !== undefined && { output }),
});
/** Text that does not compress below three quarters. */
const noise = (chars: number): string => randomBytes(chars).toString("base64").slice(0, chars);

/** A table of its own, with workers that share nothing but it. */
let tables = 0;
async function openTable(aws: StandIn, bucket: string) {
  const table = `${aws.prefix}${++tables}`;
  await createTable(aws, table);
  const clients: { destroy(): void }[] = [];
  const db = awsClient(DynamoDBClient, aws);
  clients.push(db);
  return {
    table,
    db,
    worker: (more: AwsOptions = {}) => {
      const client = awsClient(DynamoDBClient, { ...aws, ...more });
      const s3 = s3Client({ ...aws, ...more });
      clients.push(client, s3);
      return new DynamoStepLog({ client, table, payloads: new S3PayloadStore({ client: s3, bucket }) });
    },
    items: async () => {
      const { Items = [] } = await db.send(new ScanCommand({ TableName: table }));
      return Items.map((item) => unmarshall(item));
    },
    close: async () => {
      await deleteTable(aws, table);
      for (const client of clients) client.destroy();
    },
  };
}

onStandIn("on DynamoDB", (aws) => {
  const bucket = `${aws.prefix}payloads`;
  const s3 = s3Client(aws);
  beforeAll(() => createBucket(aws, bucket));
  afterAll(() => s3.destroy());

  stepLogSuite("aws", async () => {
    const { worker, table, db, close } = await openTable(aws, bucket);
    const name = `${table}-ledger`;
    await createPlainTable(aws, name, "pk");
    return {
      ...{ log: worker(), reopen: async () => worker(), leases: "outlive it", numRuns: 10 },
      ledger: { name, items: async () => Object.values(await itemsOf(db, name)) },
      close: async () => {
        await deleteTable(aws, name);
        await close();
      },
    };
  });

  describe("the step log on DynamoDB", () => {
    let table: Awaited<ReturnType<typeof openTable>>;
    let log: DynamoStepLog;
    beforeEach(async () => {
      table = await openTable(aws, bucket);
      log = table.worker();
    });
    afterEach(() => table.close());

    describe("a body", () => {
      // The body of a settled step is {"output":"…","next":[]}: 22 bytes around the text.
      const around = '{"output":"","next":[]}'.length;
      it.each([
        ["of 768 bytes is text", "x".repeat(768 - around), "string"],
        ["of 769 bytes is compressed", "x".repeat(769 - around), "bytes"],
        ["of 1,000 bytes is compressed", "x".repeat(1000 - around), "bytes"],
        ["of 1,025 bytes is compressed", "x".repeat(1025 - around), "bytes"],
        ["of 400 KB that compresses is compressed", "x".repeat(400_000), "bytes"],
        ["of 400 KB that does not is a payload", noise(400_000), "pointer"],
        ["of 4 MiB that compresses is compressed", "x".repeat(4 * 1024 * 1024), "bytes"],
        ["of 4 MiB that does not is a payload", noise(4 * 1024 * 1024), "pointer"],
      ])("%s, and comes back", async (_, output, kept) => {
        await log.settle(one, "a", settlement("repeatable", output));
        await log.decide(one, "decide/#start", decision(output));
        expect(await log.read(one, "step/a")).toMatchObject({ output });
        expect(await log.read(one, "decide/#start")).toEqual(decision(output));
        const [, step] = await table.items();
        const body: unknown = step?.b;
        expect(typeof body === "string" ? "string" : body instanceof Uint8Array ? "bytes" : "pointer").toBe(kept);
      });
      it("whatever it is, no item comes near the limit of 400 KB", async () => {
        const large = noise(300_000);
        await log.open(header({ trigger: { kind: "event", id: large, source: "s", type: "t" } }));
        await log.turn(one, { epoch: 0, from: ["running"], to: "stopping", error: { ...error, message: large } });
        await log.claim(one, "a", claimAt(0));
        await log.fail(one, "a", setback(1, { ...error, message: large }));
        await log.claim(one, "a", claimAt(500));
        await log.settle(one, "a", { ...settlement(2), decision: { next: [], values: { big: large } } });
        await log.settle(one, "b", { ...settlement("repeatable"), result: { error: { ...error, message: large } } });
        await log.decide(one, "decide/#start", decision(large));
        for (const item of await table.items()) expect(JSON.stringify(item).length).toBeLessThan(4000);
        const trigger = { kind: "event", id: large, source: "s", type: "t" } as const;
        const stopping = header({ trigger, status: "stopping", error: { ...error, message: large } });
        expect(await log.header(one)).toEqual(stopping);
        expect(await log.executions({ workflow: "order", limit: 1 })).toEqual([stopping]);
        const records = await log.list(one);
        expect(records.get("step/a")).toMatchObject({ values: { big: large } });
        expect(records.get("step/b")).toMatchObject({ error: { message: large } });
      });
      it.each([
        ["a month", "month/", "year/", 45],
        ["a year", "year/", "month/", 366 + 15],
      ])("is stored for %s where its execution needs it so long, whatever is written", async (_, term, other, days) => {
        const day = Math.ceil(Date.now() / 1000) + days * 24 * 60 * 60;
        const name: Execution = { workflow: "order", id: `keeps${days}`, expiresAt: day };
        const large = () => ({ ...error, message: noise(60_000) });
        await log.open(header({ ...name, trigger: { kind: "event", id: noise(60_000), source: "s", type: "t" } }));
        await log.turn(name, { epoch: 0, from: ["running"], to: "stopping", error: large() });
        await log.turn(name, { epoch: 0, from: ["stopping"], to: "stuck", stuck: large() });
        await log.claim(name, "a", claimAt(0));
        await log.remember(name, "a", { node: "a", holder: 1, startedAtMs: 20, name: "m", value: noise(60_000) });
        await log.fail(name, "a", setback(1, large()));
        await log.claim(name, "a", claimAt(500));
        await log.crash(name, "a", setback(2, large()));
        await log.settle(name, "b", settlement("repeatable", noise(60_000)));
        await log.settle(name, "c", { ...settlement("repeatable"), result: { error: large() } });
        await log.decide(name, "decide/#start", decision(noise(60_000)));
        await log.put(name, "list/a", { kind: "list", items: [noise(60_000)] });
        await log.put(name, "step/d", { ...(await log.read(name, "step/b")), output: noise(60_000) } as StepRecord);
        await log.edit(name, 1, { kind: "edit", void: [noise(60_000)], anew: [], atMs: 1 });
        await log.mail(name, "go", { kind: "receive", id: "1", data: noise(60_000) });
        await log.occupy(name, { kind: "take", mark: noise(60_000), whenRunning: "queue", begun: true });
        const under = async (prefix: string) => {
          const Prefix = `${prefix}order/${name.id}/`;
          return (await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }))).Contents?.length ?? 0;
        };
        expect([await under(term), await under(other)]).toEqual([14, 0]);
        expect((await log.list(name)).get("step/d")).toMatchObject({ output: expect.stringMatching(/^.{60000}$/) });
      });
      it.each([
        ["half a surrogate pair", "\ud800 and \udfff"],
        ["names of an object's own", JSON.parse('{"__proto__":{"a":1},"constructor":2,"m0":3}') as Json],
        ["numbers at the edge", [1e308, 5e-324, -1e-7, 2 ** 53, 0.1]],
        ["nothing", null],
        ["an empty text", ""],
        ["Unicode", "\u0000ü\u2028\ufeff😀"],
      ])("of %s comes back byte for byte", async (_, output) => {
        await log.settle(one, "a", settlement("repeatable", output));
        const record = await log.read(one, "step/a");
        expect(record?.kind === "step" && JSON.stringify(record.output)).toBe(JSON.stringify(output));
      });
      it("that the payload store has lost is missed by name", async () => {
        await log.decide(one, "decide/#start", decision(noise(100_000)));
        const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "year/order/1/" }));
        const keys = Contents.map(({ Key }) => ({ Key }));
        await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys } }));
        await expect(log.read(one, "decide/#start")).rejects.toMatchObject({
          code: "storage_failed",
          message: expect.stringMatching(/^the payload year\/order\/1\/[0-9a-f]{64} is gone/),
        });
      });
      it("that somebody changed in the payload store is not taken for what was put", async () => {
        await log.decide(one, "decide/#start", decision(noise(100_000)));
        const [item] = await table.items();
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key: item?.b.key, Body: "other" }));
        await expect(log.read(one, "decide/#start")).rejects.toMatchObject({
          code: "storage_failed",
          message: expect.stringMatching(/is not what was put there/),
        });
      });
    });

    describe("costs", () => {
      /** Letters of a few kinds, as JSON mostly is: it compresses to half. */
      const words = (bytes: number) => Array.from(randomBytes(bytes), (b) => "etaoinsrhld 0123"[b % 16]).join("");
      const long: Execution = { ...one, id: "0f8fad5b-d9cb-469f-a165-70867728950e" };
      const path = "pay/charge/chargeCard";
      const counted = async (calls: (log: DynamoStepLog) => Promise<unknown>) => {
        const notes: RequestNote[] = [];
        await calls(table.worker({ onRequest: (note) => notes.push(note) }));
        return {
          requests: notes.length,
          writes: notes.reduce((sum, { writeUnits }) => sum + writeUnits, 0),
          reads: notes.reduce((sum, { readUnits }) => sum + readUnits, 0),
        };
      };
      it.each([300, 700, 768, 900, 1024])("two writes for a step with an output of %i bytes", async (bytes) => {
        const cost = await counted(async (log) => {
          await log.claim(long, path, { ...claimAt(1_700_000_000_000), leaseMs: 35_000 });
          const times = { atMs: 1_700_000_000_999, startedAtMs: 1_700_000_000_000 };
          await log.settle(long, path, { ...settlement(1, words(bytes)), ...times });
        });
        expect(cost).toEqual({ requests: 2, writes: 2, reads: 0 });
      });
      it("five writes, indexes and all, for opening an execution and ending it", async () => {
        const trigger = { kind: "event", id: long.id, source: "shop.orders", type: "OrderPlaced" } as const;
        const graph = "a".repeat(64);
        const cost = await counted(async (log) => {
          await log.open(header({ ...long, graph, trigger, startedAtMs: 1_700_000_000_000 }));
          await log.turn(long, {
            epoch: 0,
            from: ["running"],
            to: "succeeded",
            endedAtMs: 1_700_000_000_999,
            output: "step/a",
          });
        });
        expect(cost).toEqual({ requests: 2, writes: 5, reads: 0 });
      });
      it("half a read for a glance at a header that is there", async () => {
        await log.open(header());
        expect(await counted((log) => log.glance(one))).toEqual({ requests: 1, writes: 0, reads: 0.5 });
      });
      it("no request to the payload store for a list without values, however large they are", async () => {
        for (const path of ["a", "b", "c"]) {
          await log.claim(one, path, claimAt(0));
          await log.settle(one, path, settlement(1, noise(100_000)));
        }
        await log.decide(one, "decide/p", decision(noise(100_000)));
        const services = async (values: boolean) => {
          const asked: string[] = [];
          const worker = table.worker({ onRequest: ({ service }) => asked.push(service) });
          const listed = await worker.list(one, { values });
          expect([...listed.keys()].toSorted()).toEqual(["decide/p", "step/a", "step/b", "step/c"]);
          return asked.toSorted();
        };
        expect(await services(false)).toEqual(["DynamoDB"]);
        expect(await services(true)).toEqual(["DynamoDB", "S3", "S3", "S3", "S3"]);
      });
      it("half a read for a graph that is known already", async () => {
        const graph = { ...graphOf(empty), workflow: "order" };
        await log.putGraph("h", graph);
        expect(await counted((log) => log.putGraph("h", graph))).toEqual({ requests: 1, writes: 0, reads: 0.5 });
      });
    });

    it("every record of an execution says when it expires; graphs and workflows do not", async () => {
      await log.putGraph("h", { ...graphOf(empty), workflow: "order" });
      await log.open(header());
      await log.turn(one, { epoch: 0, from: ["running"], to: "stopping" });
      await log.decide(one, "decide/#start", decision());
      for (const path of ["claimed", "failed", "crashed", "released", "settled"])
        await log.claim(one, path, claimAt(0));
      await log.fail(one, "failed", setback(1));
      await log.crash(one, "crashed", setback(1));
      await log.release(one, "released", 1);
      await log.settle(one, "settled", settlement(1));
      await log.settle(one, "repeatable", settlement("repeatable"));
      await log.fail(one, "repeatableFailed", setback("repeatable"));
      await log.close(one, "closed", claimAt(0));
      await log.arrive(one, { key: "join/p", member: "0", of: 2 }, "x");
      await log.claim(one, "renewed", claimAt(0));
      await log.renew(one, "renewed", { fence: 1, leaseUntilMs: 200 });
      await log.mail(one, "approve", wait("a"));
      await log.put(one, "decide/put", decision());
      const items = await table.items();
      const [outside, records] = [items.filter((i) => i.pk.startsWith("~")), items.filter((i) => i.pk === "order/1")];
      expect(outside.map((i) => `${i.pk} ${i.sk}`).toSorted()).toEqual(["~graph/h #", "~workflows order"]);
      for (const item of outside) expect(item).not.toHaveProperty("expiresAt");
      expect(records).toHaveLength(14);
      for (const item of records) expect(item).toHaveProperty("expiresAt", expiresAt);
    });

    it("of fifty claims at once, from two workers, one wins", async () => {
      const other = table.worker();
      const all = await Promise.all(
        Array.from({ length: 50 }, (_, i) => (i % 2 ? log : other).claim(one, "a", claimAt(0))),
      );
      expect(all.filter((c) => c.kind === "claimed")).toHaveLength(1);
      expect(all.filter((c) => c.kind === "held")).toHaveLength(49);
    });

    it("a set of 100 whose members arrive at once, from two workers, loses none and is seen full", async () => {
      const other = table.worker();
      const arrivals = Array.from({ length: 100 }, (_, i) => i).map(async (i) => {
        const seat = { key: "join/m", member: String(i), of: 100 };
        return (i % 2 ? log : other).arrive(one, seat, `step/m/${i}/a`);
      });
      expect((await Promise.all(arrivals)).filter((full) => full)).toHaveLength(1);
      const set = await log.read(one, "join/m");
      expect(set?.kind === "join" && Object.keys(set.members)).toHaveLength(100);
    });

    it("of twelve signals and twelve waits at once, from two workers, each finds its other", async () => {
      const other = table.worker();
      const all = Array.from({ length: 12 }, (_, i) => [receive(`s${i}`), wait(`p${i}`)]).flat();
      await Promise.all(all.map((change, i) => (i % 4 < 2 ? log : other).mail(one, "approve", change)));
      const record = await log.read(one, "mailbox/approve");
      if (record?.kind !== "mailbox") throw new Error("there is no mailbox");
      expect(record.waiting).toEqual([]);
      expect(new Set(record.signals.map(({ id }) => id)).size).toBe(12);
      expect(new Set(record.signals.map(({ place }) => place)).size).toBe(12);
    });

    describe("a lease", () => {
      it.each([
        [99, 0, { kind: "held", untilMs: 100 }],
        [100, 0, { kind: "claimed" }],
        [101, 0, { kind: "claimed" }],
        [100, 60, { kind: "held", untilMs: 160 }],
        [159, 60, { kind: "held", untilMs: 160 }],
        [160, 60, { kind: "claimed" }],
      ])("of 100 ms is over, or not, at %i ms with a skew of %i", async (nowMs, skewMs, found) => {
        await log.claim(one, "a", claimAt(0));
        await log.claim(one, "b", claimAt(0));
        expect(await log.close(one, "b", { node: "a", nowMs, skewMs })).toMatchObject(found);
        expect(await log.claim(one, "a", claimAt(nowMs, skewMs))).toMatchObject(found);
      });
      it.each([
        [499, { kind: "held", untilMs: 500 }],
        [500, { kind: "claimed" }],
      ])("may follow a delay of 500 ms, or not, at %i ms, whatever the skew", async (nowMs, found) => {
        await log.claim(one, "a", claimAt(0));
        await log.fail(one, "a", setback(1));
        expect(await log.claim(one, "a", claimAt(nowMs, 60_000))).toMatchObject(found);
      });
    });

    it("lists a partition of several pages whole", async () => {
      const output = noise(40_000); // 30 KB compressed: inline, and a page has 1 MB
      const keys = Array.from({ length: 60 }, (_, i) => `decide/${i}`);
      await Promise.all(keys.map((key) => log.decide(one, key, decision(output))));
      const list = await log.list(one);
      expect([...list.keys()].toSorted()).toEqual(keys.toSorted());
      for (const record of list.values()) expect(record).toMatchObject({ output });
    });

    it("lists the workflows with their newest graphs", async () => {
      const graph = (workflow: string) => ({ ...graphOf(empty), workflow });
      await log.putGraph("h1", graph("order"));
      await log.putGraph("h2", graph("order"));
      await log.putGraph("h3", graph("crm"));
      expect(await log.workflows()).toEqual([
        { workflow: "crm", graph: "h3" },
        { workflow: "order", graph: "h2" },
      ]);
      expect(await log.graph("h1")).toEqual(graph("order"));
    });

    it("says that a table is not there", async () => {
      const payloads = new S3PayloadStore({ client: s3, bucket });
      const nowhere = new DynamoStepLog({ client: table.db, table: `${aws.prefix}none`, payloads });
      const missing = {
        code: "storage_failed",
        message: expect.stringMatching(new RegExp(`^the table ${aws.prefix}none is not there .*deploy the platform`)),
      };
      await expect(nowhere.header(one)).rejects.toMatchObject(missing);
      await expect(nowhere.open(header())).rejects.toMatchObject(missing);
      await expect(nowhere.claim(one, "a", claimAt(0))).rejects.toMatchObject(missing);
      await expect(nowhere.arrive(one, { key: "join/p", member: "0", of: 1 }, "x")).rejects.toMatchObject(missing);
      await expect(nowhere.list(one)).rejects.toMatchObject(missing);
    });

    it("says so when an item is none that it knows", async () => {
      const Item = { pk: { S: "order/1" }, sk: { S: "wait/x" } };
      await table.db.send(new PutItemCommand({ TableName: table.table, Item }));
      await expect(log.list(one)).rejects.toMatchObject({ code: "internal_error" });
    });

    describe("a write whose answer was lost, which the SDK sends again,", () => {
      let proxy: LossyProxy;
      let lossy: DynamoStepLog;
      beforeEach(async () => {
        proxy = await lossyProxy(aws.endpoint);
        lossy = table.worker({ endpoint: proxy.endpoint });
      });
      afterEach(async () => {
        await proxy.close();
      });
      const losing = async <T>(call: () => Promise<T>, meanwhile?: () => Promise<unknown>): Promise<T> => {
        proxy.loseNext(meanwhile);
        const answer = await call();
        expect(proxy.lost).toBe(1);
        return answer;
      };

      it("is known for one's own: a claim", async () => {
        const claim = await losing(() => lossy.claim(one, "a", claimAt(0)));
        expect(claim).toMatchObject({ kind: "claimed", record: { fence: 1, leaseUntilMs: 100 } });
        expect(await lossy.settle(one, "a", settlement(1))).toMatchObject({ kind: "written" });
      });
      it("is known for one's own: a settling", async () => {
        await log.claim(one, "a", claimAt(0));
        const written = await losing(() => lossy.settle(one, "a", settlement(1)));
        expect(written).toEqual({ kind: "written", record: await log.read(one, "step/a") });
      });
      it("is known for one's own, and counts once: a failure", async () => {
        await log.claim(one, "a", claimAt(0));
        const written = await losing(() => lossy.fail(one, "a", setback(1)));
        expect(written).toMatchObject({ kind: "written", record: { status: "idle", failures: 1, error } });
      });
      it("counts once also where nobody holds the step", async () => {
        const failed = await losing(() => lossy.fail(one, "a", setback("repeatable")));
        expect(failed).toMatchObject({ kind: "written", record: { failures: 1 } });
        expect(await lossy.crash(one, "a", setback("repeatable"))).toMatchObject({
          record: { failures: 1, crashes: 1 },
        });
      });
      it("is known for one's own: a release, a closing, a turn, an opening, a decision", async () => {
        await log.claim(one, "a", claimAt(0));
        await log.open(header());
        expect(await losing(() => lossy.release(one, "a", 1))).toMatchObject({ kind: "written" });
        proxy.loseNext();
        expect(await lossy.close(one, "a", claimAt(200))).toMatchObject({ kind: "claimed", record: { fence: 2 } });
        proxy.loseNext();
        expect(await lossy.turn(one, { epoch: 0, from: ["running"], to: "succeeded", endedAtMs: 7 })).toEqual(
          header({ status: "succeeded", endedAtMs: 7 }),
        );
        proxy.loseNext();
        expect(await lossy.open(header({ id: "2" }))).toEqual(header({ id: "2" }));
        proxy.loseNext();
        expect(await lossy.decide(one, "decide/p", decision("x"))).toEqual({ record: decision("x"), mine: true });
        expect(proxy.lost).toBe(5);
      });
      it("is known for one's own: a renewal, a record at rest", async () => {
        await log.claim(one, "a", claimAt(0));
        const renewed = await losing(() => lossy.renew(one, "a", { fence: 1, leaseUntilMs: 300 }));
        expect(renewed).toMatchObject({ kind: "written", record: { leaseUntilMs: 300 } });
        proxy.loseNext();
        expect(await lossy.put(one, "decide/p", decision())).toBe(true);
        expect(proxy.lost).toBe(2);
      });
      it.each([0, 1])("gives a signal to one place, after %i answers that were not lost", async (given) => {
        await log.mail(one, "approve", wait("a"));
        proxy.loseNext(undefined, given);
        expect(await lossy.mail(one, "approve", receive("1"))).toEqual(assigned("a", "1"));
        expect(proxy.lost).toBe(1);
        expect(await log.read(one, "mailbox/approve")).toMatchObject({ version: 2, signals: [{ id: "1" }] });
      });
      it("gives a signal to one place, though the mailbox has changed in between", async () => {
        await log.mail(one, "approve", wait("a"));
        proxy.loseNext(() => log.mail(one, "approve", wait("b")), 1);
        expect(await lossy.mail(one, "approve", receive("1"))).toEqual(assigned("a", "1"));
        expect(proxy.lost).toBe(1);
        expect(await log.read(one, "mailbox/approve")).toMatchObject({ version: 3, waiting: ["b"] });
      });
      it("changes nothing the second time: an arrival", async () => {
        expect(await losing(() => lossy.arrive(one, { key: "join/p", member: "0", of: 2 }, "x"))).toBe(false);
        expect(await lossy.arrive(one, { key: "join/p", member: "1", of: 2 }, "y")).toBe(true);
      });
      it("is held when another one claimed in between", async () => {
        const claim = await losing(
          () => lossy.claim(one, "a", claimAt(0)),
          () => log.claim(one, "a", claimAt(100)),
        );
        expect(claim).toEqual({ kind: "held", untilMs: 200 });
      });
      it("is refused when a claim followed the failure in between", async () => {
        await log.claim(one, "a", claimAt(0));
        const written = await losing(
          () => lossy.fail(one, "a", setback(1)),
          () => log.claim(one, "a", claimAt(500)),
        );
        expect(written).toMatchObject({ kind: "refused", record: { status: "running", fence: 2, failures: 1 } });
      });
    });
  });
});
