/** The event bus of a one-process engine: an event becomes a message in the control queue of each workflow that wants it. */
import { controlQueue } from "../../contract/ids.ts";
import type { EventOf } from "../../model/contracts.ts";
import type { EventSpec } from "../../model/graph.ts";
import type { Rules } from "../../ports/event-bus.ts";
import type { OutMessage, Transport } from "../../ports/transport.ts";

export class SingleProcessEventBus implements Rules {
  readonly #transport: Transport;
  readonly #rules = new Map<string, Pick<EventSpec, "source" | "type">>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  subscribe(workflow: string, event: Pick<EventSpec, "source" | "type">): void {
    this.#rules.set(workflow, event);
  }

  async put(events: readonly EventOf[]): Promise<void> {
    const sends: OutMessage[] = [];
    for (const event of events)
      for (const [workflow, rule] of this.#rules)
        if (rule.source === event.source && rule.type === event.type)
          sends.push({ queue: controlQueue(workflow), envelope: { kind: "event", v: 1, workflow, event } });
    if (sends.length > 0) await this.#transport.send(sends);
  }
}
