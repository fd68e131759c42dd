import { folderObjects } from "../adapters/local/folder-objects.ts";
import { LocalStore } from "../adapters/local/store.ts";
import { SingleProcessEventBus } from "../adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../adapters/single-process/step-log.ts";
import { SingleProcessTransport } from "../adapters/single-process/transport.ts";
import { systemClock } from "../adapters/system-clock.ts";
import type { Item } from "../contract/item-size.ts";
import { payloadBytesOf } from "../contract/limits.ts";
import type { TableKeys } from "../contract/transact-action.ts";
import { Engine } from "../engine/engine.ts";
import { messageOf } from "../errors.ts";
import type { Header } from "../kernel/record.ts";
import type { Workflow } from "../model/types.ts";
import { type HandlerMap, InProcessHandlers } from "../node/in-process.ts";
import type { LogLine } from "../node/run-attempt.ts";
import type { Handlers } from "../ports/handlers.ts";
import type { DeadLetter } from "../ports/transport.ts";
import type { CallbackParts, SentSignal } from "../security/receive-callback.ts";
import { sendSignal } from "../security/send-signal.ts";
import { signalSchema } from "../security/signal-schema.ts";
import { LocalCallbacks } from "./local-callbacks.ts";

export interface EmbeddedOptions {
  /** The data folder; made when it is missing. One process holds it at a time. Default `.pawl`. */
  readonly folder?: string;
  /** Workflows with their handlers, which run in this process. */
  readonly workflows?: readonly { readonly workflow: Pick<Workflow, "program">; readonly handlers: HandlerMap }[];
  /**
   * The largest value that an execution carries, in MiB of JSON, from 1 to 256: its input, an output, what a state makes.
   * Default 32.
   */
  readonly payloadLimitMiB?: number;
  /** Keys of the tables that `step.transact` writes to, where they are not `pk`, or `pk` and `sk`. */
  readonly tables?: TableKeys;
  /** A folder that stands for Amazon S3, where state machines read items from there: each folder in it is a bucket. */
  readonly s3?: string;
  /** Attempts of one node that run at once. Default 1000. */
  readonly concurrency?: number;
  /**
   * What callbacks are reached by from outside: a tunnel or a proxy to this machine, `https://approvals.example.org`.
   * Default: where the HTTP API listens, which only this machine reaches.
   */
  readonly callbackUrl?: string;
  /** Lines of `step.log`. Default: JSON lines on standard error. */
  readonly onLog?: LogLine;
  /** Told of what went wrong inside, such as a commit that failed. Default: a line on standard error. */
  readonly onError?: (error: unknown) => void;
}

export interface EmbeddedEngine extends Engine {
  deadLetters(): readonly DeadLetter[];
  /** What `step.transact` has written into a table, by the items' keys. */
  items(table: string): readonly Item[];
  /** Messages that are ready, being received, and for later. */
  counts(): { readonly ready: number; readonly inFlight: number; readonly later: number };
  /** The payload limit. */
  readonly payloadBytes: number;
  /** What answers callbacks. */
  readonly callbackParts: CallbackParts;
  /** What signs them. */
  readonly callbacks: LocalCallbacks;
}

/**
 * Opens the engine on a data folder and goes on with whatever it finds unfinished there.
 *
 * @throws PawlError `data_folder_in_use`, `data_folder_damaged`, `data_folder_unwritable`, `handlers_mismatch`,
 *   `invalid_workflow`, `usage` for a payload limit that is none
 */
export async function openEngine(options: EmbeddedOptions = {}): Promise<EmbeddedEngine> {
  const callbacks = new LocalCallbacks(options.folder ?? ".pawl", options.callbackUrl);
  const handlers = new InProcessHandlers(options.onLog ?? logLine, callbacks.handOut);
  const { workflows = [] } = options;
  for (const { workflow, handlers: map } of workflows) handlers.add(workflow.program, map);
  const engine = openEngineOn(handlers, { ...options, callbacks });
  await engine.add(...workflows.map(({ workflow }) => workflow.program));
  return engine;
}

/** The same engine, with handlers that run elsewhere. Workflows are added by the caller. */
export function openEngineOn(
  handlers: Handlers,
  options: EmbeddedOptions & { readonly callbacks?: LocalCallbacks },
): EmbeddedEngine {
  const { folder = ".pawl", concurrency = 1000, onError = errorLine } = options;
  const { callbacks = new LocalCallbacks(folder, options.callbackUrl) } = options;
  const payloadBytes = payloadBytesOf(options.payloadLimitMiB);
  const store = new LocalStore(folder, { onFailure: onError });
  const clock = systemClock;
  const transport = new SingleProcessTransport({ store, clock, concurrency, onError });
  const bus = new SingleProcessEventBus(transport);
  const log = new SingleProcessStepLog(store, options.tables);
  const objects = options.s3 === undefined ? undefined : folderObjects(options.s3);
  const engine = new Engine({ log, transport, bus, handlers, clock, objects }, { payloadBytes });
  const newest = (workflow: string) => engine.workflows().find(({ graph }) => graph.workflow === workflow);
  const stop = engine.stop.bind(engine);
  return Object.assign(engine, {
    deadLetters: () => store.deadLetters(),
    items: (table: string) => store.items(table),
    counts: () => transport.counts(),
    payloadBytes,
    callbacks,
    callbackParts: {
      keys: callbacks.keys,
      log,
      schemaOf: (header: Header, signal: string) =>
        signalSchema({ log, newest: newest(header.workflow) }, header, signal),
      sendSignal: (header: Header, of: SentSignal) => sendSignal({ log, transport }, header, of),
      now: () => clock.now(),
    },
    stop: async () => {
      try {
        await stop();
      } finally {
        store.close();
      }
    },
  });
}

const logLine: LogLine = ({ step, message, data }) => {
  process.stderr.write(`${JSON.stringify({ ...step, message, ...(data !== undefined && { data }) })}\n`);
};
const errorLine = (error: unknown): void => {
  process.stderr.write(`pawl: ${messageOf(error)}\n`);
};
