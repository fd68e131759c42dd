/**
 * Requests that carry several entries each: whoever has something to send in the same turn of the event loop, or while
 * a request is under way, shares the next one. Each entry is answered on its own, since a request that succeeds may
 * have left some of its entries out.
 */
import { PawlError } from "../../errors.ts";

export interface Requests<E> {
  /** What is written to, with its name, for errors: `the queue order.charge`. */
  readonly to: string;
  readonly mostEntries: number;
  readonly mostBytes: number;
  bytesOf(entry: E): number;
  /** Sends one request, and gives back what failed of it. Throws what it should be given up with. */
  request(entries: readonly E[]): Promise<readonly Left[]>;
}

/** An entry that a request left out. */
export interface Left {
  readonly index: number;
  /** The service's own doing, so that the same entry may succeed next time. */
  readonly passing: boolean;
  readonly message: string;
}

interface Waiting<E> {
  readonly entry: E;
  readonly tries: number;
  readonly sent: () => void;
  readonly failed: (error: unknown) => void;
}

/** An entry that is left out is tried again after 50 ms, 100 ms, … with full jitter: three seconds in all at most. */
const MOST_TRIES = 7;
const backoffMs = (tries: number, random: number): number => random * 25 * 2 ** tries;

export class Gathered<E> {
  readonly #requests: Requests<E>;
  #waiting: Waiting<E>[] = [];
  #underWay = false;

  constructor(requests: Requests<E>) {
    this.#requests = requests;
  }

  /**
   * Resolves when all of these entries are in.
   *
   * @throws PawlError `storage_failed` with the first that is not
   */
  async add(entries: readonly E[]): Promise<void> {
    await Promise.all(
      entries.map((entry) => new Promise<void>((sent, failed) => this.#enter({ entry, tries: 0, sent, failed }))),
    );
  }

  #enter(waiting: Waiting<E>): void {
    this.#waiting.push(waiting);
    if (this.#underWay) return;
    this.#underWay = true;
    setImmediate(() => void this.#work());
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0)
      await Promise.all(this.#portions(this.#waiting.splice(0)).map((portion) => this.#send(portion)));
    this.#underWay = false;
  }

  #portions(all: readonly Waiting<E>[]): Waiting<E>[][] {
    const { mostEntries, mostBytes, bytesOf } = this.#requests;
    const portions: Waiting<E>[][] = [];
    let last: Waiting<E>[] = [];
    let room = 0;
    for (const waiting of all) {
      const bytes = bytesOf(waiting.entry);
      if (last.length === 0 || last.length === mostEntries || bytes > room) {
        last = [];
        room = mostBytes;
        portions.push(last);
      }
      last.push(waiting);
      room -= bytes;
    }
    return portions;
  }

  async #send(portion: readonly Waiting<E>[]): Promise<void> {
    let left: ReadonlyMap<number, Left>;
    try {
      const all = await this.#requests.request(portion.map(({ entry }) => entry));
      left = new Map(all.map((one) => [one.index, one]));
    } catch (error) {
      for (const { failed } of portion) failed(error);
      return;
    }
    // Drawn once, so that what is left out together is sent again together.
    const random = Math.random();
    for (const [index, waiting] of portion.entries()) {
      const why = left.get(index);
      if (why) this.#leave(waiting, why, random);
      else waiting.sent();
    }
  }

  #leave(waiting: Waiting<E>, { passing, message }: Left, random: number): void {
    const tries = waiting.tries + 1;
    if (passing && tries < MOST_TRIES) {
      setTimeout(() => this.#enter({ ...waiting, tries }), backoffMs(tries, random));
      return;
    }
    const how = passing ? `left out an entry ${tries} times, at last` : "refused an entry";
    waiting.failed(new PawlError("storage_failed", `${this.#requests.to} ${how}: ${message}`, { passing, tries }));
  }
}
