import { folderObjects } from "../adapters/local/folder-objects.ts";
import type { TableKeys } from "../contract/transact-action.ts";
import { signalData } from "../engine/signals.ts";
import { PawlError } from "../errors.ts";
import { type Duration, durationMs } from "../model/duration.ts";
import type { Json } from "../model/json.ts";
import type { Workflow } from "../model/types.ts";
import { type HandlerMap, InProcessHandlers } from "../node/in-process.ts";
import type { Handlers } from "../ports/handlers.ts";
import { handOutForTests } from "./test-step.ts";
import { printHistory } from "./world/history.ts";
import { singleFaults } from "./world/placements.ts";
import { type Asked, NOTHING_WRONG, type Plan, printFault } from "./world/plan.ts";
import { print } from "./world/replay.ts";
import { type Scenario, World } from "./world/world.ts";

export interface CrashOptions<I> {
  /** One for each node. A function gives fresh ones to each run, for handlers that remember something. */
  readonly handlers: HandlerMap | (() => HandlerMap);
  readonly input: I;
  /** Keys of the tables that `step.transact` writes to, where they are not `pk`, or `pk` and `sk`. */
  readonly tables?: TableKeys;
  /** A folder that stands for Amazon S3, of a state machine that reads items from there: each folder in it is a bucket. */
  readonly s3?: string;
  /** What it is told while it runs; the same in each run. */
  readonly signals?: readonly CrashSignal[];
  /**
   * Default true: handlers, and functions of the workflow, answer alike when they are asked again, so that every run is
   * to end as the one without faults. False: each may end as its own answers say.
   */
  readonly deterministic?: boolean;
  /** Told after each run. */
  readonly onProgress?: (progress: { readonly runs: number; readonly of: number }) => void;
}

/** A signal that is sent to the execution, once. */
export interface CrashSignal {
  /** Its contract's name. */
  readonly signal: string;
  readonly data: Json;
  /** So long after the start, in virtual time. Default at once. Its data waits for whoever asks for it. */
  readonly after?: Duration;
}

/** All went well. */
export interface CrashReport {
  /** Each with one fault, and one without. */
  readonly runs: number;
  /** Port calls of the run without faults, each of which something befell in turn. */
  readonly calls: number;
  /** Messages of the run without faults. */
  readonly messages: number;
  /** How often a worker died, in all runs together. */
  readonly deaths: number;
}

/** As they are deployed: clocks that are off, headers read without consistency, values that travel. */
const DEPLOYED: Omit<Plan, "faults"> = {
  skewsMs: [0, 30_000, -30_000],
  glanceLagMs: 1_000,
  carryBytes: 32 * 1024,
};

/**
 * Runs a workflow in memory and virtual time as on AWS, once without faults and then once for each single fault: the
 * worker dies before or after a port call (each write and read of the step log, each message, each handler); the call is
 * refused, or takes so long that the worker wakes long after its lease has ended; a message comes twice, or late. Looks
 * each time that every step settles once, that nothing runs which no recorded decision leads to, that nothing is left
 * undone, and that the execution ends as it does without faults.
 *
 * A run takes a millisecond or so besides what the handlers take: they really run, some of them more than once.
 *
 * @throws PawlError `invariant_broken` with the first history that breaks a rule, as a timeline; `invalid_input`,
 *   `handlers_mismatch`, `invalid_handler`, `unknown_signal`, `invalid_signal`, `usage`
 * @example
 * await crashEverywhere(order, { handlers: { reserve, charge, ship }, input: anOrder });
 */
export async function crashEverywhere<I, O>(workflow: Workflow<I, O>, options: CrashOptions<I>): Promise<CrashReport> {
  const { deterministic = true, onProgress } = options;
  const { program } = workflow;
  const name = program.graph.workflow;
  const scenario: Scenario = {
    programs: [program],
    start: { workflow: name, id: "1", input: options.input as Json }, // looked at when it starts
    handlers: () => handlersOf(workflow, options.handlers),
    alike: deterministic,
    ...(options.tables && { tables: options.tables }),
    ...(options.s3 !== undefined && { objects: folderObjects(options.s3) }),
  };
  const { signals = [] } = options;
  for (const signal of signals) signalData(program, signal);
  const asked = signals.map(askedOf);
  const run = async (plan: Plan, what: string, wanted?: string): Promise<World> => {
    const world = await new World(scenario, { ...DEPLOYED, asked, ...plan }).run();
    const problems = [...world.wrong];
    const end = endOf(world);
    if (deterministic && wanted !== undefined && end !== wanted)
      problems.push(`it ends with ${end}, and without faults with ${wanted}`);
    if (problems.length > 0) throw broken(name, { what, problems, world });
    return world;
  };

  const first = await run(NOTHING_WRONG, "without any fault");
  const { calls, messages } = first;
  const wanted = endOf(first);
  await run(NOTHING_WRONG, "without any fault, a second time", wanted);
  const faults = [...singleFaults(first)];
  let { deaths } = first;
  for (const [i, fault] of faults.entries()) {
    const world = await run({ faults: [fault] }, `with ${printFault(fault)}`, wanted);
    deaths += world.deaths;
    onProgress?.({ runs: i + 1, of: faults.length });
  }
  return { runs: faults.length + 1, calls, messages, deaths };
}

function askedOf({ signal, data, after }: CrashSignal, index: number): Asked {
  const afterMs = after === undefined ? 0 : durationMs(after);
  if (afterMs === undefined)
    throw new PawlError("usage", `'${String(after)}' is no duration: write "5 minutes"`, { signal });
  return { afterMs, order: { kind: "signal", signal, data, id: String(index) } };
}

function handlersOf<I, O>({ program }: Workflow<I, O>, given: CrashOptions<I>["handlers"]): Handlers {
  const inProcess = new InProcessHandlers(() => {}, handOutForTests);
  inProcess.add(program, typeof given === "function" ? given() : given);
  const handlers: Handlers = inProcess;
  const { nodes } = program.graph;
  return {
    // Virtual time has none for handlers: they have as much of the real one as their node has at most.
    run: (call, remember, beat) =>
      handlers.run({ ...call, timeoutMs: nodes[call.node]?.timeoutMs ?? call.timeoutMs }, remember, beat),
    abort: (execution, scope) => handlers.abort(execution, scope),
    stop: () => handlers.stop(),
  };
}

/** What a caller, or a listener, sees of it. */
function endOf(world: World): string {
  const end = world.end();
  if (!end) return "nothing";
  const { status, error } = end.header;
  const events = new Map(world.events.map(({ id, type, data }) => [id, { type, data }]));
  return print({
    status,
    ...(error && { error: { code: error.code, path: error.path, data: error.data } }),
    ...(end.output !== undefined && { output: end.output }),
    ...(events.size > 0 && { events: [...events.values()].map(print).toSorted() }),
  });
}

interface Broken {
  readonly what: string;
  readonly problems: readonly string[];
  readonly world: World;
}

function broken(workflow: string, { what, problems, world }: Broken): PawlError {
  return new PawlError(
    "invariant_broken",
    `'${workflow}' ${what}:\n- ${problems.join("\n- ")}\n\n${printHistory(world.history)}\n`,
    { workflow, what, problems, plan: world.plan },
  );
}
