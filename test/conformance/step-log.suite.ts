/** What every step log promises. A factory opens one; `reopen` closes it and opens another on what it left behind. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seatOf } from "../../lib/kernel/join.ts";
import type { DecisionRecord, Header, StepError } from "../../lib/kernel/record.ts";
import type { Graph } from "../../lib/model/graph.ts";
import type { StepLog } from "../../lib/ports/step-log.ts";

export interface OpenLog {
  readonly log: StepLog;
  /** Undefined where nothing outlives the process. */
  readonly reopen?: () => Promise<OpenLog>;
  readonly close: () => Promise<void>;
}

const order = { workflow: "order", id: "1" };
const header = (over: Partial<Header> = {}): Header => ({
  kind: "header",
  ...order,
  graph: "g",
  status: "running",
  epoch: 0,
  trigger: { kind: "direct" },
  startedAtMs: 1000,
  expiresAt: 1,
  ...over,
});
const request = (nowMs: number) => ({ node: "charge", nowMs, leaseMs: 1000, skewMs: 0 });
const decision: DecisionRecord = { kind: "decision", next: [], atMs: 5, output: { a: 1 } };
const error: StepError = { code: "handler_failed", message: "no", path: "charge" };
const settlement = (holder: number | "repeatable") => ({
  node: "charge",
  holder,
  atMs: 1500,
  startedAtMs: 1000,
  result: { output: { chargeId: "c" } },
  decision: { next: [{ kind: "succeed" as const, output: "step/charge" }] },
});

