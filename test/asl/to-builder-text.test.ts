/** The code that `pawl asl import` writes: as it stands in the documentation, as the compiler and the formatter want it. */
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import jsonata from "jsonata";
import { expect, it } from "vitest";
import { importProject } from "../../lib/asl/import-project.ts";
import { parseDefinition } from "../../lib/asl/parse.ts";
import { toBuilder } from "../../lib/asl/to-builder/index.ts";
import { supportedDefinition } from "../../lib/asl/unsupported.ts";
import type { Json } from "../../lib/model/json.ts";
import { tempProject, writeFiles } from "../local/temp-folder.ts";
import "../support/seed.ts";
import { anyCase } from "./any-machine.ts";
import { casesIn, ownCases } from "./cases-in.ts";
import { FUNCTION } from "./fragments.ts";
import { loadFile } from "./run-both.ts";

const repository = join(import.meta.dirname, "../..");
const page = readFileSync(join(repository, "docs/asl.md"), "utf8");
const section = page.slice(page.indexOf("## As code of the builder"));
const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(section)?.[1] ?? "";

it("is what the documentation shows", () => {
  const { as, files } = importProject("order", supportedDefinition(parseDefinition(block("json")), "STANDARD"));
  expect(as).toBe("builder");
  const shown = block("ts");
  const [contracts = "", workflow = ""] = shown.split("// workflow.ts\n");
  // Without the imports.
  const without = (text: string | undefined): string => (text ?? "").replace(/^(import .*\n)+\n/, "");
  expect(contracts).toBe(`// contracts.ts\n${without(files.get("contracts.ts"))}\n`);
  expect(workflow).toBe(without(files.get("workflow.ts")));
});

const some = [
  ...casesIn(ownCases).flatMap((found) => ("case" in found && found.case.kind === "execution" ? [found.case] : [])),
  ...Array.from({ length: 40 }, (_, i) => anyCase(i)),
].flatMap((one, i) => {
  try {
    const made = toBuilder("machine", supportedDefinition(one.definition, "STANDARD"));
    return made.kind === "builder" ? [[`functions/m${i}`, made.files] as const] : [];
  } catch {
    return []; // no definition
  }
});

it("has the types that the strictest compiler wants, and stands as the formatter leaves it", () => {
  const texts = some.flatMap(([folder, files]) =>
    [...files].map(([name, text]) => [`${folder}/${name}`, text] as const),
  );
  const compilerOptions = { typeRoots: [join(repository, "node_modules/@types")], types: ["node"] };
  const project = { extends: join(repository, "tsconfig.json"), compilerOptions, include: ["functions"], exclude: [] };
  const root = tempProject({ "package.json": `{"type":"module"}`, "tsconfig.json": JSON.stringify(project) });
  writeFiles(root, Object.fromEntries(texts));
  copyFileSync(join(repository, "biome.json"), join(root, "biome.json"));
  /** What it complains of. */
  const run = (tool: string, ...args: string[]): string => {
    const at = join(repository, "node_modules/.bin", tool);
    const { status, stdout, stderr } = spawnSync(at, args, { cwd: root, encoding: "utf8" });
    return status === 0 ? "" : stdout + stderr;
  };
  expect(some.length).toBeGreaterThan(50);
  expect(run("tsc", "--noEmit", "--preserveSymlinks", "-p", root)).toBe("");
  expect(run("biome", "format", "--vcs-enabled=false", "--colors=off", "functions")).toBe("");
});

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "large" },
    fc.constantFrom<Json[]>(1, "x", null, true),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b"), tie("value"), { maxKeys: 2 }),
  ) as fc.Arbitrary<Json>,
})).value;

it("finds by JSONata's names what JSONata finds", async () => {
  const query = (text: string): Json => ({
    QueryLanguage: "JSONata",
    StartAt: "A",
    States: { A: { Type: "Pass", Output: text, End: true } },
  });
  const made = toBuilder("machine", supportedDefinition(query("{% $states.input.a %}"), "STANDARD"));
  if (made.kind === "kept") throw new Error(made.reasons.join());
  const { find } = loadFile(made.files, "json.ts") as { find: (value: Json, ...names: string[]) => Json | undefined };
  const names = fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(json, names, async (value, path) => {
      const found: unknown = await jsonata(`$x.${path.join(".")}`).evaluate(undefined, { x: structuredClone(value) });
      expect(find(value, ...path)).toEqual(found === undefined ? undefined : JSON.parse(JSON.stringify(found)));
    }),
    { numRuns: 1500 },
  );
});

