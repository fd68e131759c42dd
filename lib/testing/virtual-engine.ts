/** The real engine, in memory, in virtual time: what happens is kept, and waiting takes none. */
import { folderObjects } from "../adapters/local/folder-objects.ts";
import { SingleProcessEventBus } from "../adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../adapters/single-process/step-log.ts";
import { SingleProcessTransport } from "../adapters/single-process/transport.ts";
import type { ExecutionName } from "../contract/ids.ts";
import type { TableKeys } from "../contract/transact-action.ts";
import { isAtRest } from "../engine/ends.ts";
import { Engine } from "../engine/engine.ts";
import { PawlError } from "../errors.ts";
import type { Header } from "../kernel/record.ts";
import type { Program } from "../model/program.ts";
import type { Handlers } from "../ports/handlers.ts";
import { RecordingBus, RecordingStore, recordingHandlers } from "./recorder.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface VirtualEngine {
  readonly engine: Engine;
  readonly store: RecordingStore;
  readonly bus: RecordingBus;
  readonly clock: VirtualClock;
  /** Everything goes as far as it comes while time stands still. */
  readonly idle: () => Promise<void>;
  /** Passes time until the execution has ended. @throws PawlError `still_running` when it waits for something that does not come */
  readonly end: (name: ExecutionName) => Promise<Header>;
}

interface VirtualOptions {
  readonly handlers: Handlers;
  readonly tables?: TableKeys | undefined;
  /** A folder that stands for Amazon S3. */
  readonly s3?: string | undefined;
}

/** More jumps of the clock than any execution needs: what still waits then, waits for ever. */
const MOST_JUMPS = 10_000;

export async function virtualEngine(
  programs: readonly Program[],
  { handlers, tables, s3 }: VirtualOptions,
): Promise<VirtualEngine> {
  const clock = new VirtualClock();
  const store = new RecordingStore();
  const log = new SingleProcessStepLog(store, tables);
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const transport = new SingleProcessTransport({ store, clock, concurrency: 1000, onError });
  const bus = new RecordingBus(new SingleProcessEventBus(transport));
  const objects = s3 === undefined ? undefined : folderObjects(s3);
  const ports = { log, transport, bus, clock, handlers: recordingHandlers(handlers, store.happenings), objects };
  const engine = new Engine(ports);
  await engine.add(...programs);
  const idle = () => transport.idle();
  return {
    ...{ engine, store, bus, clock, idle },
    end: async (name) => {
      for (let jumps = 0; ; jumps++) {
        await idle();
        const header = await log.header(name);
        if (header && isAtRest(header)) return header;
        const next = clock.next();
        if (next === undefined || jumps === MOST_JUMPS)
          throw new PawlError("still_running", `${name.workflow}/${name.id} does not end`, {}, errors[0]);
        clock.moveTo(next);
      }
    },
  };
}
