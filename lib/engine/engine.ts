/** An engine: ports wired to the work that each queue's messages mean, and the way in and out for those beside it. */
import type { Envelope, EnvelopeOf } from "../contract/envelope.ts";
import { controlQueue, type ExecutionName, nodeQueue, printExecution } from "../contract/ids.ts";
import { PawlError } from "../errors.ts";
import type { Header, StepError } from "../kernel/record.ts";
import type { EventOf } from "../model/contracts.ts";
import type { Json } from "../model/json.ts";
import { type Program, servedNodes } from "../model/program.ts";
import type { Rules } from "../ports/event-bus.ts";
import type { ExecutionQuery } from "../ports/step-log.ts";
import type { Delivery, Outcome, Queues } from "../ports/transport.ts";
import { ask, type Controlled, LOOK_ON_MS } from "./ask.ts";
import { receiveStep } from "./attempt.ts";
import { type Context, DEFAULT_LIMITS, type Limits, type Ports } from "./context.ts";
import { receiveControl, startMessage, startOf } from "./control.ts";
import { isAtRest } from "./ends.ts";
import { Generations } from "./generation-log.ts";
import { type ExecutionView, outputOf, readView } from "./inspect.ts";
import { type MapOutputs, type OutputsQuery, readOutputs } from "./map-outputs.ts";
import { Programs } from "./programs.ts";
import { controlMessage, type SingleRequest, unknownExecution } from "./requests.ts";
import { Schedules } from "./schedules.ts";
import { whyOf } from "./summary.ts";

/** An engine receives by itself, and tells its bus who wants what. */
export interface EnginePorts extends Ports {
  readonly transport: Queues;
  readonly bus: Rules;
}

/** An inline segment hands over to the queues after this long, as in a Lambda near its end. */
const SEGMENT_MS = 10 * 60_000;

/** A start is in the control queue before it is in the log. */
const START_MS = 2_000;

export interface Accepted {
  readonly execution: string;
  /** False: it had been started before, and nothing new was. */
  readonly started: boolean;
}

export interface Ended {
  readonly execution: string;
  readonly status: Header["status"];
  readonly output?: Json;
  readonly error?: StepError;
}

export class Engine {
  readonly #context: Context & EnginePorts;
  readonly #schedules: Schedules;
  readonly #waiters = new Map<string, Set<() => void>>();
  #stopped = false;
  readonly #listeners = new Set<(header: Header) => void>();

