/** The real CLI as a child process, and a project for it. */
import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { onTestFinished, vi } from "vitest";
import { run } from "../../lib/cli/run.ts";
import { lives, tempProject, until } from "../local/temp-folder.ts";

// Each call is a process of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

export const repository = resolve(import.meta.dirname, "../..");
export const COMMAND = ["--conditions=pawl-source", join(repository, "lib/cli/main.ts")];

/** What one call has compiled, the next one finds: there are many here. */
const COMPILE_CACHE = join(repository, ".cache/compile");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON. */
  readonly json: unknown;
  /** The last line of standard error as the JSON of an error; before it there may be lines of `step.log`. */
  readonly error: { readonly code: string; readonly message: string; readonly detail: unknown } | undefined;
}

export async function pawl(cwd: string, args: readonly string[], input = ""): Promise<Ran> {
  const child = begin(cwd, args);
  child.process.stdin?.end(input);
  const code = await child.ended;
  const { stdout, stderr } = child;
  return { code, stdout, stderr, json: parsed(stdout), error: errorIn(stderr.trim().split("\n").at(-1) ?? "") };
}

const errorIn = (line: string) => (parsed(line) as { error?: Ran["error"] } | undefined)?.error;

/** The same without a process of its own, for what needs none. */
export async function pawlInside(args: readonly string[]): Promise<Pick<Ran, "code" | "stdout" | "stderr" | "error">> {
  const told = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      told[name] += text;
      return true;
    }),
  );
  try {
    const code = await run(args);
    return { code, ...told, error: errorIn(told.stderr.trim()) };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export interface Begun {
  readonly process: ChildProcess;
  /** So far. */
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  /** Waits for this text on either output. */
  says(text: string): Promise<void>;
}

export function begin(cwd: string, args: readonly string[]): Begun {
  const { VITEST: _, NODE_OPTIONS: __, ...env } = process.env;
  const child = spawn(process.execPath, [...COMMAND, ...args], {
    cwd,
    env: { ...env, NO_COLOR: "1", NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      out[name] += text;
    });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  onTestFinished(async () => {
    if (child.pid !== undefined && lives(child.pid)) child.kill("SIGKILL");
    await ended;
  });
  return {
    process: child,
    get stdout() {
      return out.stdout;
    },
    get stderr() {
      return out.stderr;
    },
    ended,
    says: (text) =>
      until(() => out.stdout.includes(text) || out.stderr.includes(text)).catch(() => {
        throw new Error(`it does not say "${text}":\n${out.stdout}\n${out.stderr}`);
      }),
  };
}

/** A running `pawl dev`, with its url. */
export async function beginDev(cwd: string): Promise<Begun & { readonly url: string }> {
  const dev = begin(cwd, ["dev", "--port", "0"]);
  await dev.says("Ctrl-C stops");
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(dev.stdout)?.[0] ?? "";
  return Object.assign(dev, { url });
}

/**
 * `greet` takes `{ name, forMs? }`, waits so long, refuses Mallory, and answers `{ text }`. It is started by `Arrived`
 * and emits `Greeted`, which starts `note`.
 */
export const greetProject = (files: Readonly<Record<string, string>> = {}): string =>
  tempProject({ ...GREET, ...NOTE, ...files });

const GREET = {
  "functions/greet/contracts.ts": `import { event, node } from "pawl";
import { z } from "zod";
export const Guest = z.object({ name: z.string().min(1), forMs: z.number().optional() });
export const arrived = event("house.door", "Arrived", { version: 1, data: Guest });
export const greeted = event("house.door", "Greeted", { version: 1, data: z.object({ text: z.string() }) });
export const sayHello = node("sayHello", { input: Guest, output: z.object({ text: z.string() }), errors: ["Refused"] });
`,
  "functions/greet/workflow.ts": `import { workflow } from "pawl";
import { arrived, greeted, Guest, sayHello } from "./contracts.ts";
export const greet = workflow("greet", { input: Guest, on: arrived })
  .task(sayHello)
  .choice("length", (s) => (s.input.name.length > 3 ? "long" : "short"), { long: (b) => b, short: (b) => b })
  .emit(greeted, (s) => ({ text: s.sayHello.text }))
  .output((s) => ({ text: s.sayHello.text }));
`,
  "functions/greet/say-hello.ts": `import { implement } from "pawl/node";
import { sayHello } from "./contracts.ts";
export const handler = implement(sayHello, async ({ name, forMs = 0 }, step) => {
  if (forMs > 0) step.log("waits");
  await new Promise((resolve) => setTimeout(resolve, forMs));
  if (name === "Mallory") step.fail("Refused", { name });
  return { text: \`Hello \${name}\` };
});
`,
};
const NOTE = {
  "functions/note/workflow.ts": `import { workflow } from "pawl";
import { z } from "zod";
import { greeted } from "../greet/contracts.ts";
export const note = workflow("note", { input: z.object({ text: z.string() }), on: greeted }).set("noted", (s) => s.input.text);
`,
};
