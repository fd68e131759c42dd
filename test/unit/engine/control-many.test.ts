import { describe, expect, it } from "vitest";
import { printExecution } from "../../../lib/contract/ids.ts";
import type { Controlled } from "../../../lib/engine/ask.ts";
import { type Controls, controlMany, MOST_AT_A_TIME } from "../../../lib/engine/control-many.ts";
import type { ControlRequest } from "../../../lib/engine/requests.ts";
import { type ErrorCode, PawlError } from "../../../lib/errors.ts";
import type { ExecutionStatus } from "../../../lib/kernel/record.ts";

const cancel: ControlRequest = { kind: "cancel" };

/** Executions `order/0` and on, newest first, each with its status. */
function place(statuses: readonly ExecutionStatus[], refusals: Readonly<Record<string, ErrorCode>> = {}) {
  const now = [...statuses];
  const asked: string[] = [];
  let busy = 0;
  let mostBusy = 0;
  const controls: Controls = {
    async list({ status, limit, before = "-1" }) {
      const indices = [...now.keys()].filter((i) => i > Number(before) && now[i] === status);
      const executions = indices.slice(0, limit).map((i) => ({
        ...{ execution: `order/${i}`, workflow: "order", status, error: null, startedAt: "", endedAt: null },
      }));
      return { executions, next: indices.length > limit ? String(indices[limit - 1]) : null };
    },
    async ask(name): Promise<Controlled> {
      const execution = printExecution(name);
      asked.push(execution);
      mostBusy = Math.max(mostBusy, ++busy);
      await new Promise((resolve) => setImmediate(resolve));
      busy--;
      const code = refusals[execution];
      if (code) throw new PawlError(code, "no");
      now[Number(name.id)] = "paused"; // as others do meanwhile
      return { execution, status: "stopping", epoch: 0, carriedOut: name.id !== "1" };
    },
  };
  return { controls, asked, mostBusy: () => mostBusy };
}

describe("controlMany", () => {
  it("asks each execution that the request is for once, over all pages, so many at once", async () => {
    const { controls, asked, mostBusy } = place(
      Array.from({ length: 2_500 }, (_, i) => (i % 2 ? "running" : "paused")),
    );
    const progress: number[] = [];
    const came = await controlMany(controls, cancel, {
      ...{ filter: {}, concurrency: 7, onProgress: ({ done, of }) => progress.push(done, of) },
    });
    expect(came).toMatchObject({ carriedOut: 2_499, pending: ["order/1"], failed: [], more: false });
    expect(new Set(asked).size).toBe(2_500);
    expect(asked).toHaveLength(2_500);
    expect(mostBusy()).toBe(7);
    expect(progress.slice(0, 2)).toEqual([0, 2_500]);
    expect(progress.slice(-2)).toEqual([2_500, 2_500]);
  });

  it("leaves out of a redrive what has succeeded, unless it is asked for", async () => {
    const { controls, asked } = place(["failed", "succeeded", "cancelled", "running"]);
    const dry = { dryRun: true } as const;
    const meant = async (filter: object) =>
      (await controlMany(controls, { kind: "redrive" }, { ...dry, filter })).executions.map((e) => e.execution);
    expect(await meant({})).toEqual(["order/0", "order/2"]);
    expect(await meant({ status: "succeeded" })).toEqual(["order/1"]);
    expect(asked).toEqual([]);
  });

  it("collects what single executions refuse, and asks the rest", async () => {
    const { controls, asked } = place(["running", "paused", "running"], { "order/0": "invalid_status" });
    const came = await controlMany(controls, cancel, { filter: {}, concurrency: 1 });
    expect(asked).toHaveLength(3);
    expect(came.failed).toEqual([{ execution: "order/0", error: { code: "invalid_status", message: "no" } }]);
  });

  it("asks nobody else when the place cannot be reached", async () => {
    const { controls, asked } = place(["running", "running", "running"], { "order/1": "platform_unreachable" });
    const asking = controlMany(controls, cancel, { filter: {}, concurrency: 1 });
    await expect(asking).rejects.toMatchObject({ code: "platform_unreachable" });
    expect(asked).toEqual(["order/0", "order/1"]);
  });

  it("asks nobody else once it is aborted, and of no more than so many a call", async () => {
    const { controls, asked } = place(Array.from({ length: MOST_AT_A_TIME + 1 }, () => "running" as const));
    const came = await controlMany(controls, cancel, { filter: {}, signal: AbortSignal.abort() });
    expect(came).toMatchObject({ more: true, carriedOut: 0 });
    expect(came.executions).toHaveLength(MOST_AT_A_TIME);
    expect(asked).toEqual([]);
  });
});
