/** What a user gets: the tarball, a project that its `pawl init` makes outside the repository, and that project's own test. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "node_modules/.bin");
const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];

/** The environment of a user: nothing of this test run's, and Node 24 first. */
const env = Object.fromEntries([
  ...Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|npm_config_ignore_scripts)/.test(name),
  ),
  ["PATH", [bin, process.env.PATH].join(delimiter)],
  ["NO_COLOR", "1"],
]);

let temp: string;
let tarball: string;

/** Standard output; a failure carries both outputs in its message. */
async function output(cwd: string, command: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
    return stripVTControlCharacters(stdout);
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string }; // execFile adds both to what it throws
    throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`);
  }
}

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), "pawl-package-"));
  await output(root, "npm", "pack", "--pack-destination", temp, "--loglevel=error");
  const [file] = await readdir(temp);
  if (!file) throw new Error("npm pack left no tarball");
  tarball = join(temp, file);
}, 180_000); // it builds

afterAll(async () => {
  await rm(temp, { recursive: true, force: true });
});

describe("the tarball", () => {
  test("holds dist, the manifest and the readme, and nothing of the repository besides", async () => {
    const files = (await output(temp, "tar", "-tzf", tarball)).trim().split("\n");
    const surplus = files.filter((file) => !/^package\/(dist\/|package\.json$|README|LICENSE)/.test(file));
    expect(surplus).toEqual([]);
    expect(files).toContain("package/dist/cli/main.js");
  });
});

describe("a project that the packed `pawl init` makes", () => {
  let project: string;

  beforeAll(async () => {
    project = join(temp, "project");
    const cli = join(temp, "cli");
    await mkdir(cli);
    await writeFile(join(cli, "package.json"), JSON.stringify({ name: "cli", private: true }));
    await output(cli, "npm", ...install, tarball);
    await output(temp, "node", join(cli, "node_modules/pawl/dist/cli/main.js"), "init", project, "--pawl", tarball);
    await output(project, "npm", ...install);
  }, 180_000);

  test("passes its own tests", { timeout: 180_000 }, async () => {
    const text = await output(project, "npm", "test");
    // vitest's summary line, or node:test's
    const passed = /Tests\s+(\d+) passed/.exec(text)?.[1] ?? /^(?:#|ℹ) pass (\d+)$/m.exec(text)?.[1];
    expect(Number(passed), text).toBeGreaterThan(0);
  });

  test("deploys with the CDK when it has it", { timeout: 180_000 }, async () => {
    await mkdir(join(project, "node_modules"), { recursive: true });
    for (const peer of ["aws-cdk-lib", "constructs"])
      await symlink(join(root, "node_modules", peer), join(project, "node_modules", peer));
    const app = `
      import { App, Stack } from "aws-cdk-lib";
      import { Platform, WorkflowFunctions } from "pawl/cdk";
      import { greet } from "./functions/greet/workflow.ts";

      const stack = new Stack(new App({ outdir: "cdk.out" }), "hello");
      const platform = new Platform(stack, "Platform", { name: "hello" });
      const greeting = new WorkflowFunctions(stack, "Greet", { platform, workflow: greet, code: "functions/greet" });
      console.log(greeting.node("send").function.node.path);
      stack.node.root.synth();
    `;
    await writeFile(join(project, "app.ts"), app);
    expect(await output(project, "node", "app.ts")).toBe("hello/Greet/Node-send/Function\n");
    const built = await readdir(join(project, "cdk.out"));
    expect(built.filter((file) => file.startsWith("asset."))).toHaveLength(3); // look, send, control
    await rm(join(project, "app.ts")); // no part of what the project's own compiler looks at
  });

  test("compiles against the types of all seven entries", { timeout: 180_000 }, async () => {
    const program = `
      import * as cdk from "pawl/cdk";
      import * as client from "pawl/client";
      import * as lambda from "pawl/lambda";
      import * as local from "pawl/local";
      import * as node from "pawl/node";
      import * as pawl from "pawl";
      import * as testing from "pawl/testing";

      type IsAny<T> = 0 extends 1 & T ? true : false;
      export const typed: [
        IsAny<typeof pawl.workflow>, IsAny<typeof node.implement>, IsAny<typeof client>, IsAny<typeof local>, IsAny<typeof testing>,
        IsAny<typeof cdk.Platform>, IsAny<typeof lambda.nodeHandler>,
      ] = [false, false, false, false, false, false, false];

      // @ts-expect-error: a name is a string
      pawl.workflow(1);
    `;
    const entries = join(project, "entries.ts");
    await writeFile(entries, program);
    const options = {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2024,
      lib: ["lib.es2024.d.ts"],
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    };
    // Declarations of ours too, so that a type which does not resolve is an error; other packages' are theirs to mend.
    const compiled = ts.createProgram([entries], options);
    const checked = compiled
      .getSourceFiles()
      .filter(({ fileName }) => fileName === entries || /node_modules\/pawl\//.test(fileName));
    expect(checked.length).toBeGreaterThan(50);
    const ours = [
      ...compiled.getOptionsDiagnostics(),
      ...checked.flatMap((file) => [
        ...compiled.getSyntacticDiagnostics(file),
        ...compiled.getSemanticDiagnostics(file),
      ]),
    ].map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
    expect(ours).toEqual([]);
  });
});
