// @ts-check
// What a step costs the compiler, in instantiations: what `tsc --extendedDiagnostics` counts, the same on every machine. It
// grew with the square of a chain's length once, up to where the compiler gives up (docs/decisions/0011-builder-types.md).
//   node scripts/types-cost.mjs [--json]    fails above 1,000 a step, where a program does not compile, or `s.` has no names
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { blocks, chain, states, unfinished } from "./types-cost-programs.mjs";

const MOST = 1000;
const root = fileURLToPath(new URL("..", import.meta.url));
/** @type {Map<string, string>} */
const sources = new Map();
/** @param {string} name @param {string} text */
const file = (name, text) => {
  const path = `${root}.cache/types-cost/${name.replaceAll(" ", "-")}.ts`; // in memory only
  sources.set(path, text);
  return path;
};

const rows = [
  { what: "a node and its step, in a chain", of: chain, sizes: [10, 20, 40, 80] },
  { what: "the same, in blocks of 20", of: blocks, sizes: [40, 80, 200] },
  ...Object.entries(states).map(([what, of]) => ({ what, of, sizes: [40] })),
].map(({ what, of, sizes }) => ({
  what,
  first: file(`${what}-first`, of(1)), // pays for what is worked out once
  sizes: [1, ...sizes].map((size) => ({ size, path: file(`${what}-${size}`, of(size)) })),
}));
const asked = unfinished(80);
const askedPath = file("unfinished", asked.text);

const service = languageService();
const program = service.getProgram();
if (!program) throw new Error("the compiler has no program");
/** @type {string[]} */
const wrong = [];
const table = rows.flatMap(({ what, first, sizes }) => {
  instantiationsOf(first);
  const counts = sizes.map(({ size, path }) => ({ size, count: instantiationsOf(path) }));
  return counts.flatMap(({ size, count }, at) => {
    const before = counts[at - 1];
    if (!before) return [];
    return [{ what, steps: size, perStep: Math.round((count - before.count) / (size - before.size)) }];
  });
});
for (const { what, steps, perStep } of table)
  if (perStep > MOST) wrong.push(`${what}, ${steps}: ${perStep} instantiations a step, and ${MOST} are the most`);

const listed = service.getCompletionsAtPosition(askedPath, asked.at, undefined)?.entries.map(({ name }) => name) ?? [];
const unlisted = asked.names.filter((name) => !listed.includes(name));
if (unlisted.length > 0) wrong.push(`an editor does not list after "s.": ${unlisted.join(", ")}`);

if (process.argv.includes("--json")) console.log(JSON.stringify({ typescript: ts.version, most: MOST, rows: table }));
else {
  const wide = Math.max(...table.map(({ what }) => what.length));
  console.log(`${"".padEnd(wide)}  steps  instantiations a step`);
  for (const { what, steps, perStep } of table)
    console.log(`${what.padEnd(wide)}  ${String(steps).padStart(5)}  ${String(perStep).padStart(22)}`);
}
for (const line of wrong) console.error(line);
if (wrong.length > 0) process.exitCode = 1;

/** @param {string} path */
function instantiationsOf(path) {
  const before = program?.getInstantiationCount() ?? 0;
  for (const { start = 0, messageText } of service.getSemanticDiagnostics(path)) {
    const line = sources.get(path)?.slice(0, start).split("\n").length;
    wrong.push(`${path.slice(root.length)}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  }
  return (program?.getInstantiationCount() ?? 0) - before;
}

/** One program for all: each of its own would read zod's declarations again. A file is checked when it is asked for. */
function languageService() {
  const { config, error } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  /** @param {string} path */
  const readFile = (path) => sources.get(path) ?? ts.sys.readFile(path);
  return ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...sources.keys()],
    getScriptVersion: () => "1",
    getScriptSnapshot: (path) => {
      const text = readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => sources.has(path) || ts.sys.fileExists(path),
    readFile,
    directoryExists: ts.sys.directoryExists,
  });
}