  constructor(ports: EnginePorts, limits: Partial<Limits> = {}) {
    this.#context = {
      ...ports,
      limits: { ...DEFAULT_LIMITS, ...limits },
      programs: new Programs(ports.log),
      generations: new Generations(ports.log),
      deadlineMs: () => ports.clock.now() + SEGMENT_MS,
      ended: (header) => void this.#ended(header),
    };
    this.#schedules = new Schedules(ports);
  }

  /**
   * Takes workflows in, or their newer versions, and begins to receive their messages. Those that belong together are
   * taken in together: an event that one sends before another is known goes nowhere.
   */
  async add(...newer: readonly Program[]): Promise<void> {
    const { programs, transport, bus, log } = this.#context;
    for (const program of newer) programs.add(program);
    for (const { hash, graph } of newer) await log.putGraph(hash, graph);
    for (const { graph } of newer) if (graph.trigger) bus.subscribe(graph.workflow, graph.trigger.event);
    for (const program of newer) {
      const { graph } = program;
      for (const node of Object.keys(servedNodes(program)))
        transport.consume(nodeQueue(graph.workflow, node), (d) => this.#step(d));
      transport.consume(controlQueue(graph.workflow), (d) => receiveControl(this.#context, d));
    }
    for (const { graph } of newer) this.#schedules.set(graph);
  }

  workflows(): readonly Program[] {
    return this.#context.programs.all();
  }

  /**
   * Starts an execution, once per id, and resolves when the start is on disk.
   *
   * @throws PawlError `unknown_workflow`, `invalid_input`, `invalid_id`, `payload_too_large`, `storage_failed`
   */
  async start(workflow: string, of: { readonly id: string; readonly input: unknown }): Promise<Accepted> {
    const { programs, log, transport, limits } = this.#context;
    const message = startMessage(programs.newest(workflow), { ...of, trigger: { kind: "direct" } }, limits);
    const execution = printExecution(message);
    const started = !(await log.header(message));
    if (started) await transport.send([{ queue: controlQueue(workflow), envelope: message }]);
    await log.sync();
    return { execution, started };
  }

  /**
   * Puts an event on the bus. What it starts is known by the workflows' keys.
   *
   * @throws PawlError `unmatched_event`, `invalid_event`, `invalid_id`, `payload_too_large`, `storage_failed`
   */
  async sendEvent(event: EventOf): Promise<readonly Accepted[]> {
    const { programs, bus, log, limits } = this.#context;
    const wanting = programs.all().filter(({ graph: { trigger } }) => {
      return trigger?.event.source === event.source && trigger.event.type === event.type;
    });
    if (wanting.length === 0) {
      const known = programs
        .all()
        .flatMap(({ graph: g }) => (g.trigger ? [`${g.trigger.event.source} ${g.trigger.event.type}`] : []));
      throw new PawlError(
        "unmatched_event",
        `the event ${event.id} (${event.source} ${event.type}) starts no workflow; they listen to: ${known.join(", ") || "nothing"}`,
        { event: event.id, source: event.source, type: event.type },
      );
    }
    // Looked at before it is put, so that the sender hears at once what would otherwise become a dead letter.
    const starts: EnvelopeOf<"start">[] = wanting.map((program) => startOf(program, event, limits));
    const accepted: Accepted[] = [];
    for (const start of starts)
      accepted.push({ execution: printExecution(start), started: !(await log.header(start)) });
    await bus.put([event]);
    await log.sync();
    return accepted;
  }

  /**
   * Asks something of an execution, and resolves when the request is on disk; false: it is so already.
   *
   * @throws PawlError `unknown_execution`, `invalid_status`, `invalid_redrive`, `invalid_fork`, `unknown_signal`,
   *   `invalid_signal`, `invalid_input`, `invalid_id`, `payload_too_large`, `usage`, `storage_failed`
   */
  async control(name: ExecutionName, request: SingleRequest): Promise<boolean> {
    const { log, clock, transport, limits } = this.#context;
    const programOf = (header: Header) => this.#programOf(header);
    const asked = { log, clock, payloadBytes: limits.payloadBytes, programOf };
    const envelope = await controlMessage(asked, name, request);
    if (envelope) await transport.send([{ queue: controlQueue(name.workflow), envelope }]);
    await log.sync();
    return envelope !== undefined;
  }

  /**
   * Asks something of an execution, and resolves once its header shows that it was carried out: paused, running again,
   * stopping or cancelled, in the next epoch; a fork once the new execution runs, of which it then tells; a heal or a
   * signal once it is on disk.
   *
   * @param options `timeoutMs`: how long to look on for that; default 30,000
   * @throws PawlError what `control` throws
   */
  ask(name: ExecutionName, request: SingleRequest, options: { readonly timeoutMs?: number } = {}): Promise<Controlled> {
    const {
      limits: { payloadBytes },
      log,
      clock,
      transport,
    } = this.#context;
    const send = (envelope: Envelope) => transport.send([{ queue: controlQueue(name.workflow), envelope }]);
    const { timeoutMs = LOOK_ON_MS } = options;
    const sync = () => log.sync();
    const programOf = (header: Header) => this.#programOf(header);
    const asking = { log, payloadBytes, programOf, clock, send, sync, pauseMs: 5, startMs: START_MS, timeoutMs };
    return ask(asking, name, request);
  }

  /** The execution as it stands, step by step. */
  async show(name: ExecutionName): Promise<ExecutionView> {
    const header = await this.#headerOf(name);
    const program = await this.#programOf(header);
    return readView(this.#context.log, header, program?.graph);
  }

  /**
   * Outputs of a map's items, in their order.
   *
   * @throws PawlError `unknown_execution`, `usage`
   */
  async outputs(name: ExecutionName, query: OutputsQuery): Promise<MapOutputs> {
    const header = await this.#headerOf(name);
    const program = await this.#context.programs.of(header.workflow, header.graph);
    return readOutputs(this.#context.log, { header, graph: program?.graph }, query);
  }

  list(query: ExecutionQuery): Promise<readonly Header[]> {
    return this.#context.log.executions(query);
  }

  /**
   * Resolves when the execution has ended, or is stuck.
   *
   * @throws PawlError `still_running` after `timeoutMs`, `unknown_execution`
   */
  async result(name: ExecutionName, options: { readonly timeoutMs?: number } = {}): Promise<Ended> {
    const execution = printExecution(name);
    const { log, clock } = this.#context;
    let told = Promise.withResolvers<void>();
    const wake = () => told.resolve();
    const waiters = this.#waiters.get(execution) ?? new Set();
    waiters.add(wake);
    this.#waiters.set(execution, waiters);
    let late = false;
    const cancel =
      options.timeoutMs === undefined
        ? () => {}
        : clock.at(clock.now() + options.timeoutMs, () => {
            late = true;
            wake();
          });
    try {
      let header = await log.header(name);
      if (header && isAtRest(header)) await log.sync(); // seen, but perhaps not on disk yet
      // Woken by an end, it may find that the execution was redriven since.
      while (!(header && isAtRest(header)) && !late && !this.#stopped) {
        await told.promise;
        told = Promise.withResolvers<void>();
        header = await log.header(name);
      }
      if (header && isAtRest(header)) return await this.#endOf(header);
      if (!late)
        throw new PawlError(
          "engine_stopped",
          `the engine stopped before ${execution} ended; it goes on at the next start`,
        );
      if (!header) throw unknownExecution(execution);
      throw new PawlError("still_running", `${execution} is still running after ${options.timeoutMs} ms`, {
        execution,
      });
    } finally {
      cancel();
      waiters.delete(wake);
      if (waiters.size === 0) this.#waiters.delete(execution);
    }
  }

  /** Calls back for each execution that ends here, or gets stuck. The result stops it. */
  onEnded(listen: (header: Header) => void): () => void {
    this.#listeners.add(listen);
    return () => this.#listeners.delete(listen);
  }

  /** Receives nothing more, waits for the attempts under way, and lets those who wait for a result go. */
  async stop(): Promise<void> {
    const { transport, handlers, log } = this.#context;
    this.#schedules.stop();
    await transport.stop();
    await handlers.stop();
    await log.sync();
    this.#stopped = true;
    for (const waiters of this.#waiters.values()) for (const wake of waiters) wake();
  }

  async #step(delivery: Delivery): Promise<Outcome> {
    if (delivery.envelope.kind === "step") return receiveStep(this.#context, delivery, delivery.envelope);
    return { kind: "bury", reason: `a message of kind '${delivery.envelope.kind}' in a node's queue` };
  }

  async #ended(header: Header): Promise<void> {
    await this.#onDisk();
    for (const wake of this.#waiters.get(printExecution(header)) ?? []) wake();
    for (const listen of this.#listeners) listen(header);
  }

  /** Nobody is told what is not on disk. A commit that fails is tried again, so whoever waits goes on waiting. */
  async #onDisk(): Promise<void> {
    for (;;) {
      try {
        return await this.#context.log.sync();
      } catch {
        // the adapter has told of it
      }
    }
  }

  async #endOf(header: Header): Promise<Ended> {
    const output = await outputOf(this.#context.log, header);
    const error = whyOf(header);
    return {
      execution: printExecution(header),
      status: header.status,
      ...(output !== undefined && { output }),
      ...(error && { error }),
    };
  }

  #programOf({ workflow, graph }: Header): Promise<Program | undefined> {
    return this.#context.programs.of(workflow, graph);
  }

  async #headerOf(name: ExecutionName): Promise<Header> {
    const header = await this.#context.log.header(name);
    if (header) return header;
    throw unknownExecution(printExecution(name));
  }
}
