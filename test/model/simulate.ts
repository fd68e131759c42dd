/**
 * One run: a random graph under random faults, which stop after a while, so that the execution must end.
 *
 * A model of the protocol, not of the code: it shows that the rules hold together, and `mutants.ts` that each is needed.
 * Executions are several only by calling each other. Left out: values and their sizes, `--input`, fork, memos, unmet
 * conditions of the user's, events, heartbeats, versions of the graph, how long a mailbox remembers, catches by code and
 * the count of what a map tolerates, children that are redriven by themselves after their end. Inline steps of one message
 * run one after the other.
 */
import { checkEnd, checkRun, failedUndos } from "./check.ts";
import { Client } from "./client.ts";
import { Registry } from "./executions.ts";
import type { Sequence } from "./graph.ts";
import { hasEnded } from "./headers.ts";
import { StepLog } from "./log.ts";
import type { Mutant } from "./mutants.ts";
import { Processes, type Tally } from "./processes.ts";
import { type Message, Queue } from "./queue.ts";
import { Random } from "./random.ts";
import { randomGraph } from "./random-graph.ts";
import { Violation } from "./violation.ts";
import { watch } from "./watch.ts";
import { randomWeather, type Weather } from "./weather.ts";
import type { Executions, Parent, Parts } from "./work.ts";

/** Ticks with faults, and those that are left to end in. */
const STORM = 500;
const CALM = 20_000;
const MOST_PROCESSES = 6;
const FIRST = "first";
/** A message received more often is alone in its batch. */
const MOST_SHARED_RECEIVES = 2;

export interface Run extends Tally {
  readonly status: string;
  readonly epoch: number;
}

/** A corner of what can happen, for what meets too seldom by chance. */
export interface Focus {
  readonly graph?: Sequence;
  readonly weather?: Partial<Weather>;
}

/** @throws Violation */
export function simulate(seed: number, mutant?: Mutant, focus: Focus = {}): Run {
  return new World(seed, mutant, focus).run();
}

interface Member {
  readonly parts: Parts;
  readonly client: Client;
  /** What each generation came to, as it stood at its end. */
  readonly ended: Map<number, string>;
  /** The undo steps that had failed when it was stuck. */
  readonly stuck: Map<number, ReadonlySet<string>>;
}

class World {
  #now = 0;
  readonly #random: Random;
  readonly #mutant: Mutant | undefined;
  /** The first execution and those that it called. */
  readonly #members = new Map<string, Member>();
  readonly #weather: Weather;
  readonly #queue = new Queue(() => this.#now, FIRST);
  readonly #processes: Processes;
  readonly #executions: Executions;
  readonly #first: Parts;

  constructor(seed: number, mutant: Mutant | undefined, focus: Focus) {
    const random = new Random(seed);
    this.#random = random;
    this.#mutant = mutant;
    this.#weather = { ...randomWeather(random), ...focus.weather };
    this.#executions = new Registry((...of) => this.#make(...of));
    this.#first = this.#executions.ensure(FIRST, focus.graph ?? randomGraph(random));
    this.#processes = new Processes(this.#first, this.#weather);
    this.#first.queue.onPurge = () => {
      for (const { client } of this.#members.values()) client.purged = true;
    };
  }

  #make(name: string, graph: Sequence, parent?: Parent): Parts {
    const now = () => this.#now;
    const breaks = (it: Mutant): boolean => it === this.#mutant;
    const log = new StepLog(now, breaks);
    const parts: Parts = {
      ...{ name, parent, graph, log, now, breaks, runs: [] },
      random: this.#random,
      executions: this.#executions,
      queue: this.#queue.of(name),
      staleness: this.#weather.staleness,
    };
    const ended = new Map<number, string>();
    log.headers.onEnd = ({ epoch }) => ended.set(epoch, checkEnd(parts, epoch));
    const stuck = new Map<number, ReadonlySet<string>>();
    log.headers.onStuck = ({ epoch }) => stuck.set(epoch, failedUndos(log));
    log.watch = watch(parts);
    const weather = name === FIRST ? this.#weather : { ...this.#weather, redrive: 0, purge: 0, cancel: 0 };
    this.#members.set(name, { parts, client: new Client(parts, weather), ended, stuck });
    return parts;
  }

  run(): Run {
    this.#queue.send({ kind: "start" });
    while (!this.#over()) {
      this.#now++;
      this.#processes.faults = this.#now < STORM;
      for (const { client } of this.#members.values())
        if (this.#processes.faults) client.meddle();
        else client.attend(0.02);
      this.#receive();
      this.#processes.tick();
      if (this.#now > STORM + CALM) throw new Violation("it goes on for ever");
    }
    for (const { parts, ended, stuck, client } of this.#members.values())
      checkRun(parts, { ended, stuck, cancelled: client.cancelled });
    const { status = "", epoch = 0 } = this.#first.log.headers.current ?? {};
    return { ...this.#processes.tally, status, epoch };
  }

  #over(): boolean {
    const { log } = this.#first;
    const queue = this.#queue;
    const ended = hasEnded(log.headers.current);
    const may = this.#members.get(FIRST)?.client.mayRedrive;
    if (this.#now < STORM && !(ended && !may)) return false;
    if (queue.size === 0 && this.#processes.count === 0) {
      // Parents first: what they heal may be all that a child lacks.
      for (const { client } of this.#members.values()) if (!client.settleDown()) return false;
      for (const { parts } of this.#members.values())
        if (!hasEnded(parts.log.headers.current))
          throw new Violation(`lost: nothing is on its way, and ${parts.name} is ${parts.log.headers.current?.status}`);
      return true;
    }
    if (this.#processes.count === 0) this.#now = Math.max(this.#now, queue.nextAt() - 1);
    return false;
  }

  /** A batch of one queue begins, now and then. */
  #receive(): void {
    const random = this.#random;
    const queue = this.#queue;
    const { faults } = this.#processes;
    if (this.#processes.count >= MOST_PROCESSES || random.chance(this.#weather.batch > 1 ? 0.7 : 0.3)) return;
    const ready = random.shuffled(queue.ready());
    const [first] = ready;
    if (!first) return;
    const steps = first.body.kind === "step";
    const shared = (it: Message) =>
      it.to === first.to && it.receives < MOST_SHARED_RECEIVES && (it.body.kind === "step") === steps;
    const others = shared(first) ? ready.slice(1).filter(shared) : [];
    const batch = [first, ...others].slice(0, 1 + random.below(this.#weather.batch));
    for (const message of batch) {
      message.receives++;
      message.visibleAt = this.#now + (faults ? 15 : 60); // shorter than a lease may be: delivered twice
      if (faults && random.chance(this.#weather.duplicate)) this.#duplicate(message);
    }
    this.#processes.begin(batch);
  }

  #duplicate({ to, body }: Message): void {
    const random = this.#random;
    this.#processes.tally.duplicates++;
    this.#queue.of(to).send(body, random.below(random.chance(0.3) ? 300 : 30));
  }
}
