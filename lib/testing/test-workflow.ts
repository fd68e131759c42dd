import { randomUUID } from "node:crypto";
import { type ExecutionName, emittedEventId, parseExecution } from "../contract/ids.ts";
import type { Item } from "../contract/item-size.ts";
import type { TableKeys } from "../contract/transact-action.ts";
import type { ExecutionView } from "../engine/inspect.ts";
import { type SingleRequest, shownBy } from "../engine/requests.ts";
import { PawlError } from "../errors.ts";
import type { EventOf, SignalContract } from "../model/contracts.ts";
import { type Duration, durationMs } from "../model/duration.ts";
import type { Json } from "../model/json.ts";
import { missingCalls } from "../model/missing-calls.ts";
import type { Workflow } from "../model/types.ts";
import { type HandlerMap, InProcessHandlers } from "../node/in-process.ts";
import type { TestHappening } from "./recorder.ts";
import { handOutForTests } from "./test-step.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import { virtualEngine } from "./virtual-engine.ts";

export interface TestOptions {
  /** One for each node: the real ones, or others made with `implement`. */
  readonly handlers: HandlerMap;
  /** The workflows that it calls, and those that these call. */
  readonly calls?: readonly { readonly workflow: Pick<Workflow, "program">; readonly handlers: HandlerMap }[];
  /** Keys of the tables that `step.transact` writes to, where they are not `pk`, or `pk` and `sk`. */
  readonly tables?: TableKeys;
  /** A folder that stands for Amazon S3, of a state machine that reads items from there: each folder in it is a bucket. */
  readonly s3?: string;
}

/** An execution as it stands, with what happened on the way. */
export interface TestExecution<O = unknown> extends Omit<ExecutionView, "output"> {
  readonly output: O | null;
  /** Paths of the steps that were undone, in the order in which they were. */
  readonly undone: readonly string[];
  /** The events that it emitted. */
  readonly emitted: readonly EventOf[];
  /** Lines of `step.log`. */
  readonly logged: readonly { readonly path: string; readonly message: string; readonly data?: Json }[];
  /** Attempts and decisions in the order in which they ended. */
  readonly history: readonly TestHappening[];
}

export interface WorkflowTest<I, O> {
  /**
   * Starts an execution and runs it to its end. Retries and other waiting take no time: the clock jumps.
   *
   * @throws PawlError `invalid_input`, `still_running`
   */
  start(input: I, options?: { readonly id?: string }): Promise<TestExecution<O>>;
  /**
   * Starts an execution and runs it as far as it comes while time stands still. `advance` passes time, `end` runs it to
   * its end.
   *
   * @throws PawlError `invalid_input`
   */
  begin(input: I, options?: { readonly id?: string }): Promise<TestExecution<O>>;
  /**
   * Passes so much time, with all that falls into it.
   *
   * @throws PawlError `usage` when it is no duration
   */
  advance(duration: Duration): Promise<void>;
  /**
   * Asks something of an execution, which then goes as far as it comes while time stands still. What comes of a fork is
   * the new execution.
   *
   * @throws PawlError `unknown_execution`, `invalid_status`, `invalid_redrive`, `invalid_fork`, `invalid_input`
   */
  control(execution: Pick<TestExecution, "execution">, request: SingleRequest): Promise<TestExecution<O>>;
  /**
   * Sends a signal to an execution, which then goes as far as it comes while time stands still.
   *
   * @param signal its contract, or its name
   * @param options `id`: the same id twice is one signal. Default: a random one
   * @throws PawlError `unknown_execution`, `invalid_status`, `unknown_signal`, `invalid_signal`
   */
  signal<T>(
    execution: Pick<TestExecution, "execution">,
    ...signal: readonly [
      signal: SignalContract<string, T> | string,
      data: NoInfer<T>,
      options?: { readonly id?: string },
    ]
  ): Promise<TestExecution<O>>;
  /** @throws PawlError `unknown_execution` */
  show(execution: Pick<TestExecution, "execution">): Promise<TestExecution<O>>;
  /** @throws PawlError `unknown_execution`, `still_running` when it waits for something that does not come */
  end(execution: Pick<TestExecution, "execution">): Promise<TestExecution<O>>;
  /** What `step.transact` has written into a table, in all executions. */
  items(table: string): readonly Item[];
  readonly clock: VirtualClock;
}

