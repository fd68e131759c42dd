/**
 * Keeps time for the workflows of an engine that have a schedule: at each time a message goes to the control queue, whose
 * id is made of that time. A time that passes while no engine runs is passed over.
 */
import { controlQueue } from "../contract/ids.ts";
import type { Graph } from "../model/graph.ts";
import type { Clock } from "../ports/clock.ts";
import type { Transport } from "../ports/transport.ts";
import { nextTime, printTick } from "./next-times.ts";

export class Schedules {
  readonly #clock: Clock;
  readonly #transport: Transport;
  readonly #cancel = new Map<string, () => void>();

  constructor({ clock, transport }: { readonly clock: Clock; readonly transport: Transport }) {
    this.#clock = clock;
    this.#transport = transport;
  }

  /** The newest graph of a workflow takes the place of the one before. */
  set(graph: Graph): void {
    this.#cancel.get(graph.workflow)?.();
    this.#cancel.delete(graph.workflow);
    this.#await(graph, this.#clock.now());
  }

  stop(): void {
    for (const cancel of this.#cancel.values()) cancel();
    this.#cancel.clear();
  }

  #await(graph: Graph, afterMs: number): void {
    const { schedule, workflow } = graph;
    const timeMs = schedule && nextTime(schedule, afterMs);
    if (schedule === undefined || timeMs === undefined) return;
    const ring = () => {
      const delayMs = Math.floor(this.#clock.random() * schedule.jitterMs);
      const envelope = { kind: "tick", v: 1, workflow, time: printTick(timeMs) } as const;
      // A store that fails tells of it itself.
      this.#transport.send([{ queue: controlQueue(workflow), envelope, delayMs }]).catch(() => {});
      // Times that passed while the machine slept are passed over.
      this.#await(graph, Math.max(timeMs, this.#clock.now()));
    };
    this.#cancel.set(workflow, this.#clock.at(timeMs, ring));
  }
}
