/** The suites on memory and on SQLite. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalStore } from "../../lib/adapters/local/store.ts";
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessEventBus } from "../../lib/adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import type { Store } from "../../lib/adapters/single-process/store.ts";
import { SingleProcessTransport } from "../../lib/adapters/single-process/transport.ts";
import { VirtualClock } from "../../lib/testing/virtual-clock.ts";
import { eventBusSuite } from "./event-bus.suite.ts";
import { type OpenLog, stepLogSuite } from "./step-log.suite.ts";
import { type OpenTransport, transportSuite } from "./transport.suite.ts";

interface Home {
  readonly name: string;
  /** A store on a place of its own, and how to get rid of that. */
  readonly place: () => { readonly open: () => Store; readonly remove: () => void };
  readonly lasting: boolean;
}
const homes: readonly Home[] = [
  { name: "memory", place: () => ({ open: () => new MemoryStore(), remove: () => {} }), lasting: false },
  {
    name: "local",
    place: () => {
      const folder = mkdtempSync(join(tmpdir(), "pawl-conformance-"));
      return { open: () => new LocalStore(folder), remove: () => rmSync(folder, { recursive: true }) };
    },
    lasting: true,
  },
];

for (const { name, place, lasting } of homes) {
  stepLogSuite(name, async () => {
    const { open, remove } = place();
    const openLog = (store: Store): OpenLog => ({
      log: new SingleProcessStepLog(store),
      ...(lasting && {
        reopen: async () => {
          store.close();
          return openLog(open());
        },
      }),
      close: async () => {
        store.close();
        remove();
      },
    });
    return openLog(open());
  });

  transportSuite(name, async () => {
    const { open, remove } = place();
    const clock = new VirtualClock();
    const openTransport = (store: Store): OpenTransport => {
      const errors: unknown[] = [];
      const onError = (error: unknown) => void errors.push(error);
      const transport = new SingleProcessTransport({ store, clock, concurrency: 10, onError });
      const settled = () => new Promise<void>((resolve) => setImmediate(() => store.afterCommit(resolve)));
      return {
        transport,
        errors,
        buried: () => store.deadLetters(),
        pass: async (ms) => {
          const until = clock.now() + ms;
          await settled();
          for (let next = clock.next(); next !== undefined && next <= until; next = clock.next()) {
            clock.moveTo(next);
            await settled();
            await settled();
          }
          clock.moveTo(until);
          await settled();
        },
        ...(lasting && {
          reopen: async () => {
            store.close();
            return openTransport(open());
          },
        }),
        close: async () => {
          store.close();
          remove();
        },
      };
    };
    return openTransport(open());
  });

  eventBusSuite(name, async () => {
    const { open, remove } = place();
    const store = open();
    const transport = new SingleProcessTransport({
      store,
      clock: new VirtualClock(),
      concurrency: 10,
      onError: () => {},
    });
    const seen: string[] = [];
    for (const workflow of ["order", "crm", "audit"])
      transport.consume(workflow, async ({ envelope }) => {
        if (envelope.kind === "event") seen.push(`${envelope.workflow} ${envelope.event.id}`);
        return { kind: "acknowledge" };
      });
    return {
      bus: new SingleProcessEventBus(transport),
      delivered: async () => {
        await transport.idle();
        store.close();
        remove();
        return seen.sort();
      },
    };
  });
}
