/**
 * An engine on virtual time whose every port call can be the last one: of the process, or of the invocation that makes
 * it. A dead process makes no more calls and hears no more answers, whatever its code catches; a fresh one takes over
 * what is on disk. What must never happen is watched where it would happen: at the disk, and at each handler's door.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessEventBus } from "../../lib/adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import type { Store, StoredMessage } from "../../lib/adapters/single-process/store.ts";
import { SingleProcessTransport } from "../../lib/adapters/single-process/transport.ts";
import type { Envelope } from "../../lib/contract/envelope.ts";
import { printExecution } from "../../lib/contract/ids.ts";
import { Engine } from "../../lib/engine/engine.ts";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import { isPawlError } from "../../lib/errors.ts";
import { frontier, keyOf } from "../../lib/kernel/frontier.ts";
import { Generation } from "../../lib/kernel/generation.ts";
import { type EditRecord, editKey, type Header, hasEnded, type LogRecord, stepKey } from "../../lib/kernel/record.ts";
import { recordKeyOf, valueAt } from "../../lib/kernel/ref.ts";
import type { Written } from "../../lib/kernel/step.ts";
import type { NodeSpec } from "../../lib/model/graph.ts";
import type { Json } from "../../lib/model/json.ts";
import type { Program } from "../../lib/model/program.ts";
import type { Clock } from "../../lib/ports/clock.ts";
import type { Rules } from "../../lib/ports/event-bus.ts";
import type { HandlerCall, HandlerOutcome, Handlers } from "../../lib/ports/handlers.ts";
import type { StepLog } from "../../lib/ports/step-log.ts";
import type { Delivery, Outcome, Queues, Receive } from "../../lib/ports/transport.ts";
import { wrongMailbox } from "../../lib/testing/world/invariants.ts";
import { asListed } from "../../lib/testing/world/without-values.ts";
import { turn, VirtualClock } from "./virtual-clock.ts";
import { VolatileStore } from "./volatile-store.ts";

/** At the n-th port call, counted through all processes, before it takes effect or after. */
export interface Fault {
  readonly at: number;
  readonly when: "before" | "after";
  /** `stall`: nobody dies, but the call takes ten minutes, which outlasts every lease. Default `die`. */
  readonly how?: "die" | "stall";
}
export interface Mode {
  readonly dies: "process" | "invocation";
  /** Whether each write is on disk at once, or all of a turn together later, so that a death loses them. */
  readonly durable: "each write" | "each turn";
  /**
   * `sent`: each message is sent twice, of the first thousand: repeatable steps pass copies on, 2 ** n after n steps.
   * `delivered`: each is delivered to two at once. `again`: whoever holds one for a minute has it delivered to another
   * beside. Of those who have the same message, each can acknowledge it for all.
   */
  readonly twice?: "sent" | "delivered" | "again";
  /** Values up to this many bytes travel with messages. Default 0. */
  readonly carryBytes?: number;
}
export type Answer = (
  call: HandlerCall,
  sleep: (ms: number) => Promise<void>,
) => HandlerOutcome | Promise<HandlerOutcome>;
export interface Scenario {
  readonly programs: readonly Program[];
  /** By node. */
  readonly handlers: Readonly<Record<string, Answer>>;
  readonly start: { readonly workflow: string; readonly id: string; readonly input: Json };
  /** What is asked of the execution on the way. */
  readonly controls?: readonly Control[];
  /** What is asked once nothing moves any more, one after the other; each may begin with a change of the world. */
  readonly atRest?: readonly (ControlRequest | (() => ControlRequest))[];
}
/** At the n-th port call: before it takes effect. A purge loses every message that was sent, wherever it is. */
export interface Control {
  readonly at: number;
  readonly ask: ControlRequest | { readonly kind: "purge" };
  /** The call goes on only after what was asked has long been carried out. */
  readonly held?: boolean;
}

