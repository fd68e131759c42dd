import type { Client, Controlled, EventBridgeEvent, Result } from "../client/index.ts";
import type { ExecutionName } from "../contract/ids.ts";
import type { Accepted } from "../engine/engine.ts";
import type { SingleRequest } from "../engine/requests.ts";

/** What a command that sets something going works with. */
export interface ReachedEngine {
  start(workflow: string, of: { readonly id: string; readonly input: unknown }): Promise<Accepted>;
  sendEvent(event: EventBridgeEvent): Promise<readonly Accepted[]>;
  /** @throws PawlError `still_running` after the timeout */
  result(execution: ExecutionName, timeoutMs?: number): Promise<Result>;
  ask(execution: ExecutionName, request: SingleRequest): Promise<Controlled>;
  /** Stops an engine of its own; what is not done goes on when the next one starts. */
  close(): Promise<void>;
}

export interface ReachOptions {
  /** Whether to run an engine when none runs. */
  readonly wait: boolean;
  /** Whether the command could be given `--wait`. Default true. */
  readonly canWait?: boolean;
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
    ask: (execution, request) => askOver(engine, execution, request),
    close: async () => {},
  };
}

function askOver(engine: Client, { workflow, id }: ExecutionName, request: SingleRequest): Promise<Controlled> {
  switch (request.kind) {
    case "cancel": {
      const { reason, undo } = request;
      return engine.cancel(workflow, id, {
        ...(reason !== undefined && { reason }),
        ...(undo !== undefined && { undo }),
      });
    }
    case "redrive": {
      const { from, input } = request;
      return engine.redrive(workflow, id, {
        ...(from !== undefined && { from }),
        ...(input !== undefined && { input }),
      });
    }
    case "signal":
      return engine.signal(workflow, id, request.signal, request.data, { id: request.id });
    case "fork": {
      const { from, id: forkId, input } = request;
      return engine.fork(workflow, id, { from, id: forkId, ...(input !== undefined && { input }) });
    }
    default:
      return engine[request.kind](workflow, id);
  }
}