it("means the block, and not what it runs, where both have one name", () => {
  const Catch = [{ ErrorEquals: ["States.ALL"], ResultPath: null, Next: "F" }];
  const States = {
    A: { Type: "Pass", Result: {}, Next: "Echo" },
    Echo: { Type: "Task", Resource: FUNCTION, ResultPath: "$.r", Catch, End: true },
    F: { Type: "Fail", Error: "Failed" },
  };
  const { files } = importProject("machine", supportedDefinition({ StartAt: "A", States }, "STANDARD"));
  expect(files.get("workflow.ts")).toContain("({ ...s.a, r: s.echo })");
  expect(files.get("workflow.ts")).toContain(".output((s) => s.echo.output)");
});

const task = (more: object = {}): object => ({ Type: "Task", Resource: FUNCTION, ...more });
const end = { Type: "Pass", End: true };
const kept: readonly (readonly [string, object, RegExp])[] = [
  [
    "a loop",
    {
      A: task({ Next: "B" }),
      B: { Type: "Choice", Choices: [{ Variable: "$.n", IsNull: true, Next: "A" }], Default: "C" },
      C: end,
    },
    /^state B: Next leads back to 'A'$/,
  ],
  [
    "the error that a Catch passes on",
    { A: task({ Catch: [{ ErrorEquals: ["States.ALL"], Next: "B" }], Next: "B" }), B: end },
    /^state A: it uses the error that a Catch passes on$/,
  ],
  [
    "a Catch for States.TaskFailed",
    { A: task({ Catch: [{ ErrorEquals: ["States.TaskFailed"], ResultPath: null, Next: "B" }], End: true }), B: end },
    /^state A: its Catch names 'States.TaskFailed'/,
  ],
  [
    "an intrinsic function",
    { A: { Type: "Pass", Parameters: { "a.$": "States.UUID()" }, End: true } },
    /^state A: it calls States.UUID$/,
  ],
  [
    "a path to several values",
    { A: { Type: "Pass", InputPath: "$.a[*]", End: true } },
    /^state A: the path '\$\.a\[\*\]' may find several/,
  ],
  [
    "the context object",
    { A: task({ Parameters: { "id.$": "$$.Execution.Id" }, End: true }) },
    /^state A: it reads the context object/,
  ],
  [
    "two Retries of one function",
    { A: task({ Next: "B" }), B: task({ Retry: [{ ErrorEquals: ["States.ALL"] }], End: true }) },
    /^state B: another state has 'Echo' tried again/,
  ],
  [
    "a Parallel that is tried again",
    {
      A: {
        Type: "Parallel",
        Branches: [{ StartAt: "B", States: { B: end } }],
        Retry: [{ ErrorEquals: ["States.ALL"] }],
        End: true,
      },
    },
    /^state A: it is tried again as a whole/,
  ],
  [
    "input that fails where a Catch does not see it",
    {
      A: task({
        ResultPath: "$.r",
        Parameters: { "a.$": "$.a" },
        OutputPath: "$.b",
        Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: null, Next: "B" }],
        Next: "B",
      }),
      B: end,
    },
    /^state A: /,
  ],
];

it.each(kept)("is not written for %s, and it is told why", (_, States, why) => {
  const { as, reasons, files } = importProject("machine", supportedDefinition({ StartAt: "A", States }, "STANDARD"));
  expect(as).toBe("definition");
  expect(
    reasons.some((reason) => why.test(reason)),
    reasons.join("\n"),
  ).toBe(true);
  expect([...files.keys()]).toContain("machine.asl.json");
});

it("is not written where the definition is to be kept, and names nothing as TypeScript has it already", () => {
  const named = (name: string): object => ({ Type: "Task", Resource: FUNCTION.replace("Echo", name) });
  const States = {
    A: { ...named("delete"), Next: "B" },
    B: { ...named("node"), Next: "C" },
    C: { ...named("contracts"), End: true },
  };
  const definition = supportedDefinition({ StartAt: "A", States }, "STANDARD");
  const { as, reasons, files } = importProject("machine", definition, true);
  expect({ as, reasons }).toEqual({ as: "definition", reasons: [] });
  expect([...files.keys()]).toEqual([
    "machine.asl.json",
    "contracts.ts",
    "workflow.ts",
    "delete2.ts",
    "node2.ts",
    "contracts2.ts",
  ]);
});