export const output = (value: Json): HandlerOutcome => ({ kind: "output", output: value });
export const failure = (code: string, final: boolean): HandlerOutcome => ({
  kind: "error",
  code,
  message: code,
  final,
});
export const crash: HandlerOutcome = { kind: "crashed", message: "it exited" };

const STALL_MS = 10 * 60_000;
/** Within every lease, and longer than any message is put off. */
const HELD_MS = 5_000;
/** A client asks again until the execution is known. */
const ASK_AGAIN_MS = 50;
/** Longer than any lease here. */
const VISIBLE_AGAIN_MS = 60_000;
const MOST_TURNS = 30_000;

/** What can die: a process, or one invocation in it. */
class Life {
  readonly death: Promise<never>;
  #dead = false;
  #reject: (error: Error) => void = () => {};
  readonly #within: Life | undefined;

  constructor(within?: Life) {
    this.#within = within;
    this.death = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.death.catch(() => {});
  }
  get dead(): boolean {
    return this.#dead || this.#within?.dead === true;
  }
  die(): void {
    this.#dead = true;
    // The queue of a process that lives on sees its consumer gone. Nobody is left to see a process die.
    if (this.#within) this.#reject(new Died());
  }
}
class Died extends Error {}
const MOST_COPIES = 1000;
const silence = <T>(): Promise<T> => new Promise<T>(() => {});

export class Simulation {
  readonly clock = new VirtualClock();
  readonly disk: WatchedStore;
  /** What happened that never may. */
  readonly wrong: string[] = [];
  /** Handler calls that began, in order; `late` when the step had settled before. */
  readonly runs: (HandlerCall & { readonly late: boolean })[] = [];
  /** What the port calls were, in order: the n-th is at n - 1. */
  readonly calls: string[] = [];
  /** What was asked, with what came of it: `true`, `false` (it was so already), or an error's code. */
  readonly answers: (readonly [kind: string, answer: string])[] = [];
  deaths = 0;
  /** Messages that were sent twice, or would have been. */
  copies = 0;
  readonly #scenario: Scenario;
  readonly #mode: Mode;
  readonly #faults: readonly Fault[];
  /** Whoever runs a handler now, by step. */
  readonly #running = new Map<string, Life>();
  #accepted = false;
  /** Asked and not yet answered. */
  #asking: ControlRequest[] = [];
  /** Not yet handed to the process that lives. */
  #toAsk: ControlRequest[] = [];
  #rests = 0;
  /** How often every message was lost, and before which of these each was sent. */
  #purges = 0;
  readonly #sentAfter = new WeakMap<Envelope, number>();

  constructor(scenario: Scenario, mode: Mode, faults: readonly Fault[] = []) {
    this.#scenario = scenario;
    this.#mode = mode;
    this.#faults = faults;
    this.disk = new WatchedStore(this.wrong, this.clock);
  }

