/** What every step log promises: see lib/ports/step-log.ts. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, type TestContext } from "vitest";
import type { Execution, ExecutionName } from "../../lib/contract/ids.ts";
import type { TransactAction } from "../../lib/contract/transact-action.ts";
import { arrive } from "../../lib/kernel/join.ts";
import { changeMailbox, type MailChange } from "../../lib/kernel/mailbox.ts";
import {
  type DecisionRecord,
  type EditRecord,
  type Header,
  type LogRecord,
  type MailboxRecord,
  type ParkedRecord,
  type StepRecord,
  stepKey,
} from "../../lib/kernel/record.ts";
import {
  claimStep,
  closeStep,
  crashStep,
  failStep,
  type Holder,
  releaseStep,
  renewStep,
  settleStep,
} from "../../lib/kernel/step.ts";
import type { Graph } from "../../lib/model/graph.ts";
import type { Json } from "../../lib/model/json.ts";
import type { StepLog } from "../../lib/ports/step-log.ts";
import { asListed } from "../../lib/testing/world/without-values.ts";
import { empty, graphOf } from "../support/graphs.ts";
import { noise } from "../support/noise.ts";
import { skip } from "../support/skip.ts";

export interface StepLogSubject {
  readonly log: StepLog;
  /** Ends the process that holds the log, and opens it in another; or why that cannot be done. */
  readonly reopen: (() => Promise<StepLog>) | string;
  /** What becomes of the leases of a process that ends: gone with it, or held until they and the skew are over. */
  readonly leases: "end with the process" | "outlive it";
  /** A table of the user's, with the key `pk`: its name, and what is in it. */
  readonly ledger: { readonly name: string; items(): Promise<readonly unknown[]> };
  /** How often the model is compared; default 40. */
  readonly numRuns?: number;
  close(): Promise<void>;
}

/** Far off: a store that keeps this promise would take the records away under the tests. */
const expiresAt = 4_102_444_800;
const one: Execution = { workflow: "order", id: "1", expiresAt };
const ten: Execution = { workflow: "order", id: "10", expiresAt };
const header = ({ workflow, id }: ExecutionName, over: Partial<Header> = {}): Header => ({
  ...{ kind: "header", workflow, id, graph: "h", status: "running", epoch: 0, trigger: { kind: "direct" } },
  ...{ startedAtMs: 1000, expiresAt },
  ...over,
});
const error = { code: "Broken", message: "it broke", path: "a" };
const claimAt = (nowMs: number) => ({ node: "a", nowMs, leaseMs: 100, skewMs: 0 });
const settlement = (holder: Holder, output = "done") => ({
  ...{ node: "a", holder, atMs: 50, startedAtMs: 20, result: { output } },
  decision: { next: [{ kind: "succeed" as const, output: "step/a" }] },
});
const setback = (holder: Holder) => ({ node: "a", holder, startedAtMs: 20, error, notBeforeMs: 500 });
const decision = (atMs: number): DecisionRecord => ({ kind: "decision", next: [], atMs });

