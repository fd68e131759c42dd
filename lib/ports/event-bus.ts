/**
 * The event bus: an event put on it goes to the control queue of each workflow whose trigger it matches, at least once.
 * It does not check data against schemas, and does not keep events that nobody wants.
 */
import type { EventOf } from "../model/contracts.ts";
import type { EventSpec } from "../model/graph.ts";

export interface EventBus {
  /** Resolves when every event is accepted. */
  put(events: readonly EventOf[]): Promise<void>;
}

/** A bus that an engine itself tells who wants what. On AWS that is the deployment's part. */
export interface Rules extends EventBus {
  /** Events of this kind go to this workflow. Said again, it changes nothing. */
  subscribe(workflow: string, event: Pick<EventSpec, "source" | "type">): void;
}