  /** Starts the execution and goes on until nothing is left to do, in as many processes as it takes. */
  async run(): Promise<this> {
    let process = this.#boot();
    for (let turns = 0; ; turns++) {
      if (turns === MOST_TURNS) {
        this.wrong.push(`does not come to rest in ${MOST_TURNS} turns`);
        break;
      }
      await turn();
      if (process.dead) process = this.#boot();
      else if (!this.#handOver(process) && !process.commit() && !this.clock.ringNext() && !this.#askNext(process))
        break;
    }
    this.#atRest();
    return this;
  }

  execution(name: string): { header: Header; output: Json | undefined; records: ReadonlyMap<string, LogRecord> } {
    const header = this.disk.header(name);
    if (!header) throw new Error(`there is no execution ${name}`);
    const records = this.disk.view(name);
    const at = (ref: string) => valueAt(ref, records.get(recordKeyOf(ref)));
    return { header, records, output: header.output === undefined ? undefined : at(header.output) };
  }
  executions(): readonly Header[] {
    return this.disk.executions({ limit: 1000 });
  }

  /** Number of the call and what befalls it. */
  call(what: string): Fault | undefined {
    this.calls.push(what);
    return this.#faults.find((f) => f.at === this.calls.length);
  }

  /** What is to be asked at the call that was made last; true: the call is held until that is long done. */
  controlsDue(): boolean {
    const due = this.#scenario.controls?.filter(({ at }) => at === this.calls.length) ?? [];
    for (const { ask } of due) {
      if (ask.kind === "purge") this.#purges++;
      else this.ask(ask);
    }
    return due.some(({ held }) => held);
  }
  ask(request: ControlRequest): void {
    this.#asking.push(request);
    this.#toAsk.push(request);
  }
  answered(request: ControlRequest, answer: string): void {
    if (answer === "unknown_execution" && this.#purges === 0) {
      this.clock.at(this.clock.now() + ASK_AGAIN_MS, () => void this.#toAsk.push(request));
      return;
    }
    this.#asking = this.#asking.filter((one) => one !== request);
    this.answers.push([request.kind, answer]);
  }
  /** False: there is nothing to hand over. */
  #handOver(process: Process): boolean {
    const requests = this.#toAsk.splice(0);
    for (const request of requests) process.ask(request);
    return requests.length > 0;
  }
  /** Nothing moves any more. False: there is nothing more to ask either. */
  #askNext(process: Process): boolean {
    // Its start was lost with the queue: of what never began nothing is known but to whoever wanted it.
    if (this.#purges > 0 && !this.disk.header(printExecution(this.#scenario.start))) {
      void process.start();
      return true;
    }
    const next = this.#scenario.atRest?.[this.#rests++];
    if (next) this.ask(typeof next === "function" ? next() : next);
    return next !== undefined;
  }

