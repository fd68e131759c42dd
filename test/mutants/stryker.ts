/**
 * `npm run test:stryker`: every small change to kernel and contract, one at a time, against their unit tests. Exits with 1 when one
 * survives that `survivors.ts` does not explain, and when one that it explains survives no longer.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { Report, survivorsOf, without } from "./survivor.ts";
import { explained } from "./survivors.ts";

const root = resolve(import.meta.dirname, "../..");
const PARTS = ["contract", "kernel"];

const command = new Command("npm run -s test:stryker --")
  .description("Changes kernel and contract in every small way, and shows that a unit test fails for each.")
  .argument("[part...]", `of lib: ${PARTS.join(", ")}`, PARTS)
  .option("--report", "compare what the last run found, and run nothing", false)
  .parse();
const { report } = command.opts<{ readonly report: boolean }>();
for (const part of command.args.length > 0 ? command.args : PARTS) {
  if (!report) run(part);
  compare(part);
}

function run(part: string): void {
  const stryker = join(root, "node_modules/@stryker-mutator/core/bin/stryker.js");
  const env = { ...process.env, STRYKER_PART: part, SHRINK: "no", VITEST_FS_MODULE_CACHE: "false" };
  const args = [stryker, "run", "test/mutants/stryker.config.mjs"];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
}

function compare(part: string): void {
  const found = Report.parse(JSON.parse(readFileSync(join(root, `.cache/stryker-${part}.json`), "utf8")));
  const survivors = survivorsOf(found);
  const known = explained.filter(({ file }) => file.startsWith(`lib/${part}/`));
  const fresh = without(survivors, known);
  const gone = without(known, survivors);
  for (const one of fresh) console.error(`survives, and nothing explains it: ${JSON.stringify(one, null, 2)}`);
  for (const one of gone) console.error(`is explained, and does not survive: ${JSON.stringify(one, null, 2)}`);
  const all = Object.values(found.files).flatMap(({ mutants }) => mutants).length;
  console.error(
    `${part}: ${all} mutants, ${survivors.length} survive, ${fresh.length} of them without an explanation, ${gone.length} explanations of none`,
  );
  if (fresh.length + gone.length > 0) process.exitCode = 1;
}
