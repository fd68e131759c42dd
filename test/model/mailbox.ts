/**
 * One record for each signal's name, across generations. It alone says which wait a signal belongs to: whoever finds one
 * assigned carries it on. A place that has been left, or has had its signal, never waits again.
 */
import type { Mutant } from "./mutants.ts";
import { Violation } from "./violation.ts";

export interface Letter {
  readonly id: string;
  place?: Place;
}
/** A wait's record, and the path that it has in its generation. */
export interface Place {
  readonly key: string;
  readonly path: string;
}

export class Mailbox {
  readonly letters: Letter[] = [];
  readonly waiting: Place[] = [];
  readonly known = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #breaks: (mutant: Mutant) => boolean;

  constructor(breaks: (mutant: Mutant) => boolean) {
    this.#breaks = breaks;
  }

  /** Whose it is, now or since it came first. */
  receive(id: string): Place | undefined {
    if (this.known.has(id) && !this.#breaks("signaltwice"))
      return this.letters.find((letter) => letter.id === id)?.place;
    this.known.add(id);
    const place = this.#breaks("signalbuffers") ? undefined : this.waiting.shift();
    this.letters.push({ id, ...(place && { place }) });
    if (!place && this.waiting.length > 0) throw new Violation(`${id} is kept, and ${this.waiting[0]?.key} waits`);
    return place;
  }

  /** The signal that it has. */
  wait(place: Place): string | undefined {
    const assigned = this.#assigned(place);
    if (assigned || this.#gone.has(place.key) || this.#isWaiting(place)) return assigned?.id;
    const buffered = this.letters.find((letter) => !letter.place);
    if (buffered) buffered.place = place;
    else this.waiting.push(place);
    return buffered?.id;
  }

  /** The signal that it has: then it is too late. */
  leave(place: Place): string | undefined {
    const assigned = this.#assigned(place);
    if (assigned) return assigned.id;
    this.#drop(place);
    if (!this.#breaks("leftforgotten")) this.#gone.add(place.key);
    return undefined;
  }

  /** The signal stands in the wait's decision. */
  forget(place: Place): void {
    const at = this.letters.findIndex((letter) => letter.place?.key === place.key);
    if (at >= 0) this.letters.splice(at, 1);
    if (!this.#breaks("forgetsplace")) this.#gone.add(place.key);
  }

  #assigned(place: Place): Letter | undefined {
    return this.letters.find((letter) => letter.place?.key === place.key);
  }
  #isWaiting(place: Place): boolean {
    return this.waiting.some(({ key }) => key === place.key);
  }
  #drop(place: Place): void {
    const at = this.waiting.findIndex(({ key }) => key === place.key);
    if (at >= 0) this.waiting.splice(at, 1);
  }
}