export function stepLogSuite(name: string, open: () => Promise<OpenLog>): void {
  describe(`the step log on ${name}`, () => {
    let at: OpenLog;
    beforeEach(async () => {
      at = await open();
    });
    afterEach(() => at.close());
    const claimed = async (nowMs: number): Promise<number> => {
      const claim = await at.log.claim(order, "charge", request(nowMs));
      if (claim.kind !== "claimed") throw new Error(`not claimed: ${claim.kind}`);
      return claim.record.fence;
    };

    describe("headers", () => {
      it("are put once: the first one stands", async () => {
        expect(await at.log.open(header())).toEqual(header());
        expect(await at.log.open(header({ startedAtMs: 2000 }))).toEqual(header());
        expect(await at.log.header(order)).toEqual(header());
      });
      it("of unknown executions are undefined", async () => {
        expect(await at.log.header(order)).toBeUndefined();
      });
      it("turn only from a status that was named", async () => {
        await at.log.open(header());
        expect(await at.log.turn(order, { from: ["stopping"], to: "failed", error })).toBeUndefined();
        const ended = { ...header(), status: "succeeded", endedAtMs: 9, output: "step/x" };
        const change = { from: ["running"], to: "succeeded", endedAtMs: 9, output: "step/x" } as const;
        expect(await at.log.turn(order, change)).toEqual(ended);
        expect(await at.log.turn(order, change)).toBeUndefined();
        expect(await at.log.header(order)).toEqual(ended);
      });
      it("are listed newest first, by workflow and status, page by page", async () => {
        for (const [id, startedAtMs] of [
          ["a", 1],
          ["b", 2],
          ["c", 2],
          ["d", 3],
        ] as const)
          await at.log.open(header({ id, startedAtMs }));
        await at.log.open(header({ workflow: "crm", id: "z", startedAtMs: 9 }));
        await at.log.turn({ workflow: "order", id: "b" }, { from: ["running"], to: "failed" });
        await at.log.sync();
        const ids = async (query: Parameters<StepLog["executions"]>[0]) =>
          (await at.log.executions(query)).map((h) => h.id);
        expect(await ids({ limit: 2 })).toEqual(["z", "d"]);
        expect(await ids({ workflow: "order", limit: 10 })).toEqual(["d", "c", "b", "a"]);
        expect(await ids({ workflow: "order", status: "failed", limit: 10 })).toEqual(["b"]);
        const before = { startedAtMs: 2, execution: "order/c" };
        expect(await ids({ workflow: "order", limit: 10, before })).toEqual(["b", "a"]);
      });
    });

    describe("claims", () => {
      it("are given to one at a time", async () => {
        expect(await claimed(1000)).toBe(1);
        expect(await at.log.claim(order, "charge", request(1999))).toEqual({ kind: "held", untilMs: 2000 });
      });
      it("pass on when the lease has ended, under a higher fence", async () => {
        await claimed(1000);
        expect(await claimed(2000)).toBe(2);
      });
      it("of many at once are won by one", async () => {
        const all = await Promise.all(Array.from({ length: 20 }, () => at.log.claim(order, "charge", request(1000))));
        expect(all.filter((c) => c.kind === "claimed")).toHaveLength(1);
      });
      it("that were given back are free at once", async () => {
        expect((await at.log.release(order, "charge", await claimed(1000))).kind).toBe("written");
        expect(await claimed(1001)).toBe(2);
      });
      it("of one execution say nothing of another's", async () => {
        await claimed(1000);
        expect((await at.log.claim({ workflow: "order", id: "2" }, "charge", request(1000))).kind).toBe("claimed");
      });
    });

    describe("settling", () => {
      it("is done once, with output and decision in one record", async () => {
        const fence = await claimed(1000);
        expect((await at.log.settle(order, "charge", settlement(fence))).kind).toBe("written");
        const record = await at.log.read(order, "step/charge");
        expect(record).toMatchObject({ status: "settled", output: { chargeId: "c" }, next: [{ kind: "succeed" }] });
        const again = await at.log.settle(order, "charge", settlement(fence));
        expect(again).toEqual({ kind: "refused", record });
        expect(await at.log.claim(order, "charge", request(9000))).toEqual({ kind: "settled", record });
      });
      it("under an older fence is refused, and changes nothing", async () => {
        const older = await claimed(1000);
        await claimed(2000);
        expect((await at.log.settle(order, "charge", settlement(older))).kind).toBe("refused");
        expect(await at.log.read(order, "step/charge")).toMatchObject({ status: "running", fence: 2 });
      });
      it("of a repeatable step needs no claim, and is done once", async () => {
        expect((await at.log.settle(order, "charge", settlement("repeatable"))).kind).toBe("written");
        expect((await at.log.settle(order, "charge", settlement("repeatable"))).kind).toBe("refused");
      });
    });

    describe("a setback", () => {
      const setback = (holder: number, notBeforeMs: number) => ({
        node: "charge",
        holder,
        startedAtMs: 1000,
        error,
        notBeforeMs,
      });
      it("ends the lease, counts, and holds the step back until its time", async () => {
        expect((await at.log.fail(order, "charge", setback(await claimed(1000), 5000))).kind).toBe("written");
        expect(await at.log.claim(order, "charge", request(4999))).toEqual({ kind: "held", untilMs: 5000 });
        expect((await at.log.crash(order, "charge", setback(await claimed(5000), 6000))).kind).toBe("written");
        expect(await at.log.read(order, "step/charge")).toMatchObject({
          status: "idle",
          failures: 1,
          crashes: 1,
          fence: 2,
        });
      });
      it("of an older holder is refused", async () => {
        const older = await claimed(1000);
        await claimed(2000);
        expect((await at.log.fail(order, "charge", setback(older, 5000))).kind).toBe("refused");
        expect((await at.log.crash(order, "charge", setback(older, 5000))).kind).toBe("refused");
        expect((await at.log.release(order, "charge", older)).kind).toBe("refused");
      });
    });

    describe("closing", () => {
      it("settles a step that nobody began, so that a late claim finds it settled", async () => {
        expect((await at.log.close(order, "charge", request(1000))).kind).toBe("claimed");
        expect((await at.log.claim(order, "charge", request(9000))).kind).toBe("settled");
      });
      it("waits for a holder, and shuts out one whose lease has ended", async () => {
        const fence = await claimed(1000);
        expect(await at.log.close(order, "charge", request(1999))).toEqual({ kind: "held", untilMs: 2000 });
        expect((await at.log.close(order, "charge", request(2000))).kind).toBe("claimed");
        expect((await at.log.settle(order, "charge", settlement(fence))).kind).toBe("refused");
      });
    });

    describe("joins and decisions", () => {
      it("are full when every member has arrived, however often one came", async () => {
        const arrive = (i: number) => at.log.arrive(order, seatOf("pay", i, 2), `step/${i}`);
        expect([await arrive(0), await arrive(0), await arrive(1), await arrive(0)]).toEqual([
          false,
          false,
          true,
          true,
        ]);
        expect(await at.log.read(order, "join/pay")).toEqual({ kind: "join", members: { 0: "step/0", 1: "step/1" } });
      });
      it("tell at least one of those who arrive at once that it is full", async () => {
        const all = await Promise.all(
          Array.from({ length: 50 }, (_, i) => at.log.arrive(order, seatOf("pay", i, 50), `step/${i}`)),
        );
        expect(all.filter(Boolean).length).toBeGreaterThan(0);
      });
      it("are put once: the winner's is given back", async () => {
        expect(await at.log.decide(order, "decide/pay", decision)).toEqual({ record: decision, mine: true });
        const other = { ...decision, output: { a: 2 } };
        expect(await at.log.decide(order, "decide/pay", other)).toEqual({ record: decision, mine: false });
      });
    });

    it("lists the records of one execution by key, without the header", async () => {
      await at.log.open(header());
      await claimed(1000);
      await at.log.decide(order, "decide/pay", decision);
      await at.log.decide({ workflow: "order", id: "2" }, "decide/pay", decision);
      expect([...(await at.log.list(order)).keys()].sort()).toEqual(["decide/pay", "step/charge"]);
    });
    it("keeps graphs by their hash", async () => {
      const graph = { format: 1, workflow: "order" } as Graph;
      await at.log.putGraph("h", graph);
      await at.log.putGraph("h", graph);
      await at.log.sync();
      expect(await at.log.graph("h")).toEqual(graph);
      expect(await at.log.graph("other")).toBeUndefined();
    });

    describe("opened again", () => {
      it("has what was synced, and lets go of leases that another process left", async (test) => {
        if (!at.reopen) return test.skip(`${name} keeps nothing beyond its process`);
        await at.log.open(header());
        await at.log.decide(order, "decide/pay", decision);
        await claimed(1000);
        await at.log.sync();
        at = await at.reopen();
        expect(await at.log.header(order)).toEqual(header());
        expect(await at.log.read(order, "decide/pay")).toEqual(decision);
        expect(await claimed(1001)).toBe(2);
      });
    });
  });
}
