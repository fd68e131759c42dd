/** Executions that call each other: each with a log and a graph of its own, all over one set of queues. */

import type { PhysicalKey } from "./generation.ts";
import type { Sequence } from "./graph.ts";
import type { Executions, Parent, Parts } from "./work.ts";

export const childName = (parent: string, place: PhysicalKey): string => `${parent}>${place}`;

export class Registry implements Executions {
  readonly #all = new Map<string, Parts>();
  readonly #make: (name: string, graph: Sequence, parent?: Parent) => Parts;

  constructor(make: (name: string, graph: Sequence, parent?: Parent) => Parts) {
    this.#make = make;
  }
  at(name: string): Parts {
    const found = this.#all.get(name);
    if (!found) throw new Error(`no execution '${name}'`);
    return found;
  }
  ensure(name: string, graph: Sequence, parent?: Parent): Parts {
    const found = this.#all.get(name) ?? this.#make(name, graph, parent);
    this.#all.set(name, found);
    return found;
  }
  all(): readonly Parts[] {
    return [...this.#all.values()];
  }
}
