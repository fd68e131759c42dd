/** What lies compressed in the data folder's file is checked when it is read. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { LocalStore } from "../../lib/adapters/local/store.ts";
import { parseStored, printStored } from "../../lib/adapters/local/stored-body.ts";
import { isPawlError } from "../../lib/errors.ts";
import { node, workflow } from "../../lib/index.ts";
import type { DecisionRecord } from "../../lib/kernel/record.ts";
import { openEngine } from "../../lib/local/index.ts";
import { implement } from "../../lib/node/index.ts";
import { noise } from "../support/noise.ts";
import { tempFolder } from "../support/temp-folder.ts";

const execution = "flow/1";
const key = "decide/p";
const recordOf = (text: string): DecisionRecord => ({ kind: "decision", atMs: 0, next: [], output: text });
const damaged = (what: string) =>
  expect.objectContaining({ code: "data_folder_damaged", message: expect.stringMatching(what) });

function withFile<T>(folder: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(folder, "pawl.db"));
  try {
    return work(db);
  } finally {
    db.close();
  }
}
function withStore<T>(folder: string, work: (store: LocalStore) => T): T {
  const store = new LocalStore(folder);
  try {
    return work(store);
  } finally {
    store.close();
  }
}
const bodyIn = (folder: string) =>
  withFile(folder, (db) => db.prepare("select body from record").get()?.body as string | Uint8Array);
const putBody = (folder: string, body: string | Uint8Array) =>
  withFile(folder, (db) => db.prepare("update record set body = ?").run(body));
function written(text: string): string {
  const folder = tempFolder();
  withStore(folder, (store) => store.putRecord(execution, key, recordOf(text)));
  return folder;
}
const read = (folder: string) => withStore(folder, (store) => store.record(execution, key));

describe("a record's body", () => {
  it("is text up to 1.5 KiB, as all were once, and compressed above", () => {
    expect(bodyIn(written("x".repeat(1024)))).toEqual(JSON.stringify(recordOf("x".repeat(1024))));
    const large = bodyIn(written("x".repeat(2000)));
    expect(large).toBeInstanceOf(Uint8Array);
    expect(large.length).toBeLessThan(150);
  });
  it.each(["x".repeat(2000), noise(100_000), "\ud800 ü 😀".repeat(1000)])("comes back as it was", (text) => {
    expect(read(written(text))).toEqual(recordOf(text));
  });
  it("that an earlier version left as long text is read", () => {
    const folder = written("");
    putBody(folder, JSON.stringify(recordOf("x".repeat(5000))));
    expect(read(folder)).toEqual(recordOf("x".repeat(5000)));
  });
  it("with a damaged byte, whichever, is told as damaged, and never read as something else", () => {
    const text = noise(3000);
    const sound = printStored(JSON.stringify(recordOf(text))) as Uint8Array;
    const found = { folder: "here", what: "the record" };
    let refused = 0;
    for (let at = 0; at < sound.length; at++) {
      const bytes = sound.with(at, (sound[at] ?? 0) ^ 0x10);
      try {
        expect(parseStored(bytes, found).value).toEqual(recordOf(text));
      } catch (error) {
        if (!isPawlError(error)) throw error;
        expect(error).toEqual(damaged("^the record in the data folder here is damaged: "));
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(sound.length - 10);
  });
  it.each([
    ["text that is no JSON", '{"kind":"decision", secret'],
    ["nothing", new Uint8Array()],
  ])("that is %s is told as damaged, without its content", (_, body) => {
    const folder = written("");
    putBody(folder, body);
    expect(() => read(folder)).toThrow(damaged("is damaged: (?!.*secret)"));
  });
});

it("a message's body that is damaged becomes a dead letter with its bytes, and the others are delivered", () => {
  const folder = tempFolder();
  const start = (id: string) => ({
    ...{ kind: "start" as const, v: 1 as const, workflow: "flow", id, trigger: { kind: "direct" as const } },
    input: noise(3000),
  });
  const message = { queue: "flow", visibleAtMs: 0, receives: 0, sentAtMs: 0 };
  withStore(folder, (store) => {
    store.putMessage({ ...message, id: 1, envelope: start("1") });
    store.putMessage({ ...message, id: 2, envelope: start("2") });
  });
  const bytes = withFile(folder, (db) => {
    const body = db.prepare("select body from message where row = 1").get()?.body as Uint8Array;
    body.reverse();
    db.prepare("update message set body = ? where row = 1").run(body);
    return body;
  });
  const letters = withStore(folder, (store) => {
    expect(store.loadMessages().map(({ envelope }) => envelope)).toEqual([start("2")]);
    return store.deadLetters();
  });
  expect(letters).toMatchObject([{ queue: "flow", body: Buffer.from(bytes).toString("base64") }]);
});

it("an execution whose record is damaged waits, is told of, and goes on once the record is put back", async () => {
  const folder = tempFolder();
  const text = noise(5000);
  const retry = { maxAttempts: 5, delay: "100ms" } as const;
  const make = node("make", { input: z.null(), output: z.string() });
  const use = node("use", { input: z.string(), output: z.number(), retry });
  const flow = workflow("flow", { input: z.null() }).task(make).task(use);
  const name = { workflow: "flow", id: "1" };
  const open = (used: (made: string) => number, onError: (error: unknown) => void) => {
    const handlers = { make: implement(make, () => text), use: implement(use, used) };
    return openEngine({ folder, onError, workflows: [{ workflow: flow, handlers }] });
  };
  let calls = 0;
  const fails = () => {
    calls++;
    throw new Error("not yet");
  };
  const first = await open(fails, console.error);
  await first.start("flow", { id: "1", input: null });
  await vi.waitUntil(() => calls > 0);
  await first.stop();
  const change = (body: (sound: Uint8Array) => Uint8Array) =>
    withFile(folder, (db) => {
      const found = db.prepare("select id, body from record where key = 'step/make'").get();
      db.prepare("update record set body = ? where id = ?").run(body(found?.body as Uint8Array), Number(found?.id));
      return found?.body as Uint8Array;
    });
  const sound = change((body) => body.with(body.length >> 1, 0));

  const errors: unknown[] = [];
  const second = await open(fails, (error) => void errors.push(error));
  calls = 0;
  await vi.waitUntil(() => errors.length > 0);
  expect(errors[0]).toEqual(damaged("the record step/make of flow/1"));
  await expect(second.show(name)).rejects.toEqual(damaged("the record step/make of flow/1"));
  expect(second.deadLetters()).toEqual([]);
  await second.stop();
  expect(calls).toBe(0);

  change(() => sound);
  const third = await open((made) => made.length, console.error);
  expect(await third.result(name)).toMatchObject({ status: "succeeded", output: 5000 });
  await third.stop();
});
