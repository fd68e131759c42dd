/** Test files run in a folder by a vitest of their own, and what failed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";

export interface Failure {
  /** `test/crash/zombie.test.ts: a dead letter of a step that is held is put off` */
  readonly test: string;
  readonly message: string;
}
export interface Ran {
  /** In the order in which they began. */
  readonly failures: readonly Failure[];
  readonly passed: number;
  /** The tests could not be run, or not to their end. */
  readonly problem: string | undefined;
}

/** More than any of these files takes by far: the fault has made one of them run for ever. */
const MOST_MS = 180_000;

const Report = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      status: z.string(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          startTime: z.number().nullish(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

export async function runTests(
  folder: string,
  files: readonly string[],
  { bail }: { readonly bail: boolean },
): Promise<Ran> {
  const report = join(folder, ".cache/report.json");
  rmSync(report, { force: true });
  const wire = files.some((file) => file.startsWith("test/wire/"));
  const args = ["run", "--project=here", ...(wire ? ["--project=wire"] : []), "--typecheck.enabled=false"];
  const reporters = ["--reporter=json", `--outputFile=${report}`];
  // One at a time where the first failure is the last test: another file's would be thrown away.
  const stop = bail ? ["--bail=1", "--no-file-parallelism"] : [];
  const vitest = join(folder, "node_modules/vitest/vitest.mjs");
  const said = await end([vitest, ...args, ...reporters, ...stop, ...files], folder);
  if (!existsSync(report)) return { failures: [], passed: 0, problem: said };
  const { numPassedTests, testResults } = Report.parse(JSON.parse(readFileSync(report, "utf8")));
  const failed = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map((test) => ({
        startTime: test.startTime ?? Number.POSITIVE_INFINITY,
        test: `${relative(folder, name)}: ${test.fullName}`,
        message: test.failureMessages?.[0] ?? "",
      })),
  );
  const broken = testResults.find(({ status, assertionResults: all }) => status === "failed" && all.length === 0);
  return {
    failures: failed.toSorted((a, b) => a.startTime - b.startTime).map(({ test, message }) => ({ test, message })),
    passed: numPassedTests,
    problem: broken && `${relative(folder, broken.name)} does not load: ${broken.message}`,
  };
}

/** Resolves when the process has ended, with the end of what it said. */
async function end(args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, SHRINK: "no", NO_COLOR: "1" };
  // A group of its own, so that the workers end with it.
  const child = spawn(process.execPath, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void (child.pid && process.kill(-child.pid, "SIGKILL"));
  process.once("exit", kill);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, MOST_MS);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
  await once(child, "close");
  clearTimeout(timer);
  process.off("exit", kill);
  return late ? `the tests took longer than ${MOST_MS / 1000} s` : said.trim();
}
