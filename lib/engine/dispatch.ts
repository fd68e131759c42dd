/** Carries out what a record says comes next. Every effect is idempotent, so a list may be dispatched again from its start. */
import { controlQueue, emittedEventId, nodeQueue, printExecution } from "../contract/ids.ts";
import { fits } from "../contract/limits.ts";
import { locate } from "../kernel/address.ts";
import { joinOutput, leafKeys, type Seat, seatOf } from "../kernel/join.ts";
import {
  type Bindings,
  type DecisionRecord,
  decideKey,
  type Effect,
  type StepRecord,
  stepKey,
  type ValueRef,
} from "../kernel/record.ts";
import { recordKeyOf, valueAt } from "../kernel/ref.ts";
import type { NodeSpec } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { OutMessage } from "../ports/transport.ts";
import { AFTER_ATTEMPT_MS, bothWhole, type Invocation, notWhole, type Visit, WHOLE, type Whole } from "./context.ts";
import { decideAfter, sizeFailure, Values } from "./decide.ts";
import { tellFreed, tellFreedAgain } from "./freed.ts";

type EffectOf<K extends Effect["kind"]> = Extract<Effect, { kind: K }>;

/** @param again it may have been dispatched before, wholly or in part */
export async function dispatch(inv: Invocation, next: readonly Effect[], again: boolean): Promise<Whole> {
  const sends: OutMessage[] = [];
  const inline: Visit[] = [];
  const riding: Whole[] = [];
  for (const effect of next) {
    switch (effect.kind) {
      case "step":
        await placeStep(inv, effect, again, sends, inline);
        break;
      case "arrive":
        riding.push(await arriveAt(inv, effect));
        break;
      case "emit":
        await emit(inv, effect);
        break;
      case "succeed":
        await succeed(inv, effect.output);
        break;
      case "fail":
        sends.push(stopMessage(inv, effect));
        break;
    }
  }
  if (sends.length > 0) await inv.context.transport.send(sends);
  if (inline.length > 0) {
    await inv.log.sync(); // on disk before the next step begins
    riding.push(...(await Promise.all(inline.map((visit) => inv.step(inv, visit)))));
  }
  return bothWhole(riding);
}

/** A settled step: what it recorded is dispatched again, for nobody knows how far its holder came. */
export function walkOn(inv: Invocation, key: string, record: StepRecord | DecisionRecord): Promise<Whole> {
  inv.atRest.set(key, record);
  return dispatch(inv, record.next ?? [], true);
}

/** The fence is lost. Unless the step has settled, a newer holder may live on this very message: never acknowledge. */
export async function fenced(inv: Invocation, key: string, record: StepRecord | undefined): Promise<Whole> {
  if (record?.status === "settled") return walkOn(inv, key, record);
  return notWhole((record?.leaseUntilMs ?? 0) - inv.context.clock.now());
}

/** Queued: to its queue. Inline: into this invocation, also when settled, for what follows it rides on this message. */
async function placeStep(
  inv: Invocation,
  effect: EffectOf<"step">,
  again: boolean,
  sends: OutMessage[],
  inline: Visit[],
): Promise<void> {
  const { path, bind } = effect;
  const { inline: mayRide, timeoutMs } = nodeAt(inv, path);
  // Too little time is left for it here: it gets an invocation of its own.
  const hurry = inv.context.clock.now() + timeoutMs + AFTER_ATTEMPT_MS > inv.deadlineMs;
  // A settled queued step's carrier is still in a queue: sending again would only ripple down the chain.
  const settled = (again || (mayRide && hurry)) && (await isSettled(inv, path));
  if (mayRide && (!hurry || settled)) inline.push({ path, bind, attempt: 1 });
  else if (!settled) sends.push(stepMessage(inv, { path, bind, attempt: 1 }));
}

async function isSettled(inv: Invocation, path: string): Promise<boolean> {
  const record = await inv.log.read(inv.execution, stepKey(path));
  return record?.kind === "step" && record.status === "settled";
}

export function stepMessage(inv: Invocation, visit: Visit, delayMs = 0): OutMessage {
  return {
    queue: nodeQueue(inv.execution.workflow, nodeAt(inv, visit.path).name),
    envelope: {
      kind: "step",
      ...envelopeOf(inv),
      path: visit.path,
      bind: visit.bind,
      attempt: visit.attempt,
      ...carry(inv, visit.bind),
    },
    delayMs,
  };
}

