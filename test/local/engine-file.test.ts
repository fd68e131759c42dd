import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readEngineFile, removeEngineFile, writeEngineFile } from "../../lib/local/engine-file.ts";
import { tempFolder } from "./temp-folder.ts";

const startedAt = "2026-01-01T00:00:00.000Z";

async function answering(body: unknown, delayMs = 0): Promise<string> {
  const server = createServer((_, response) => setTimeout(() => response.end(JSON.stringify(body)), delayMs));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("an engine that lives and answers is found, until it removes itself", async () => {
  const folder = join(tempFolder(), "data");
  const engine = { url: await answering({ ok: true, pid: process.pid, folder: "x" }), pid: process.pid, startedAt };
  await writeEngineFile(folder, engine);
  expect(await readEngineFile(folder)).toEqual(engine);
  expect(readdirSync(folder)).toEqual(["engine.json"]);
  await removeEngineFile(folder, process.pid + 1); // another's
  expect(await readEngineFile(folder)).toEqual(engine);
  await removeEngineFile(folder, process.pid);
  expect(await readEngineFile(folder)).toBeUndefined();
  await removeEngineFile(folder, process.pid);
});

it("what an engine left behind counts as nothing", async () => {
  const folder = tempFolder();
  expect(await readEngineFile(folder)).toBeUndefined();
  const alive = await answering({ ok: true, pid: process.pid, folder: "x" });
  const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
  const stale = [
    { url: alive, pid: dead, startedAt },
    { url: "http://127.0.0.1:1", pid: process.pid, startedAt },
    { url: await answering({ ok: true, pid: 1, folder: "x" }), pid: process.pid, startedAt }, // the port is another engine's by now
    { url: await answering("hello"), pid: process.pid, startedAt },
    { url: await answering({ ok: true, pid: process.pid, folder: "x" }, 5_000), pid: process.pid, startedAt },
  ];
  for (const engine of stale) {
    await writeEngineFile(folder, engine);
    expect(await readEngineFile(folder)).toBeUndefined();
  }
  writeFileSync(join(folder, "engine.json"), '{"url": "');
  expect(await readEngineFile(folder)).toBeUndefined();
});
