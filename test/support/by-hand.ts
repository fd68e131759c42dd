/** An engine whose messages are delivered by hand, so that every order of them can be had. Time passes when told to. */
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import type { Envelope, EnvelopeOf } from "../../lib/contract/envelope.ts";
import type { ExecutionName } from "../../lib/contract/ids.ts";
import { Engine } from "../../lib/engine/engine.ts";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import type { Program } from "../../lib/model/program.ts";
import type { HandlerCall, HandlerOutcome } from "../../lib/ports/handlers.ts";
import type { StepLog } from "../../lib/ports/step-log.ts";
import type { Delivery, Outcome, OutMessage, Receive } from "../../lib/ports/transport.ts";
import { output } from "./simulation.ts";
import { VirtualClock } from "./virtual-clock.ts";

const MOST_MESSAGES = 1_000;

export class ByHand {
  readonly clock = new VirtualClock();
  readonly log = new SingleProcessStepLog(new MemoryStore());
  /** Not delivered yet, in the order of sending. */
  readonly sent: OutMessage[] = [];
  readonly runs: HandlerCall[] = [];
  readonly aborted: string[] = [];
  answer: (call: HandlerCall) => HandlerOutcome = (call) => output(`${call.input}>${call.step.path}`);
  /** Called before the log's next call of this name, once. */
  before: { readonly name: keyof StepLog; readonly first: () => Promise<unknown> } | undefined;
  readonly #consumers = new Map<string, Receive>();
  readonly engine: Engine;

  constructor() {
    this.engine = new Engine({
      log: this.#interrupted(),
      clock: this.clock,
      transport: {
        send: async (messages) => void this.sent.push(...messages),
        consume: (queue, receive) => void this.#consumers.set(queue, receive),
        stop: async () => {},
      },
      bus: { put: async () => {}, subscribe: () => {} },
      handlers: {
        run: async (call) => {
          this.runs.push(call);
          return this.answer(call);
        },
        abort: (execution) => void this.aborted.push(execution),
        stop: async () => {},
      },
    });
  }

  /** Starts an execution, and delivers its start. */
  async start(program: Program, ...called: readonly Program[]): Promise<ExecutionName> {
    const name = { workflow: program.graph.workflow, id: "1" };
    await this.engine.add(program, ...called);
    await this.engine.start(name.workflow, { id: "1", input: "in" });
    await this.receive(this.take("start"));
    return name;
  }

  /** The first message of this kind that is not delivered yet. */
  take<K extends Envelope["kind"]>(kind: K): OutMessage & { readonly envelope: EnvelopeOf<K> } {
    const at = this.sent.findIndex(({ envelope }) => envelope.kind === kind);
    const [message] = at < 0 ? [] : this.sent.splice(at, 1);
    if (!message) throw new Error(`no ${kind} was sent, but ${this.kinds().join(", ") || "nothing"}`);
    return message as OutMessage & { readonly envelope: EnvelopeOf<K> }; // looked for by its kind
  }
  kinds(): readonly string[] {
    return this.sent.map(({ envelope }) => envelope.kind);
  }

  receive({ queue, envelope }: OutMessage, over: Partial<Delivery> = {}): Promise<Outcome> {
    const consumer = this.#consumers.get(queue);
    if (!consumer) throw new Error(`nobody consumes ${queue}`);
    return consumer({ envelope, receives: 1, sentAtMs: this.clock.now(), dead: false, ...over });
  }

  /** The request's message, not delivered yet. */
  async asked(name: ExecutionName, request: ControlRequest): Promise<OutMessage> {
    const before = this.sent.length;
    await this.engine.control(name, request);
    const [message] = this.sent.splice(before);
    if (!message) throw new Error(`nothing to ask: ${request.kind}`);
    return message;
  }
  async ask(name: ExecutionName, request: ControlRequest): Promise<Outcome> {
    return this.receive(await this.asked(name, request));
  }

  /** Delivers what is sent, and what that sends, but for messages that are for later. */
  async deliverAll(): Promise<void> {
    for (let delivered = 0; ; delivered++) {
      if (delivered === MOST_MESSAGES) throw new Error(`${MOST_MESSAGES} messages and no end`);
      const at = this.sent.findIndex(({ delayMs = 0 }) => delayMs === 0);
      const [message] = at < 0 ? [] : this.sent.splice(at, 1);
      if (!message) return;
      const outcome = await this.receive(message);
      if (outcome.kind === "putOff") this.sent.push({ ...message, delayMs: outcome.delayMs });
      if (outcome.kind === "bury") throw new Error(`buried: ${outcome.reason}`);
    }
  }

  async status(name: ExecutionName): Promise<string | undefined> {
    return (await this.log.header(name))?.status;
  }

  #interrupted(): StepLog {
    return new Proxy<StepLog>(this.log, {
      get: (log, called: keyof StepLog) => {
        const call = log[called].bind(log) as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          const now = this.before?.name === called ? this.before.first : undefined;
          if (now) this.before = undefined;
          await now?.();
          return call(...args);
        };
      },
    });
  }
}