  sent(envelope: Envelope): void {
    this.#sentAfter.set(envelope, this.#purges);
  }
  isLost(envelope: Envelope): boolean {
    return (this.#sentAfter.get(envelope) ?? 0) < this.#purges;
  }

  #boot(): Process {
    this.disk.era++;
    this.#toAsk = [...this.#asking];
    const process = new Process(this, this.#scenario, this.#mode);
    void process.begin(!this.#accepted).then(
      (accepted) => {
        if (!accepted) return;
        this.#accepted = true;
        const name = printExecution(this.#scenario.start);
        const kept = this.disk.header(name) ?? this.disk.loadMessages().find((m) => m.envelope.kind === "start");
        if (!kept && this.#purges === 0) this.wrong.push("the start was accepted and is not on disk");
      },
      (error: unknown) => this.wrong.push(`the engine did not begin: ${String(error)}`),
    );
    return process;
  }

  /** Nothing is under way and nothing is to come. */
  #atRest(): void {
    if (!this.#accepted) this.wrong.push("the start was never accepted");
    const asleep = this.disk.wakeMessages(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).messages;
    for (const { envelope } of [...this.disk.loadMessages(), ...asleep])
      this.wrong.push(`a message is left: ${JSON.stringify(envelope)}`);
    for (const letter of this.disk.deadLetters()) this.wrong.push(`a dead letter: ${letter.reason}`);
    for (const header of this.executions()) {
      const name = printExecution(header);
      if (!hasEnded(header)) this.wrong.push(`${name} is ${header.status}`);
      const found = frontier(this.disk.view(name));
      for (const effect of [...found.steps, ...found.undecided]) this.wrong.push(`${name} is open at ${keyOf(effect)}`);
      const reached = this.disk.reached(name);
      for (const [place, record] of this.disk.records(name))
        if (record.kind === "step" && !reached.has(place)) this.wrong.push(`no decision of ${name} leads to ${place}`);
    }
  }

  /** A handler is about to begin; gives back what is to be called when it has ended. */
  begins(call: HandlerCall, { repeatable, inline }: NodeSpec, life: Life): () => void {
    const { execution, path } = call.step;
    const records = this.disk.view(execution);
    const record = records.get(stepKey(path));
    const late = record?.kind === "step" && record.status === "settled";
    this.runs.push({ ...call, late });
    if (!frontier(records).reached.includes(stepKey(path)))
      this.wrong.push(`${path} of ${execution} runs, and no decision on disk leads to it`);
    // Who slept past the end of its lease may still begin; what it does then comes to nothing.
    const slept = this.#faults.some((f) => f.how === "stall");
    if (slept) return () => {};
    const { controls = [] } = this.#scenario;
    const heldUp = controls.some(({ held }) => held);
    if (!heldUp && !inline && (this.disk.pausedAtMs.get(execution) ?? Number.POSITIVE_INFINITY) < this.clock.now())
      this.wrong.push(`${path} of ${execution} runs though the execution is paused`);
    const where = `${execution} ${path}`;
    if (late && !repeatable) this.wrong.push(`${where} runs after it has settled`);
    if (!repeatable && this.disk.keysUsed(execution, path).includes(call.step.epoch))
      this.wrong.push(`${where} runs again under an idempotency key that it has settled with`);
    if (!repeatable && this.#running.get(where)?.dead === false) this.wrong.push(`${where} runs twice at once`);
    if (!heldUp && (this.disk.stoppedAtMs.get(execution) ?? Number.POSITIVE_INFINITY) < this.clock.now())
      this.wrong.push(`${where} runs though the execution is ending`);
    this.#running.set(where, life);
    return () => this.#running.delete(where);
  }
}

/** One process: an engine over the disk, from its birth to its death. */
class Process {
  readonly #sim: Simulation;
  readonly #scenario: Scenario;
  readonly #mode: Mode;
  readonly #life = new Life();
  readonly #invocation = new AsyncLocalStorage<Life>();
  readonly #volatile: VolatileStore | undefined;
  readonly #engine: Engine;

  constructor(sim: Simulation, scenario: Scenario, mode: Mode) {
    this.#sim = sim;
    this.#scenario = scenario;
    this.#mode = mode;
    this.#volatile = mode.durable === "each turn" ? new VolatileStore(sim.disk) : undefined;
    const clock = this.#clock();
    const store = this.#store(this.#volatile ?? sim.disk);
    const onError = (error: unknown) => {
      if (!(error instanceof Died)) sim.wrong.push(`a receiver threw: ${error instanceof Error ? error.stack : error}`);
    };
    const queues = new SingleProcessTransport({ store, clock, concurrency: 100, onError });
    const transport = this.#transport(queues);
    const bus = this.#bus(new SingleProcessEventBus(transport));
    const log = this.#log(new SingleProcessStepLog(store), store);
    const ports = { log, transport, bus, handlers: this.#handlers(), clock };
    this.#engine = new Engine(ports, { carryBytes: this.#mode.carryBytes ?? 0 });
    this.#engine.onEnded((header) => {
      if (this.dead) return;
      const { status, epoch = 0 } = sim.disk.header(printExecution(header)) ?? {};
      if (status !== header.status && epoch === header.epoch)
        sim.wrong.push(`its end is told and is not on disk: ${status}`);
    });
  }

  get dead(): boolean {
    return this.#life.dead;
  }

  async begin(start: boolean): Promise<boolean> {
    await this.#engine.add(...this.#scenario.programs);
    if (!start) return false;
    await this.start();
    return !this.dead;
  }
  async start(): Promise<void> {
    const { workflow, ...of } = this.#scenario.start;
    await this.#engine.start(workflow, of);
  }

  /** Of a process that dies before it has answered, the next one is asked again. */
  ask(request: ControlRequest): void {
    // Of what an event has started, only heals are asked.
    const others = request.kind === "heal" ? this.#sim.executions().filter((header) => !hasEnded(header)) : [];
    const { start } = this.#scenario;
    const names = [start, ...others.filter((other) => printExecution(other) !== printExecution(start))];
    Promise.all(names.map((name) => this.#engine.control(name, request))).then(
      ([sent]) => void (this.dead || this.#sim.answered(request, String(sent))),
      (error: unknown) => {
        if (this.dead) return;
        if (!isPawlError(error)) this.#sim.wrong.push(`${request.kind} threw: ${String(error)}`);
        else this.#sim.answered(request, error.code);
      },
    );
  }

  /** The commit of what the last turn wrote; false when there is none to make. */
  commit(): boolean {
    const store = this.#volatile;
    if (!store?.pending) return false;
    const fault = this.#sim.call("commit");
    if (fault?.how !== "stall" && fault?.when === "before") this.#die(this.#life);
    else {
      store.commit();
      if (fault?.how !== "stall" && fault?.when === "after") this.#die(this.#life);
      else store.tell();
    }
    return true;
  }

  #die(life: Life): void {
    this.#sim.deaths++;
    life.die();
  }

  async #gate<T>(what: string, effect: () => T | Promise<T>): Promise<T> {
    const life = this.#invocation.getStore() ?? this.#life;
    if (life.dead) return silence();
    const fault = this.#sim.call(what);
    if (this.#sim.controlsDue()) await this.#sim.clock.sleep(HELD_MS);
    if (life.dead) return silence();
    const befall = async () => {
      if (fault?.how === "stall") await this.#sim.clock.sleep(STALL_MS);
      else this.#die(life);
    };
    if (fault?.when === "before") await befall();
    if (life.dead) return silence();
    let result: T;
    try {
      result = await effect();
    } catch (error) {
      if (life.dead) return silence();
      throw error;
    }
    if (fault?.when === "after" && !life.dead) await befall();
    return life.dead ? silence() : result;
  }

  #clock(): Clock {
    const { clock } = this.#sim;
    return {
      now: () => clock.now(),
      random: () => clock.random(),
      at: (timeMs, call) => clock.at(timeMs, () => void (this.dead || call())),
    };
  }

  /** Writes end with the process. An acknowledgement is a port call that a process can die at. */
  #store(inner: Store): Store {
    const open = <A extends unknown[]>(call: (...args: A) => void) => {
      return (...args: A) => void (this.dead || call(...args));
    };
    const gated: Store = {
      header: (...args) => inner.header(...args),
      executions: (...args) => inner.executions(...args),
      record: (...args) => inner.record(...args),
      records: (...args) => inner.records(...args),
      item: (...args) => inner.item(...args),
      items: (...args) => inner.items(...args),
      putItem: open((...args) => inner.putItem(...args)),
      graph: (...args) => inner.graph(...args),
      nextMessageId: () => inner.nextMessageId(),
      loadMessages: () => inner.loadMessages(),
      letSleep: (id) => inner.letSleep(id),
      wakeMessages: (...args) => inner.wakeMessages(...args),
      nextDueMs: (...args) => inner.nextDueMs(...args),
      deadLetters: () => inner.deadLetters(),
      putHeader: open((...args) => inner.putHeader(...args)),
      putRecord: open((...args) => inner.putRecord(...args)),
      deleteRecord: open((...args) => inner.deleteRecord(...args)),
      putGraph: open((...args) => inner.putGraph(...args)),
      putMessage: open((message: StoredMessage) => inner.putMessage(message)),
      bury: open((...args) => inner.bury(...args)),
      deleteMessage: open((id: number) => {
        const fault = this.#sim.call("acknowledge");
        const dies = fault && fault.how !== "stall";
        if (dies && fault.when === "before") return this.#die(this.#life);
        inner.deleteMessage(id);
        if (dies) this.#die(this.#life);
      }),
      afterCommit: (call) => inner.afterCommit(open(call)),
      sync: () => inner.sync(),
      close: () => inner.close(),
    };
    return gated;
  }

  #log(inner: SingleProcessStepLog, store: Store): StepLog {
    return new Proxy<StepLog>(inner, {
      get: (_, name: keyof StepLog) => {
        if (name === "list")
          return (...[of, how]: Parameters<StepLog["list"]>) =>
            this.#gate("log.list", async () => asListed(await inner.list(of), how));
        const call = inner[name].bind(inner) as (...args: unknown[]) => Promise<unknown>;
        if (name !== "settle" && name !== "fail" && name !== "crash")
          return (...args: unknown[]) => this.#gate(`log.${name}`, () => call(...args));
        return (...[execution, path, by, ...rest]: Parameters<StepLog["settle"]>) =>
          this.#gate(`log.${name}`, async () => {
            const before = store.record(printExecution(execution), stepKey(path));
            const written = (await call(execution, path, by, ...rest)) as Written;
            const fence = before?.kind === "step" ? before.fence : 0;
            if (written.kind === "written" && by.holder !== "repeatable" && by.holder !== fence)
              this.#sim.wrong.push(`holder ${by.holder} of ${path} writes, and its fence is ${fence}`);
            return written;
          });
      },
    });
  }

