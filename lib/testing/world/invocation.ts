/**
 * One invocation of a deployed function: the shipped batch and engine, over ports that the world's plan controls. Each
 * has a life and a clock of its own, and as much time as its function would have on AWS.
 */
import type { SQSEvent } from "aws-lambda";
import type { ReceivedMessage } from "../../adapters/aws/received.ts";
import { parseEnvelope } from "../../contract/envelope.ts";
import { type ExecutionName, printExecution } from "../../contract/ids.ts";
import { receiveStep } from "../../engine/attempt.ts";
import { AFTER_ATTEMPT_MS, type Context, DEFAULT_LIMITS } from "../../engine/context.ts";
import { receiveControl } from "../../engine/control.ts";
import { Generations } from "../../engine/generation-log.ts";
import { Programs } from "../../engine/programs.ts";
import type { Records } from "../../kernel/frontier.ts";
import { stepKey } from "../../kernel/record.ts";
import type { Claimed, ClaimRequest, Holder, Renewal, Written } from "../../kernel/step.ts";
import { ANSWER_MS, type BatchParts, receiveBatch } from "../../lambda/batch.ts";
import type { EventOf } from "../../model/contracts.ts";
import type { Objects } from "../../model/objects.ts";
import type { Program } from "../../model/program.ts";
import type { Beat, HandlerCall, Handlers, Remember } from "../../ports/handlers.ts";
import type { Listing, StepLog } from "../../ports/step-log.ts";
import type { Delivery, Outcome, OutMessage } from "../../ports/transport.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import type { Attempts } from "./attempts.ts";
import { Calls, type Fate } from "./calls.ts";
import { type Life, silence } from "./life.ts";
import type { Plan } from "./plan.ts";
import { subjectOf } from "./print-call.ts";
import { functionTimeoutMs, SKEW_MS } from "./queue-times.ts";
import { isDeadQueue, type Message, type WorldQueues } from "./queues.ts";
import type { WatchedStore } from "./watched-store.ts";
import { asListed } from "./without-values.ts";

/** Of one message at control, as its function has it. */
const CONTROL_NEEDED_MS = 10_000;

/** What an invocation finds around it. */
export interface Surroundings extends Fate {
  readonly plan: Plan;
  readonly clock: VirtualClock;
  readonly store: WatchedStore;
  readonly log: StepLog;
  readonly queues: WorldQueues;
  readonly handlers: Handlers;
  readonly attempts: Attempts;
  readonly objects: Objects | undefined;
  /** Whether the worker is to die in this step's handler. */
  poisoned(path: string): boolean;
  /** Time stands still while a handler is at work. */
  busyWith<T>(work: Promise<T>): Promise<T>;
  /** But not while it waits for a port. */
  idleWith<T>(work: Promise<T>): Promise<T>;
  /** A container puts its graph once. */
  stored(program: Program, put: () => Promise<void>): Promise<void>;
  send(message: OutMessage): void;
  put(events: readonly EventOf[]): void;
}

export class Invocation {
  readonly #world: Surroundings;
  readonly #life: Life;
  readonly #program: Program;
  readonly #queue: string;
  readonly #calls: Calls;

  constructor(world: Surroundings, life: Life, of: { readonly program: Program; readonly queue: string }) {
    this.#world = world;
    this.#life = life;
    this.#program = of.program;
    this.#queue = of.queue;
    this.#calls = new Calls(world, life);
  }

