// @ts-check
// The public surface of each entry as a file under docs/api, so that a change of it is a diff to review. Reads dist/.
//   node scripts/api-report.mjs            fails when a report is not what dist/ says
//   node scripts/api-report.mjs --update   writes the reports
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const root = fileURLToPath(new URL("..", import.meta.url));
const update = process.argv.includes("--update");
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const none = { logLevel: ExtractorLogLevel.None, addToApiReportFile: false };
// What an entry's signatures mention and nobody can import is part of the surface, and written into the report.
const inReport = { logLevel: ExtractorLogLevel.None, addToApiReportFile: true };

/** @param {string} entry @param {string} types */
function configOf(entry, types) {
  const reportFileName = entry === "." ? "pawl" : `pawl-${entry.slice(2)}`;
  const mainEntryPointFilePath = join(root, types);
  return ExtractorConfig.prepare({
    configObjectFullPath: join(root, "api-extractor.json"),
    packageJsonFullPath: join(root, "package.json"),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath,
      compiler: { overrideTsconfig: compilerOptions },
      newlineKind: "lf",
      apiReport: {
        enabled: true,
        reportFileName,
        reportFolder: join(root, "docs/api"),
        reportTempFolder: join(root, ".cache/api"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: none, "ae-forgotten-export": inReport },
        tsdocMessageReporting: { default: none },
      },
    },
  });
}

/** @param {ExtractorConfig} config @param {CompilerState} compilerState */
function isAsReported(config, compilerState) {
  const result = Extractor.invoke(config, {
    localBuild: update,
    compilerState,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  if (result.apiReportChanged) {
    const report = relative(root, config.reportFilePath);
    if (update) console.log(`${report} written`);
    else console.error(`${report} differs from the code. Is the change meant? Then run \`npm run api\` and commit it.`);
  }
  return result.errorCount === 0 && (update || !result.apiReportChanged);
}

const compilerOptions = {
  compilerOptions: {
    target: "es2024",
    lib: ["es2024"],
    module: "nodenext",
    strict: true,
    types: ["node"],
    skipLibCheck: true,
  },
  include: ["dist/**/*.d.ts"],
};

mkdirSync(join(root, "docs/api"), { recursive: true });
const entries = Object.entries(exports).flatMap(([entry, { types }]) => (types ? [{ entry, types }] : []));
const missing = entries.filter(({ types }) => !existsSync(join(root, types)));
for (const { types } of missing) console.error(`${types} is missing: run \`npm run build\` first.`);
if (missing.length > 0) process.exit(1);
const configs = entries.map(({ entry, types }) => configOf(entry, types));
const [first] = configs;
if (!first) throw new Error("package.json exports nothing that has types");
// One program for all entries: each of its own would read other packages' declarations again.
const additionalEntryPoints = configs.map((config) => config.mainEntryPointFilePath);
const compilerState = CompilerState.create(first, { additionalEntryPoints });
const asReported = configs.map((config) => isAsReported(config, compilerState));
process.exitCode = asReported.every(Boolean) ? 0 : 1;