  #transport(inner: Queues): Queues {
    const sentTwice = () => this.#mode.twice === "sent" && this.#sim.copies++ < MOST_COPIES;
    return {
      send: (messages) =>
        this.#gate("transport.send", () => {
          for (const { envelope } of messages) this.#sim.sent(envelope);
          return inner.send(messages.flatMap((m) => (sentTwice() ? [m, m] : [m])));
        }),
      consume: (queue, receive) => inner.consume(queue, (delivery) => this.#receive(receive, delivery)),
      stop: () => inner.stop(),
    };
  }

  async #receive(receive: Receive, delivery: Delivery): Promise<Outcome> {
    const lost = () => this.#sim.isLost(delivery.envelope);
    if (lost()) return { kind: "acknowledge" };
    const outcome = await this.#work(receive, delivery);
    return lost() ? { kind: "acknowledge" } : outcome;
  }

  #work(receive: Receive, delivery: Delivery): Promise<Outcome> {
    const life = this.#mode.dies === "invocation" ? new Life(this.#life) : this.#life;
    const work = this.#invocation.run(life, () => {
      const { twice } = this.#mode;
      return twice === "delivered" || twice === "again" ? this.#share(receive, delivery) : receive(delivery);
    });
    return Promise.race([work, life.death]);
  }

  /** A message that several may hold at once, until one of them acknowledges it. */
  #share(receive: Receive, { receives, ...delivery }: Delivery): Promise<Outcome> {
    const { clock } = this.#sim;
    return new Promise((resolve, reject) => {
      let over = false;
      let count = receives;
      const deliver = () => {
        if (over || this.dead) return;
        let done = false;
        receive({ ...delivery, receives: count++ }).then((outcome) => {
          done = true;
          over ||= outcome.kind !== "putOff";
          if (outcome.kind === "putOff") clock.at(clock.now() + outcome.delayMs, deliver);
          else resolve(outcome);
        }, reject);
        if (this.#mode.twice === "again") clock.at(clock.now() + VISIBLE_AGAIN_MS, () => void (done || deliver()));
      };
      deliver();
      if (this.#mode.twice === "delivered") deliver();
    });
  }

  #bus(inner: Rules): Rules {
    return {
      put: (events) => this.#gate("bus.put", () => inner.put(events)),
      subscribe: (workflow, event) => inner.subscribe(workflow, event),
    };
  }

  #handlers(): Handlers {
    const { programs, handlers } = this.#scenario;
    return {
      run: (call) =>
        this.#gate(`handlers.run ${call.step.path}`, () => {
          const node = programs.find((p) => p.graph.workflow === call.workflow)?.graph.nodes[call.node];
          const answer = handlers[call.node];
          if (!node || !answer) throw new Error(`no handler of ${call.node}`);
          const ended = this.#sim.begins(call, node, this.#invocation.getStore() ?? this.#life);
          return Promise.resolve(answer(call, (ms) => this.#sim.clock.sleep(ms))).finally(ended);
        }),
      abort: () => {},
      stop: async () => {},
    };
  }
}

