import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../../lib/adapters/memory/store.ts";
import { SingleProcessStepLog } from "../../../lib/adapters/single-process/step-log.ts";
import type { CallbackAnswers } from "../../../lib/contract/callback.ts";
import type { ExecutionStatus, Header } from "../../../lib/kernel/record.ts";
import type { Json } from "../../../lib/model/json.ts";
import type { StepLog } from "../../../lib/ports/step-log.ts";
import {
  answerCallback,
  type CallbackParts,
  openCallback,
  type SentSignal,
} from "../../../lib/security/receive-callback.ts";
import { signCallback } from "../../../lib/security/token.ts";
import { aCallback, keyOf, MemoryKeys, NOW_MS } from "../../support/callbacks.ts";

const key = keyOf("k1");
const Decision = z.object({ approved: z.boolean(), comment: z.string().trim().optional() });
const token = signCallback(aCallback(), key);
const code = (of: string, message = /./) =>
  expect.objectContaining({ code: of, message: expect.stringMatching(message) });

describe("an answer", () => {
  let sent: SentSignal[];
  let log: SingleProcessStepLog;
  let parts: CallbackParts;
  beforeEach(async () => {
    sent = [];
    log = new SingleProcessStepLog(new MemoryStore());
    parts = {
      keys: new MemoryKeys(key),
      log,
      schemaOf: async (_, signal) => (signal === "decision" ? Decision : undefined),
      sendSignal: async (_, signal) => void sent.push(signal),
      now: () => NOW_MS,
    };
    await log.open(header("running"));
  });
  const header = (status: ExecutionStatus, id = "1042"): Header => ({
    kind: "header",
    ...{ workflow: "purchase", id, graph: "g", status, epoch: 0 },
    trigger: { kind: "direct" },
    ...{ startedAtMs: NOW_MS, expiresAt: NOW_MS / 1000 + 1_000_000 },
  });
  const answer = async (data: Json, of: Promise<string> = token) => answerCallback(parts, await of, data);
  const allowing = (answers: CallbackAnswers) => signCallback(aCallback({ answers }), key);
  const end = (to: ExecutionStatus) =>
    log.turn({ workflow: "purchase", id: "1042" }, { epoch: 0, from: ["running"], to });

  it("becomes one signal, under the callback's id", async () => {
    expect(await answer({ approved: true })).toEqual(aCallback());
    expect(sent).toEqual([{ signal: "decision", id: aCallback().id, data: { approved: true } }]);
  });

  it("given twice is one answer: the signal goes out again under the same id", async () => {
    await answer({ approved: true, comment: "fine" });
    await answer({ comment: " fine ", approved: true }); // what the schema makes of it is the same
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    expect(sent.map(({ data }) => data)).toEqual([
      { approved: true, comment: "fine" },
      { approved: true, comment: "fine" },
    ]);
  });

  it("after another one is refused, and the first one stands", async () => {
    await answer({ approved: true });
    await expect(answer({ approved: false })).rejects.toEqual(code("callback_used", /answered before/));
    await expect(answer({ approved: true, comment: "on second thought" })).rejects.toEqual(code("callback_used"));
    expect(sent).toHaveLength(1);
  });

  it("at the same moment as another one: one of them counts, and the other one is told", async () => {
    const barrier = Promise.withResolvers<void>();
    let reads = 0;
    const read: StepLog["read"] = async (...of) => {
      const standing = await log.read(...of);
      if (++reads === 2) barrier.resolve();
      await barrier.promise;
      return standing;
    };
    const { header: headerOf, decide, sync } = log;
    parts = { ...parts, log: { header: headerOf.bind(log), decide: decide.bind(log), sync: sync.bind(log), read } };
    const both = await Promise.allSettled([answer({ approved: true }), answer({ approved: false })]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(sent).toHaveLength(1);
  });

  it("whose sending failed is recorded: the same one again sends it, and no other one", async () => {
    const sendSignal = parts.sendSignal;
    parts = { ...parts, sendSignal: async () => Promise.reject(new Error("died")) };
    await expect(answer({ approved: true })).rejects.toThrow("died");
    parts = { ...parts, sendSignal };
    await expect(answer({ approved: false })).rejects.toEqual(code("callback_used"));
    await answer({ approved: true });
    expect(sent.map(({ data }) => data)).toEqual([{ approved: true }]);
  });

  it("is sent as the schema reads it, without what it does not know", async () => {
    await answer({ approved: true, comment: " x ", admin: true });
    expect(sent[0]?.data).toEqual({ approved: true, comment: "x" });
  });

  it("that breaks the schema is refused with the place, and may be given rightly after that", async () => {
    await expect(answer({ approved: "yes" })).rejects.toEqual(code("answer_refused", /approved: /));
    await answer({ approved: true });
    expect(sent).toHaveLength(1);
  });

  it.each<[string, CallbackAnswers, Json, boolean]>([
    ["a part of the allowed object", { Yes: { approved: true } }, { approved: true, comment: "x" }, true],
    ["another value of a fixed part", { Yes: { approved: true } }, { approved: false }, false],
    ["one of several", { Yes: { approved: true }, No: { approved: false } }, { approved: false }, true],
    [
      "parts of two of them",
      { A: { approved: true, comment: "a" }, B: { approved: false } },
      { approved: true },
      false,
    ],
    ["anything, where a part is empty", { Any: {} }, { approved: false, comment: "x" }, true],
  ])("that is %s", async (_, answers, data, fine) => {
    const given = answer(data, allowing(answers));
    if (fine) await expect(given).resolves.toBeDefined();
    else await expect(given).rejects.toEqual(code("answer_refused", /not allowed here; these are: /));
    expect(sent).toHaveLength(fine ? 1 : 0);
  });

  it.each<[Json, Json, boolean]>([
    ["approve", "approve", true],
    ["approve", "Approve", false],
    [1, 1, true],
    [1, "1", false],
    [[1, 2], [1, 2], true],
    [[1, 2], [1, 2, 3], false],
    [null, null, true],
    [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }, false],
  ])("allowed as %j is %j: %s", async (allowed, data, fine) => {
    parts = { ...parts, schemaOf: async () => z.json() as z.ZodType<Json> };
    const given = answer(data, allowing({ It: allowed }));
    if (fine) await expect(given).resolves.toBeDefined();
    else await expect(given).rejects.toEqual(code("answer_refused"));
  });

  it("is free where nothing is fixed, as far as the schema goes", async () => {
    const { answers: _, ...free } = aCallback();
    await answer({ approved: false }, signCallback(free, key));
    expect(sent).toHaveLength(1);
  });

  it("for an execution that does not exist is refused", async () => {
    const other = signCallback(aCallback({ execution: "purchase/1043" }), key);
    await expect(answer({ approved: true }, other)).rejects.toEqual(code("unknown_execution"));
  });

  it("for a signal that the execution's graph does not have is refused", async () => {
    const other = signCallback(aCallback({ signal: "another" }), key);
    await expect(answer({ approved: true }, other)).rejects.toEqual(code("callback_malformed", /no signal 'another'/));
  });

  it.each<ExecutionStatus>(["stopping", "stuck", "succeeded", "failed", "cancelled"])(
    "to an execution that is %s comes too late, and one that was given in time is still thanked for",
    async (to) => {
      const early = signCallback(aCallback({ id: "b".repeat(40) }), key);
      await answer({ approved: true }, early);
      await end(to);
      await expect(answer({ approved: true })).rejects.toEqual(code("callback_too_late"));
      await expect(openCallback(parts, await token)).rejects.toEqual(code("callback_too_late"));
      await answer({ approved: true }, early);
      await expect(answer({ approved: false }, early)).rejects.toEqual(code("callback_used"));
      expect(sent).toHaveLength(1);
    },
  );

  it("to an execution that is paused is taken", async () => {
    await end("paused");
    await answer({ approved: true });
    expect(sent).toHaveLength(1);
  });

  it("is refused before anything is read when its token is forged or its time is over", async () => {
    parts = { ...parts, log: new Proxy(log, { get: () => expect.unreachable() }) };
    await expect(answer({ approved: true }, signCallback(aCallback(), keyOf("k2")))).rejects.toEqual(
      code("callback_forged"),
    );
    const late = signCallback(aCallback({ expiresAtMs: NOW_MS }), key);
    await expect(answer({ approved: true }, late)).rejects.toEqual(code("callback_expired"));
  });

  it("is recorded without what was answered", async () => {
    await answer({ approved: true, comment: "a secret" });
    const records = await log.list({ workflow: "purchase", id: "1042" });
    expect(JSON.stringify([...records])).not.toContain("a secret");
    expect([...records.keys()]).toEqual([`callback/${aCallback().id}`]);
  });

  it("is not given by asking what the question is", async () => {
    expect((await openCallback(parts, await token)).callback).toEqual(aCallback());
    expect(sent).toEqual([]);
    await answer({ approved: true });
    await expect(openCallback(parts, await token)).rejects.toEqual(code("callback_used"));
  });
});
