import { describe, expect, it } from "vitest";
import { z } from "zod";
import { LocalStore } from "../../../lib/adapters/local/store.ts";
import { node, workflow } from "../../../lib/index.ts";
import { openEngine } from "../../../lib/local/index.ts";
import { implement } from "../../../lib/node/index.ts";
import { tempFolder } from "../../support/temp-folder.ts";

// A schema that hands on what it does not know, as it is.
const loose = z.looseObject({}) as unknown as z.ZodType<{ list: number[] }>;
const first = node("first", { input: loose, output: loose });
const second = node("second", { input: loose, output: z.string(), retry: { maxAttempts: 1 } });
const flow = workflow("flow", { input: loose }).task(first).task(second);

describe("a handler in the engine's process", () => {
  it("cannot change what its input came from, be it in memory or read from disk", async () => {
    const folder = tempFolder();
    const handlers = {
      first: implement(first, () => ({ list: [1] })),
      second: implement(second, (input) => {
        input.list.push(2);
        return "changed";
      }),
    };
    const workflows = [{ workflow: flow, handlers }];
    const open = () => openEngine({ folder, workflows });
    let engine = await open();
    await engine.start("flow", { id: "1", input: { list: [] } });
    expect(await engine.result({ workflow: "flow", id: "1" })).toMatchObject({
      ...{ status: "failed", error: { code: "handler_failed", path: "second" } },
    });
    await engine.stop();

    // As a crash after the first step would leave it.
    const store = new LocalStore(folder);
    const records = store.records("flow/1");
    const header = store.header("flow/1");
    for (const [key, record] of records) if (key !== "step/second") store.putRecord("flow/2", key, record);
    if (header) store.putHeader("flow/2", { ...header, id: "2", status: "running" });
    const envelope = {
      kind: "step",
      v: 1,
      workflow: "flow",
      id: "2",
      graph: flow.program.hash,
      epoch: 0,
      expiresAt: 4_000_000_000,
    } as const;
    store.putMessage({
      ...{ id: 1, queue: "flow.second", visibleAtMs: 0, receives: 0, sentAtMs: 0 },
      envelope: { ...envelope, path: "second", bind: { prev: "step/first" }, attempt: 1 },
    });
    store.close();
    engine = await open();
    expect(await engine.result({ workflow: "flow", id: "2" })).toMatchObject({
      ...{ status: "failed", error: { code: "handler_failed", path: "second" } },
    });
    const view = await engine.show({ workflow: "flow", id: "2" });
    expect(view.steps[0]?.output).toEqual({ list: [1] });
    await engine.stop();
  });
});
