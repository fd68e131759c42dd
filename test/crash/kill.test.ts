import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { LocalStore } from "../../lib/adapters/local/store.ts";
import type { StepRecord } from "../../lib/kernel/record.ts";
import { recordKeyOf, valueAt } from "../../lib/kernel/ref.ts";
import { tempFolder } from "../support/temp-folder.ts";

const LIVES = 10;
const child = join(import.meta.dirname, "kill-child.ts");

class Life {
  readonly lines: string[] = [];
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  #onReady: () => void = () => {};
  readonly ready = new Promise<void>((resolve) => {
    this.#onReady = resolve;
  });

  constructor(...args: string[]) {
    this.process = spawn(process.execPath, [...process.execArgv, child, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (!this.process.stdout) throw new Error("no output");
    const reader = createInterface(this.process.stdout);
    reader.on("line", (line) => {
      this.lines.push(line);
      if (line === "ready") this.#onReady();
    });
    this.ended = Promise.all([once(this.process, "exit"), once(reader, "close")]);
  }
  said(word: string): string[] {
    return this.lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  }
}

it(`an engine that is killed ${LIVES} times at any moment ends everything that it accepted, once`, async () => {
  const folder = tempFolder();
  const accepted: string[] = [];
  let unfinished = 0;
  for (let life = 0; life < LIVES; life++) {
    const running = new Life(folder, String(life));
    await Promise.race([running.ready, running.ended]);
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 200));
    running.process.kill("SIGKILL");
    await running.ended;
    expect(running.process.signalCode).toBe("SIGKILL");
    accepted.push(...running.said("accepted"));
    unfinished += running.said("accepted").length - running.said("ended").length;
  }
  const last = new Life(folder, "last", "last");
  await last.ended;
  expect(last.lines).toEqual(["ready", "done"]);
  expect(accepted.length).toBeGreaterThan(LIVES);
  expect(unfinished).toBeGreaterThan(0); // else nothing was interrupted

  const store = new LocalStore(folder);
  try {
    const headers = store.executions({ limit: 1_000_000 });
    const ids = new Set(headers.map((h) => h.id));
    expect(accepted.filter((id) => !ids.has(id))).toEqual([]);
    expect(headers.filter((h) => h.status !== "succeeded")).toEqual([]);
    expect(store.loadMessages()).toEqual([]);
    expect(store.deadLetters()).toEqual([]);

    const settled = new Map<string, Record<string, string>>();
    for (const { id, output } of headers) {
      const records = store.records(`chain/${id}`);
      const of = (path: string) => (records.get(`step/${path}`) as StepRecord).output as string;
      const [a, b, c, d, e, f] = [of("a"), of("b"), of("p/c/c"), of("p/d/d"), of("e"), of("f")];
      expect(valueAt(output ?? "", records.get(recordKeyOf(output ?? "")))).toEqual([a, b, c, d, e, f]);
      settled.set(`chain/${id}`, { a: "in", b: a!, "p/c/c": b!, "p/d/d": b!, e: `${c}+${d}`, f: e! });
    }
    // Nobody ever went on with an answer that is not the recorded one: no settle was lost after something followed it.
    const effects = readFileSync(join(folder, "effects"), "utf8").trimEnd().split("\n");
    const wrong = effects.filter((line) => {
      const [execution = "", path = "", input] = line.split(" ");
      return settled.get(execution)?.[path] !== input;
    });
    expect(wrong).toEqual([]);
  } finally {
    store.close();
  }
}, 60_000);
