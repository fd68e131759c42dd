/** What is no change of a workflow: how its source is laid out, said and ordered. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { Program } from "../../lib/model/program.ts";
import { compareVersions } from "../../lib/versions/compare.ts";
import { tempProject } from "../local/temp-folder.ts";

const repository = join(import.meta.dirname, "../..");
const examples = ["crm", "order", "ticket"].flatMap((name) =>
  ["contracts", "workflow"].map((file) => `functions/${name}/${file}.ts`),
);
const sources: Readonly<Record<string, string>> = {
  ...Object.fromEntries(examples.map((file) => [file, readFileSync(join(repository, file), "utf8")])),
  /** The states that the examples have not. */
  "functions/visit/workflow.ts": `import { contract, event, node, signal, workflow } from "pawl";
import { z } from "zod";

// Who comes, and what about.
const Guest = z.object({ name: z.string(), kind: z.enum(["friend", "foe"]), age: z.int().optional() });
const Door = z.union([z.string(), z.object({ number: z.int(), floor: z.int() })]);
const open = node("open", { input: Guest, output: Door, errors: ["Locked", "Broken"], timeout: "5 seconds" });
const close = node("close", { input: z.json() });
const seat = node("seat", { input: z.json(), output: z.object({ row: z.int(), of: Guest }) });
const answer = signal("answer", { data: z.object({ yes: z.boolean(), why: z.string().optional() }) });
const left = event("house.door", "Left", { version: 1, data: z.object({ name: z.string(), row: z.int() }) });
const billing = contract("billing", { input: Guest, output: z.object({ cents: z.int() }), errors: ["NoCard", "NoBank"] });
type Guest = z.infer<typeof Guest>;

export const visit = workflow("visit", { input: Guest, timeout: "20 days" })
  .block("entrance", (b) => b.task(open, { undo: close }), {
    catch: {
      Locked: (b) => b.set("said", (s) => ({ code: s.error.code, to: s.input.name })), // come back
      timeout: (b) => b.fail("NobodyThere", (s) => \`\${s.input.name}: \${s.error.message}\`),
    },
  })
  .wait("hall", { for: "2 minutes" })
  .race("first", {
    told: (b) => b.waitFor(answer, { timeout: "3 days" }),
    bored: (b) => b.wait("nap", { for: "1 day" }).set("asleep", () => true),
  })
  .loop("seats", { from: (s) => ({ row: 0, of: s.input }), each: (b) => b.task(seat), until: (of) => of.row > 2, max: 5 })
  .match("kind", "branch", (s) => s.first, { told: (b) => b.call(billing, { input: (s) => s.input }), bored: (b) => b })
  .map("friends", { over: (s) => [s.input], each: (b) => b.task(seat), concurrency: 3, tolerate: { count: 1 } })
  .emit(left, (s) => ({ name: s.input.name, row: s.seats.row }))
  .output((s) => ({ row: s.seats.row, name: s.input.name }));
`,
};

type Edit = (source: string) => string;

/** By workflow. */
async function programsAfter(edit: Edit): Promise<ReadonlyMap<string, Program>> {
  const edited = Object.entries(sources).map(([file, text]) => [file, edit(text)] as const);
  const folder = tempProject(Object.fromEntries(edited));
  const files = Object.keys(sources).filter((file) => file.endsWith("/workflow.ts"));
  const loaded = await Promise.all(files.map((file) => import(join(folder, file)) as Promise<object>));
  const workflows = loaded.flatMap((file) => Object.values(file) as { readonly program: Program }[]);
  return new Map(workflows.map(({ program }) => [program.graph.workflow, program]));
}
const before = programsAfter.bind(undefined, String);

/** Through the compiler's own printer, which keeps nothing of the layout. */
function rewritten(visit: (node: ts.Node, again: (node: ts.Node) => ts.Node) => ts.Node, removeComments = true): Edit {
  return (source) => {
    const file = ts.createSourceFile("a.ts", source, ts.ScriptTarget.Latest, true);
    const { transformed } = ts.transform(file, [
      (context) => (root) => {
        const each = (node: ts.Node): ts.Node => visit(node, (inner) => ts.visitEachChild(inner, each, context));
        return each(root) as ts.SourceFile;
      },
    ]);
    return ts.createPrinter({ removeComments }).printFile(transformed[0] as ts.SourceFile);
  };
}

