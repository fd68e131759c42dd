/**
 * Queues as SQS has them: what is received is out of sight for a while and comes back unless it is deleted; at
 * MOST_RECEIVES it goes to the workflow's dead letters, which its control function receives. Whoever has received a
 * message can delete it, also with a handle that is not the newest: what somebody else does with it is not protected.
 */
import { type Envelope, printEnvelope } from "../../contract/envelope.ts";
import { MOST_RECEIVES } from "../../ports/transport.ts";

export interface Message {
  /** From 1, in the order of sending. */
  readonly id: number;
  /** Where it lies: it moves when it becomes a dead letter. */
  queue: string;
  readonly envelope: Envelope;
  readonly body: string;
  readonly sentAtMs: number;
  receives: number;
  visibleAtMs: number;
}

export interface QueuesParts {
  readonly now: () => number;
  /** Calls back at this time. */
  readonly at: (timeMs: number, call: () => void) => void;
  readonly visibilityMs: (queue: string) => number;
  /** So many at once. */
  readonly batch: number;
  /** A function is invoked. */
  readonly invoke: (queue: string, messages: readonly Message[]) => void;
  /** A message became a dead letter. */
  readonly died: (message: Message) => void;
}

const DEAD = "/dead";
/** Of the workflow whose control function receives what came to nothing too often. */
const deadQueueOf = (workflow: string): string => workflow + DEAD;
export const isDeadQueue = (queue: string): boolean => queue.endsWith(DEAD);
export const workflowOf = (queue: string): string => queue.split(/[./]/)[0] ?? queue;

export class WorldQueues {
  readonly #parts: QueuesParts;
  readonly #messages = new Map<number, Message>();
  #sent = 0;

  constructor(parts: QueuesParts) {
    this.#parts = parts;
  }

  get sent(): number {
    return this.#sent;
  }
  left(): readonly Message[] {
    return [...this.#messages.values()];
  }

  send(queue: string, envelope: Envelope, delayMs: number): Message {
    const { now } = this.#parts;
    const message: Message = {
      id: ++this.#sent,
      queue,
      envelope,
      body: printEnvelope(envelope),
      sentAtMs: now(),
      receives: 0,
      // SQS knows whole seconds.
      visibleAtMs: now() + Math.ceil(delayMs / 1000) * 1000,
    };
    this.#messages.set(message.id, message);
    this.#place(message);
    return message;
  }

  hold(message: Message, ms: number): void {
    message.visibleAtMs += ms;
    this.#place(message);
  }

  /** To somebody else beside whoever has it; one that is deleted already comes back on its own. */
  deliverAgain(message: Message): void {
    if (!this.#messages.has(message.id)) return void this.send(message.queue, message.envelope, 0);
    this.#take(message);
    this.#parts.invoke(message.queue, [message]);
  }

  putOff(id: number, delayMs: number): void {
    const message = this.#messages.get(id);
    if (!message) return;
    message.visibleAtMs = this.#parts.now() + Math.ceil(delayMs / 1000) * 1000;
    this.#place(message);
  }
  delete(id: number): void {
    this.#messages.delete(id);
  }
  /** Everything, as an operator does. */
  purge(): void {
    this.#messages.clear();
  }

  #place(message: Message): void {
    this.#parts.at(message.visibleAtMs, () => this.#poll(message.queue));
  }

  #poll(queue: string): void {
    const { now, batch, invoke } = this.#parts;
    const ready = [...this.#messages.values()].filter((m) => m.queue === queue && m.visibleAtMs <= now());
    const alive = ready.filter((message) => isDeadQueue(queue) || !this.#dies(message));
    for (let i = 0; i < alive.length; i += batch) {
      const taken = alive.slice(i, i + batch);
      for (const message of taken) this.#take(message);
      invoke(queue, taken);
    }
  }

  #take(message: Message): void {
    message.receives++;
    message.visibleAtMs = this.#parts.now() + this.#parts.visibilityMs(message.queue);
    this.#place(message);
  }

  #dies(message: Message): boolean {
    if (message.receives < MOST_RECEIVES) return false;
    message.queue = deadQueueOf(workflowOf(message.queue));
    this.#parts.died(message);
    this.#place(message);
    return true;
  }
}