/**
 * A workflow on the real engine, in memory, in virtual time.
 *
 * @throws PawlError `handlers_mismatch`, `invalid_handler`, `unknown_workflow` of one that is called and is not given
 */
export async function testWorkflow<I, O>(workflow: Workflow<I, O>, options: TestOptions): Promise<WorkflowTest<I, O>> {
  const logged: { execution: string; path: string; message: string; data?: Json }[] = [];
  const handlers = new InProcessHandlers(({ step, ...line }) => {
    logged.push({ execution: step.execution, path: step.path, ...line });
  }, handOutForTests);
  const { program } = workflow;
  handlers.add(program, options.handlers);
  const { calls = [] } = options;
  for (const called of calls) handlers.add(called.workflow.program, called.handlers);
  const programs = [program, ...calls.map((called) => called.workflow.program)];
  const [missing] = missingCalls(programs.map(({ graph }) => graph));
  if (missing) throw new PawlError(missing.code, `${missing.message}: give it in \`calls\``, missing.detail);

  const { tables, s3 } = options;
  const { engine, store, bus, clock, idle, end: ended } = await virtualEngine(programs, { handlers, tables, s3 });

  async function show(name: ExecutionName): Promise<TestExecution<O>> {
    const view = await engine.show(name);
    const { execution, steps, epoch } = view;
    const epochs = Array.from({ length: epoch + 1 }, (_, i) => i);
    const own = (line: { execution: string }) => line.execution === execution;
    const ids = new Set(
      steps.flatMap(({ path }) => epochs.map((of) => emittedEventId({ execution, path, epoch: of }))),
    );
    return {
      ...view,
      output: view.output as O | null,
      undone: steps.flatMap(({ undoes, status }) => (undoes !== undefined && status === "succeeded" ? [undoes] : [])),
      emitted: bus.events.filter((event) => ids.has(event.id)),
      logged: logged.filter(own),
      history: [...(store.happenings.get(execution) ?? [])],
    };
  }

  async function begin(input: I, { id = randomUUID() }: { readonly id?: string } = {}): Promise<ExecutionName> {
    const name = { workflow: program.graph.workflow, id };
    await engine.start(name.workflow, { id, input });
    await idle();
    return name;
  }

  async function end(name: ExecutionName): Promise<TestExecution<O>> {
    await ended(name);
    return show(name);
  }

  async function control(execution: string, request: SingleRequest): Promise<TestExecution<O>> {
    const name = parseExecution(execution);
    await engine.control(name, request);
    await idle();
    return show(shownBy(name, request));
  }

  return {
    clock,
    items: (table) => store.items(table),
    start: async (input, of) => end(await begin(input, of)),
    begin: async (input, of) => show(await begin(input, of)),
    async advance(duration) {
      const ms = durationMs(duration);
      if (ms === undefined) throw new PawlError("usage", `'${String(duration)}' is no duration: write "5 minutes"`);
      const untilMs = clock.now() + ms;
      await idle();
      for (let next = clock.next(); next !== undefined && next <= untilMs; next = clock.next()) {
        clock.moveTo(next);
        await idle();
      }
      clock.moveTo(untilMs);
    },
    control: ({ execution }, request) => control(execution, request),
    signal: ({ execution }, given, data, { id = randomUUID() } = {}) => {
      const signal = typeof given === "string" ? given : given.signal;
      // The contract says whether it is JSON.
      return control(execution, { kind: "signal", signal, data: data as Json, id });
    },
    show: ({ execution }) => show(parseExecution(execution)),
    end: async ({ execution }) => {
      const name = parseExecution(execution);
      await show(name); // it is there
      return end(name);
    },
  };
}
