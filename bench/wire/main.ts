/**
 * What a chain of ten costs on AWS's wire, and how long a function takes from its process's start to its handler's first
 * line, beside one that does nothing: one JSON object. Against the stand-in, whose own time is in the second.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { printEnvironment } from "../../lib/contract/environment.ts";
import { workflowIn } from "../../lib/lambda/index.ts";
import { bundleLambdas } from "../../lib/project/bundle-lambdas.ts";
import { findHandlersSync } from "../../lib/project/find-handlers.ts";
import { credentials, environment, region } from "../../test/support/aws/environment.ts";
import { runFunctions } from "../../test/support/aws/functions.ts";
import { install } from "../../test/support/aws/install.ts";
import { recordOf } from "../../test/support/aws/poller.ts";
import { startServer } from "../../test/support/aws/server.ts";
import { TestPlatform } from "../../test/support/aws/test-platform.ts";
import { handler } from "./chain/work.ts";
import { chain } from "./chain/workflow.ts";

const STEPS = 10;
const COLD_STARTS = 9;
const run = promisify(execFile);
const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
const input = { text: "x".repeat(1_000) };
const root = resolve(import.meta.dirname, "../..");
const workflow = workflowIn({ chain });
const startOf = (id: string) => ({
  queue: "chain",
  envelope: {
    ...{ kind: "start" as const, v: 1 as const, workflow: "chain", id, trigger: { kind: "direct" as const } },
    input,
  },
});

const installation = install();
if (installation.kind === "absent") throw new Error(`there is no stand-in: ${installation.reason}`);
const server = await startServer(installation.python);
try {
  const aws = { endpoint: server.endpoint, region, credentials, prefix: "" };
  const counted = await requestsOf(await TestPlatform.create(aws));
  const cold = await coldStarts(await TestPlatform.create(aws), server.endpoint);
  process.stdout.write(`${JSON.stringify({ ...counted, ...cold })}\n`);
} finally {
  await server.stop();
}

/** Of the second execution, whose functions are warm. One at a time, so that batches save nothing. */
async function requestsOf(platform: TestPlatform) {
  const functions = await runFunctions(platform, { workflow, handlers: { work: handler }, visibilitySeconds: 60 });
  const before = new Map<string, number>();
  for (const id of ["cold", "warm"]) {
    for (const [of, notes] of functions.requests) before.set(of, notes.length);
    await platform.ports().transport.send([startOf(id)]);
    await functions.ended({ workflow: "chain", id });
    await functions.quiet();
  }
  await functions.stop();
  const own = [...functions.requests].flatMap(([of, notes]) => notes.slice(before.get(of)));
  const perStep = (of: (note: (typeof own)[number]) => number) => own.reduce((sum, note) => sum + of(note), 0) / STEPS;
  return {
    requestsPerStep: own.length / STEPS,
    writesPerStep: perStep(({ writeUnits }) => writeUnits),
    readsPerStep: perStep(({ readUnits }) => readUnits),
  };
}

async function coldStarts(platform: TestPlatform, endpoint: string) {
  const folder = join(import.meta.dirname, "chain");
  const { program } = workflow;
  const { files } = findHandlersSync({ program, folder }, root);
  const bundle = bundleLambdas({ graph: program.graph, folder, files, root }).get("work");
  if (!bundle) throw new Error("chain has no node 'work' any more");
  const code = mkdtempSync(join(tmpdir(), "pawl-bench-"));
  try {
    mkdirSync(code, { recursive: true });
    for (const [name, bytes] of bundle.files) writeFileSync(join(code, name), bytes);
    const [file] = bundle.handler.split(".");
    const env = { ...environment(endpoint), ...printEnvironment(platform.environment), BENCH_FIRST_LINE: "yes" };
    await platform.createQueues("chain", ["work"], { visibilitySeconds: 60 });
    const { log } = platform.ports();
    const ours: number[] = [];
    const empty: number[] = [];
    const expiresAt = Math.ceil(Date.now() / 1000) + 45 * 86_400;
    for (let i = 0; i < COLD_STARTS; i++) {
      const of = { workflow: "chain", id: `e${i}`, expiresAt };
      await log.open({
        ...{ kind: "header", ...of, graph: program.hash, status: "running", epoch: 0 },
        ...{ trigger: { kind: "direct" }, startedAtMs: Date.now() },
      });
      const prev = "decide/#start!input";
      const envelope = { kind: "step", v: 1, ...of, graph: program.hash, epoch: 0, path: "work", attempt: 1 };
      const message = {
        MessageId: `m${i}`,
        ReceiptHandle: "r",
        Body: JSON.stringify({ ...envelope, bind: { prev }, carry: { [prev]: input } }),
        Attributes: { ApproximateReceiveCount: "1", SentTimestamp: `${Date.now()}` },
      };
      const event = { Records: [recordOf(message, platform.queue("chain.work").arn)] };
      const firstLineMs = async (of: string) => {
        const begunMs = Date.now();
        const { stdout } = await run(
          process.execPath,
          ["--no-warnings", join(import.meta.dirname, "call.mjs"), of, JSON.stringify(event)],
          { env },
        );
        return Number(/^(\d{13})$/m.exec(stdout)?.[1]) - begunMs;
      };
      empty.push(await firstLineMs(join(import.meta.dirname, "empty.mjs")));
      ours.push(await firstLineMs(join(code, `${file}.mjs`)));
    }
    return { coldStartMs: median(ours), emptyStartMs: median(empty) };
  } finally {
    rmSync(code, { recursive: true, force: true });
  }
}
