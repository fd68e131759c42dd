/**
 * `npm run test:mutants`: breaks the code one rule at a time, in a copy, and shows that a test fails for each. Exits with 1 when
 * none does, when a mutant no longer applies, and when a test fails without any.
 */
import { resolve } from "node:path";
import { Command } from "commander";
import { printTable } from "../../lib/cli/print.ts";
import { failingAlready, judge, type Verdict } from "./judge.ts";
import { mutants } from "./mutants.ts";
import { WorkTree } from "./work-tree.ts";

const AT_ONCE = 2;
const root = resolve(import.meta.dirname, "../..");

const options = new Command("npm run -s test:mutants --")
  .description("Breaks the code one rule at a time, and shows that a test fails for each.")
  .option("--json", "print [{ mutant, caught, by }]", false)
  .option("--only <name...>", "only mutants in whose name this stands")
  .option("--list", "print the mutants and the rules that they break, and run nothing", false)
  .parse()
  .opts<{ readonly json: boolean; readonly only?: readonly string[]; readonly list: boolean }>();

// Through the exit, which ends the tests under way and removes their folders.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const chosen = mutants.filter(({ name }) => options.only?.some((part) => name.includes(part)) ?? true);
if (chosen.length === 0) tell(`There is no such mutant. \`npm run -s test:mutants -- --list\` prints them.`);
process.exitCode = chosen.length === 0 ? 1 : 0;
if (options.list)
  print(
    ["mutant", "the rule that it breaks"],
    chosen.map(({ name, rule }) => [name, rule]),
  );
else if (chosen.length > 0) report(await run());

async function run(): Promise<readonly Verdict[]> {
  const trees = Array.from({ length: Math.min(AT_ONCE, chosen.length) }, () => new WorkTree(root));
  const [first] = trees;
  tell("The tests without any fault …");
  const already = first ? await failingAlready(first, chosen) : new Set<string>();
  for (const test of already) tell(`fails without any fault: ${test}`);
  const verdicts = new Map<string, Verdict>();
  const waiting = [...chosen];
  const work = async (tree: WorkTree) => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const startedMs = performance.now();
      const verdict = await judge(tree, mutant, already);
      verdicts.set(mutant.name, verdict);
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      tell(
        `${verdicts.size}/${chosen.length} ${verdict.caught ? "caught" : "NOT CAUGHT"}: ${mutant.name} (${seconds} s)`,
      );
      if (verdict.caught) tell(`  ${shorter(verdict.why)}`);
    }
  };
  await Promise.all(trees.map(work));
  return chosen.flatMap(({ name }) => verdicts.get(name) ?? []);
}

function report(verdicts: readonly Verdict[]): void {
  const escaped = verdicts.filter(({ caught }) => !caught);
  if (options.json)
    process.stdout.write(
      `${JSON.stringify(
        verdicts.map(({ mutant, caught, by }) => ({ mutant, caught, by })),
        null,
        2,
      )}\n`,
    );
  else
    print(
      ["mutant", "caught", "by"],
      verdicts.map(({ mutant, caught, by }) => [mutant, caught ? "yes" : "NO", by ?? ""]),
    );
  for (const { mutant, why } of escaped) tell(`\nNOT CAUGHT: ${mutant}\n  ${why}`);
  tell(`${verdicts.length - escaped.length} of ${verdicts.length} mutants are caught.`);
  if (escaped.length > 0) process.exitCode = 1;
}

function print(head: readonly string[], rows: readonly string[][]): void {
  process.stdout.write(`${printTable(head, rows)}\n`);
}

/** The first lines of a failure, in one. */
function shorter(message: string): string {
  return message.replace(/\s+/g, " ").slice(0, 240);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
