import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, vi } from "vitest";
import { CommitThread } from "../../lib/adapters/local/commit-thread.ts";
import { LocalStore } from "../../lib/adapters/local/store.ts";
import type { DecisionRecord } from "../../lib/kernel/record.ts";
import { tempFolder } from "../support/temp-folder.ts";

const record = (n: number): DecisionRecord => ({ kind: "decision", atMs: n, next: [] });
/** Records of so many executions that a thread commits them. */
const MANY = 200;
function putMany(store: LocalStore, atMs: number): void {
  for (let n = 0; n < MANY; n++) {
    store.putRecord("flow/1", `decide/${n}`, record(atMs));
    if (n < 20) store.putRecord(`other/${n}`, "decide/x", record(atMs));
  }
}
const onDisk = (folder: string): number => {
  const db = new DatabaseSync(join(folder, "pawl.db"), { readOnly: true });
  const row = db.prepare("select count(*) as n from record").get();
  db.close();
  return Number(row?.n);
};

/** A store whose thread is at work, and every batch that the thread was given. */
async function threaded(folder = tempFolder(), onFailure = vi.fn()) {
  const commit = vi.spyOn(CommitThread.prototype, "commit");
  const store = new LocalStore(folder, { onFailure });
  const atWork = async () => {
    putMany(store, 0);
    await store.sync();
    return commit.mock.calls.length > 0;
  };
  await vi.waitUntil(atWork, 30_000);
  commit.mockClear();
  return { folder, store, commit, onFailure };
}
/** Begins to commit many, and comes back while the thread is at it. */
async function inFlight(of: Awaited<ReturnType<typeof threaded>>, atMs: number): Promise<void> {
  putMany(of.store, atMs);
  await new Promise(setImmediate);
  expect(of.commit).toHaveBeenCalledTimes(1);
}

describe("a large commit", () => {
  it("is left to a thread, and is on disk when that is told", async () => {
    const { folder, store, commit } = await threaded();
    for (let n = 0; n < MANY; n++) store.putRecord(`flow/a${n}`, "decide/x", record(1));
    await store.sync();
    expect(commit).toHaveBeenCalledTimes(1);
    expect(onDisk(folder)).toBe(2 * MANY + 20);
    store.close();
  });

  it("is seen by all who read while it is under way, and what is written after it is seen before it", async () => {
    const of = await threaded();
    await inFlight(of, 1);
    expect(of.store.record("flow/1", "decide/0")).toEqual(record(1));
    of.store.putRecord("flow/1", "decide/0", record(2));
    of.store.deleteRecord("flow/1", "decide/1");
    expect(of.store.record("flow/1", "decide/0")).toEqual(record(2));
    const all = of.store.records("flow/1");
    expect(all.size).toBe(MANY - 1);
    expect(all.get("decide/0")).toEqual(record(2));
    expect(all.get("decide/2")).toEqual(record(1));
    await of.store.sync();
    expect(of.store.record("flow/1", "decide/0")).toEqual(record(2));
    expect(of.store.record("flow/1", "decide/1")).toBeUndefined();
    of.store.close();
    const again = new LocalStore(of.folder);
    expect(again.records("flow/1")).toEqual(all);
    again.close();
  });

  it("is waited for by a listing, which is of what is on disk", async () => {
    const of = await threaded();
    await inFlight(of, 1);
    of.store.putHeader("flow/9", {
      ...{
        kind: "header",
        workflow: "flow",
        id: "9",
        status: "running",
        epoch: 0,
        graph: "g",
        startedAtMs: 1,
        trigger: { kind: "direct" },
      },
      expiresAt: 9,
    });
    expect(of.store.executions({ limit: 9 })).toMatchObject([{ id: "9" }]);
    expect(of.store.record("flow/1", "decide/0")).toEqual(record(1));
    of.store.close();
  });

  it("is waited for when the folder is closed", async () => {
    const of = await threaded();
    await inFlight(of, 1);
    of.store.close();
    const again = new LocalStore(of.folder);
    expect(again.record("flow/1", "decide/7")).toEqual(record(1));
    again.close();
  });

  it("tells in order, and nobody before it is on disk", async () => {
    const of = await threaded();
    const told: number[] = [];
    putMany(of.store, 1);
    for (let n = 0; n < 9; n++) of.store.afterCommit(() => void told.push(n));
    await new Promise(setImmediate);
    expect(of.commit).toHaveBeenCalledTimes(1);
    expect(told).toEqual([]);
    of.store.afterCommit(() => void told.push(9));
    await vi.waitUntil(() => told.length === 10);
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    of.store.close();
  });

  it("that fails loses nothing, is told, and is tried again together with what came after it", async () => {
    const of = await threaded();
    const other = new DatabaseSync(join(of.folder, "pawl.db"));
    other.exec("begin immediate");
    putMany(of.store, 1);
    const synced = of.store.sync();
    await expect(synced).rejects.toMatchObject({ code: "storage_failed" });
    expect(of.commit).toHaveBeenCalledTimes(1);
    expect(of.onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: "storage_failed" }));
    of.store.putRecord("flow/1", "decide/0", record(2));
    expect(of.store.record("flow/1", "decide/0")).toEqual(record(2));
    expect(of.store.record("flow/1", "decide/1")).toEqual(record(1));
    other.exec("rollback");
    other.close();
    await of.store.sync();
    of.store.close();
    const again = new LocalStore(of.folder);
    expect(again.record("flow/1", "decide/0")).toEqual(record(2));
    expect(again.record("flow/1", "decide/1")).toEqual(record(1));
    again.close();
  });

  it("is whole or not there when the process is killed under it", async () => {
    const folder = tempFolder();
    const child = spawn(process.execPath, [join(import.meta.dirname, "commit-child.ts"), folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    // Each line tells of one batch that is on disk.
    let told = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      told += chunk.toString().split("\n").length - 1;
      if (told > 20) child.kill("SIGKILL");
    });
    await once(child, "close");
    const store = new LocalStore(folder);
    const batches = new Set(
      Array.from({ length: 200 }, (_, n) => {
        const last = store.record(`flow/${n}`, "decide/x");
        return last?.kind === "decision" && last.atMs;
      }),
    );
    expect(batches.size).toBe(1); // each batch writes every record anew
    const [last] = batches;
    expect(Number(last)).toBeGreaterThanOrEqual(told);
    store.close();
  });
});