export function stepLogSuite(adapter: string, make: () => Promise<StepLogSubject>): void {
  describe(`the step log: ${adapter}`, () => {
    let subject: StepLogSubject;
    let log: StepLog;
    beforeEach(async () => {
      subject = await make();
      log = subject.log;
    });
    afterEach(() => subject.close());

    /** How to open the log in another process. Asked for first: where there is none, the test ends here. */
    const another = (context: TestContext): (() => Promise<StepLog>) => {
      const { reopen } = subject;
      return typeof reopen === "string" ? skip(context, reopen) : reopen;
    };

    describe("opening", () => {
      it("puts the header if there is none, and gives back the one that stands", async () => {
        expect(await log.header(one)).toBeUndefined();
        expect(await log.open(header(one))).toEqual(header(one));
        expect(await log.open(header(one, { startedAtMs: 2000, graph: "other" }))).toEqual(header(one));
        expect(await log.header(one)).toEqual(header(one));
      });
      it("lets a header be glanced at, though it was put a moment ago", async () => {
        expect(await log.glance(one)).toBeUndefined();
        await log.open(header(one));
        expect(await log.glance(one)).toEqual(header(one));
      });
      it("does not take one execution for another", async () => {
        await log.open(header(one));
        expect(await log.header(ten)).toBeUndefined();
        expect(await log.header({ workflow: "orders", id: "1" })).toBeUndefined();
      });
    });

    describe("turning a status", () => {
      it("changes it from one of those named, with what comes with it", async () => {
        await log.open(header(one));
        const turned = await log.turn(one, {
          epoch: 0,
          from: ["stopping", "running"],
          to: "failed",
          endedAtMs: 5,
          error,
        });
        expect(turned).toEqual(header(one, { status: "failed", endedAtMs: 5, error }));
        expect(await log.header(one)).toEqual(turned);
      });
      it("changes nothing from any other", async () => {
        await log.open(header(one));
        expect(await log.turn(one, { epoch: 0, from: ["stopping"], to: "failed", error })).toBeUndefined();
        expect(await log.header(one)).toEqual(header(one));
      });
      it("changes nothing where there is no header", async () => {
        expect(await log.turn(one, { epoch: 0, from: ["running"], to: "failed" })).toBeUndefined();
        expect(await log.header(one)).toBeUndefined();
      });
      it("changes nothing in another epoch", async () => {
        await log.open(header(one, { epoch: 1 }));
        expect(await log.turn(one, { epoch: 0, from: ["running"], to: "failed" })).toBeUndefined();
        expect(await log.header(one)).toEqual(header(one, { epoch: 1 }));
      });
      it("carries out a request to pause or resume once, however late it comes again", async () => {
        await log.open(header(one));
        const pause = { epoch: 0, turns: 0, from: ["running"], to: "paused" } as const;
        const resume = { epoch: 0, turns: 1, from: ["paused"], to: "running" } as const;
        expect(await log.turn(one, pause)).toEqual(header(one, { status: "paused", turns: 1 }));
        expect(await log.turn(one, resume)).toEqual(header(one, { status: "running", turns: 2 }));
        expect(await log.turn(one, pause)).toBeUndefined();
        expect(await log.header(one)).toEqual(header(one, { status: "running", turns: 2 }));
      });
      it("forgets in the next epoch how the one before ended", async () => {
        await log.open(header(one));
        await log.turn(one, { epoch: 0, from: ["running"], to: "stopping", error, ending: "cancelled" });
        const ended = await log.turn(one, { epoch: 0, from: ["stopping"], to: "cancelled", endedAtMs: 5, output: "x" });
        expect(ended).toEqual(
          header(one, { status: "cancelled", error, ending: "cancelled", endedAtMs: 5, output: "x" }),
        );
        const reopen = { epoch: 0, from: ["cancelled"], to: "running", reopen: true } as const;
        expect(await log.turn(one, reopen)).toEqual(header(one, { epoch: 1 }));
        expect(await log.turn(one, reopen)).toBeUndefined();
        expect(await log.header(one)).toEqual(header(one, { epoch: 1 }));
      });
      it("keeps who called it, and that what was done stays done", async () => {
        const parent = { workflow: "up", id: "7", path: "call", epoch: 2, depth: 1 };
        await log.open(header(one, { parent }));
        const stop = { epoch: 0, from: ["running"], to: "stopping", error, ending: "cancelled", keep: true } as const;
        const stopping = { parent, status: "stopping", error, ending: "cancelled", keep: true } as const;
        expect(await log.turn(one, stop)).toEqual(header(one, stopping));
        expect(await log.header(one)).toEqual(header(one, stopping));
        expect(await log.turn(one, { epoch: 0, from: ["stopping"], to: "stuck", stuck: error })).toBeUndefined();
        await log.turn(one, { epoch: 0, from: ["stopping"], to: "cancelled", endedAtMs: 5 });
        await log.turn(one, { epoch: 0, from: ["cancelled"], to: "running", reopen: true });
        expect(await log.header(one)).toEqual(header(one, { parent, epoch: 1 }));
      });
      it("keeps what was stuck, and lets it go on as what it was to end", async () => {
        await log.open(header(one));
        await log.turn(one, { epoch: 0, from: ["running"], to: "stopping", error, ending: "failed" });
        const why = { code: "Said", message: "no", path: "a/undo" };
        const stuck = { status: "stuck", error, ending: "failed", stuck: why } as const;
        expect(await log.turn(one, { epoch: 0, from: ["stopping"], to: "stuck", stuck: why })).toEqual(
          header(one, stuck),
        );
        expect(await log.header(one)).toEqual(header(one, stuck));
        const goesOn = header(one, { status: "stopping", epoch: 1, error, ending: "failed" });
        expect(await log.turn(one, { epoch: 0, from: ["stuck"], to: "stopping", reopen: true })).toEqual(goesOn);
        expect(await log.header(one)).toEqual(goesOn);
      });
      it("lets one of several win", async () => {
        await log.open(header(one));
        const change = { epoch: 0, from: ["running" as const], to: "succeeded" as const };
        const all = await Promise.all([1, 2, 3].map((endedAtMs) => log.turn(one, { ...change, endedAtMs })));
        expect(all.filter((h) => h !== undefined)).toHaveLength(1);
      });
    });

    describe("a step", () => {
      it("is claimed by one of several", async () => {
        const all = await Promise.all([1, 2, 3].map(() => log.claim(one, "a", claimAt(0))));
        expect(all.filter((c) => c.kind === "claimed")).toHaveLength(1);
        expect(all.filter((c) => c.kind === "held")).toEqual([
          { kind: "held", untilMs: 100 },
          { kind: "held", untilMs: 100 },
        ]);
      });
      it("is claimed again when its lease has ended, and not before", async () => {
        await log.claim(one, "a", claimAt(0));
        expect(await log.claim(one, "a", claimAt(99))).toEqual({ kind: "held", untilMs: 100 });
        expect(await log.claim(one, "a", claimAt(100))).toMatchObject({ kind: "claimed", record: { fence: 2 } });
      });
      it("is settled by its newest holder alone, and whoever is refused is told what is there", async () => {
        await log.claim(one, "a", claimAt(0));
        await log.claim(one, "a", claimAt(100));
        expect(await log.settle(one, "a", settlement(1))).toMatchObject({
          ...{ kind: "refused", record: { status: "running", fence: 2 } },
        });
        const written = await log.settle(one, "a", settlement(2));
        if (written.kind !== "written") throw new Error(written.kind);
        expect(written.record).toMatchObject({ status: "settled", output: "done" });
        expect(await log.settle(one, "a", settlement(2, "again"))).toEqual({ kind: "refused", record: written.record });
        expect(await log.claim(one, "a", claimAt(1000))).toEqual({ kind: "settled", record: written.record });
        expect(await log.read(one, "step/a")).toEqual(written.record);
      });
      it("that is repeatable is settled by one of several", async () => {
        const all = await Promise.all([1, 2, 3].map((n) => log.settle(one, "a", settlement("repeatable", `by ${n}`))));
        expect(all.map((w) => w.kind).toSorted()).toEqual(["refused", "refused", "written"]);
      });
      it("that failed is held back, and so is one that crashed", async () => {
        await log.claim(one, "a", claimAt(0));
        expect(await log.fail(one, "a", setback(1))).toMatchObject({ kind: "written", record: { failures: 1, error } });
        expect(await log.claim(one, "a", claimAt(499))).toEqual({ kind: "held", untilMs: 500 });
        await log.claim(one, "a", claimAt(500));
        expect(await log.crash(one, "a", setback(2))).toMatchObject({ kind: "written", record: { crashes: 1 } });
      });
      it("that is given back can be claimed at once", async () => {
        await log.claim(one, "a", claimAt(0));
        expect(await log.release(one, "a", 1)).toMatchObject({ kind: "written", record: { status: "idle" } });
        expect(await log.claim(one, "a", claimAt(1))).toMatchObject({ kind: "claimed", record: { fence: 2 } });
      });
      it("that the first to hold it gives back has not begun", async () => {
        await log.claim(one, "a", claimAt(0));
        await log.release(one, "a", 1);
        expect(await log.read(one, "step/a")).not.toHaveProperty("startedAtMs");
        await log.claim(one, "a", claimAt(5));
        await log.release(one, "a", 2);
        expect(await log.read(one, "step/a")).toHaveProperty("startedAtMs", 5);
      });
      it("is held for longer by who renews its lease, and never for shorter", async () => {
        await log.claim(one, "a", claimAt(0));
        const renewed = await log.renew(one, "a", { fence: 1, leaseUntilMs: 300 });
        expect(renewed).toEqual({ kind: "written", record: await log.read(one, "step/a") });
        expect(await log.renew(one, "a", { fence: 1, leaseUntilMs: 200 })).toEqual(renewed);
        expect(await log.claim(one, "a", claimAt(299))).toEqual({ kind: "held", untilMs: 300 });
        expect(await log.claim(one, "a", claimAt(300))).toMatchObject({ kind: "claimed", record: { fence: 2 } });
        const late = await log.renew(one, "a", { fence: 1, leaseUntilMs: 500 });
        expect(late).toMatchObject({ kind: "refused", record: { fence: 2, leaseUntilMs: 400 } });
        expect(await log.renew(one, "b", { fence: 1, leaseUntilMs: 500 })).toEqual({ kind: "refused" });
        expect(await log.read(one, "step/b")).toBeUndefined();
      });
      it("is closed when nobody holds it, and a holder that sleeps on has lost it", async () => {
        await log.claim(one, "a", claimAt(0));
        expect(await log.close(one, "a", claimAt(99))).toEqual({ kind: "held", untilMs: 100 });
        expect(await log.close(one, "a", claimAt(100))).toMatchObject({ kind: "claimed", record: { closed: true } });
        expect(await log.settle(one, "a", settlement(1))).toMatchObject({ kind: "refused" });
        expect(await log.close(one, "b", claimAt(0))).toMatchObject({ kind: "claimed", record: { closed: true } });
      });
      it("is closed while it is held back, and then is no longer", async () => {
        await log.claim(one, "a", claimAt(0));
        await log.fail(one, "a", setback(1));
        const closed = await log.close(one, "a", claimAt(1));
        expect(closed).toMatchObject({ kind: "claimed", record: { closed: true, failures: 1, error } });
        const record = await log.read(one, "step/a");
        expect(record).toEqual("record" in closed && closed.record);
        expect(record).not.toHaveProperty("notBeforeMs");
      });

      type Op = {
        readonly name: Execution;
        readonly path: string;
        readonly holder: Holder;
        readonly nowMs: number;
      } & {
        readonly op: "claim" | "settle" | "fail" | "crash" | "release" | "renew" | "close";
      };
      const op: fc.Arbitrary<Op> = fc.record({
        name: fc.constantFrom(one, ten),
        path: fc.constantFrom("a", "p/x/a"),
        op: fc.constantFrom("claim", "claim", "settle", "fail", "crash", "release", "renew", "close"),
        holder: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant("repeatable" as const)),
        nowMs: fc.nat(900),
      });

      it("goes through just what the kernel says, whatever is done to it in whatever order", async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(op, { maxLength: 25 }), async (ops) => {
            const fresh = await make();
            try {
              const model = new Map<string, StepRecord>();
              for (const { name, path, op, holder, nowMs } of ops) {
                const at = `${name.id} ${path}`;
                const before = model.get(at);
                const [found, wanted] = await (async () => {
                  const fence = holder === "repeatable" ? 1 : holder;
                  switch (op) {
                    case "claim":
                      return [await fresh.log.claim(name, path, claimAt(nowMs)), claimStep(before, claimAt(nowMs))];
                    case "close":
                      return [await fresh.log.close(name, path, claimAt(nowMs)), closeStep(before, claimAt(nowMs))];
                    case "settle":
                      return [
                        await fresh.log.settle(name, path, settlement(holder)),
                        settleStep(before, settlement(holder)),
                      ];
                    case "fail":
                      return [await fresh.log.fail(name, path, setback(holder)), failStep(before, setback(holder))];
                    case "crash":
                      return [await fresh.log.crash(name, path, setback(holder)), crashStep(before, setback(holder))];
                    case "renew": {
                      const renewal = { fence, leaseUntilMs: nowMs + 50 };
                      return [await fresh.log.renew(name, path, renewal), renewStep(before, renewal)];
                    }
                    case "release":
                      return [await fresh.log.release(name, path, fence), releaseStep(before, fence)];
                  }
                })();
                expect(found).toEqual(wanted);
                if ((wanted.kind === "claimed" || wanted.kind === "written") && wanted.record)
                  model.set(at, wanted.record);
              }
              for (const name of [one, ten])
                for (const path of ["a", "p/x/a"])
                  expect(await fresh.log.read(name, stepKey(path))).toEqual(model.get(`${name.id} ${path}`));
            } finally {
              await fresh.close();
            }
          }),
          { numRuns: subject.numRuns ?? 40 },
        );
      });
    });

    describe("a set", () => {
      const seat = (member: string) => ({ key: "join/p", member, of: 3 });

      it("is full when each member has arrived, and everyone who sees it so is told", async () => {
        expect(await log.arrive(one, seat("0"), "step/a")).toBe(false);
        expect(await log.arrive(one, seat("0"), "step/a")).toBe(false);
        expect(await log.arrive(one, seat("2"), "step/c")).toBe(false);
        expect(await log.arrive(ten, seat("1"), "step/b")).toBe(false); // another execution's
        expect(await log.arrive(one, seat("1"), "step/b")).toBe(true);
        expect(await log.arrive(one, seat("0"), "step/other")).toBe(true);
        expect(await log.read(one, "join/p")).toEqual({
          kind: "join",
          members: { 0: "step/a", 1: "step/b", 2: "step/c" },
        });
      });
      it("loses nobody when all arrive at once", async () => {
        const all = await Promise.all(["0", "1", "2"].map((m) => log.arrive(one, seat(m), `step/${m}`)));
        expect(all).toContain(true);
        const record = await log.read(one, "join/p");
        expect(record?.kind === "join" && Object.keys(record.members).toSorted()).toEqual(["0", "1", "2"]);
      });
      it("of 100 is full at the hundredth", async () => {
        const full: boolean[] = [];
        for (let i = 0; i < 100; i++)
          full.push(await log.arrive(one, { key: "join/m", member: String(i), of: 100 }, "x"));
        expect(full.indexOf(true)).toBe(99);
      });
      it("agrees with the kernel", async () => {
        const { record } = arrive(undefined, seat("1"), "step/b");
        await log.arrive(one, seat("1"), "step/b");
        expect(await log.read(one, "join/p")).toEqual(record);
      });
    });

    describe("a decision", () => {
      it("is the first one, and later ones are told of it", async () => {
        expect(await log.decide(one, "decide/p", decision(1))).toEqual({ record: decision(1), mine: true });
        expect(await log.decide(one, "decide/p", decision(2))).toEqual({ record: decision(1), mine: false });
        expect(await log.read(one, "decide/p")).toEqual(decision(1));
      });
      it("stands under the key of a callback as well, and is read and listed there", async () => {
        await log.decide(one, "callback/c1", decision(1));
        expect(await log.decide(one, "callback/c1", decision(2))).toEqual({ record: decision(1), mine: false });
        expect(await log.read(one, "callback/c1")).toEqual(decision(1));
        expect(await log.list(one)).toEqual(new Map([["callback/c1", decision(1)]]));
      });
      it("is one when several decide at once", async () => {
        const all = await Promise.all([1, 2, 3].map((n) => log.decide(one, "decide/p", decision(n))));
        expect(all.filter((d) => d.mine)).toHaveLength(1);
        expect(new Set(all.map((d) => d.record.atMs)).size).toBe(1);
      });
    });

    describe("reading", () => {
      it("gives what was written, at once, byte for byte", async () => {
        const values = JSON.parse(
          '{"text":"ü\\u2028\\ud83d\\ude00\\u0000\'\\"\\\\","__proto__":{"a":1},"deep":[[[null,true,-1e-7]]]}',
        );
        const record: DecisionRecord = { ...decision(1), values, output: "x".repeat(1_000_000) };
        await log.decide(one, "decide/p", record);
        expect(JSON.stringify(await log.read(one, "decide/p"))).toBe(JSON.stringify(record));
      });
      it("finds nothing where nothing was written", async () => {
        expect(await log.read(one, "step/a")).toBeUndefined();
        expect(await log.list(one)).toEqual(new Map());
      });
      it("lists the records of one execution by key, without its header", async () => {
        await log.open(header(one));
        await log.decide(one, "decide/#start", decision(1));
        await log.claim(one, "a", claimAt(0));
        await log.arrive(one, { key: "join/p", member: "0", of: 2 }, "x");
        await log.claim(ten, "a", claimAt(0));
        expect([...(await log.list(one)).keys()].toSorted()).toEqual(["decide/#start", "join/p", "step/a"]);
        await log.sync();
        await log.settle(one, "a", settlement(1)); // one is on disk, the other is not
        const list = await log.list(one);
        expect([...list.keys()].toSorted()).toEqual(["decide/#start", "join/p", "step/a"]);
        expect(list.get("step/a")).toMatchObject({ status: "settled" });
      });
      it.each([10, 100_000])(
        "lists all that leads on when no values are asked for, beside %i characters",
        async (n) => {
          const values = { made: noise(n) };
          await log.decide(one, "decide/p", {
            ...decision(1),
            closed: true,
            taken: { p: "x" },
            values,
            output: noise(n),
          });
          await log.claim(one, "a", claimAt(0));
          await log.remember(one, "a", { node: "a", holder: 1, startedAtMs: 0, name: "part", value: noise(n) });
          await log.settle(one, "a", settlement(1, noise(n)));
          await log.claim(one, "b", claimAt(0));
          await log.put(one, "step/c", { ...(await log.read(one, "step/a")), fence: 7, copied: true } as StepRecord);
          await log.put(one, "list/p#made.0", { kind: "list", items: [noise(n)] });
          const whole = await log.list(one);
          expect(whole.get("step/c")).toMatchObject({ output: noise(n), memo: { part: noise(n) }, copied: true });
          expect(asListed(await log.list(one, { values: false }), { values: false })).toEqual(
            asListed(whole, { values: false }),
          );
        },
      );
    });

    describe("the record of a key", () => {
      const key = { workflow: "order", id: "~key/7", expiresAt };
      const take = (mark: string) => log.occupy(key, { kind: "take", mark, whenRunning: "queue", begun: true });
      const free = (mark: string) => log.occupy(key, { kind: "free", mark });

      it("tells who runs and who waits, also when it is asked again", async () => {
        expect(await take("a")).toEqual({ kind: "runs" });
        expect(await take("b")).toEqual({ kind: "waits", running: "a" });
        expect(await take("b")).toEqual({ kind: "waits", running: "a" });
        expect(await free("a")).toEqual({ kind: "next", running: "b" });
        expect(await free("a")).toEqual({ kind: "next", running: "b" });
        expect(await log.read(key, "key")).toEqual({
          ...{ kind: "key", version: 3, running: "b", waiting: [], known: ["a", "b"] },
        });
      });

      it("lets one of many run that come at once, and the others after it, each once", async () => {
        const marks = Array.from({ length: 8 }, (_, i) => `m${i}`);
        const answers = await Promise.all(marks.map(take));
        expect(answers.filter(({ kind }) => kind === "runs")).toHaveLength(1);
        const ran: (string | undefined)[] = [];
        let running = marks[answers.findIndex(({ kind }) => kind === "runs")];
        while (running !== undefined) {
          ran.push(running);
          const answer = await free(running);
          running = answer.kind === "next" ? answer.running : undefined;
        }
        expect(ran.toSorted()).toEqual(marks);
      });

      it("is no execution", async () => {
        await take("a");
        expect(await log.header(key)).toBeUndefined();
        expect(await log.list(one)).toEqual(new Map());
      });
    });

    describe("executions", () => {
      const put = async (id: string, over: Partial<Header>) =>
        log.open(header({ workflow: "order", id, ...over }, over));
      // A log is told of its workflows by their graphs.
      const known = (workflow: string) => log.putGraph(`of ${workflow}`, { ...graphOf(empty), workflow });
      const ids = (headers: readonly Header[]) => headers.map((h) => h.id);
      beforeEach(async () => {
        await Promise.all(["order", "crm"].map(known));
        await put("a", { startedAtMs: 1000 });
        await put("b", { startedAtMs: 3000, workflow: "crm" });
        await put("c", { startedAtMs: 2000, status: "failed" });
        await put("d", { startedAtMs: 2000 });
        await log.sync();
      });

      it("are listed newest first, with their whole headers", async () => {
        const all = await log.executions({ limit: 10 });
        expect(ids(all)).toEqual(["b", "d", "c", "a"]);
        expect(all[3]).toEqual(header({ workflow: "order", id: "a" }, { startedAtMs: 1000 }));
      });
      it.each([
        ["by workflow", { workflow: "order" }, ["d", "c", "a"]],
        ["by status", { status: "running" as const }, ["b", "d", "a"]],
        ["by both", { workflow: "order", status: "failed" as const }, ["c"]],
        ["of a workflow that has none", { workflow: "ticket" }, []],
      ])("are listed %s", async (_, query, found) => {
        expect(ids(await log.executions({ ...query, limit: 10 }))).toEqual(found);
      });
      it("are listed page by page, each once, though some began together", async () => {
        const pages: string[][] = [];
        let before: { startedAtMs: number; execution: string } | undefined;
        do {
          const page = await log.executions({ limit: 1, ...(before && { before }) });
          pages.push(ids(page));
          const last = page.at(-1);
          before = last && { startedAtMs: last.startedAtMs, execution: `${last.workflow}/${last.id}` };
        } while (before);
        expect(pages).toEqual([["b"], ["d"], ["c"], ["a"], []]);
      });
      it("are listed newest first, though there are many more than asked for", async () => {
        const all = Array.from({ length: 12 }, (_, i) => `e${i}`);
        await Promise.all(all.map((id, i) => put(id, { startedAtMs: 5000 + i })));
        await log.sync();
        const page = await log.executions({ workflow: "order", status: "running", limit: 3 });
        expect(ids(page)).toEqual(["e11", "e10", "e9"]);
        const before = { startedAtMs: 5009, execution: "order/e9" };
        expect(ids(await log.executions({ workflow: "order", limit: 9, before }))).toEqual(
          all.slice(0, 9).toReversed(),
        );
      });
      it("are listed with their newest status", async () => {
        await log.turn({ workflow: "order", id: "a", expiresAt }, { epoch: 0, from: ["running"], to: "succeeded" });
        await log.sync();
        expect(ids(await log.executions({ status: "succeeded", limit: 10 }))).toEqual(["a"]);
        expect(ids(await log.executions({ status: "running", limit: 10 }))).toEqual(["b", "d"]);
      });
    });

    describe("a step's memory", () => {
      const memo = (holder: Holder, name: string, value: Json) => ({ node: "n", holder, startedAtMs: 3, name, value });
      it("is written by its holder alone, stays under its name as it was first, and outlives a failure", async () => {
        await log.claim(one, "a", claimAt(0));
        expect(await log.remember(one, "a", memo(2, "pay", 1))).toMatchObject({ kind: "refused" });
        expect(await log.remember(one, "a", memo(1, "pay", { id: "c" }))).toMatchObject({ kind: "written" });
        expect(await log.remember(one, "a", memo(1, "pay", 2))).toMatchObject({ kind: "written" });
        await log.remember(one, "a", memo(1, "note", "x".repeat(100_000)));
        const kept = { pay: { id: "c" }, note: "x".repeat(100_000) };
        expect(await log.read(one, "step/a")).toMatchObject({ status: "running", fence: 1, memo: kept });
        const setback = { node: "n", holder: 1, startedAtMs: 3, error, notBeforeMs: 50 } as const;
        await log.fail(one, "a", setback);
        expect(await log.claim(one, "a", claimAt(200))).toMatchObject({ kind: "claimed", record: { memo: kept } });
      });
      it("begins the record of a repeatable step, until that has settled", async () => {
        expect(await log.remember(one, "a", memo("repeatable", "pay", null))).toMatchObject({
          ...{ kind: "written", record: { status: "idle", fence: 0, failures: 0, memo: { pay: null } } },
        });
        await log.settle(one, "a", settlement("repeatable"));
        expect(await log.remember(one, "a", memo("repeatable", "more", 1))).toMatchObject({ kind: "refused" });
      });
    });

    describe("writes of the user's", () => {
      const put = (pk: string, more: object = {}) => ({
        Put: { TableName: subject.ledger.name, Item: { pk }, ...more },
      });
      const isNew = { ConditionExpression: "attribute_not_exists(pk)" };
      const settle = (holder: Holder, ...transact: TransactAction[]) =>
        log.settle(one, "a", settlement(holder), transact);
      it("take effect with the settling, once", async () => {
        await log.claim(one, "a", claimAt(0));
        const add = { UpdateExpression: "ADD cents :c", ExpressionAttributeValues: { ":c": 5 } };
        const update = { Update: { TableName: subject.ledger.name, Key: { pk: "b" }, ...add } };
        const settled = await settle(1, put("a"), update);
        expect(settled).toMatchObject({ kind: "written", record: { status: "settled", output: "done" } });
        expect(await settle(1, put("c"), update)).toMatchObject({ kind: "refused", record: { status: "settled" } });
        await log.sync();
        const items = await subject.ledger.items();
        expect(items).toHaveLength(2);
        expect(items).toEqual(expect.arrayContaining([{ pk: "a" }, { pk: "b", cents: 5 }]));
      });
      it("do not take effect where the fence is lost, whatever their conditions say", async () => {
        await log.claim(one, "a", claimAt(0));
        await log.claim(one, "a", claimAt(100));
        const unmet = put("a", { ConditionExpression: "attribute_exists(pk)" });
        expect(await settle(1, unmet)).toMatchObject({ kind: "refused", record: { status: "running", fence: 2 } });
        expect(await subject.ledger.items()).toEqual([]);
      });
      it("settle nothing where a condition does not hold, and say which", async () => {
        await log.claim(one, "a", claimAt(0));
        await settle(1, put("a"));
        await log.claim(one, "b", claimAt(0));
        const again = await log.settle(one, "b", settlement(1), [put("b"), put("a", isNew)]);
        expect(again).toMatchObject({
          ...{ kind: "unmet", final: false },
          reason: expect.stringContaining(`action 1, Put in "${subject.ledger.name}"`),
        });
        expect(await log.read(one, "step/b")).toMatchObject({ status: "running", fence: 1 });
        expect(await subject.ledger.items()).toEqual([{ pk: "a" }]);
      });
      it("that cannot be carried out at all are refused for good", async () => {
        await log.claim(one, "a", claimAt(0));
        const wrong = put("a", { ConditionExpression: "attribute_not_exists(" });
        expect(await settle(1, wrong)).toMatchObject({ kind: "unmet", final: true });
        expect(await log.read(one, "step/a")).toMatchObject({ status: "running" });
      });
    });

    describe("a mailbox", () => {
      const receive = (id: string, data: Json = id): MailChange => ({ kind: "receive", id, data });
      const bind = { prev: "decide/#start" };
      const wait = (place: string): MailChange => ({ kind: "wait", place, bind });
      const change: fc.Arbitrary<MailChange> = fc.oneof(
        fc.nat(3).map((n) => receive(`s${n}`)),
        fc.constantFrom("a", "b", "c").map(wait),
        fc.record({ kind: fc.constantFrom("leave", "forget"), place: fc.constantFrom("a", "b", "c") }),
      );

      it("gives a signal to who waits for it, and keeps others apart", async () => {
        expect(await log.mail(one, "approve", wait("decide/a"))).toEqual({ kind: "waiting" });
        expect(await log.mail(one, "reject", receive("1"))).toEqual({ kind: "buffered" });
        expect(await log.mail(ten, "approve", receive("1"))).toEqual({ kind: "buffered" });
        const assigned = { kind: "assigned", place: "decide/a", bind, id: "2", data: { by: "ann" } };
        expect(await log.mail(one, "approve", receive("2", { by: "ann" }))).toEqual(assigned);
        expect(await log.mail(one, "approve", { kind: "leave", place: "decide/a" })).toEqual(assigned);
        expect(await log.mail(one, "approve", { kind: "forget", place: "decide/a" })).toEqual({ kind: "left" });
        expect(await log.mail(one, "approve", receive("2"))).toEqual({ kind: "known" });
        expect([...(await log.list(one)).keys()].toSorted()).toEqual(["mailbox/approve", "mailbox/reject"]);
      });
      it("keeps data byte for byte, however long", async () => {
        const data = ["x".repeat(500_000), "\u2028\ud83d\ude00\u0000", JSON.parse('{"__proto__":{"a":1}}')];
        await log.mail(one, "approve", receive("1", data));
        const answer = await log.mail(one, "approve", wait("a"));
        expect(JSON.stringify(answer.kind === "assigned" && answer.data)).toBe(JSON.stringify(data));
      });
      it("gives each of several signals that come at once to one of several that wait", async () => {
        const all = await Promise.all(
          ["1", "2", "3", "4"].flatMap((n) => [
            log.mail(one, "approve", receive(n)),
            log.mail(one, "approve", wait(n)),
          ]),
        );
        expect(all).toHaveLength(8);
        const record = await log.read(one, "mailbox/approve");
        if (record?.kind !== "mailbox") throw new Error("there is no mailbox");
        expect(record.signals.map(({ id }) => id).toSorted()).toEqual(["1", "2", "3", "4"]);
        expect(record.signals.map(({ place }) => place).toSorted()).toEqual(["1", "2", "3", "4"]);
      });
      it("lets one of a signal and a timeout win that come at once", async () => {
        await log.mail(one, "approve", wait("a"));
        const [signal, timeout] = await Promise.all([
          log.mail(one, "approve", receive("1")),
          log.mail(one, "approve", { kind: "leave", place: "a" }),
        ]);
        expect([signal.kind, timeout.kind]).toSatisfy(
          (kinds: string[]) => kinds.join() === "assigned,assigned" || kinds.join() === "buffered,left",
        );
      });
      it("goes through just what the kernel says, in whatever order", async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(change, { maxLength: 15 }), fc.uuid(), async (changes, signal) => {
            let model: MailboxRecord | undefined;
            for (const change of changes) {
              const wanted = changeMailbox(model, change);
              expect(await log.mail(one, signal, change)).toEqual(wanted.answer);
              if (wanted.changed) model = wanted.record;
              expect(await log.read(one, `mailbox/${signal}`)).toEqual(model);
            }
          }),
          { numRuns: subject.numRuns ?? 40 },
        );
      });
    });

    describe("a record put at rest", () => {
      const settled: StepRecord = {
        ...{ kind: "step", node: "charge", status: "settled", fence: 2, failures: 1, crashes: 1 },
        ...{ startedAtMs: 5, endedAtMs: 9, output: { cents: [1] }, next: [{ kind: "succeed", output: "step/a" }] },
        ...{ values: { pick: 1 }, taken: { risk: "clear" }, memo: { pay: { id: "c" }, note: null } },
      };
      it.each<[string, string, StepRecord | DecisionRecord]>([
        ["a step with an output", "step/a", settled],
        ["a step with a long output", "step/p/0/a", { ...settled, output: "x".repeat(500_000) }],
        ["a step with an error", "step/a", { ...settled, error }],
        [
          "a step that was closed",
          "step/a",
          { kind: "step", node: "n", status: "settled", fence: 1, failures: 0, crashes: 0, closed: true, next: [] },
        ],
        ["a decision", "decide/#start", { ...decision(3), output: [1], values: { a: 1 } }],
      ])("is what it was: %s", async (_, key, record) => {
        expect(await log.put(one, key, record)).toBe(true);
        expect(await log.read(one, key)).toEqual(record);
        expect(await log.list(one)).toEqual(new Map([[key, record]]));
      });
      it("does not take the place of another", async () => {
        await log.claim(one, "a", claimAt(0));
        const claimed = await log.read(one, "step/a");
        expect(await log.put(one, "step/a", settled)).toBe(false);
        expect(await log.read(one, "step/a")).toEqual(claimed);
        expect(await log.put(one, "decide/p", decision(1))).toBe(true);
        expect(await log.put(one, "decide/p", decision(2))).toBe(false);
        expect(await log.decide(one, "decide/p", decision(3))).toEqual({ record: decision(1), mine: false });
      });
      it("is settled for whoever claims it", async () => {
        await log.put(one, "step/a", settled);
        expect(await log.claim(one, "a", claimAt(0))).toEqual({ kind: "settled", record: settled });
      });
      it("is put once by several", async () => {
        const all = await Promise.all([1, 2, 3].map((n) => log.put(one, "decide/p", decision(n))));
        expect(all.filter(Boolean)).toHaveLength(1);
      });
    });

    describe("a parked message", () => {
      const parked = (id: string, epoch = 0): ParkedRecord => ({
        ...{ kind: "parked", id, epoch, path: "p/0/a", attempt: 2 },
        bind: { prev: "step/b" },
      });
      it("is kept only while the execution is paused, in its epoch", async () => {
        expect(await log.park(one, parked("x"))).toBe(false);
        await log.open(header(one));
        expect(await log.park(one, parked("x"))).toBe(false);
        await log.turn(one, { epoch: 0, turns: 0, from: ["running"], to: "paused" });
        expect(await log.park(one, parked("x", 1))).toBe(false);
        expect((await log.list(one)).size).toBe(0);
        expect(await log.park(one, parked("x"))).toBe(true);
        expect([...(await log.list(one))]).toEqual([["parked/p/0/a", parked("x")]]);
      });
      it("is removed by its id, so that a newer one in its place stays", async () => {
        await log.open(header(one, { status: "paused" }));
        await log.park(one, parked("x"));
        await log.park(one, parked("y"));
        await log.unpark(one, "p/0/a", "x");
        expect(await log.read(one, "parked/p/0/a")).toEqual(parked("y"));
        await log.unpark(one, "p/0/a", "y");
        await log.unpark(one, "p/0/a", "y");
        expect(await log.read(one, "parked/p/0/a")).toBeUndefined();
        expect((await log.list(one)).size).toBe(0);
      });
    });

    describe("an edit", () => {
      const edit = (key: string): EditRecord => ({ kind: "edit", void: [key], anew: [], inputs: { a: [1] }, atMs: 4 });
      it("is put once for an epoch", async () => {
        expect(await log.edit(one, 1, edit("step/a"))).toEqual(edit("step/a"));
        expect(await log.edit(one, 1, edit("step/b"))).toEqual(edit("step/a"));
        expect(await log.edit(one, 2, edit("step/b"))).toEqual(edit("step/b"));
        expect(await log.read(one, "edit/1")).toEqual(edit("step/a"));
      });
    });

    describe("a graph", () => {
      const graph = (workflow: string): Graph => ({ ...graphOf(empty), workflow });
      it("is kept by its hash, as it was put first", async () => {
        expect(await log.graph("h1")).toBeUndefined();
        await log.putGraph("h1", graph("order"));
        await log.putGraph("h2", graph("crm"));
        await log.putGraph("h1", graph("changed"));
        await log.sync();
        expect(await log.graph("h1")).toEqual(graph("order"));
        expect(await log.graph("h2")).toEqual(graph("crm"));
      });
    });

    describe("what was synced", () => {
      it("is there in another process", async (context) => {
        const reopen = another(context);
        await log.open(header(one));
        await log.turn(one, { epoch: 0, from: ["running"], to: "stopping", error });
        await log.decide(one, "decide/#start", decision(1));
        await log.settle(one, "a", settlement("repeatable"));
        await log.arrive(one, { key: "join/p", member: "0", of: 2 }, "step/a");
        await log.mail(one, "approve", { kind: "receive", id: "1", data: { by: "ann" } });
        const graph: Graph = { ...graphOf(empty), workflow: "order" };
        await log.putGraph("h", graph);
        await log.sync();
        const records: ReadonlyMap<string, LogRecord> = await log.list(one);
        const again = await reopen();
        expect(await again.header(one)).toEqual(header(one, { status: "stopping", error }));
        expect(await again.list(one)).toEqual(records);
        expect(await again.read(one, "step/a")).toEqual(records.get("step/a"));
        expect(await again.graph("h")).toEqual(graph);
        expect(await again.executions({ limit: 10 })).toHaveLength(1);
        expect(
          await again.mail(one, "approve", { kind: "wait", place: "decide/b", bind: { prev: "x" } }),
        ).toMatchObject({
          ...{ kind: "assigned", id: "1", data: { by: "ann" } },
        });
        expect(await again.arrive(one, { key: "join/p", member: "1", of: 2 }, "step/b")).toBe(true);
      });
      it("still holds a failed step back in another process", async (context) => {
        const reopen = another(context);
        await log.claim(one, "a", claimAt(0));
        await log.fail(one, "a", setback(1));
        await log.sync();
        const again = await reopen();
        expect(await again.claim(one, "a", claimAt(499))).toEqual({ kind: "held", untilMs: 500 });
      });
    });

    describe("a lease that another process left behind", () => {
      it("has ended, since that process has", async (context) => {
        if (subject.leases !== "end with the process") skip(context, "another worker's process may still be there");
        const reopen = another(context);
        await log.claim(one, "a", claimAt(0));
        await log.claim(one, "b", claimAt(0));
        await log.sync();
        const again = await reopen();
        expect(await again.claim(one, "a", claimAt(1))).toMatchObject({ kind: "claimed", record: { fence: 2 } });
        expect(await again.claim(one, "a", claimAt(2))).toEqual({ kind: "held", untilMs: 101 });
        expect(await again.close(one, "b", claimAt(1))).toMatchObject({ kind: "claimed", record: { closed: true } });
        expect(await again.settle(one, "a", settlement(1))).toMatchObject({ kind: "refused", record: { fence: 2 } });
        expect(await again.settle(one, "a", settlement(2))).toMatchObject({ kind: "written" });
      });
      it("holds until it and the skew are over, since its holder may still be at work", async (context) => {
        if (subject.leases !== "outlive it") skip(context, "the log's process is its only worker");
        const reopen = another(context);
        const skewed = (nowMs: number) => ({ ...claimAt(nowMs), skewMs: 60 });
        await log.claim(one, "a", claimAt(0));
        await log.claim(one, "b", claimAt(0));
        const again = await reopen();
        expect(await again.claim(one, "a", skewed(159))).toEqual({ kind: "held", untilMs: 160 });
        expect(await again.close(one, "b", skewed(159))).toEqual({ kind: "held", untilMs: 160 });
        expect(await again.claim(one, "a", skewed(160))).toMatchObject({ kind: "claimed", record: { fence: 2 } });
        expect(await again.close(one, "b", skewed(160))).toMatchObject({ kind: "claimed", record: { closed: true } });
        expect(await again.settle(one, "a", settlement(1))).toMatchObject({ kind: "refused", record: { fence: 2 } });
        expect(await again.settle(one, "a", settlement(2))).toMatchObject({ kind: "written" });
      });
    });
  });
}
