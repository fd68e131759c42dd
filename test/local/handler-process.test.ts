import { spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ChildHandlers, type ChildOptions } from "../../lib/local/handler-process.ts";
import type { Beat, HandlerCall, HandlerOutcome, Remember } from "../../lib/ports/handlers.ts";
import { conditions } from "../../lib/project/bundle.ts";
import { lives, tempFolder, until } from "./temp-folder.ts";

// Processes and builds: quick when the machine has nothing else to do.
vi.setConfig({ testTimeout: 40_000 });

/** What a bundle of handlers comes to, without a build: `input` is passed on as it is. */
const MODULE = `
import { appendFileSync } from "node:fs";
const schema = { safeParse: (data) => ({ success: true, data }) };
const handler = (node, run) => ({ kind: "handler", node: { node, input: schema, output: schema }, run });
const note = (file, line) => appendFileSync(file, line + "\\n");
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const pid = handler("pid", async () => process.pid);
export const slow = handler("slow", async ({ ms, file }) => {
  if (file) note(file, "begin " + process.pid);
  await later(ms);
  if (file) note(file, "end " + process.pid);
  return process.pid;
});
export const exit = handler("exit", async ({ code, afterMs = 0 }) => { await later(afterMs); process.exit(code); });
export const exitOnce = handler("exitOnce", async ({ file }) => {
  const { existsSync } = await import("node:fs");
  if (existsSync(file)) return "second";
  note(file, "first");
  process.exit(9);
});
export const uncaught = handler("uncaught", () => new Promise(() => setTimeout(() => { throw new TypeError("boom"); }, 5)));
export const kill = handler("kill", async () => { process.kill(process.pid, "SIGKILL"); await later(1000); });
export const disconnect = handler("disconnect", async () => { process.disconnect(); await later(5000); });
export const memory = handler("memory", async () => { const all = []; for (;;) all.push(new Array(10_000).fill(all.length)); });
export const loop = handler("loop", async () => { for (;;); });
export const never = handler("never", (_, step) => new Promise((resolve, reject) => {
  step.signal.addEventListener("abort", () => console.log("aborted: " + step.signal.reason.message));
}));
export const talk = handler("talk", async (input, step) => {
  step.log("at work", { input });
  console.log("to standard output");
  console.error("to standard error");
  return input;
});
export const memo = handler("memo", async (_, step) => [
  await step.memo("a", () => ({ n: 1 })),
  await step.memo("b", () => 2).catch((error) => error.message),
]);
export const beats = handler("beats", async (_, step) => {
  for (let i = 0; i < 100 && !step.signal.aborted; i++) { step.heartbeat(); await later(20); }
  return step.signal.reason?.message ?? "not aborted";
});
export const waits = handler("waits", (_, step) => new Promise((resolve) => {
  step.signal.addEventListener("abort", () => resolve(step.signal.reason.message));
}));
export const bigint = handler("bigint", async (_, step) => step.fail("Odd", { n: 1n }));
`;

interface Fixture {
  readonly handlers: ChildHandlers;
  readonly runBeating: (node: string, input?: unknown) => Promise<HandlerOutcome>;
  readonly folder: string;
  readonly output: string[];
  readonly logged: unknown[];
  readonly remembered: unknown[];
  run(node: string, input?: unknown, timeoutMs?: number): Promise<HandlerOutcome>;
}

async function fixture(options: Partial<ChildOptions> = {}, module = MODULE): Promise<Fixture> {
  const folder = tempFolder({ "work.mjs": module });
  const output: string[] = [];
  const logged: unknown[] = [];
  const handlers = new ChildHandlers({
    onLog: (line) => logged.push(line),
    onOutput: (line) => output.push(line),
    graceMs: 200,
    ...options,
  });
  onTestFinished(() => handlers.stop());
  await handlers.replace({ work: join(folder, "work.mjs") });
  const remembered: unknown[] = [];
  const remember: Remember = async (name, value) => {
    if (name === "b") throw new Error("another has the step");
    remembered.push([name, value]);
  };
  let beats = 0;
  const beat: Beat = async () => (++beats < 3 ? "go on" : "stop");
  const run = (node: string, input: unknown = {}, timeoutMs = 5_000) =>
    handlers.run(callOf(node, input, timeoutMs), remember, beat);
  /** With a heartbeat of 300 ms. */
  const runBeating = (node: string, input: unknown = {}) =>
    handlers.run({ ...callOf(node, input, 5_000), heartbeatMs: 300 }, remember, beat);
  return { runBeating, handlers, folder, output, logged, remembered, run };
}