  async run(messages: readonly Message[]): Promise<void> {
    const { clock, queues } = this.#world;
    const { nodes } = this.#program.graph;
    const node = this.#node();
    const endMs = clock.now() + functionTimeoutMs(this.#program.graph, node);
    const time = {
      remainingMs: () => endMs - clock.now(),
      neededMs: node ? (nodes[node]?.timeoutMs ?? 0) + AFTER_ATTEMPT_MS : CONTROL_NEEDED_MS,
      after: (ms: number, call: () => void) => clock.at(clock.now() + ms, () => void (this.#life.dead || call())),
    };
    const context = this.#context(endMs - ANSWER_MS + this.#life.skewMs);
    const { batchItemFailures } = await receiveBatch(eventOf(messages), this.#parts(context), time);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const done = messages.filter(({ id }) => !failed.has(String(id)));
    const remove = (all: readonly Message[]) => {
      for (const { id } of all) queues.delete(id);
    };
    // The answer, by which Lambda deletes what is done. From here on the function is frozen, and may thaw.
    const what = `acknowledge ${done.map(({ id }) => `message ${id}`).join(", ") || "nothing"}`;
    await this.#calls.make({ what, effect: () => remove(done), part: () => remove(secondOf(done)) }).catch(() => {});
  }

  #node(): string | undefined {
    return this.#queue.split(".")[1];
  }

  #parts(context: Context): BatchParts {
    const { queues, store } = this.#world;
    const idOf = ({ receiptHandle }: ReceivedMessage) => Number(receiptHandle);
    const note = (message: string, about: unknown) =>
      this.#world.note(this.#life, `says: ${message}`, saidOf(about as Record<string, unknown>));
    return {
      parse: async (body) => parseEnvelope(body),
      isDeadLetterQueue: isDeadQueue,
      receive: (delivery) => this.#receive(context, delivery),
      received: {
        putOff: (message, ms) =>
          this.#calls.make({
            what: `put off message ${idOf(message)} for ${Math.ceil(ms / 1000)} s`,
            effect: () => queues.putOff(idOf(message), ms),
            refusable: true,
          }),
        remove: (all) =>
          this.#calls.make({
            what: `delete ${all.map((m) => `message ${idOf(m)}`).join(", ")}`,
            effect: () => {
              for (const message of all) queues.delete(idOf(message));
            },
            refusable: true,
          }),
      },
      bury: (message, reason) =>
        this.#calls.make({
          what: `bury message ${message.messageId}: ${reason}`,
          effect: () => store.bury({ queue: message.queueName, body: message.body, reason, atMs: context.clock.now() }),
          refusable: true,
        }),
      logger: { info: () => {}, warn: note, error: note },
    };
  }

  /** As the deployed functions look at a message before the engine does. */
  async #receive(context: Context, delivery: Delivery): Promise<Outcome> {
    const { kind } = delivery.envelope;
    if (this.#node() !== undefined) {
      if (delivery.envelope.kind === "step") return receiveStep(context, delivery, delivery.envelope);
      return { kind: "bury", reason: `a message of kind '${kind}' in a node's queue` };
    }
    if (kind === "step" && !delivery.dead) return { kind: "bury", reason: "a step's message in the control queue" };
    await this.#world.stored(this.#program, () => context.log.putGraph(this.#program.hash, this.#program.graph));
    return receiveControl(context, delivery);
  }

  #context(deadlineMs: number): Context {
    const { clock, handlers, plan } = this.#world;
    const log = this.#log();
    const programs = new Programs(log);
    programs.add(this.#program);
    return {
      log,
      programs,
      generations: new Generations(log),
      transport: { send: (messages) => this.#send(messages) },
      bus: { put: (events) => this.#put(events) },
      handlers: {
        run: (call, ...told) => this.#run(call, ...told),
        // Nobody else's attempts are in a worker's process.
        abort: () => {},
        stop: () => handlers.stop(),
      },
      clock: {
        now: () => clock.now() + this.#life.skewMs,
        random: () => clock.random(),
        at: (timeMs, call) => clock.at(timeMs - this.#life.skewMs, call),
      },
      objects: this.#objects(),
      limits: { ...DEFAULT_LIMITS, skewMs: SKEW_MS, carryBytes: plan.carryBytes ?? 0 },
      deadlineMs: () => deadlineMs,
      ended: () => {},
    };
  }

  /**
   * The one-process step log, which outlives every worker here: it knows of all claims, so a lease holds as long as it
   * says, whoever is dead.
   */
  #log(): StepLog {
    const { log, store, plan } = this.#world;
    return new Proxy<StepLog>(log, {
      get: (_, name: keyof StepLog) => {
        if (name === "sync") return () => Promise.resolve();
        const call = log[name].bind(log) as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) =>
          this.#calls.make({
            what: `${name} ${subjectOf(name, args)}`,
            effect: async () => {
              if (name === "glance") return store.headerBefore(args[0] as ExecutionName, plan.glanceLagMs ?? 0);
              if (HELD.has(name)) return this.#held(args, call);
              const answer = await call(...args);
              if (name === "list") return asListed(answer as Records, args[1] as Listing);
              if (name === "claim") this.#claimed(args, answer as Claimed);
              if (name === "renew") this.#renewed(args, answer as Written);
              return answer;
            },
            refusable: true,
          });
      },
    });
  }

  /** A write of whoever holds a step. */
  async #held(args: readonly unknown[], call: (...args: unknown[]) => Promise<unknown>): Promise<unknown> {
    const [execution, path, { holder }] = args as readonly [ExecutionName, string, { readonly holder: Holder }];
    const before = this.#world.store.record(printExecution(execution), stepKey(path));
    const written = (await call(...args)) as Written;
    if (written.kind === "written") this.#world.attempts.wrote(stepKey(path), before, holder);
    return written;
  }

  #claimed([execution, path, request]: readonly unknown[], { kind }: Claimed): void {
    if (kind !== "claimed") return;
    const { leaseMs } = request as ClaimRequest;
    const of = { execution: printExecution(execution as ExecutionName), path: path as string, leaseMs };
    this.#world.attempts.claimed(this.#life, of);
  }

  #renewed([execution, path, renewal]: readonly unknown[], { kind }: Written): void {
    if (kind !== "written") return;
    const { leaseUntilMs } = renewal as Renewal;
    const of = { execution: printExecution(execution as ExecutionName), path: path as string, leaseUntilMs };
    this.#world.attempts.renewed(this.#life, of);
  }

  /** Each read is one call: all that is there, as it is then. */
  #objects(): Objects | undefined {
    const { objects } = this.#world;
    if (!objects) return undefined;
    const read = <T>(what: string, all: () => AsyncIterable<T>) =>
      this.#calls.make({ what, effect: () => this.#world.busyWith(allOf(all())), refusable: true });
    return {
      get: async function* (object) {
        yield* await read(`get ${object.bucket}/${object.key}`, () => objects.get(object));
      },
      list: async function* (listing) {
        yield* await read(`list ${listing.bucket}`, () => objects.list(listing));
      },
    };
  }

  #send(messages: readonly OutMessage[]): Promise<void> {
    const send = (all: readonly OutMessage[]) => {
      for (const message of all) this.#world.send(message);
    };
    const to = ({ queue, envelope }: OutMessage) => `${envelope.kind} to ${queue}${whereOf(envelope)}`;
    return this.#calls.make({
      what: `send ${messages.map(to).join(", ")}`,
      effect: () => send(messages),
      part: messages.length > 1 ? () => send(secondOf(messages)) : undefined, // none of one: that is to be refused
      refusable: true,
    });
  }

  #put(events: readonly EventOf[]): Promise<void> {
    return this.#calls.make({
      what: `put the event ${events.map(({ type }) => type).join(", ")}`,
      effect: () => this.#world.put(events),
      refusable: true,
    });
  }

  #run(call: HandlerCall, remember: Remember, beat: Beat): ReturnType<Surroundings["handlers"]["run"]> {
    const world = this.#world;
    const { graph } = this.#program;
    const repeatable = graph.nodes[call.node]?.repeatable === true;
    return this.#calls.make({
      what: `run ${call.step.path}`,
      effect: async () => {
        const ended = world.attempts.begin(this.#life, call, { graph, repeatable });
        if (world.poisoned(call.step.path)) {
          world.kill(this.#life);
          return silence();
        }
        try {
          const remembering: Remember = (name, value) => world.idleWith(remember(name, value));
          return await world.busyWith(world.handlers.run(call, remembering, () => world.idleWith(beat())));
        } finally {
          ended();
        }
      },
    });
  }
}

async function allOf<T>(some: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const one of some) all.push(one);
  return all;
}

/** Writes of whoever holds a step. */
const HELD: ReadonlySet<keyof StepLog> = new Set<keyof StepLog>(["settle", "fail", "crash", "remember"]);
const secondOf = <T>(all: readonly T[]): readonly T[] => all.filter((_, i) => i % 2 === 1);
const whereOf = (envelope: OutMessage["envelope"]) => (envelope.kind === "step" ? ` (${envelope.path})` : "");
const saidOf = ({ errorMessage, reason }: Record<string, unknown>): string | undefined => {
  const said = errorMessage ?? reason;
  return typeof said === "string" ? said : undefined;
};

/** What Lambda hands to a function. */
function eventOf(messages: readonly Message[]): SQSEvent {
  return {
    Records: messages.map((message) => ({
      messageId: String(message.id),
      receiptHandle: String(message.id),
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(message.receives),
        SentTimestamp: String(message.sentAtMs),
        SenderId: "",
        ApproximateFirstReceiveTimestamp: "",
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: `arn:aws:sqs:here:0:${message.queue}`,
      awsRegion: "here",
    })),
  };
}
