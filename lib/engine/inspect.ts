/** An execution as people and programs read it: every state that its recorded decisions lead to, in their order. */
import { parseExecution, printExecution } from "../contract/ids.ts";
import type { Generation } from "../kernel/generation.ts";
import type { EndStatus, Header, LogRecord, StepError, TriggerNote } from "../kernel/record.ts";
import { INPUT_REF, recordKeyOf, valueAt } from "../kernel/ref.ts";
import type { Graph } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { StepLog } from "../ports/step-log.ts";
import { atOnce } from "./at-once.ts";
import { generationOf } from "./generation-log.ts";
import type { CalledView, StepView } from "./step-view.ts";
import { iso, stepsOf } from "./walk.ts";

export type { CalledView, ItemsView, StepStatus, StepView, WaitView } from "./step-view.ts";

export interface ExecutionView {
  readonly execution: string;
  readonly workflow: string;
  /** The hash of the graph that it runs on. */
  readonly graph: string;
  readonly status: Header["status"];
  /** How often it was redriven, and one more if it is a fork. The steps are those of this generation. */
  readonly epoch: number;
  /** What began it. */
  readonly trigger: TriggerNote;
  readonly input: Json;
  readonly output: Json;
  readonly error: StepError | null;
  /** While it is stopping or stuck: as what it is to end. */
  readonly ending?: EndStatus;
  /** While it is stuck: the undo that came to nothing. */
  readonly stuck?: StepError;
  /** The state of another execution that called it. */
  readonly calledBy?: { readonly execution: string; readonly path: string };
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly steps: readonly StepView[];
}

type Records = ReadonlyMap<string, LogRecord>;

/** An execution's log, and the generation of it that is to be seen. */
interface Logged {
  readonly records: Records;
  readonly generation: Generation;
}

function inspect(header: Header, logged: Logged, graph: Graph | undefined): ExecutionView {
  const records = logged.generation.view(logged.records);
  const at = (ref: string): Json => valueAt(ref, records.get(recordKeyOf(ref))) ?? null;
  return {
    execution: printExecution(header),
    workflow: header.workflow,
    graph: header.graph,
    status: header.status,
    epoch: header.epoch,
    trigger: header.trigger,
    input: at(INPUT_REF),
    output: header.output === undefined ? null : at(header.output),
    error: header.error ?? null,
    startedAt: iso(header.startedAtMs) ?? "",
    endedAt: iso(header.endedAtMs),
    ...besides(header),
    steps: graph
      ? stepsOf({ ...logged, execution: header, graph, records, parked: parkedIn(header, logged.records) })
      : [],
  };
}

function besides({ status, ending, stuck, trigger }: Header): Pick<ExecutionView, "ending" | "stuck" | "calledBy"> {
  return {
    ...(ending && (status === "stopping" || status === "stuck") && { ending }),
    ...(stuck && status === "stuck" && { stuck }),
    ...(trigger.kind === "call" && { calledBy: { execution: trigger.execution, path: trigger.path } }),
  };
}

/** The execution as its log tells of it now. */
export async function readView(log: Reads, header: Header, graph: Graph | undefined): Promise<ExecutionView> {
  const [generation, records] = await Promise.all([generationOf(log, header, header.epoch), log.list(header)]);
  const view = inspect(header, { records, generation }, graph);
  return { ...view, steps: await withCalled(log, view.steps) };
}
export type Reads = Pick<StepLog, "header" | "read" | "list">;

/** Of so many called executions is told how they stand; those that are waited for come first. */
const MOST_CALLED = 100;

async function withCalled(log: Reads, steps: readonly StepView[]): Promise<readonly StepView[]> {
  const calling = steps.filter(({ called }) => called !== undefined);
  const looked = [...calling].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_CALLED);
  const found = new Map(
    await atOnce(looked, async ({ path, called }) => {
      const header = called && (await log.header(parseExecution(called.execution)));
      return [path, header] as const;
    }),
  );
  return steps.map((step) => (step.called ? withHeader(step, step.called, found.get(step.path)) : step));
}

/** When it was called stands nowhere; it is about when what was called began. */
const withHeader = (step: StepView, called: CalledView, header: Header | undefined): StepView => ({
  ...step,
  ...(!called.detached && { startedAt: iso(header?.startedAtMs) }),
  called: { ...called, status: header?.status ?? null },
});

const rank = ({ status }: StepView): number => (status === "waiting" ? 0 : 1);

export async function outputOf(log: Pick<Reads, "read">, header: Header): Promise<Json | undefined> {
  if (header.output === undefined) return undefined;
  const generation = await generationOf(log, header, header.epoch);
  return valueAt(header.output, await log.read(header, generation.place(recordKeyOf(header.output))));
}

const parkedIn = ({ epoch }: Header, records: Records): ReadonlySet<string> =>
  new Set([...records.values()].flatMap((r) => (r.kind === "parked" && r.epoch === epoch ? [r.path] : [])));