const callOf = (node: string, input: unknown, timeoutMs: number): HandlerCall => ({
  workflow: "work",
  node,
  input: input as HandlerCall["input"],
  step: { execution: "work/1", path: node, attempt: 1, epoch: 0 },
  timeoutMs,
  outputBytes: 1024 * 1024,
});
const output = (value: unknown) => ({ kind: "output", output: value });
const pidIn = (outcome: HandlerOutcome): number => (outcome.kind === "output" ? (outcome.output as number) : 0);

describe("handlers in a child process", () => {
  it("answer, log and print; all attempts share one process, which is not this one", async () => {
    const { run, output: printed, logged } = await fixture();
    expect(await run("talk", { n: 1 })).toEqual(output({ n: 1 }));
    const step = { execution: "work/1", path: "talk", attempt: 1, epoch: 0 };
    expect(logged).toEqual([{ step, message: "at work", data: { input: { n: 1 } } }]);
    await until(() => printed.length === 2);
    expect(printed.map((line) => line.replace(/\d+/, "PID")).sort()).toEqual([
      "[handlers PID] to standard error",
      "[handlers PID] to standard output",
    ]);
    const pids = (await Promise.all([run("pid"), run("pid"), run("slow", { ms: 5 })])).map(pidIn);
    expect(new Set(pids).size).toBe(1);
    expect(pids[0]).not.toBe(process.pid);
  });

  it("remember parts with the engine, and hear when that was refused", async () => {
    const { run, remembered } = await fixture();
    expect(await run("memo")).toEqual(output([{ n: 1 }, "another has the step"]));
    expect(remembered).toEqual([["a", { n: 1 }]]);
  });

  it("say which handler is not there", async () => {
    const { run } = await fixture();
    expect(await run("other")).toEqual({
      ...{ kind: "error", code: "handler_failed", final: false },
      message: "no handler of 'other' is loaded for workflow 'work'",
    });
  });

  it("report a timeout by themselves while their process is not blocked, and go on in it", async () => {
    const { run, output: printed } = await fixture();
    const before = pidIn(await run("pid"));
    expect(await run("never", {}, 50)).toMatchObject({ kind: "error", code: "timeout", final: false });
    await until(() => printed.some((line) => line.endsWith("aborted: the attempt's 50 ms are over")));
    expect(pidIn(await run("pid"))).toBe(before);
  });

  it("fail when an error's data is not JSON", async () => {
    const { run } = await fixture();
    expect(await run("bigint")).toMatchObject({
      kind: "error",
      code: "handler_failed",
      message: expect.stringMatching(/not JSON/),
    });
  });
});

describe("a process that dies under one attempt", () => {
  it("counts it as crashed, however it died, and another takes its place", async () => {
    const { run } = await fixture();
    const deaths: readonly [node: string, input: unknown, message: RegExp][] = [
      ["exit", { code: 3 }, /exited with code 3 before the handler of 'exit' had answered/],
      ["exit", { code: 0 }, /exited with code 0/],
      ["uncaught", {}, /uncaught TypeError: boom \(at .*work\.mjs:\d+:\d+\).* exited with code/],
      ["kill", {}, /was ended by SIGKILL/],
      ["disconnect", {}, /exited with code 0/],
    ];
    for (const [node, input, message] of deaths)
      expect(await run(node, input)).toEqual({ kind: "crashed", message: expect.stringMatching(message) });
    expect(await run("pid")).toMatchObject({ kind: "output" });
  });

  it("counts it as crashed when it is out of memory, and says so", async () => {
    vi.stubEnv("NODE_OPTIONS", "--max-old-space-size=30");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { run } = await fixture();
    expect(await run("memory", {}, 15_000)).toEqual({
      kind: "crashed",
      message: expect.stringMatching(/heap out of memory/),
    });
  });

  it("ends the attempt as timed out when it was an endless loop", async () => {
    const { run } = await fixture();
    const begun = performance.now();
    expect(await run("loop", {}, 100)).toEqual({
      ...{ kind: "error", code: "timeout", final: false },
      message: expect.stringMatching(/longer than 100 ms and blocked its process/),
    });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(300);
    expect(await run("pid")).toMatchObject({ kind: "output" });
  });
});

