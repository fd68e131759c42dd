/** Whether the tests that a mutant names notice it. */
import { type Mutant, NoLongerApplies } from "./mutant.ts";
import { type Ran, runTests } from "./run-tests.ts";
import type { WorkTree } from "./work-tree.ts";

export interface Verdict {
  readonly mutant: string;
  readonly caught: boolean;
  /** The test that failed first. */
  readonly by: string | null;
  /** What the test said, or why the mutant does not count as caught. */
  readonly why: string;
}

/** The files of all mutants, one after another. */
const MOST_OF_ALL_MS = 60 * 60_000;

/** Tests that fail without any fault prove nothing with one. */
export async function failingAlready(tree: WorkTree, mutants: readonly Mutant[]): Promise<ReadonlySet<string>> {
  const files = [...new Set(mutants.flatMap(({ tests }) => tests))];
  const { failures, problem } = await runTests(tree.folder, files, { bail: false, mostMs: MOST_OF_ALL_MS });
  if (problem !== undefined) throw new Error(`without any fault: ${problem}`);
  return new Set(failures.map(({ test }) => test));
}

export async function judge(tree: WorkTree, mutant: Mutant, already: ReadonlySet<string>): Promise<Verdict> {
  let unplant: () => void;
  try {
    unplant = tree.plant(mutant);
  } catch (error) {
    if (error instanceof NoLongerApplies) return notCaught(mutant, error.message);
    throw error;
  }
  try {
    const how = { bail: already.size === 0, named: mutant.named };
    return verdict(mutant, await runTests(tree.folder, mutant.tests, how), already);
  } finally {
    unplant();
  }
}

function verdict(mutant: Mutant, { failures, passed, problem }: Ran, already: ReadonlySet<string>): Verdict {
  const first = failures.find(({ test }) => !already.has(test));
  if (first && NO_CODE.test(first.message)) return notCaught(mutant, `it is no working code: ${first.message}`);
  if (first) return { mutant: mutant.name, caught: true, by: first.test, why: first.message };
  if (problem !== undefined) return notCaught(mutant, problem);
  if (failures.length > 0) return notCaught(mutant, `fails without it too: ${failures[0]?.test}`);
  if (passed === 0) return notCaught(mutant, "its tests were skipped");
  return notCaught(mutant, `all ${passed} tests pass: ${mutant.tests.join(", ")}`);
}

/** A name that is nowhere defined: any test notices that, whatever it is about. */
const NO_CODE = /ReferenceError|SyntaxError/;

const notCaught = ({ name }: Mutant, why: string): Verdict => ({ mutant: name, caught: false, by: null, why });
