import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { LocalStore } from "../../lib/adapters/local/store.ts";
import { event, node, workflow } from "../../lib/index.ts";
import { type EmbeddedEngine, openEngine } from "../../lib/local/index.ts";
import { implement } from "../../lib/node/index.ts";
import { noise } from "../support/noise.ts";
import { skip } from "../support/skip.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** More than what SQLite has left in pages that it has begun. */
const big = `xxx${noise(400_000)}`;
const placed = event("shop", "Placed", { version: 1, data: z.object({ text: z.string() }) });
const work = node("work", { input: z.object({ text: z.string() }), output: z.string(), inline: true });
const flow = workflow("flow", { input: z.object({ text: z.string() }), on: placed })
  .task(work)
  .task(work.as("again"), { input: (s) => ({ text: s.work }) });

/** The connection to the file with the data, among all that were opened. */
const fileOf = (connections: readonly unknown[]): DatabaseSync =>
  (connections as DatabaseSync[]).find((db) => db.location()?.endsWith("pawl.db")) ?? expect.fail("none was opened");

/** The engine on a disk whose size the test sets: SQLite itself refuses to go beyond. */
async function onLimitedDisk(handle: (text: string, disk: Disk) => string, folder = tempFolder()) {
  const exec = vi.spyOn(DatabaseSync.prototype, "exec");
  const errors: unknown[] = [];
  const disk: Disk = { fill: () => {}, makeRoom: () => {} };
  const handlers = { work: implement(work, (input) => handle(input.text, disk)) };
  const engine = await openEngine({
    folder,
    workflows: [{ workflow: flow, handlers }],
    onError: (e) => void errors.push(e),
  });
  const db = fileOf(exec.mock.contexts);
  exec.mockRestore();
  const pages = (n: number) => db.exec(`pragma max_page_count = ${n}`);
  disk.fill = () => pages(Number(db.prepare("pragma page_count").get()?.page_count));
  disk.makeRoom = () => pages(2 ** 30);
  onTestFinished(async () => {
    if (!db.isOpen) return;
    disk.makeRoom();
    await engine.stop();
  });
  return { engine, errors, disk };
}
interface Disk {
  fill(): void;
  makeRoom(): void;
}
const storageFailed = expect.objectContaining({ name: "PawlError", code: "storage_failed" });
const resultOf = (engine: EmbeddedEngine, id: string) => engine.result({ workflow: "flow", id });

describe("a disk that is full", () => {
  it("refuses a start with storage_failed, and carries it out all the same when there is room", async () => {
    const { engine, errors, disk } = await onLimitedDisk((text) => text.slice(0, 3));
    await engine.start("flow", { id: "1", input: { text: "abc" } });
    await resultOf(engine, "1");
    disk.fill();
    await expect(engine.start("flow", { id: "2", input: { text: big } })).rejects.toEqual(storageFailed);
    expect(errors).toContainEqual(storageFailed);
    disk.makeRoom();
    expect(await resultOf(engine, "2")).toMatchObject({ status: "succeeded", output: "xxx" });
    expect(await engine.start("flow", { id: "2", input: { text: big } })).toMatchObject({ started: false });
  });

  it("stops what depends on the disk, and lets it go on when there is room", async () => {
    let calls = 0;
    const { engine, errors, disk } = await onLimitedDisk((_, d) => {
      if (++calls === 1) d.fill();
      return big;
    });
    await engine.start("flow", { id: "1", input: { text: "abc" } });
    await vi.waitUntil(() => errors.length > 0);
    expect(calls).toBe(1); // the second step runs on a settle that is not on disk: not before there is room
    expect(await engine.show({ workflow: "flow", id: "1" })).toMatchObject({ status: "running" });
    disk.makeRoom();
    expect(await resultOf(engine, "1")).toMatchObject({ status: "succeeded" });
    expect(calls).toBe(2);
  });

  it("keeps an end from those who wait for it until it is on disk, and tells them then", async () => {
    let calls = 0;
    const { engine, errors, disk } = await onLimitedDisk((_, d) => {
      if (++calls === 2) d.fill();
      return big;
    });
    await engine.start("flow", { id: "1", input: { text: "abc" } });
    let told = false;
    const result = resultOf(engine, "1").then((ended) => {
      told = true;
      return ended;
    });
    await vi.waitUntil(() => errors.length > 0);
    expect(told).toBe(false);
    disk.makeRoom();
    expect(await result).toMatchObject({ status: "succeeded", output: big });
  });

  it("does not lose an event whose workflow has begun", async () => {
    let calls = 0;
    const { engine, errors, disk } = await onLimitedDisk((_, d) => {
      if (++calls === 1) d.fill();
      return big;
    });
    await engine.sendEvent({ id: "e1", source: "shop", type: "Placed", version: 1, time: "", data: { text: "abc" } });
    await vi.waitUntil(() => errors.length > 0);
    disk.makeRoom();
    expect(await resultOf(engine, "e1")).toMatchObject({ status: "succeeded" });
    expect(engine.deadLetters()).toEqual([]);
  });

  it("does not keep an engine from being stopped: what was not on disk is done again", async () => {
    const folder = tempFolder();
    const { engine, errors } = await onLimitedDisk((_, d) => {
      d.fill();
      return big;
    }, folder);
    await engine.start("flow", { id: "1", input: { text: "abc" } });
    await vi.waitUntil(() => errors.length > 0);
    await expect(engine.stop()).rejects.toEqual(storageFailed);

    const { engine: next } = await onLimitedDisk((text) => text.slice(0, 3), folder);
    expect(await resultOf(next, "1")).toMatchObject({ status: "succeeded", output: "abc" });
  });

  it("is told as storage_failed when the folder is closed on it", () => {
    const exec = vi.spyOn(DatabaseSync.prototype, "exec");
    const store = new LocalStore(tempFolder());
    const db = fileOf(exec.mock.contexts);
    exec.mockRestore();
    db.exec("pragma max_page_count = 1");
    store.bury({ queue: "q", body: big, reason: "", atMs: 0 });
    expect(() => store.close()).toThrow(storageFailed);
    expect(db.isOpen).toBe(false);
  });
});

