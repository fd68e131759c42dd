/** The suites on memory and on SQLite. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LocalStore } from "../../lib/adapters/local/store.ts";
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessEventBus } from "../../lib/adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import type { Store } from "../../lib/adapters/single-process/store.ts";
import { SingleProcessTransport } from "../../lib/adapters/single-process/transport.ts";
import { Engine } from "../../lib/engine/engine.ts";
import { InProcessHandlers } from "../../lib/node/in-process.ts";
import { MOST_RECEIVES } from "../../lib/ports/transport.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { eventBusSuite } from "./event-bus.suite.ts";
import { type FlowsSubject, flowPrograms, flowsSuite } from "./flows.suite.ts";
import { type QueuesSubject, queuesSuite } from "./queues.suite.ts";
import { stepLogSuite } from "./step-log.suite.ts";
import { type TransportSubject, transportSuite } from "./transport.suite.ts";

/** Where a store's data lies: one process after another can open it, or why not. */
interface Home {
  open(): Store;
  readonly lasting: true | string;
  /** What a message's body is on disk from now on; or why it is on none. */
  readonly rewrite: ((body: string) => void) | string;
  remove(): void;
}
const memory = (): Home => ({
  open: () => new MemoryStore(),
  lasting: "memory ends with its process",
  rewrite: "memory has no disk",
  remove: () => {},
});
const local = (): Home => {
  const folder = mkdtempSync(join(tmpdir(), "pawl-conformance-"));
  return {
    open: () => new LocalStore(folder),
    lasting: true,
    rewrite: (body) => {
      const db = new DatabaseSync(join(folder, "pawl.db"));
      db.prepare("update message set body = ?").run(body);
      db.close();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** The queues of one process after another. */
function openTransport(home: Home, clock: VirtualClock): TransportSubject & QueuesSubject {
  const store = home.open();
  const { lasting, rewrite } = home;
  const concurrency = 4;
  const errors: unknown[] = [];
  const transport = new SingleProcessTransport({ store, clock, concurrency, onError: (error) => errors.push(error) });
  const quiet = async () => {
    await transport.idle();
    await store.sync();
  };
  // Alarms of a process that has ended do not ring.
  const reopen = () => openTransport(home, new VirtualClock(clock.now()));
  const pass = async (ms: number) => {
    const untilMs = clock.now() + ms;
    await quiet();
    while (clock.ringNext(untilMs)) await quiet();
    clock.moveTo(untilMs);
    await quiet();
  };
  return {
    ...{ transport, concurrency, errors, quiet, pass, mostReceives: MOST_RECEIVES },
    consume: (queue, receive) => transport.consume(queue, receive),
    now: () => clock.now(),
    until: (_, ms) => pass(ms),
    times: { lateMs: 0, delayMs: 30_000, backMs: 60_000, everMs: 24 * 60 * 60_000 },
    deadLetters: async () => store.deadLetters(),
    reopen:
      lasting === true
        ? async () => {
            await store.sync();
            store.close();
            return reopen();
          }
        : lasting,
    reopenSpoilt:
      typeof rewrite === "string"
        ? rewrite
        : async (body) => {
            await store.sync();
            store.close();
            rewrite(body);
            return reopen();
          },
    close: async () => {
      await transport.stop();
      store.close();
      home.remove();
    },
  };
}

/** One engine after another. */
async function openFlows(home: Home, clock: VirtualClock): Promise<FlowsSubject> {
  const store = home.open();
  const log = new SingleProcessStepLog(store);
  const transport = new SingleProcessTransport({ store, clock, concurrency: 4, onError: () => {} });
  const handlers = new InProcessHandlers(() => {});
  const engine = new Engine({ log, transport, bus: new SingleProcessEventBus(transport), clock, handlers });
  await engine.add(...flowPrograms);
  const quiet = async () => {
    await transport.idle();
    await store.sync();
  };
  return {
    start: async (workflow, input) => {
      await engine.start(workflow, { id: "1", input });
      await quiet();
      return { workflow, id: "1" };
    },
    control: async (name, request) => {
      await engine.control(name, request);
      await quiet();
    },
    pass: async (ms) => {
      const untilMs = clock.now() + ms;
      await quiet();
      while (clock.ringNext(untilMs)) await quiet();
      clock.moveTo(untilMs);
      await quiet();
    },
    executions: (workflow) => log.executions({ workflow, limit: 100 }),
    output: async (name) => (await engine.show(name)).output,
    reopen:
      home.lasting === true
        ? async () => {
            await engine.stop();
            store.close();
            return openFlows(home, new VirtualClock(clock.now()));
          }
        : home.lasting,
    close: async () => {
      await engine.stop();
      store.close();
      home.remove();
    },
  };
}

for (const [name, make] of Object.entries({ memory, local })) {
  flowsSuite(name, () => openFlows(make(), new VirtualClock()));
  stepLogSuite(name, async () => {
    const home = make();
    let store = home.open();
    return {
      log: new SingleProcessStepLog(store),
      reopen:
        home.lasting === true
          ? async () => {
              store.close();
              store = home.open();
              return new SingleProcessStepLog(store);
            }
          : home.lasting,
      leases: "end with the process" as const,
      ledger: { name: "ledger", items: async () => store.items("ledger") },
      close: async () => {
        store.close();
        home.remove();
      },
    };
  });

  transportSuite(name, async () => openTransport(make(), new VirtualClock()));

  queuesSuite(name, async () => openTransport(make(), new VirtualClock()));

  eventBusSuite(name, async () => {
    const { transport, consume, quiet, close } = openTransport(make(), new VirtualClock());
    const bus = new SingleProcessEventBus(transport);
    return { bus, consume, quiet, close, subscribe: async (workflow, event) => bus.subscribe(workflow, event) };
  });
}
