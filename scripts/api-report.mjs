// @ts-check
// The public surface of each entry as a file under docs/api, so that a change of it is a diff to review. Reads dist/.
//   node scripts/api-report.mjs            fails when a report is not what dist/ says
//   node scripts/api-report.mjs --update   writes the reports
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const root = fileURLToPath(new URL("..", import.meta.url));
const update = process.argv.includes("--update");
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const none = { logLevel: ExtractorLogLevel.None, addToApiReportFile: false };
// What an entry's signatures mention and nobody can import is part of the surface, and written into the report.
const inReport = { logLevel: ExtractorLogLevel.None, addToApiReportFile: true };

/** @param {string} entry @param {string} types */
function isAsReported(entry, types) {
  const reportFileName = entry === "." ? "pawl" : `pawl-${entry.slice(2)}`;
  const mainEntryPointFilePath = join(root, types);
  if (!existsSync(mainEntryPointFilePath)) {
    console.error(`${types} is missing: run \`npm run build\` first.`);
    return false;
  }
  const config = ExtractorConfig.prepare({
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
  const result = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  if (result.apiReportChanged) {
    const report = `docs/api/${reportFileName}.api.md`;
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
let allAsReported = true;
for (const [entry, target] of Object.entries(exports)) {
  if (target.types && !isAsReported(entry, target.types)) allAsReported = false;
}
process.exitCode = allAsReported ? 0 : 1;
