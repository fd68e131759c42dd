/** What the evidence of one execution comes to. */
import { hasEnded, type StepRecord } from "../../lib/kernel/record.ts";
import type { Evidence, Run } from "./evidence.ts";
import { REPEATABLE, STEPS } from "./workflows.ts";

export interface Verdict {
  /** Why it counts as lost. */
  readonly lost: readonly string[];
  /** Steps that settled twice, with why. */
  readonly settledTwice: ReadonlyMap<string, string>;
}

export function judge(evidence: Evidence): Verdict {
  const settledTwice = new Map<string, string>();
  const twice = (path: string, why: string) => void (settledTwice.has(path) || settledTwice.set(path, why));
  for (const path of evidence.rewritten) twice(path, "its settled record was written again");
  for (const path of unrecordedFollowed(evidence))
    twice(path, "a step began with an answer of it that is not the recorded one");
  for (const path of ranAgain(evidence)) twice(path, "it began again after it had settled");
  for (const path of surplus(evidence)) twice(path, "it settled beside the branch that was taken");
  return { lost: [...whyLost(evidence)], settledTwice };
}

const isSettled = (step: StepRecord | undefined): step is StepRecord => step?.status === "settled";
const settledIn = ({ steps }: Evidence) => [...steps].filter(([, step]) => isSettled(step));

function* whyLost(evidence: Evidence): Generator<string> {
  const { header, steps, runs } = evidence;
  if (!hasEnded(header)) yield `it is still ${header.status}`;
  const answers = new Map(runs.map(({ answer, path }) => [answer, path]));
  for (const [path, step] of settledIn(evidence))
    if (!step.closed && !step.error && answers.get(String(step.output)) !== path)
      yield `${path} is settled with ${JSON.stringify(step.output)}, which no handler of it has given`;
  for (const path of new Set(runs.map((run) => run.path)))
    if (!isSettled(steps.get(path))) yield `${path} began, and is not settled`;
  const due = STEPS[header.workflow] ?? 0;
  const found = settledIn(evidence).length;
  if (header.status === "succeeded" && found < due) yield `it succeeded with ${found} settled steps of ${due}`;
}

/** A step is followed with what is on disk, so nobody may ever follow another answer. */
function unrecordedFollowed({ runs, steps }: Evidence): ReadonlySet<string> {
  const madeBy = new Map(runs.map(({ answer, path }) => [answer, path]));
  const found = new Set<string>();
  for (const { given } of runs)
    for (const answer of given) {
      const path = madeBy.get(answer);
      if (path !== undefined && steps.get(path)?.output !== answer) found.add(path);
    }
  return found;
}

/** It stood as settled on disk in an earlier life, or another step had begun with its answer. */
function ranAgain({ runs, steps, standing }: Evidence): ReadonlySet<string> {
  const madeBy = new Map<string, string>();
  const followedIn = new Map<string, number>();
  const found = new Set<string>();
  const may = (path: string) => REPEATABLE.has(steps.get(path)?.node ?? "");
  // A handler of an older life than that is a child process that outlived its engine for a moment.
  const after = (run: Run) =>
    run.life > (standing.get(run.path) ?? Infinity) || run.life >= (followedIn.get(run.path) ?? Infinity);
  for (const run of runs) {
    if (after(run) && !may(run.path)) found.add(run.path);
    madeBy.set(run.answer, run.path);
    for (const answer of run.given) {
      const path = madeBy.get(answer);
      if (path !== undefined && !followedIn.has(path)) followedIn.set(path, run.life);
    }
  }
  return found;
}

/** More steps than there can be: a decision that was made twice. */
function surplus(evidence: Evidence): readonly string[] {
  const due = STEPS[evidence.header.workflow] ?? 0;
  return settledIn(evidence)
    .map(([path]) => path)
    .slice(due);
}
