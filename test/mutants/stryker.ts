/**
 * `npm run test:stryker`: every small change to kernel and contract, one at a time, against the changed module's own unit
 * tests. Exits with 1 when one survives that `survivors.ts` does not explain, and when one that it explains survives no
 * longer.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { hasSurvived, perhapsSurvivorsOf, Report, survivorsOf, without } from "./survivor.ts";
import { explained } from "./survivors.ts";

const root = resolve(import.meta.dirname, "../..");
/** Tests of others that are about the module as well. A module without any test has only types and constants. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  "kernel/route": ["test/unit/kernel/catch.test.ts", "test/unit/kernel/expression.test.ts"],
  "kernel/voids": ["test/unit/kernel/redrive.test.ts"],
  "contract/item-problem": ["test/unit/contract/transact.test.ts"],
  "contract/transact-action": ["test/unit/contract/transact.test.ts"],
};
const tested = globSync("lib/{kernel,contract}/*.ts", { cwd: root })
  .map((file) => file.slice("lib/".length, -".ts".length))
  .filter((name) => testsOf(name).length > 0)
  .toSorted();

const command = new Command("npm run -s test:stryker --")
  .description("Changes kernel and contract in every small way, and shows that a unit test fails for each.")
  .argument("[module...]", `such as ${tested[0]}`)
  .option("--report", "compare what the last run found, and run nothing", false)
  .option("--again", "of what was run before, run only what has changed, and what survived", false)
  .option("--concurrency <n>", "mutants at the same time", "2")
  .parse();
const { report, again, concurrency } = command.opts<{
  readonly report: boolean;
  readonly again: boolean;
  readonly concurrency: string;
}>();
let mutants = 0;
let survivors = 0;
let unexplained = 0;
for (const name of command.args.length > 0 ? command.args : tested) {
  if (!report) run(name);
  compare(name);
}
process.stderr.write(`${mutants} mutants, ${survivors} survive, ${unexplained} of them without an explanation\n`);

/** `route.test.ts`, and `route-flows.test.ts` as well, where there is no module of that name. */
function testsOf(name: string): readonly string[] {
  const own = globSync(`test/unit/${name}{,-*}.test.ts`, { cwd: root });
  const others = own.filter((test) => moduleOf(test) !== `lib/${name}.ts` && existsSync(join(root, moduleOf(test))));
  return [...own.filter((test) => !others.includes(test)), ...(ALSO[name] ?? [])].toSorted();
}
function moduleOf(test: string): string {
  return test.replace(/^test\/unit/, "lib").replace(/\.test\.ts$/, ".ts");
}

/** Stryker itself does not see that a new test may notice what is evaluated when a module is loaded. */
function forgetSurvivors(name: string): void {
  const file = join(root, `.cache/stryker/${name}.incremental.json`);
  if (!existsSync(file)) return;
  const found = JSON.parse(readFileSync(file, "utf8")) as Report;
  for (const one of Object.values(found.files)) one.mutants = one.mutants.filter((it) => !hasSurvived(it));
  writeFileSync(file, JSON.stringify(found));
}

function run(name: string): void {
  const stryker = join(root, "node_modules/@stryker-mutator/core/bin/stryker.js");
  const of = { STRYKER_MODULE: name, STRYKER_TESTS: testsOf(name).join(",") };
  const env = { ...process.env, ...of, SHRINK: "no", VITEST_FS_MODULE_CACHE: "false" };
  // Its results are kept for `--again` in any case.
  const args = [stryker, "run", "test/mutants/stryker.config.mjs", "--incremental", "--concurrency", concurrency];
  if (again) forgetSurvivors(name);
  else args.push("--force");
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
}

function compare(name: string): void {
  const found = Report.parse(JSON.parse(readFileSync(join(root, `.cache/stryker/${name}.json`), "utf8")));
  const survived = survivorsOf(found);
  const known = explained.filter(({ file }) => file === `lib/${name}.ts`);
  const fresh = without(survived, known);
  const gone = without(known, perhapsSurvivorsOf(found));
  for (const one of fresh) tell("survives, and nothing explains it", one);
  for (const one of gone) tell("is explained, and does not survive", one);
  mutants += Object.values(found.files).flatMap((file) => file.mutants).length;
  survivors += survived.length;
  unexplained += fresh.length;
  if (fresh.length + gone.length > 0) process.exitCode = 1;
}

function tell(what: string, survivor: object): void {
  process.stderr.write(`${what}: ${JSON.stringify(survivor, null, 2)}\n`);
}
