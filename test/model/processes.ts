/**
 * Processes: each has a batch of messages, a clock of its own, and an end at any moment. What its messages send goes out
 * together, entry by entry; it answers for them at its end, message by message.
 */
import { receiveStep, step } from "./attempt.ts";
import { receiveControl } from "./control.ts";
import { dispatch } from "./dispatch.ts";
import { MOST_SKEW } from "./log.ts";
import type { Message } from "./queue.ts";
import { closeScope } from "./scope.ts";
import { Violation } from "./violation.ts";
import type { Weather } from "./weather.ts";
import type { Action, Delivery, Executions, Out, Parts, Work } from "./work.ts";

const NAP = 30;
const PUT_OFF = 6;

interface Fiber {
  readonly id: number;
  readonly message: Message;
  readonly work: Work<boolean>;
  /** What its last action gave. */
  answer: { readonly value: unknown } | { readonly refused: true };
  outbox?: readonly Out[];
  /** Undefined while it is at work. */
  whole?: boolean;
}
interface Process {
  readonly fibers: readonly Fiber[];
  naps: number;
}
export interface Tally {
  crashes: number;
  duplicates: number;
  operations: number;
}

/** What an operation's caller gets when it was refused, or when its answer was lost. */
class Unanswered extends Error {}

export class Processes {
  readonly tally: Tally = { crashes: 0, duplicates: 0, operations: 0 };
  #live: Process[] = [];
  #ids = 0;
  readonly #executions: Executions;
  readonly #parts: Parts;
  readonly #now: () => number;
  readonly #weather: Weather;
  /** While false nothing fails. */
  faults = true;

  /** @param parts of the first execution */
  constructor(parts: Parts, weather: Weather) {
    this.#parts = parts;
    this.#executions = parts.executions;
    this.#now = parts.now;
    this.#weather = weather;
  }
  get count(): number {
    return this.#live.length;
  }

  begin(messages: readonly Message[]): void {
    const { random } = this.#parts;
    const skew = random.below(MOST_SKEW + 1) - MOST_SKEW / 2;
    const hurry = random.chance(0.1);
    const fibers = messages.map((message): Fiber => {
      const dead = message.receives > this.#weather.receivesMost;
      const delivery: Delivery = {
        ...this.#executions.at(message.to),
        id: ++this.#ids,
        message,
        clock: () => this.#now() + skew,
        dead,
        hurry: hurry || dead,
        step,
        dispatch,
        close: closeScope,
      };
      const { body } = message;
      const work = body.kind === "step" ? receiveStep(delivery, body) : receiveControl(delivery, body);
      return { id: delivery.id, message, work, answer: { value: undefined } };
    });
    this.#live.push({ fibers, naps: 0 });
  }

  /** Each process does one thing, or nothing. */
  tick(): void {
    const { random } = this.#parts;
    for (const process of random.shuffled(this.#live)) {
      if (random.chance(0.4)) continue;
      if (this.#hit(this.#weather.sleep)) process.naps = NAP;
      if (process.naps > 0) process.naps--;
      else if (!this.#proceed(process)) this.#live = this.#live.filter((it) => it !== process);
    }
  }

  /** False when the process is at its end. */
  #proceed(process: Process): boolean {
    const { random } = this.#parts;
    const busy = process.fibers.filter(({ whole, outbox }) => whole === undefined && !outbox);
    const sending = process.fibers.filter(({ outbox }) => outbox);
    if (this.#hit(this.#weather.crash)) return this.#crash();
    if (sending.length > 0 && (busy.length === 0 || random.chance(0.2))) return this.#flush(sending);
    if (busy.length === 0 || this.#hit(0.005)) return this.#answer(process); // at its deadline with some still at work
    return this.#advance(random.pick(busy)) || this.#crash();
  }

  /** One action of one message. False when it took the process down. */
  #advance(fiber: Fiber): boolean {
    let step: IteratorResult<Action, boolean>;
    try {
      step = "refused" in fiber.answer ? fiber.work.throw(new Unanswered()) : fiber.work.next(fiber.answer.value);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      fiber.whole = this.#parts.breaks("ackthrown");
      return true;
    }
    if (step.done) {
      fiber.whole = step.value;
      return true;
    }
    const action = step.value;
    if (action.kind === "die") return false;
    if (action.kind === "send") fiber.outbox = action.out;
    else fiber.answer = this.#operate(action.run);
    return !this.#hit(this.#weather.crash); // it took effect, and nobody lives to know
  }

  #operate(run: () => unknown): Fiber["answer"] {
    this.tally.operations++;
    if (this.#hit(this.#weather.refuse)) return { refused: true };
    const value = run();
    if (this.#hit(this.#weather.refuse)) return { value: run() }; // the answer was lost and the client tried again
    return this.#hit(this.#weather.refuse) ? { refused: true } : { value };
  }

  /** All outboxes of a batch at once; each entry may fail by itself. */
  #flush(sending: readonly Fiber[]): boolean {
    const { breaks } = this.#parts;
    for (const fiber of sending) {
      let refused = false;
      for (const { to, body, delay } of fiber.outbox ?? [])
        if (this.#hit(this.#weather.refuse)) refused = true;
        else this.#executions.at(to ?? fiber.message.to).queue.send(body, delay + this.#parts.random.below(5));
      delete fiber.outbox;
      fiber.answer = refused && !breaks("ackbeforesend") ? { refused } : { value: undefined };
      if (this.#hit(this.#weather.crash)) return this.#crash();
    }
    return true;
  }

  /** Deletes what is whole, message by message; the rest comes back. */
  #answer({ fibers }: Process): false {
    const { queue, breaks } = this.#parts;
    const all = breaks("batchackall") && fibers.some(({ whole }) => whole);
    for (const { id, message, whole } of fibers) {
      const [lease] = whole ? this.#executions.at(message.to).log.leasesOf(id) : [];
      if (lease) throw new Violation(`acknowledged with a lease on ${lease}`);
      if (whole || all) queue.delete(message);
      else if (whole === false) message.visibleAt = this.#now() + PUT_OFF;
    }
    return false;
  }

  #crash(): false {
    this.tally.crashes++;
    return false;
  }
  #hit(probability: number): boolean {
    return this.faults && this.#parts.random.chance(probability);
  }
}