describe("a file system that is full to the last byte", () => {
  /** Mounted in a namespace of its own: it goes with the process, and needs no rights. */
  const onSmallDisk = (folder: string, command: string) => [
    "-rm",
    "sh",
    ...["-c", `mount -t tmpfs -o size=64m tmpfs "$0" && exec ${command}`, folder],
  ];

  it("refuses starts with storage_failed, runs nothing on what is not on disk, and goes on when there is room", (test) => {
    const folder = tempFolder();
    if (spawnSync("unshare", onSmallDisk(folder, "true")).status !== 0)
      skip(test, "this machine lets nobody mount a file system in a namespace of his own");
    const child = join(import.meta.dirname, "full-disk-child.ts");
    const command = [process.execPath, ...process.execArgv, child].map((word) => `'${word}'`).join(" ");
    const printed = execFileSync("unshare", onSmallDisk(folder, `${command} "$0"`), { encoding: "utf8" });
    const saw = JSON.parse(printed) as Record<string, unknown> & { errors: readonly unknown[] };
    expect(saw.refusals).toEqual([storageFailed, storageFailed]);
    expect(saw.errors.length).toBeGreaterThanOrEqual(3); // it is tried again
    expect(saw.errors).toEqual(saw.errors.map(() => storageFailed));
    expect(saw.whileFull).toMatchObject({ work: 3, again: 0 });
    expect(saw.statuses).toEqual(Array.from({ length: 6 }, () => "succeeded"));
    expect(saw.calls).toEqual({ work: 6, again: 6 }); // what settled while it was full did not run again
  });
});

