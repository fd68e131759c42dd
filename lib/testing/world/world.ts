/**
 * The cloud in virtual time: the shipped kernel, engine and batch over a log, queues and a bus that a plan controls. Every
 * invocation is a worker of its own, which shares nothing with the others but what is in the log and the queues.
 */
import { SingleProcessStepLog } from "../../adapters/single-process/step-log.ts";
import { controlQueue, type ExecutionName, printExecution } from "../../contract/ids.ts";
import type { TableKeys } from "../../contract/transact-action.ts";
import { DEFAULT_LIMITS } from "../../engine/context.ts";
import { startMessage } from "../../engine/control.ts";
import { controlMessage, type SingleRequest } from "../../engine/requests.ts";
import { messageOf } from "../../errors.ts";
import { type Header, hasEnded, type LogRecord } from "../../kernel/record.ts";
import { recordKeyOf, valueAt } from "../../kernel/ref.ts";
import type { EventOf } from "../../model/contracts.ts";
import type { Json } from "../../model/json.ts";
import type { Objects } from "../../model/objects.ts";
import type { Program } from "../../model/program.ts";
import type { Handlers } from "../../ports/handlers.ts";
import type { OutMessage } from "../../ports/transport.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { Attempts } from "./attempts.ts";
import type { CanBefall } from "./calls.ts";
import { generationsOf } from "./generations.ts";
import type { Happening } from "./history.ts";
import { wrongAtRest } from "./invariants.ts";
import { Invocation, type Surroundings } from "./invocation.ts";
import { Life } from "./life.ts";
import { type Asked, type Fault, NOTHING_WRONG, type Plan } from "./plan.ts";
import { SKEW_MS, visibilityMs } from "./queue-times.ts";
import { type Message, WorldQueues, workflowOf } from "./queues.ts";
import { WatchedStore } from "./watched-store.ts";

export interface Scenario {
  readonly programs: readonly Program[];
  /** What is deployed over them while the execution is under way, if the plan says so. */
  readonly newer?: readonly Program[];
  /** @param sleep passes virtual time */
  readonly handlers: (sleep: (ms: number) => Promise<void>) => Handlers;
  readonly start: { readonly workflow: string; readonly id: string; readonly input: Json };
  /** Keys of the user's tables. */
  readonly tables?: TableKeys;
  /** What stands for Amazon S3. */
  readonly objects?: Objects;
  /** Whether the graph's functions answer alike each time. Default true. */
  readonly alike?: boolean;
}

export interface WorldEnd {
  readonly header: Header;
  readonly output: Json | undefined;
  /** Of the generation that holds. */
  readonly records: ReadonlyMap<string, LogRecord>;
}

/** A client asks again until the execution is known, or gives up. */
const ASK_AGAIN_MS = 60_000;
const MOST_ASKED = 100;
/** More moments than any run comes to: what goes on then, goes on for ever. */
const MOST_MOMENTS = 100_000;

export class World implements Surroundings {
  readonly plan: Plan;
  readonly clock: VirtualClock;
  readonly store: WatchedStore;
  readonly log: SingleProcessStepLog;
  readonly queues: WorldQueues;
  readonly handlers: Handlers;
  readonly attempts: Attempts;
  readonly objects: Objects | undefined;
  /** What happened that never may. */
  readonly wrong: string[] = [];
  readonly history: Happening[] = [];
  readonly events: EventOf[] = [];
  /** For each port call so far. */
  readonly canBefall: CanBefall[] = [];
  deaths = 0;
  readonly #scenario: Scenario;
  readonly #faultsAt = new Map<number, Fault[]>();
  readonly #faultsOf = new Map<number, Fault[]>();
  readonly #poison = new Map<string, number>();
  readonly #stored = new Set<string>();
  #cancelled = false;
  #purged = false;
  #moments = 0;
  #workers = 0;
  #busy = 0;