/** The disk, on which some things never change. */
class WatchedStore extends MemoryStore {
  readonly #wrong: string[];
  readonly #clock: Clock;
  /** How often each step was written as settled. */
  readonly settled = new Map<string, number>();
  /** When each execution began to end. */
  readonly stoppedAtMs = new Map<string, number>();
  /** Since when each is paused that is. */
  readonly pausedAtMs = new Map<string, number>();
  /** Which process lives. */
  era = 0;
  /** In which process each step was claimed. */
  readonly #claimedIn = new Map<string, number>();

  constructor(wrong: string[], clock: Clock) {
    super();
    this.#wrong = wrong;
    this.#clock = clock;
  }

  override putHeader(execution: string, header: Header): void {
    const before = this.header(execution);
    if (before && hasEnded(before) && header.epoch === before.epoch)
      this.#wrong.push(`${execution} changes after it has ended`);
    if (before && header.epoch !== before.epoch && !(hasEnded(before) && header.epoch === before.epoch + 1))
      this.#wrong.push(`${execution} goes from ${before.status} of epoch ${before.epoch} to epoch ${header.epoch}`);
    const since = (times: Map<string, number>, holds: boolean) => {
      if (!holds) times.delete(execution);
      else if (!times.has(execution)) times.set(execution, this.#clock.now());
    };
    since(this.pausedAtMs, header.status === "paused");
    since(this.stoppedAtMs, header.status === "stopping" || hasEnded(header));
    super.putHeader(execution, header);
  }

  /** The records of the generation that holds. */
  view(execution: string): ReadonlyMap<string, LogRecord> {
    return this.#generation(execution, this.header(execution)?.epoch ?? 0).view(this.records(execution));
  }
  /** Where the records lie that the decisions of some generation lead to. */
  reached(execution: string): ReadonlySet<string> {
    const places = new Set<string>();
    for (let epoch = this.header(execution)?.epoch ?? 0; epoch >= 0; epoch--) {
      const generation = this.#generation(execution, epoch);
      for (const key of frontier(generation.view(this.records(execution))).reached) places.add(generation.place(key));
    }
    return places;
  }
  /** The epochs in the idempotency keys under which a step has settled with an output. */
  keysUsed(execution: string, path: string): readonly number[] {
    const key = stepKey(path);
    const epochs = Array.from({ length: (this.header(execution)?.epoch ?? 0) + 1 }, (_, epoch) => epoch);
    return epochs.flatMap((epoch) => {
      const generation = this.#generation(execution, epoch);
      const record = this.record(execution, generation.place(key));
      const used = record?.kind === "step" && record.status === "settled" && record.output !== undefined;
      return used ? [generation.effectEpoch(key)] : [];
    });
  }
  #generation(execution: string, epoch: number): Generation {
    return new Generation(
      Array.from({ length: epoch }, (_, i) => this.record(execution, editKey(i + 1)) as EditRecord),
    );
  }

