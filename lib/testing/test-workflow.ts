import { randomUUID } from "node:crypto";
import { MemoryStore } from "../adapters/memory/store.ts";
import { SingleProcessEventBus } from "../adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../adapters/single-process/step-log.ts";
import { SingleProcessTransport } from "../adapters/single-process/transport.ts";
import { Engine } from "../engine/engine.ts";
import type { ExecutionView } from "../engine/inspect.ts";
import { PawlError } from "../errors.ts";
import { hasEnded } from "../kernel/record.ts";
import type { EventOf } from "../model/contracts.ts";
import type { Json } from "../model/json.ts";
import type { Workflow } from "../model/types.ts";
import { type HandlerMap, InProcessHandlers } from "../node/in-process.ts";
import type { Rules } from "../ports/event-bus.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface TestOptions {
  /** One for each node: the real ones, or others made with `implement`. */
  readonly handlers: HandlerMap;
}

/** How an execution ended, with what happened on the way. */
export interface TestExecution<O = unknown> extends Omit<ExecutionView, "output"> {
  readonly output: O | null;
  /** The events that it emitted. */
  readonly emitted: readonly EventOf[];
  /** Lines of `step.log`. */
  readonly logged: readonly { readonly path: string; readonly message: string; readonly data?: Json }[];
}

export interface WorkflowTest<I, O> {
  /**
   * Starts an execution and runs it to its end. Retries and other waiting take no time: the clock jumps.
   *
   * @throws PawlError `invalid_input`, `still_running`
   */
  start(input: I, options?: { readonly id?: string }): Promise<TestExecution<O>>;
  readonly clock: VirtualClock;
}

/** More jumps of the clock than any execution needs: what still waits then, waits for ever. */
const MOST_JUMPS = 10_000;

/** A workflow on the real engine, in memory, in virtual time. */
export async function testWorkflow<I, O>(workflow: Workflow<I, O>, options: TestOptions): Promise<WorkflowTest<I, O>> {
  const clock = new VirtualClock();
  const logged: { execution: string; path: string; message: string; data?: Json }[] = [];
  const handlers = new InProcessHandlers(({ step, ...line }) => {
    logged.push({ execution: step.execution, path: step.path, ...line });
  });
  const { program } = workflow;
  handlers.add(program, options.handlers);

  const store = new MemoryStore();
  const log = new SingleProcessStepLog(store);
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const transport = new SingleProcessTransport({ store, clock, concurrency: 1000, onError });
  const bus = new Recorder(new SingleProcessEventBus(transport));
  const engine = new Engine({ log, transport, bus, handlers, clock });
  await engine.add(program);

  return {
    clock,
    async start(input, { id = randomUUID() } = {}) {
      const name = { workflow: program.graph.workflow, id };
      const from = bus.events.length;
      await engine.start(name.workflow, { id, input });
      for (let jumps = 0; ; jumps++) {
        await transport.idle();
        const header = await log.header(name);
        if (header && hasEnded(header)) break;
        const next = clock.next();
        if (next === undefined || jumps === MOST_JUMPS)
          throw new PawlError("still_running", `${name.workflow}/${id} does not end`, {}, errors[0]);
        clock.moveTo(next);
      }
      const view = await engine.show(name);
      const own = (line: { execution: string }) => line.execution === view.execution;
      return { ...view, output: view.output as O | null, emitted: bus.events.slice(from), logged: logged.filter(own) };
    },
  };
}

class Recorder implements Rules {
  readonly events: EventOf[] = [];
  readonly #bus: Rules;
  constructor(bus: Rules) {
    this.#bus = bus;
  }
  put(events: readonly EventOf[]): Promise<void> {
    this.events.push(...events);
    return this.#bus.put(events);
  }
  subscribe(...rule: Parameters<Rules["subscribe"]>): void {
    this.#bus.subscribe(...rule);
  }
}