/** `{ a, b }` becomes `{ b, a }`: of schemas, options, branches. */
const propertiesReversed = rewritten((node, again) => {
  const inner = again(node);
  if (!ts.isObjectLiteralExpression(inner)) return inner;
  if (inner.properties.some(ts.isSpreadAssignment)) return inner; // of which the last one counts
  return ts.factory.updateObjectLiteralExpression(inner, [...inner.properties].reverse());
});

/** Each declaration comes as late as those that need it allow. */
const declarationsReversed = rewritten((node, again) => {
  if (!ts.isSourceFile(node)) return again(node);
  const [imports, rest] = [
    node.statements.filter(ts.isImportDeclaration),
    node.statements.filter((s) => !ts.isImportDeclaration(s)),
  ];
  const namesOf = (statement: ts.Statement) =>
    ts.isVariableStatement(statement) ? statement.declarationList.declarations.map(({ name }) => name.getText()) : [];
  const needs = (statement: ts.Statement, name: string) => new RegExp(`\\b${name}\\b`).test(statement.getText());
  const placed: ts.Statement[] = [];
  const left = [...rest].reverse();
  while (left.length > 0) {
    const missing = new Set(left.flatMap(namesOf));
    const next = left.findIndex((one) => {
      const own = namesOf(one);
      return ![...missing].some((name) => !own.includes(name) && needs(one, name));
    });
    placed.push(...left.splice(Math.max(0, next), 1));
  }
  return ts.factory.updateSourceFile(node, [...[...imports].reverse(), ...placed]);
});

const COSMETIC: Readonly<Record<string, Edit>> = {
  "white space, and comments that are gone": (source) =>
    transformSync(source, { loader: "ts", minifyWhitespace: true, legalComments: "none" }).code,
  "another layout": rewritten((node, again) => again(node)),
  "comments in every line": (source) =>
    source.replace(/^(import|export|const)/gm, "/** Said otherwise. */\n$1").replace(/,\n/g, ", // so\n"),
  "other names of local variables, and functions written otherwise": (source) =>
    transformSync(source, { loader: "ts", minifyIdentifiers: true, minifySyntax: true }).code,
  "properties in another order": propertiesReversed,
  "declarations in another order": declarationsReversed,
};

describe("a graph stays the same", () => {
  it.each(Object.entries(COSMETIC))("when all that is edited is %s", async (_, edit) => {
    for (const source of Object.values(sources)) expect(edit(source)).not.toBe(source);
    const [older, newer] = [await before(), await programsAfter(edit)];
    expect([...newer.keys()].sort()).toEqual(["crm", "order", "ticket", "visit"]);
    for (const [workflow, program] of newer) {
      const was = older.get(workflow) as Program;
      expect(program.hash, workflow).toBe(was.hash);
      expect(Object.keys(program.slots).sort()).toEqual(Object.keys(was.slots).sort());
      expect(compareVersions(was.graph, program)).toEqual([]);
    }
  });

  it.each([
    ["a timeout", 'timeout: "5 seconds"', 'timeout: "6 seconds"'],
    ["a property", "age: z.int().optional()", "age: z.int().optional(), hat: z.string().optional()"],
    ["the name of a state", '"hall"', '"lobby"'],
    ["the code of an error", "Broken", "Stuck"],
  ])("and not when it is %s", async (_, from, to) => {
    const [older, newer] = [await before(), await programsAfter((source) => source.replace(from, to))];
    const same = [...newer].filter(([workflow, { hash }]) => hash === older.get(workflow)?.hash);
    expect(same.map(([workflow]) => workflow).sort()).toEqual(["crm", "order", "ticket"]);
    const [was, is] = [older.get("visit") as Program, newer.get("visit") as Program];
    expect(compareVersions(was.graph, is)).not.toEqual([]);
  });
});
