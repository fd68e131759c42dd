/**
 * One run: a random graph under random faults, which stop after a while, so that the execution must end.
 *
 * A model of the protocol, not of the code: it shows that the rules hold together, and `mutants.ts` that each is needed.
 * Left out until they are built: wait and signal, timers, undo, race, loops; and several executions at once, large
 * values, `--input`, memos, unmet conditions of the user's. Inline steps of one message run one after the other.
 */
import { checkEnd, checkRun } from "./check.ts";
import { Client } from "./client.ts";
import { randomGraph, type Sequence } from "./graph.ts";
import { hasEnded } from "./headers.ts";
import { StepLog } from "./log.ts";
import type { Mutant } from "./mutants.ts";
import { Processes, type Tally } from "./processes.ts";
import { type Message, Queue } from "./queue.ts";
import { Random } from "./random.ts";
import { Violation } from "./violation.ts";
import { randomWeather, type Weather } from "./weather.ts";
import type { Parts } from "./work.ts";

/** Ticks with faults, and those that are left to end in. */
const STORM = 500;
const CALM = 8000;
const MOST_PROCESSES = 6;
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

class World {
  #now = 0;
  readonly #parts: Parts;
  readonly #weather: Weather;
  readonly #processes: Processes;
  readonly #client: Client;

  constructor(seed: number, mutant: Mutant | undefined, focus: Focus) {
    const random = new Random(seed);
    const now = () => this.#now;
    const breaks = (it: Mutant): boolean => it === mutant;
    const log = new StepLog(now, breaks);
    this.#weather = { ...randomWeather(random), ...focus.weather };
    const graph = focus.graph ?? randomGraph(random);
    this.#parts = {
      graph,
      random,
      log,
      queue: new Queue(now),
      runs: [],
      breaks,
      staleness: this.#weather.staleness,
    };
    this.#processes = new Processes(this.#parts, now, this.#weather);
    this.#client = new Client(this.#parts, this.#weather);
    const ended = new Map<number, string>();
    log.headers.onEnd = ({ epoch }) => ended.set(epoch, checkEnd(this.#parts, epoch));
    this.#ended = ended;
  }
  /** What each generation came to, as it stood at its end. */
  readonly #ended: Map<number, string>;

  run(): Run {
    const { log, queue } = this.#parts;
    queue.send({ kind: "start" });
    while (!this.#over()) {
      this.#now++;
      this.#processes.faults = this.#now < STORM;
      if (this.#processes.faults) this.#client.meddle();
      this.#receive();
      this.#processes.tick();
      if (this.#now > STORM + CALM) throw new Violation("it goes on for ever");
    }
    checkRun(this.#parts, { ended: this.#ended, cancelled: this.#client.cancelled });
    const { status = "", epoch = 0 } = log.headers.current ?? {};
    return { ...this.#processes.tally, status, epoch };
  }

  #over(): boolean {
    const { log, queue } = this.#parts;
    const ended = hasEnded(log.headers.current);
    if (this.#now < STORM && !(ended && !this.#client.mayRedrive)) return false;
    if (queue.size === 0 && this.#processes.count === 0) {
      if (!this.#client.settleDown()) return false;
      if (ended) return true;
      throw new Violation(`lost: nothing is on its way, and the execution is ${log.headers.current?.status}`);
    }
    if (this.#processes.count === 0) this.#now = Math.max(this.#now, queue.nextAt() - 1);
    return false;
  }

  /** A batch of one queue begins, now and then. */
  #receive(): void {
    const { random, queue } = this.#parts;
    const { faults } = this.#processes;
    if (this.#processes.count >= MOST_PROCESSES || random.chance(this.#weather.batch > 1 ? 0.7 : 0.3)) return;
    const ready = random.shuffled(queue.ready());
    const [first] = ready;
    if (!first) return;
    const steps = first.body.kind === "step";
    const shared = (it: Message) => it.receives < MOST_SHARED_RECEIVES && (it.body.kind === "step") === steps;
    const others = shared(first) ? ready.slice(1).filter(shared) : [];
    const batch = [first, ...others].slice(0, 1 + random.below(this.#weather.batch));
    for (const message of batch) {
      message.receives++;
      message.visibleAt = this.#now + (faults ? 15 : 60); // shorter than a lease may be: delivered twice
      if (faults && random.chance(this.#weather.duplicate)) this.#duplicate(message);
    }
    this.#processes.begin(batch);
  }

  #duplicate({ body }: Message): void {
    const { random, queue } = this.#parts;
    this.#processes.tally.duplicates++;
    queue.send(body, random.below(random.chance(0.3) ? 300 : 30));
  }
}