  override putRecord(execution: string, key: string, record: LogRecord): void {
    const before = this.record(execution, key);
    const where = `${execution} ${key}`;
    if (record.kind === "mailbox")
      this.#wrong.push(...[wrongMailbox(where, before?.kind === "mailbox" ? before : undefined, record) ?? []].flat());
    if (before?.kind === "edit" || before?.kind === "list") this.#wrong.push(`${where} is written again`);
    if (before?.kind === "decision") this.#wrong.push(`${where} is decided again`);
    if (before?.kind === "step" && record.kind === "step") {
      if (before.status === "settled") this.#wrong.push(`${where} changes after it has settled`);
      if (record.fence < before.fence) this.#wrong.push(`the fence of ${where} falls`);
      const held = before.status === "running" && this.#claimedIn.get(where) === this.era;
      if (record.closed && held && (before.leaseUntilMs ?? 0) > this.#clock.now())
        this.#wrong.push(`${where} is closed under its holder`);
    }
    if (record.kind === "step" && record.status === "running") this.#claimedIn.set(where, this.era);
    if (before?.kind === "join" && record.kind === "join")
      for (const [member, ref] of Object.entries(before.members))
        if (record.members[member] !== ref) this.#wrong.push(`${where} loses its member ${member}`);
    if (record.kind === "step" && record.status === "settled")
      this.settled.set(where, (this.settled.get(where) ?? 0) + 1);
    super.putRecord(execution, key, record);
  }
}
