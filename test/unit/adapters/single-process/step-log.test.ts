import { expect, it } from "vitest";
import { MemoryStore } from "../../../../lib/adapters/memory/store.ts";
import { SingleProcessStepLog } from "../../../../lib/adapters/single-process/step-log.ts";
import type { StepRecord } from "../../../../lib/kernel/record.ts";

const one = { workflow: "order", id: "1", expiresAt: 4_102_444_800 };
const claimAt = (nowMs: number) => ({ node: "a", nowMs, leaseMs: 100, skewMs: 0 });
const result = { result: { output: null }, decision: { next: [] } };

/** What another process, which is gone, had under its lease: free at once, unless this one takes it for its own claim. */
const leftBehind: StepRecord = {
  ...{ kind: "step", node: "a", status: "running", fence: 1, failures: 0, crashes: 0 },
  leaseUntilMs: 1_000,
};

it.each<[string, (log: SingleProcessStepLog) => Promise<unknown>]>([
  ["settled", (log) => log.settle(one, "a", { node: "a", holder: 1, atMs: 1, startedAtMs: 0, ...result })],
  ["given back", (log) => log.release(one, "a", 1)],
  ["closed when its lease was over", (log) => log.close(one, "a", { node: "a", nowMs: 200, skewMs: 0 })],
])("a claim that was %s takes no memory any more", async (_, end) => {
  const store = new MemoryStore();
  const log = new SingleProcessStepLog(store);
  await log.claim(one, "a", claimAt(0));
  expect(await end(log)).toMatchObject({ kind: expect.stringMatching(/^(written|claimed)$/) });
  store.putRecord("order/1", "step/a", leftBehind);
  expect(await log.claim(one, "a", claimAt(300))).toMatchObject({ kind: "claimed" });
});