describe("a data folder", () => {
  it("is made when it is missing, with those above it", () => {
    const folder = join(tempFolder(), "a/b");
    new LocalStore(folder).close();
    expect(existsSync(join(folder, "pawl.db"))).toBe(true);
  });

  it("that this process holds is in use", () => {
    const folder = tempFolder();
    const store = new LocalStore(folder);
    expect(() => new LocalStore(folder)).toThrow(expect.objectContaining({ code: "data_folder_in_use" }));
    store.close();
    new LocalStore(folder).close();
  });

  it("that another process holds is in use, until that process ends, however it ends", async () => {
    const folder = tempFolder();
    const other = await holder(folder);
    expect(() => new LocalStore(folder)).toThrow(expect.objectContaining({ code: "data_folder_in_use" }));
    other.kill("SIGKILL");
    await once(other, "exit");
    new LocalStore(folder).close();
  });

  it("whose file another program is writing to is in use", () => {
    const folder = tempFolder();
    new LocalStore(folder).close();
    const other = new DatabaseSync(join(folder, "pawl.db"));
    other.exec("begin exclusive");
    const inUse = { code: "data_folder_in_use", message: expect.stringMatching(/is held by another process/) };
    expect(() => new LocalStore(folder)).toThrow(expect.objectContaining(inUse));
    other.close();
    new LocalStore(folder).close();
  });

  it("that an engine has open can be read by another program", async () => {
    const folder = tempFolder();
    const store = new LocalStore(folder);
    store.putRecord("flow/1", "step/x", { kind: "decision", atMs: 0, next: [] });
    await store.sync();
    const other = new DatabaseSync(join(folder, "pawl.db"), { readOnly: true });
    expect(other.prepare("select count(*) as n from record").get()).toEqual({ n: 1 });
    other.close();
    store.close();
  });

  it.each([
    ["a file stands in its place", (folder: string) => writeFileSync(folder, "")],
    [
      "a folder stands in the file's place",
      (folder: string) => mkdirSync(join(folder, "pawl.db"), { recursive: true }),
    ],
  ])("cannot be written when %s", (_, spoil) => {
    const folder = join(tempFolder(), "data");
    spoil(folder);
    expect(() => new LocalStore(folder)).toThrow(expect.objectContaining({ code: "data_folder_unwritable" }));
  });
});

describe("a data folder whose file", () => {
  /** A folder with some hundred pages, closed properly. */
  function filled(): string {
    const folder = tempFolder();
    const store = new LocalStore(folder);
    for (let i = 0; i < 100; i++)
      store.putRecord("flow/1", `step/${i}`, {
        kind: "decision",
        atMs: i,
        next: [],
        values: { text: "x".repeat(1200) },
      });
    store.close();
    return folder;
  }
  const overwrite = (file: string, at: number, bytes: Buffer) => {
    const fd = openSync(file, "r+");
    writeSync(fd, bytes, 0, bytes.length, at);
    closeSync(fd);
  };
  const state = (folder: string) =>
    readdirSync(folder)
      .toSorted()
      .map((name) => [name, readFileSync(join(folder, name))] as const)
      // What SQLite keeps of a reader: no data.
      .filter(([name, bytes]) => !name.endsWith("-shm") && bytes.length > 0)
      .map(([name, bytes]) => `${name} ${createHash("sha256").update(bytes).digest("hex")}`);

  it.each<[string, (file: string) => void]>([
    [
      "is no database",
      (file) => writeFileSync(file, "this is no database, but quite long enough to be one".repeat(100)),
    ],
    ["has lost its header", (file) => overwrite(file, 0, Buffer.alloc(100))],
    ["has lost the page that says where everything is", (file) => overwrite(file, 100, Buffer.alloc(3996))],
    ["has noise in its middle", (file) => overwrite(file, 20 * 4096, Buffer.alloc(8192, 0x5a))],
    ["has lost its second half", (file) => truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096)],
  ])("%s is damaged, and is not changed", (_, damage) => {
    const folder = filled();
    damage(join(folder, "pawl.db"));
    const before = state(folder);
    expect(() => new LocalStore(folder)).toThrow(expect.objectContaining({ code: "data_folder_damaged" }));
    expect(state(folder)).toEqual(before);
  });

  it("has noise in its middle, and beside it what a killed process had written last, is damaged and is not changed", async () => {
    const folder = filled();
    const other = await holder(folder, "write");
    other.kill("SIGKILL");
    await once(other, "exit");
    overwrite(join(folder, "pawl.db"), 20 * 4096, Buffer.alloc(8192, 0x5a));
    const before = state(folder);
    expect(before.some((line) => line.startsWith("pawl.db-wal"))).toBe(true);
    expect(() => new LocalStore(folder)).toThrow(expect.objectContaining({ code: "data_folder_damaged" }));
    expect(state(folder)).toEqual(before);
  });

  it("is whole opens again, with what it held", () => {
    const folder = filled();
    const store = new LocalStore(folder);
    expect(store.records("flow/1").size).toBe(100);
    store.close();
  });
});

/** Another process that holds the folder, and on demand has written to it. */
async function holder(folder: string, write = ""): Promise<ChildProcess> {
  const file = join(import.meta.dirname, "hold-child.ts");
  const child = spawn(process.execPath, [...process.execArgv, file, folder, write], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  if (!child.stdout) throw new Error("no output");
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  return child;
}
