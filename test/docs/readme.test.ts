import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

test("the README shows the order graph as the CLI draws it", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const shown = /<!-- graph order -->\n```mermaid\n([\s\S]*?)```\n<!-- \/graph order -->/.exec(readme)?.[1];
  const cli = ["--conditions=pawl-source", "lib/cli/main.ts", "graph", "order", "--format", "mermaid"];
  const drawn = execFileSync(process.execPath, cli, { cwd: root, encoding: "utf8" });
  expect(shown?.trim()).toBe(drawn.trim());
});

test("the README shows the files that `pawl init` writes", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const shown = [...readme.matchAll(/```ts\n\/\/ functions\/greet\/([\w.-]+)\n([\s\S]*?)```/g)];
  expect(shown.map(([, file]) => file)).toEqual(["contracts.ts", "workflow.ts", "send.ts"]);
  for (const [, file, text] of shown) {
    const template = readFileSync(join(root, `lib/cli/templates/functions/greet/${file}.txt`), "utf8");
    expect(text?.trim()).toBe(template.trim());
  }
});