  constructor(scenario: Scenario, plan: Plan = NOTHING_WRONG) {
    this.#scenario = scenario;
    this.objects = scenario.objects;
    this.plan = plan;
    this.clock = new VirtualClock(undefined, plan.seed);
    const now = () => this.clock.now();
    const wrong = (what: string) => this.#goesWrong(what);
    this.store = new WatchedStore(now, wrong);
    this.log = new SingleProcessStepLog(this.store, scenario.tables);
    const { skewsMs = [0], glanceLagMs = 0 } = plan;
    const leasesHold = Math.max(...skewsMs) - Math.min(...skewsMs) <= SKEW_MS;
    this.attempts = new Attempts(this.store, { now, wrong, glanceLagMs, leasesHold });
    this.handlers = scenario.handlers((ms) => this.#rest(ms));
    this.queues = new WorldQueues({
      now,
      at: (timeMs, call) => this.clock.at(timeMs, call),
      visibilityMs: (queue) => visibilityMs(this.#programFor(queue).graph, queue.split(".")[1]),
      batch: plan.batch ?? 10,
      invoke: (queue, messages) => this.#invoke(queue, messages),
      died: (message) => this.#note({ what: `message ${message.id} becomes a dead letter` }),
    });
    for (const fault of plan.faults) this.#expect(fault);
  }

  /** How many port calls there were, and messages sent. */
  get calls(): number {
    return this.canBefall.length;
  }
  get messages(): number {
    return this.queues.sent;
  }

  /** Starts the execution and goes on until nothing is left to do. */
  async run(): Promise<this> {
    this.#start();
    for (const asked of this.plan.asked ?? []) this.#askLater(asked);
    const asks = [...(this.plan.afterwards ?? [])];
    do await this.#comeToRest();
    while ((await this.#goOn()) || (await this.#ask(asks.shift())));
    await this.#atRest();
    return this;
  }

  end(name: ExecutionName = this.#scenario.start): WorldEnd | undefined {
    const header = this.store.header(printExecution(name));
    if (!header) return undefined;
    const all = this.store.records(printExecution(name));
    const records = generationsOf(all)[header.epoch]?.view(all) ?? all;
    const { output: ref } = header;
    return { header, records, output: ref === undefined ? undefined : valueAt(ref, records.get(recordKeyOf(ref))) };
  }

  // What follows is for invocations.

  nextCall(can: CanBefall): { readonly call: number; readonly faults: readonly Fault[] } {
    const call = this.canBefall.push(can);
    return { call, faults: this.#faultsAt.get(call) ?? [] };
  }
  note(life: Life, what: string, outcome?: string, call = 0): void {
    this.#note({ worker: life.worker, call, what, ...(outcome !== undefined && { outcome }) });
  }
  kill(life: Life, what = "", call = 0): void {
    life.die();
    this.deaths++;
    this.note(life, `${what} the worker dies`.trimStart(), undefined, call);
  }
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.at(this.clock.now() + ms, resolve));
  }
  async jitter(): Promise<void> {
    const { jitterMs } = this.plan;
    if (jitterMs) await this.sleep(Math.floor(this.clock.random() * jitterMs));
  }
  poisoned(path: string): boolean {
    const left = this.#poison.get(path) ?? 0;
    if (left > 0) this.#poison.set(path, left - 1);
    return left > 0;
  }
  async busyWith<T>(work: Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work;
    } finally {
      this.#busy--;
    }
  }
  async idleWith<T>(work: Promise<T>): Promise<T> {
    this.#busy--;
    try {
      return await work; // a dead worker hears nothing, and is not at work again
    } finally {
      this.#busy++;
    }
  }
  async stored(program: Program, put: () => Promise<void>): Promise<void> {
    if (this.#stored.has(program.hash)) return;
    await put();
    this.#stored.add(program.hash);
  }

  send({ queue, envelope, delayMs = 0 }: OutMessage): void {
    const faults = this.#faultsOf.get(this.queues.sent + 1) ?? [];
    const { jitterMs = 0 } = this.plan;
    const message = this.queues.send(queue, envelope, delayMs);
    const late = faults.reduce((ms, fault) => ms + (fault.kind === "late" ? fault.ms : 0), 0);
    const heldMs = late + (jitterMs ? Math.floor(this.clock.random() * jitterMs) : 0);
    if (heldMs > 0) this.queues.hold(message, heldMs);
    for (const fault of faults)
      if (fault.kind === "duplicate")
        this.clock.at(message.visibleAtMs + fault.afterMs, () => this.queues.deliverAgain(message));
  }

  put(events: readonly EventOf[]): void {
    this.events.push(...events);
    for (const event of events)
      for (const { graph } of this.#newest())
        if (graph.trigger?.event.source === event.source && graph.trigger.event.type === event.type)
          this.send({
            queue: controlQueue(graph.workflow),
            envelope: { kind: "event", v: 1, workflow: graph.workflow, event },
          });
  }

  purge(): void {
    this.#note({ what: "all queues are purged" });
    this.#purged = true;
    this.queues.purge();
  }
  async order(order: SingleRequest, { workflow, id }: ExecutionName = this.#scenario.start): Promise<void> {
    try {
      const envelope = await controlMessage(
        {
          log: this.log,
          clock: this.clock,
          payloadBytes: DEFAULT_LIMITS.payloadBytes,
          programOf: async () => this.#newest().find((p) => p.graph.workflow === workflow),
        },
        { workflow, id },
        order,
      );
      this.#note({ what: `somebody asks: ${order.kind}`, ...(!envelope && { outcome: "it is so already" }) });
      if (!envelope) return;
      if (order.kind === "cancel") this.#cancelled = true;
      this.send({ queue: controlQueue(workflow), envelope });
    } catch (error) {
      this.#note({ what: `somebody asks: ${order.kind}`, outcome: `refused: ${messageOf(error)}` });
    }
  }

  #askLater({ afterMs, order }: Asked, times = 1): void {
    this.clock.at(this.clock.now() + afterMs, () => {
      const known = this.end() !== undefined || times === MOST_ASKED;
      if (known)
        void this.order(order); // a refusal is told in the history
      else this.#askLater({ afterMs: ASK_AGAIN_MS, order }, times + 1);
    });
  }

  #start(): void {
    const { workflow, id, input } = this.#scenario.start;
    const program = this.#scenario.programs.find((p) => p.graph.workflow === workflow);
    if (!program) throw new Error(`no program of '${workflow}'`);
    const envelope = startMessage(program, { id, input, trigger: { kind: "direct" } }, DEFAULT_LIMITS);
    this.#note({ what: `start ${workflow}/${id}` });
    this.send({ queue: controlQueue(workflow), envelope });
  }

  async #comeToRest(): Promise<void> {
    for (;;) {
      await this.#quiet();
      const next = this.clock.next();
      if (next === undefined) return;
      if (this.#moments++ === MOST_MOMENTS) return this.#goesWrong("it does not come to rest");
      this.clock.moveTo(next);
    }
  }

  /** What an operator does for one that is paused or stuck, or whose messages were purged. */
  async #goOn(): Promise<boolean> {
    const status = this.end()?.header.status;
    if (this.#moments >= MOST_MOMENTS) return false;
    if (status === "paused") {
      await this.order({ kind: "resume" });
      return true;
    }
    if (status === "stuck") {
      await this.order({ kind: "redrive" });
      return true;
    }
    if (!this.#purged) return false;
    this.#purged = false;
    if (status === undefined) this.#start();
    else for (const one of this.#underWay()) await this.order({ kind: "heal" }, one);
    return true;
  }
  /** Also what was called, and may not be waited for. */
  #underWay(): readonly Header[] {
    return this.store.executions({ limit: Number.POSITIVE_INFINITY }).filter((header) => !hasEnded(header));
  }
  async #ask(request: SingleRequest | undefined): Promise<boolean> {
    if (!request || this.#moments >= MOST_MOMENTS) return false;
    await this.order(request);
    return true;
  }

  #expect(fault: Fault): void {
    const under = (map: Map<number, Fault[]>, n: number) => map.set(n, [...(map.get(n) ?? []), fault]);
    if (fault.kind === "poison") this.#poison.set(fault.path, fault.times);
    else if (fault.kind === "duplicate" || fault.kind === "late") under(this.#faultsOf, fault.message);
    else under(this.#faultsAt, fault.at);
  }

  #invoke(queue: string, messages: readonly Message[]): void {
    const skews = this.plan.skewsMs ?? [0];
    const worker = ++this.#workers;
    const life = new Life(worker, {
      skewMs: skews[worker % skews.length] ?? 0,
      bornMs: this.clock.now(),
    });
    const received = messages.map(({ id, envelope, receives }) => `${envelope.kind} ${id}, receive ${receives}`);
    this.note(life, `${queue} receives ${received.join("; ")}`);
    const work = new Invocation(this, life, { program: this.#programFor(queue), queue }).run(messages);
    work.catch((error: unknown) => this.#goesWrong(`an invocation throws: ${String(error)}`));
  }

  #programFor(queue: string): Program {
    const workflow = workflowOf(queue);
    const { programs, newer = programs } = this.#scenario;
    const from = this.#isNew(queue) ? newer : programs;
    const program = from.find((p) => p.graph.workflow === workflow);
    if (!program) throw new Error(`nobody receives from ${queue}`);
    return program;
  }

  #isNew(queue: string): boolean {
    const { deploy } = this.plan;
    if (!deploy || this.calls < deploy.nodesFrom) return false;
    if (this.calls >= deploy.controlFrom) return true;
    return queue.includes(".") && this.#workers % 2 === 0;
  }

  #newest(): readonly Program[] {
    return this.#scenario.newer ?? this.#scenario.programs;
  }

  /** A handler that sleeps is not at work. */
  async #rest(ms: number): Promise<void> {
    this.#busy--;
    await this.sleep(ms);
    this.#busy++;
  }

  /** Until every promise that can go on has gone on. */
  async #quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#busy > 0);
  }

  #note(of: Partial<Happening> & Pick<Happening, "what">): void {
    this.history.push({ atMs: this.clock.now(), worker: 0, call: 0, ...of });
  }
  #goesWrong(what: string): void {
    this.wrong.push(what);
    this.#note({ what: `WRONG: ${what}` });
  }

  async #atRest(): Promise<void> {
    for (const { id, envelope } of this.queues.left()) this.#goesWrong(`message ${id} (${envelope.kind}) is left`);
    for (const { reason } of this.store.deadLetters()) this.#goesWrong(`a message was buried: ${reason}`);
    if (!this.end()) this.#goesWrong("it never started");
    const put = new Set(this.events.map(({ id }) => id));
    for (const header of this.store.executions({ limit: 1000 })) {
      const program = [...this.#scenario.programs, ...this.#newest()].find((p) => p.hash === header.graph);
      if (!program) throw new Error(`no program of the graph ${header.graph}`);
      const newest = this.#newest().find((p) => p.graph.workflow === header.workflow) ?? program;
      const at = {
        program: { ...newest, graph: program.graph, hash: program.hash },
        header,
        records: this.store.records(printExecution(header)),
        alike: this.#scenario.alike !== false && !this.plan.deploy,
        objects: this.#scenario.objects,
        put,
        cancelled: this.#cancelled,
        undone: this.attempts.undone,
      };
      for (const problem of await wrongAtRest(at)) this.#goesWrong(`${printExecution(header)}: ${problem}`);
    }
  }
}