describe("a process that dies under several attempts", () => {
  it("has each made again alone, at most two at once: only the guilty one has crashed", async () => {
    const { run, folder } = await fixture();
    const file = join(folder, "notes");
    const innocent = [1, 2, 3, 4].map(() => run("slow", { ms: 150, file }));
    const guilty = run("exit", { code: 7, afterMs: 60 });
    expect(await guilty).toEqual({ kind: "crashed", message: expect.stringMatching(/exited with code 7/) });
    const pids = (await Promise.all(innocent)).map(pidIn);
    expect(new Set(pids).size).toBe(4);

    const notes = readFileSync(file, "utf8").trim().split("\n");
    const first = notes[0]?.split(" ")[1];
    const alone = notes.filter((note) => !note.endsWith(` ${first}`));
    expect(notes.length - alone.length).toBe(4); // begun together, none of them ended
    let atOnce = 0;
    let most = 0;
    for (const note of alone) {
      atOnce += note.startsWith("begin") ? 1 : -1;
      most = Math.max(most, atOnce);
    }
    expect(most).toBeLessThanOrEqual(2); // how many do overlap is up to the machine
    expect(alone).toHaveLength(8);
  });

  it("has one that exits only the first time succeed when it is made again", async () => {
    const { run, folder } = await fixture();
    const other = run("slow", { ms: 100 });
    expect(await run("exitOnce", { file: join(folder, "once") })).toEqual(output("second"));
    expect(await other).toMatchObject({ kind: "output" });
  });

  it("has an endless loop among them time out alone, and the others succeed", async () => {
    const { run } = await fixture();
    const others = [run("slow", { ms: 50 }), run("slow", { ms: 50 })];
    expect(await run("loop", {}, 100)).toMatchObject({ kind: "error", code: "timeout", final: false });
    for (const other of await Promise.all(others)) expect(other).toMatchObject({ kind: "output" });
  });
});

