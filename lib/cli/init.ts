import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { messageOf, PawlError } from "../errors.ts";
import { examples } from "./options.ts";
import { ownManifest } from "./own-manifest.ts";
import { bold, write } from "./print.ts";

export function addInit(program: Command): void {
  program
    .command("init")
    .description("write a small project: a workflow, its nodes and its test")
    .argument("[dir]", "where; made when it is missing", ".")
    .option("--pawl <spec>", "what its package.json asks for, as in 1.2.3 or file:../pawl.tgz (default: this version)")
    .addHelpText("after", examples("pawl init hello", "pawl init . --pawl file:../pawl-0.1.0.tgz"))
    .action(async (dir: string, { pawl }: { pawl?: string }) => {
      const files = await init(resolve(dir), pawl);
      write(printNextSteps(dir, files));
    });
}

/** Templates end in .txt, so that no tool takes them for files of this repository. */
const TEMPLATES = fileURLToPath(new URL("./templates", import.meta.url));
const ENDING = ".txt";

async function init(dir: string, pawl: string | undefined): Promise<readonly string[]> {
  const templates = (await readdir(TEMPLATES, { recursive: true })).filter((file) => file.endsWith(ENDING)).sort();
  const files = templates.map((template) => ({ template, file: template.slice(0, -ENDING.length) }));
  const taken = files.map(({ file }) => file).filter((file) => existsSync(join(dir, file)));
  if (taken.length > 0)
    throw new PawlError(
      "usage",
      `${dir} has files that would be overwritten: ${taken.join(", ")}. Move them away, or name another folder`,
      { folder: dir, files: taken },
    );
  const values = valuesFor(dir, pawl);
  try {
    for (const { template, file } of files) {
      const text = await readFile(join(TEMPLATES, template), "utf8");
      await mkdir(dirname(join(dir, file)), { recursive: true });
      // Not over a file that has come in the meantime.
      await writeFile(join(dir, file), fill(text, values), { flag: "wx" });
    }
  } catch (error) {
    throw new PawlError(
      "usage",
      `the project cannot be written to ${dir}: ${messageOf(error)}`,
      { folder: dir },
      error,
    );
  }
  return files.map(({ file }) => file);
}

type Values = Readonly<Record<string, string>>;

/** The versions are those that this version of Pawl is tested with. */
function valuesFor(dir: string, pawl: string | undefined): Values {
  const { version, devDependencies } = ownManifest();
  const tested = ["zod", "node", "vitest", "typescript", "@types/node"].map(
    (name) => [`version:${name}`, `^${devDependencies[name] ?? ""}`] as const,
  );
  return { name: packageName(basename(dir)), pawl: pawl ?? `^${version}`, ...Object.fromEntries(tested) };
}

/** `{{name}}`; each stands inside a JSON string or in prose. */
function fill(text: string, values: Values): string {
  return text.replaceAll(/\{\{([^{}]+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`a template names '${name}', which has no value`);
    return JSON.stringify(value).slice(1, -1);
  });
}

/** https://docs.npmjs.com/cli/configuring-npm/package-json#name */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "")
    .slice(0, 200);
  return name === "" || name === "pawl" ? "my-workflows" : name;
}

function printNextSteps(dir: string, files: readonly string[]): string {
  const there = relative(process.cwd(), resolve(dir));
  const steps = [
    ...(there === "" ? [] : [`cd ${/^[\w./-]+$/.test(there) ? there : `'${there.replaceAll("'", "'\\''")}'`}`]),
    "npm install",
    "npm test",
    "npx pawl dev",
    `npx pawl start greet --input '{"name":"Ada"}' --wait`,
  ];
  return [
    `Written to ${bold(resolve(dir))}:`,
    ...files.map((file) => `  ${file}`),
    "",
    "Next:",
    ...steps.map((step) => `  ${step}`),
  ].join("\n");
}
