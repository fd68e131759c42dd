/** Samples into an engine, until nothing moves any more. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseEvent } from "../contract/event-detail.ts";
import { parseExecution } from "../contract/ids.ts";
import { messageOf } from "../errors.ts";
import { ENDED, type Header } from "../kernel/record.ts";
import type { EmbeddedEngine } from "../local/open-engine.ts";
import type { OpenProject } from "../local/open-project.ts";
import { type Moving, progressEveryMs, showProgress } from "./demo-progress.ts";
import type { Round } from "./demo-report.ts";
import type { Expected, Sample } from "./demo-samples.ts";

/** Events that are being sent at once. */
const AT_ONCE = 64;
/** Nothing has moved for so long, retries included: it is not waited for any more. */
const STUCK_MS = 90_000;
const ALL = 1_000_000;

export async function runSamples(open: OpenProject, samples: readonly Sample[], end: Promise<void>): Promise<Round> {
  const { engine, project } = open;
  const names = project.workflows.map(({ program }) => program.graph.workflow);
  let isInterrupted = false;
  void end.then(() => {
    isInterrupted = true;
  });
  const expected = new Map<string, Expected>();
  const problems: string[] = [];
  const progress = showProgress(names);
  const sending = sendAll(engine, samples, { expected, problems });
  let sent = false;
  void sending.then(() => {
    sent = true;
  });
  let seen = "";
  let movedMs = performance.now();
  try {
    for (;;) {
      const headers = await engine.list({ limit: ALL });
      const moving = names.map((name) => movingOf(name, headers, samples));
      progress.update(moving);
      const { ready, inFlight, later } = engine.counts();
      if (sent && ready + inFlight + later === 0 && headers.every(({ status }) => ENDED.has(status))) break;
      const now = JSON.stringify(moving);
      if (now !== seen) movedMs = performance.now();
      seen = now;
      if (isInterrupted || performance.now() - movedMs > STUCK_MS) break;
      await Promise.race([sleep(progressEveryMs()), end]);
    }
    await sending;
  } finally {
    progress.stop();
  }
  for (const { queue, reason } of engine.deadLetters()) problems.push(`a dead letter in the queue ${queue}: ${reason}`);
  const views = [];
  for (const header of await engine.list({ limit: ALL })) views.push(await engine.show(header));
  return { views, expected, problems, interrupted: isInterrupted };
}

function movingOf(workflow: string, headers: readonly Header[], samples: readonly Sample[]): Moving {
  const own = headers.filter((header) => header.workflow === workflow);
  const count = (status: Header["status"]) => own.filter((header) => header.status === status).length;
  return {
    workflow,
    total: Math.max(own.length, samples.filter((sample) => sample.workflow === workflow).length),
    running: count("running") + count("stopping"),
    succeeded: count("succeeded"),
    failed: count("failed"),
  };
}

interface Gathered {
  readonly expected: Map<string, Expected>;
  readonly problems: string[];
}

async function sendAll(engine: EmbeddedEngine, samples: readonly Sample[], gathered: Gathered): Promise<void> {
  for (let i = 0; i < samples.length; i += AT_ONCE)
    await Promise.all(samples.slice(i, i + AT_ONCE).map((sample) => sendOne(engine, sample, gathered)));
}

async function sendOne(engine: EmbeddedEngine, sample: Sample, { expected, problems }: Gathered): Promise<void> {
  const what = `the sample "${sample.name}" of ${sample.workflow}`;
  try {
    const accepted = await engine.sendEvent(parseEvent(sample.event));
    const own = accepted.find(({ execution }) => parseExecution(execution).workflow === sample.workflow);
    if (!own) problems.push(`${what} does not start it, but ${accepted.map(({ execution }) => execution).join(", ")}`);
    else if (expected.has(own.execution)) problems.push(`${what} is ${own.execution}, as another sample is`);
    else expected.set(own.execution, sample.expect);
  } catch (error) {
    problems.push(`${what} is refused: ${messageOf(error)}`);
  }
}
