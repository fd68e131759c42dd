// @ts-check
// Types, and the rules of eslint.config.js that need them: one program for both, since reading and binding a million lines
// of other packages' declarations costs more than looking at our own.
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: report };
const config = ts.getParsedCommandLineOfConfigFile(`${root}tsconfig.json`, undefined, host);
if (!config) process.exit(1);

const program = ts.createProgram({
  rootNames: config.fileNames,
  options: config.options,
  host: ts.createCompilerHost(config.options, true), // eslint walks from a node to its parent
});
const problems = [...config.errors, ...ts.getPreEmitDiagnostics(program)];
for (const problem of problems) report(problem);

const eslint = new ESLint({
  cwd: root,
  overrideConfig: { languageOptions: { parserOptions: { project: null, programs: [program] } } },
});
const results = await eslint.lintFiles(["lib", "functions", "infra", "test", "bench"]);
const found = results.some(({ errorCount, warningCount }) => errorCount + warningCount > 0);
if (found) console.error(await (await eslint.loadFormatter("stylish")).format(results));
if (problems.length > 0 || found) process.exitCode = 1;

/** @param {import("typescript").Diagnostic} problem */
function report(problem) {
  console.error(
    ts.formatDiagnostic(problem, { ...ts.sys, getCanonicalFileName: (name) => name, getNewLine: () => "\n" }),
  );
}
