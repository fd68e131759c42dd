import type { Client, EventBridgeEvent, Result } from "../client/index.ts";
import type { ExecutionName } from "../contract/ids.ts";
import type { Accepted } from "../engine/engine.ts";

/** What a command that sets something going works with. */
export interface ReachedEngine {
  start(workflow: string, of: { readonly id: string; readonly input: unknown }): Promise<Accepted>;
  sendEvent(event: EventBridgeEvent): Promise<readonly Accepted[]>;
  /** @throws PawlError `still_running` after the timeout */
  result(execution: ExecutionName, timeoutMs?: number): Promise<Result>;
  /** Stops an engine of its own; what is not done goes on when the next one starts. */
  close(): Promise<void>;
}

export interface ReachOptions {
  /** Whether to run an engine when none runs. */
  readonly wait: boolean;
  /** Lines of `step.log` as JSON, one a line. */
  readonly json: boolean;
  /** Whether the project's code is of use where the engine is not on this machine. */
  readonly usesCode?: boolean;
}

export function overClient(engine: Client): ReachedEngine {
  return {
    start: (workflow, of) => engine.start(workflow, of),
    sendEvent: (event) => engine.sendEvent(event),
    result: ({ workflow, id }, timeoutMs) =>
      engine.result(workflow, id, timeoutMs === undefined ? {} : { timeout: `${timeoutMs / 1000} seconds` }),
    close: async () => {},
  };
}
