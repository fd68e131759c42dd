/** Folders and files for one test. */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { writeFiles } from "../support/write-files.ts";

export { writeFiles };

const repository = resolve(import.meta.dirname, "../..");

/** A new folder with these files, gone after the test. */
export function tempFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "pawl-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFiles(folder, files);
  return folder;
}

/** The same, with `pawl` and `zod` to import. */
export function tempProject(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder({ "node_modules/.keep": "", ...files });
  symlinkSync(repository, join(folder, "node_modules/pawl"));
  symlinkSync(join(repository, "node_modules/zod"), join(folder, "node_modules/zod"));
  return folder;
}

/** Files of a workflow whose nodes, one after the other, take and give `{ n: number }`. */
export function chainOf(workflow: string, handlers: Readonly<Record<string, string>>): Record<string, string> {
  const nodes = Object.keys(handlers);
  const at = (file: string) => `functions/${workflow}/${file}.ts`;
  const kebab = (name: string) => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  return {
    [at("contracts")]: `import { node } from "pawl";
import { z } from "zod";
export const N = z.object({ n: z.number() });
const options = { input: N, output: N, timeout: "0.5 seconds", retry: { maxAttempts: 2, firstDelay: "0.01 seconds" } } as const;
${nodes.map((name) => `export const ${name} = node("${name}", options);`).join("\n")}
`,
    [at("workflow")]: `import { workflow } from "pawl";
import { N, ${nodes.join(", ")} } from "./contracts.ts";
export const ${workflow} = workflow("${workflow}", { input: N })${nodes.map((name) => `.task(${name})`).join("")};
`,
    ...Object.fromEntries(nodes.map((name) => [at(kebab(name)), handlerOf(name, handlers[name] ?? "")])),
  };
}

/** A handler's file; `body` is the function's, with `input` and `step`. */
export const handlerOf = (node: string, body: string): string => `import { implement } from "pawl/node";
import { ${node} } from "./contracts.ts";
export const handler = implement(${node}, async (input, step) => {
  ${body}
});
`;

/** Waits until it holds. */
export async function until(holds: () => boolean | Promise<boolean>, atMostMs = 15_000): Promise<void> {
  const end = Date.now() + atMostMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${atMostMs} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
