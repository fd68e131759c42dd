/** Test files run in a folder by a vitest of their own, and what failed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface Failure {
  /** `test/crash/zombie.test.ts: a dead letter > of a step that is held is put off` */
  readonly test: string;
  readonly message: string;
}
export interface Ran {
  /** In the order in which they ended. */
  readonly failures: readonly Failure[];
  readonly passed: number;
  /** The tests could not be run, or not to their end. */
  readonly problem?: string | undefined;
}

/** More than a mutant's files take by far: the fault has made one of them run for ever. */
const MOST_MS = 180_000;

interface Running {
  readonly bail: boolean;
  readonly named?: string | undefined;
  readonly mostMs?: number;
}

export async function runTests(
  folder: string,
  files: readonly string[],
  { bail, named, mostMs = MOST_MS }: Running,
): Promise<Ran> {
  const report = join(folder, ".cache/report.json");
  rmSync(report, { force: true });
  const wire = files.some((file) => file.startsWith("test/wire/"));
  const args = ["run", "--project=here", ...(wire ? ["--project=wire"] : []), "--typecheck.enabled=false"];
  // One at a time where the first failure is the last test: another file's would be thrown away.
  const stop = bail ? ["--bail=1", "--no-file-parallelism"] : [];
  const vitest = join(folder, "node_modules/vitest/vitest.mjs");
  const reporter = `--reporter=${join(folder, "test/mutants/reporter.ts")}`;
  const only = named === undefined ? [] : [`--testNamePattern=${named}`];
  const said = await end([vitest, ...args, ...stop, ...only, reporter, ...files], { folder, report, mostMs });
  if (!existsSync(report)) return { failures: [], passed: 0, problem: said };
  return JSON.parse(readFileSync(report, "utf8")) as Ran; // as reporter.ts has just written it
}

/** Resolves when the process has ended, with the end of what it said. */
async function end(
  args: readonly string[],
  { folder: cwd, report, mostMs }: { readonly folder: string; readonly report: string; readonly mostMs: number },
): Promise<string> {
  const quiet = { SHRINK: "no", NO_COLOR: "1", MUTANT_REPORT: report };
  // The cache lies in node_modules, which is not ours alone, and a mutant's modules are of no use to anybody else.
  const env = { ...process.env, ...quiet, VITEST_FS_MODULE_CACHE: "false" };
  // A group of its own, so that the workers end with it.
  const child = spawn(process.execPath, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void (child.pid && process.kill(-child.pid, "SIGKILL"));
  process.prependOnceListener("exit", kill); // before their folder goes
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, mostMs);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
  await once(child, "close");
  clearTimeout(timer);
  process.off("exit", kill);
  return late ? `the tests took longer than ${mostMs / 1000} s` : said.trim();
}