/** The value before the step, where it is at hand and small: its receiver need not read it then. */
function carry(inv: Invocation, { prev }: Bindings): { readonly carry?: Readonly<Record<ValueRef, Json>> } {
  const { carryBytes } = inv.context.limits;
  if (carryBytes === 0) return {};
  const value = Object.hasOwn(inv.carried, prev) ? inv.carried[prev] : valueAt(prev, inv.atRest.get(recordKeyOf(prev)));
  if (value === undefined || !fits(value, carryBytes)) return {};
  return { carry: { [prev]: value } };
}

function stopMessage(inv: Invocation, { error }: EffectOf<"fail">): OutMessage {
  const envelope = { kind: "stop", ...envelopeOf(inv), error, as: "failed" } as const;
  return { queue: controlQueue(inv.execution.workflow), envelope };
}

const envelopeOf = (inv: Invocation) => ({
  v: 1 as const,
  ...inv.execution,
  graph: inv.program.hash,
  epoch: inv.generation.epoch,
});

async function arriveAt(inv: Invocation, effect: EffectOf<"arrive">): Promise<Whole> {
  const { log } = inv;
  let seat: Seat | undefined = seatOf(effect.path, effect.member, effect.of);
  while (seat && (await log.arrive(inv.execution, seat, effect.output))) {
    if (!seat.above) return proceed(inv, effect);
    seat = seat.above;
  }
  return WHOLE;
}

/** The join is full: write its decision if there is none, read back the winner's, dispatch that. */
async function proceed(inv: Invocation, effect: EffectOf<"arrive">): Promise<Whole> {
  const { log } = inv;
  const { clock } = inv.context;
  const key = decideKey(effect.path);
  if (inv.seen.has(key)) return WHOLE;
  inv.seen.add(key);
  const standing = await log.read(inv.execution, key);
  if (standing?.kind === "decision") return walkOn(inv, key, standing);
  const output = await collect(inv, effect);
  const { path, bind } = effect;
  const failed = sizeFailure(`the output of '${path}'`, output, { path, limits: inv.context.limits });
  const decided = failed ?? { ...(await decideAfter(inv, { key, output }, path, bind)), output };
  const { record, mine } = await log.decide(inv.execution, key, { kind: "decision", ...decided, atMs: clock.now() });
  inv.atRest.set(key, record);
  return dispatch(inv, record.next, !mine);
}

async function collect(inv: Invocation, effect: EffectOf<"arrive">): Promise<Json> {
  const { log } = inv;
  const values = new Values(inv);
  const outputs = new Map<number, Json>();
  for (const key of leafKeys(effect.path, effect.of)) {
    const set = await log.read(inv.execution, key);
    if (set?.kind !== "join") throw new Error(`${key} is no set`);
    for (const [member, ref] of Object.entries(set.members)) {
      const value = await values.load(ref);
      if (value === undefined) throw new Error(`nothing lies at ${ref}, where ${key} says its member ${member} does`);
      outputs.set(Number(member), value);
    }
  }
  const state = locate(inv.program.graph, effect.path)?.state;
  if (!state) throw new Error(`no state at ${effect.path}`);
  return joinOutput(state, outputs);
}

async function emit(inv: Invocation, effect: EffectOf<"emit">): Promise<void> {
  const { bus, clock } = inv.context;
  const spec = inv.program.graph.events[effect.event];
  const data = await new Values(inv).load(effect.data);
  if (!spec || data === undefined) throw new Error(`the event ${effect.event} at ${effect.path} is not in the log`);
  const origin = { execution: printExecution(inv.execution), path: effect.path, epoch: effect.epoch ?? 0 };
  const { source, type, version } = spec;
  const time = new Date(clock.now()).toISOString();
  await bus.put([{ id: emittedEventId(origin), source, type, version, time, data }]);
}

async function succeed(inv: Invocation, output: ValueRef): Promise<void> {
  const { log } = inv;
  const { clock, ended } = inv.context;
  const { epoch } = inv.generation;
  // Paused: nothing is left to be held back.
  const change = { epoch, from: ["running", "paused"], to: "succeeded", endedAtMs: clock.now(), output } as const;
  const header = await log.turn(inv.execution, change);
  if (header) ended(header);
  await (header ? tellFreed(inv.context, header) : tellFreedAgain(inv.context, inv));
}

export function nodeAt(inv: Invocation, path: string): NodeSpec {
  const { graph } = inv.program;
  const state = locate(graph, path)?.state;
  const node = state?.kind === "task" ? graph.nodes[state.node] : undefined;
  if (!node) throw new Error(`the graph ${inv.program.hash} of '${graph.workflow}' has no task at ${path}`);
  return node;
}
