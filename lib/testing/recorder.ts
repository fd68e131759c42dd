/** What happens in a workflow's test, in order, as data. */
import { MemoryStore } from "../adapters/memory/store.ts";
import { keyAt } from "../kernel/generation.ts";
import { type Decision, type Effect, type LogRecord, START_KEY } from "../kernel/record.ts";
import type { EventOf } from "../model/contracts.ts";
import type { Json } from "../model/json.ts";
import type { Rules } from "../ports/event-bus.ts";
import type { HandlerCall, HandlerOutcome, Handlers } from "../ports/handlers.ts";

export type TestHappening =
  /** A handler was called, and this came of it. */
  | {
      readonly kind: "attempt";
      readonly path: string;
      readonly node: string;
      /** From 1. */
      readonly attempt: number;
      readonly input: Json;
      readonly outcome: HandlerOutcome;
    }
  /** A step settled, a join was full or the execution started, and it was decided what follows. */
  | {
      readonly kind: "decision";
      /** The step or the join; empty for the start. */
      readonly path: string;
      readonly next: readonly { readonly kind: Effect["kind"]; readonly path: string }[];
    };

/** Of all executions, by name. */
export type Happenings = Map<string, TestHappening[]>;

const add = (all: Happenings, execution: string, what: TestHappening) =>
  void all.set(execution, [...(all.get(execution) ?? []), what]);

export class RecordingStore extends MemoryStore {
  readonly happenings: Happenings = new Map();

  override putRecord(execution: string, key: string, record: LogRecord): void {
    super.putRecord(execution, key, record);
    const decision = decisionIn(record);
    if (!decision) return;
    const path = key.startsWith(START_KEY) ? "" : keyAt(key).slice(key.indexOf("/") + 1);
    add(this.happenings, execution, { kind: "decision", path, next: decision.next.map(brief) });
  }
}

function decisionIn(record: LogRecord): Pick<Decision, "next"> | undefined {
  if (record.kind === "decision") return record;
  if (record.kind === "step" && record.status === "settled") return { next: record.next ?? [] };
  return undefined;
}

const brief = (effect: Effect) => ({
  kind: effect.kind,
  path: "path" in effect ? effect.path : effect.kind === "fail" ? effect.error.path : "",
});

export function recordingHandlers(handlers: Handlers, happenings: Happenings): Handlers {
  return {
    run: async (call: HandlerCall, remember, beat) => {
      const outcome = await handlers.run(call, remember, beat);
      const { node, input, step } = call;
      const { path, attempt } = step;
      add(happenings, step.execution, { kind: "attempt", path, node, attempt, input, outcome });
      return outcome;
    },
    abort: (execution, scope) => handlers.abort(execution, scope),
    stop: () => handlers.stop(),
  };
}

export class RecordingBus implements Rules {
  readonly events: EventOf[] = [];
  readonly #bus: Rules;
  constructor(bus: Rules) {
    this.#bus = bus;
  }
  put(events: readonly EventOf[]): Promise<void> {
    this.events.push(...events);
    return this.#bus.put(events);
  }
  subscribe(...rule: Parameters<Rules["subscribe"]>): void {
    this.#bus.subscribe(...rule);
  }
}
