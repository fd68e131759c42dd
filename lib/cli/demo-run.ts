/** Samples into an engine, until nothing moves any more. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseEvent } from "../contract/event-detail.ts";
import { parseExecution } from "../contract/ids.ts";
import { isAtRest } from "../engine/ends.ts";
import { messageOf } from "../errors.ts";
import type { Header } from "../kernel/record.ts";
import type { EmbeddedEngine } from "../local/open-engine.ts";
import type { OpenProject } from "../local/open-project.ts";
import { tellAll } from "./demo-people.ts";
import { type Moving, progressEveryMs, showProgress } from "./demo-progress.ts";
import type { Round } from "./demo-report.ts";
import type { Expected, Sample } from "./demo-samples.ts";

/** Events that are being sent at once. */
const AT_ONCE = 64;
/** Nothing has moved for so long, retries included: it is not waited for any more. */
const STUCK_MS = 90_000;
/** Every execution has ended, and what is put off for longer than this is of one of them: nothing comes of it. */
const LATER_MS = 1_500;
const ALL = 1_000_000;

export async function runSamples(open: OpenProject, samples: readonly Sample[], end: Promise<void>): Promise<Round> {
  const { engine } = open;
  const over = new AbortController();
  void end.then(() => over.abort());
  const gathered: Gathered = { expected: new Map(), problems: [], people: [], end: over.signal };
  const sending = sendAll(engine, samples, gathered);
  const interrupted = await untilStill(open, { samples, sending, end });
  over.abort(); // whoever has something to say yet says it to nobody
  await sending;
  gathered.problems.push(...(await Promise.all(gathered.people)).flat());
  for (const { queue, reason } of engine.deadLetters())
    gathered.problems.push(`a dead letter in the queue ${queue}: ${reason}`);
  const views = [];
  for (const header of await engine.list({ limit: ALL })) views.push(await engine.show(header));
  const { expected, problems } = gathered;
  return { views, expected, problems, interrupted };
}

interface Underway {
  readonly samples: readonly Sample[];
  readonly sending: Promise<void>;
  readonly end: Promise<void>;
}

/** Shows how the executions move until none does; true: it was interrupted before. */
async function untilStill({ engine, project }: OpenProject, { samples, sending, end }: Underway): Promise<boolean> {
  const names = project.workflows.map(({ program }) => program.graph.workflow);
  const told = { sent: false, interrupted: false };
  void sending.then(() => {
    told.sent = true;
  });
  void end.then(() => {
    told.interrupted = true;
  });
  const progress = showProgress(names);
  let seen = "";
  let movedMs = performance.now();
  try {
    for (;;) {
      const headers = await engine.list({ limit: ALL });
      const moving = names.map((name) => movingOf(name, headers, samples));
      progress.update(moving);
      const now = JSON.stringify(moving);
      if (now !== seen) movedMs = performance.now();
      seen = now;
      const stillMs = performance.now() - movedMs;
      const { ready, inFlight, later } = engine.counts();
      const isDone = told.sent && ready + inFlight === 0 && headers.every(isAtRest);
      if (isDone && (later === 0 || stillMs > LATER_MS)) return false;
      if (told.interrupted || stillMs > STUCK_MS) return told.interrupted;
      await Promise.race([sleep(progressEveryMs()), end]);
    }
  } finally {
    progress.stop();
  }
}

function movingOf(workflow: string, headers: readonly Header[], samples: readonly Sample[]): Moving {
  const own = headers.filter((header) => header.workflow === workflow);
  const count = (status: Header["status"]) => own.filter((header) => header.status === status).length;
  return {
    workflow,
    total: Math.max(own.length, samples.filter((sample) => sample.workflow === workflow).length),
    running: count("running") + count("paused") + count("stopping"),
    succeeded: count("succeeded"),
    failed: count("failed") + count("cancelled") + count("stuck"),
  };
}

interface Gathered {
  readonly expected: Map<string, Expected>;
  readonly problems: string[];
  /** What went wrong with what they tell. */
  readonly people: Promise<readonly string[]>[];
  readonly end: AbortSignal;
}

async function sendAll(engine: EmbeddedEngine, samples: readonly Sample[], gathered: Gathered): Promise<void> {
  for (let i = 0; i < samples.length; i += AT_ONCE)
    await Promise.all(samples.slice(i, i + AT_ONCE).map((sample) => sendOne(engine, sample, gathered)));
}

async function sendOne(engine: EmbeddedEngine, sample: Sample, gathered: Gathered): Promise<void> {
  const { expected, problems } = gathered;
  const what = `the sample "${sample.name}" of ${sample.workflow}`;
  try {
    const accepted = await engine.sendEvent(parseEvent(sample.event));
    const own = accepted.find(({ execution }) => parseExecution(execution).workflow === sample.workflow);
    if (!own) problems.push(`${what} does not start it, but ${accepted.map(({ execution }) => execution).join(", ")}`);
    else if (expected.has(own.execution)) problems.push(`${what} is ${own.execution}, as another sample is`);
    else {
      expected.set(own.execution, sample.expect);
      gathered.people.push(tellAll(engine, own.execution, { people: sample.people ?? [], end: gathered.end }));
    }
  } catch (error) {
    problems.push(`${what} is refused: ${messageOf(error)}`);
  }
}
