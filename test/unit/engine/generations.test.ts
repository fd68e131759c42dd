import { expect, it } from "vitest";
import { MemoryStore } from "../../../lib/adapters/memory/store.ts";
import { SingleProcessStepLog } from "../../../lib/adapters/single-process/step-log.ts";
import { Generations } from "../../../lib/engine/generation-log.ts";

const order = (id: string) => ({ workflow: "order", id, expiresAt: 9 });
const edit = (...keys: string[]) => ({ kind: "edit", void: keys, anew: [], atMs: 0 }) as const;

it("the generation of an execution is read out of its edits once, and of each execution by itself", async () => {
  const log = new SingleProcessStepLog(new MemoryStore());
  await log.edit(order("1"), 1, edit("step/a"));
  await log.edit(order("1"), 2, edit("step/b"));
  await log.edit(order("2"), 1, edit("step/c"));
  const reads: string[] = [];
  const generations = new Generations({
    read: (name, key) => {
      reads.push(`${name.id} ${key}`);
      return log.read(name, key);
    },
  });
  const all = await Promise.all([1, 2, 2].map((epoch) => generations.of(order("1"), epoch)));
  expect(all.map((it) => [it.epoch, it.place("step/a"), it.place("step/b")])).toEqual([
    [1, "step/a@1", "step/b"],
    [2, "step/a@1", "step/b@2"],
    [2, "step/a@1", "step/b@2"],
  ]);
  expect((await generations.of(order("2"), 1)).place("step/c")).toBe("step/c@1");
  const before = reads.length;
  expect(await generations.of(order("1"), 2)).toBe(all[2]);
  expect((await generations.of(order("1"), 0)).place("step/a")).toBe("step/a");
  expect(reads).toHaveLength(before);
  await expect(generations.of(order("2"), 2)).rejects.toMatchObject({ code: "internal_error" });
});