describe("newer code", () => {
  const version = (n: number) => MODULE.replace("async () => process.pid", `async () => "version ${n}"`);

  it("takes new attempts, while the old process makes those it has and then ends", async () => {
    const { run, handlers, folder } = await fixture();
    const before = run("slow", { ms: 300 });
    writeFileSync(join(folder, "newer.mjs"), version(2));
    await handlers.replace({ work: join(folder, "newer.mjs") });
    expect(await run("pid")).toEqual(output("version 2"));
    const old = pidIn(await before);
    expect(old).toBeGreaterThan(0);
    await until(() => !lives(old));
  });

  it("is refused when it cannot be loaded, and the old code goes on", async () => {
    const { run, handlers, folder } = await fixture();
    const bad = {
      throws: 'throw new Error("no key in the environment");',
      exits: "process.exit(4);",
      other: "export const charge = 1;",
    };
    const refusals = Object.entries(bad).map(async ([name, text]) => {
      writeFileSync(join(folder, `${name}.mjs`), text);
      return await handlers.replace({ work: join(folder, `${name}.mjs`) }).catch((error: unknown) => error);
    });
    const [throws, exits, other] = await Promise.all(refusals);
    const code = "invalid_handler";
    expect(throws).toMatchObject({
      code,
      message: expect.stringMatching(/'work' cannot be loaded: Error: no key in the env.* \(at .*throws\.mjs:1/),
    });
    expect(exits).toMatchObject({
      code,
      message: expect.stringMatching(/exited with code 4 before its modules were loaded/),
    });
    expect(other).toMatchObject({
      code,
      message: expect.stringMatching(/'charge' of workflow 'work' is a number, not implement\(charge/),
    });
    expect(await run("pid")).toMatchObject({ kind: "output" });
  });

  it("is refused when it takes for ever to load", async () => {
    const { run, handlers, folder } = await fixture({ loadMs: 1_500 });
    writeFileSync(join(folder, "loop.mjs"), "for (;;);");
    await expect(handlers.replace({ work: join(folder, "loop.mjs") })).rejects.toThrow("took longer than 1500 ms");
    expect(await run("pid")).toMatchObject({ kind: "output" });
  });
});

describe("a process that cannot load its modules any more", () => {
  const loads = (how: string) => `import { appendFileSync as write, existsSync } from "node:fs";
write(new URL("./loads", import.meta.url), "x");
if (existsSync(new URL("./broken", import.meta.url))) ${how};
${MODULE}`;

  it.each([
    ["throws", 'throw new Error("gone")', /cannot be loaded: Error: gone/],
    ["exits", "process.exit(5)", /exited with code 5 before its modules were loaded/],
  ])("fails each attempt when it %s, and is not started for each of them", async (_, how, message) => {
    const { run, folder } = await fixture({}, loads(how));
    appendFileSync(join(folder, "broken"), "");
    await run("exit", { code: 1 });
    const failed = { kind: "error", code: "handler_failed", message: expect.stringMatching(message), final: false };
    for (const outcome of await Promise.all([1, 2, 3].map(() => run("pid")))) expect(outcome).toEqual(failed);
    for (let i = 0; i < 10; i++) expect(await run("pid")).toEqual(failed);
    expect(readFileSync(join(folder, "loads"), "utf8")).toBe("xx");
  });
});

describe("the end", () => {
  it("of the handlers ends their process, and attempts in it have crashed", async () => {
    const { run, handlers } = await fixture();
    const pid = pidIn(await run("pid"));
    const under = run("slow", { ms: 60_000 }, 70_000);
    await until(() => lives(pid));
    await handlers.stop();
    expect(await under).toMatchObject({ kind: "crashed", message: expect.stringMatching(/was stopped/) });
    expect(lives(pid)).toBe(false);
    expect(await run("pid")).toMatchObject({ kind: "crashed" });
  });

  it("of this process ends its children, also one that is blocked", async () => {
    const folder = tempFolder({ "work.mjs": MODULE });
    const library = pathToFileURL(resolve(import.meta.dirname, "../../lib/local/handler-process.ts")).href;
    const parent = `import { ChildHandlers } from ${JSON.stringify(library)};
for (const node of ["slow", "loop"]) {
  const handlers = new ChildHandlers({ onLog: () => {} });
  await handlers.replace({ work: ${JSON.stringify(join(folder, "work.mjs"))} });
  const call = (node) => ({ workflow: "work", node, input: { ms: 60_000 }, step: { execution: "work/1" }, timeoutMs: 60_000, outputBytes: 1000 });
  console.log((await handlers.run(call("pid"))).output);
  void handlers.run(call(node));
}`;
    const args = [...conditions().map((name) => `--conditions=${name}`), "--input-type=module", "-e", parent];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const pids: number[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => pids.push(Number(line)));
    await until(() => pids.length === 2);
    expect(pids.map(lives)).toEqual([true, true]);
    child.kill("SIGKILL");
    await until(() => !pids.some(lives), 5_000);
  });
});

describe("a heartbeat in a child process", () => {
  it("keeps an attempt going for longer than it may be silent, until the engine says that it is to stop", async () => {
    const { runBeating } = await fixture();
    expect(await runBeating("beats")).toEqual(output("the execution is ending"));
  });
  it.each([
    ["waits for something", "never"],
    ["blocks its process", "loop"],
  ])("that is missing ends an attempt that %s", async (_, node) => {
    const { runBeating } = await fixture();
    expect(await runBeating(node)).toMatchObject({
      ...{ kind: "error", code: "heartbeat_timeout", final: false },
      message: expect.stringMatching(/^the handler did not call step\.heartbeat\(\) for longer than 300 ms/),
    });
  });
});

describe("aborting what runs in a child process", () => {
  it.each([
    ["all of an execution", "work/1", "", true],
    ["what is at a path", "work/1", "waits", true],
    ["nothing of another execution", "work/2", "", false],
    ["nothing at a path that begins alike", "work/1", "wait", false],
  ])("aborts %s", async (_, execution, scope, aborted) => {
    const { handlers, run } = await fixture();
    const outcome = run("waits", {}, 400);
    const abort = setInterval(() => handlers.abort(execution, scope), 20);
    onTestFinished(() => clearInterval(abort));
    expect(await outcome).toMatchObject(aborted ? output("the execution is ending") : { code: "timeout" });
  });
});
