/** What an execution sends to queues, its own workflow's and others'. */
import { controlQueue, nodeQueue } from "../contract/ids.ts";
import { fits } from "../contract/limits.ts";
import { locate, undoneBy } from "../kernel/address.ts";
import type { Bindings, EffectOf, StepError, ValueRef } from "../kernel/record.ts";
import { recordKeyOf, valueAt } from "../kernel/ref.ts";
import type { NodeSpec } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { OutMessage } from "../ports/transport.ts";
import type { Invocation, Visit } from "./context.ts";
import { livesUntilMs } from "./lifetime.ts";

/** What every message says of the execution that it is for. */
export const addressOf = (inv: Invocation) => ({
  v: 1 as const,
  ...inv.execution,
  graph: inv.program.hash,
  epoch: inv.generation.epoch,
});

/** The node of the task at a path, or the one that undoes it. */
export function nodeAt(inv: Invocation, path: string): NodeSpec {
  const { graph } = inv.program;
  const undone = undoneBy(path);
  const found = locate(graph, undone ?? path)?.state;
  const state = found?.kind === "task" ? found : undefined;
  const name = undone === undefined ? state?.node : state?.undo?.node;
  const node = name === undefined ? undefined : graph.nodes[name];
  if (!node) throw new Error(`the graph ${inv.program.hash} of '${graph.workflow}' has no task at ${path}`);
  if (!state || undone !== undefined) return node;
  const { timeoutMs = node.timeoutMs, heartbeatMs = node.heartbeatMs } = state;
  return { ...node, timeoutMs, ...(heartbeatMs !== undefined && { heartbeatMs }) };
}

export function stepMessage(inv: Invocation, visit: Visit, delayMs = 0): OutMessage {
  const { path, bind, attempt } = visit;
  return {
    queue: nodeQueue(inv.execution.workflow, nodeAt(inv, path).name),
    envelope: { kind: "step", ...addressOf(inv), path, bind, attempt, ...carry(inv, bind) },
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

const toControl = (inv: Invocation) => ({ queue: controlQueue(inv.execution.workflow) });

export const stopMessage = (inv: Invocation, error: StepError): OutMessage => ({
  ...toControl(inv),
  envelope: { kind: "stop", ...addressOf(inv), error, as: "failed" },
});

/** When a wait that a redrive does over is due is counted from the redrive on. None is longer than its execution lives. */
export function timerMessage(inv: Invocation, key: string, effect: EffectOf<"wait">): OutMessage {
  const { path, bind, signal, afterMs } = effect;
  const anewMs = inv.generation.voidedAtMs(key);
  const ownMs = anewMs !== undefined && afterMs !== undefined ? anewMs + afterMs : effect.dueAtMs;
  const dueAtMs = Math.min(ownMs, livesUntilMs(inv.context, inv.execution));
  return {
    ...toControl(inv),
    envelope: { kind: "timer", ...addressOf(inv), path, bind, dueAtMs, ...(signal !== undefined && { signal }) },
    delayMs: Math.max(0, dueAtMs - inv.context.clock.now()),
  };
}

export function deadlineMessage(inv: Invocation, { dueAtMs: firstMs, afterMs }: EffectOf<"deadline">): OutMessage {
  const { begunAtMs } = inv.generation;
  const dueAtMs = begunAtMs === undefined ? firstMs : begunAtMs + afterMs;
  return {
    ...toControl(inv),
    envelope: { kind: "deadline", ...addressOf(inv), dueAtMs },
    delayMs: Math.max(0, dueAtMs - inv.context.clock.now()),
  };
}

export const closeMessage = (inv: Invocation, { scope, how, bind }: EffectOf<"close">): OutMessage => ({
  ...toControl(inv),
  envelope: { kind: "close", ...addressOf(inv), scope, how, bind },
});
