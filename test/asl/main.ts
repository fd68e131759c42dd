/** `npm run -s test:asl -- --dir DIR`: state machines whose executions are known, run here and compared. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { casesIn, type FoundCase, ownCases, recordedCases } from "./cases-in.ts";
import { count, printReport } from "./report.ts";
import { type Ran, runCases } from "./run-cases.ts";

const HELP = `Runs state machines in Amazon States Language whose executions are known, and compares status, output, error,
cause, the states entered and the calls of functions.

  npm run -s test:asl -- [--dir DIR] [--only TEXT] [--target aws] [--json]

  --dir DIR     a folder of cases, as shared/cases/asl/README.md describes them; where it is absent, and where none is
                given and none lies beside the repository, the project's own cases run (test/asl/cases)
  --only TEXT   cases with the text in their names, or with a feature of that name
  --target aws  on AWS's wire, against the stand-in: queues, a table, functions in this process. Waiting takes its time.
                Default embedded: in memory, where waiting takes none
  --json        { passed, failed, skipped, cases: [{ name, result, reason }] } instead of a table by feature

Exit code 1: a case failed. 2: it was called in a way that it does not understand.
`;

/** Sleeps of functions included. */
const MOST_MS = 60_000;

interface Called {
  readonly dir?: string;
  readonly only?: string;
  readonly target?: string;
  readonly json?: boolean;
  readonly help?: boolean;
}

async function main({ dir, only, target = "embedded", json, help }: Called): Promise<number> {
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (target !== "aws" && target !== "embedded") throw new TypeError(`'${target}' is no target: aws, embedded`);
  const all = casesIn(folderOf(dir));
  const cases = all.filter(
    ({ name, features }) => only === undefined || name.includes(only) || features.includes(only),
  );
  const ran = await (target === "aws" ? onStandIn(cases) : runCases({ cases, lanes: 1, mostMs: MOST_MS }));
  if (json) {
    const [passed, failed, skipped] = [count(ran, "passed"), count(ran, "failed"), count(ran, "skipped")];
    console.log(JSON.stringify({ passed, failed, skipped, cases: ran }, null, 1));
  } else console.log(printReport(cases, ran));
  return count(ran, "failed") > 0 ? 1 : 0;
}

function folderOf(dir: string | undefined): string {
  const wanted = dir === undefined ? recordedCases : resolve(dir);
  if (existsSync(wanted)) return wanted;
  const absent = dir ?? "the folder of recorded cases";
  console.error(`${absent} is absent: these are the project's own cases, test/asl/cases`);
  return ownCases;
}

async function onStandIn(cases: readonly FoundCase[]): Promise<readonly Ran[]> {
  const [{ install }, { startServer }] = await Promise.all([
    import("../support/aws/install.ts"),
    import("../support/aws/server.ts"),
  ]);
  const installation = install();
  if (installation.kind === "absent") throw new Error(`there is no stand-in: ${installation.reason}`);
  const server = await startServer(installation.python);
  try {
    return await runCases({ cases, lanes: 6, mostMs: 2 * MOST_MS, endpoint: server.endpoint });
  } finally {
    await server.stop();
  }
}

const options = {
  dir: { type: "string" },
  only: { type: "string" },
  target: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
try {
  process.exitCode = await main(parseArgs({ options }).values);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}
