/** Closes what is open in a scope, from the log alone, so it holds whatever is still in a queue. */
import { controlQueue, printExecution } from "../contract/ids.ts";
import { frontier, type Undecided } from "../kernel/frontier.ts";
import { type Bindings, decideKey, type EffectOf, hasEnded, undoKey, wonKey } from "../kernel/record.ts";
import { comeBack, startOfChild } from "./calls.ts";
import type { Invocation } from "./context.ts";
import { childId, decideAfter } from "./decide.ts";
import { nodeAt } from "./messages.ts";
import { undoFurther } from "./undoing.ts";

/** `held`: a step or a called execution is still at work. `undoing`: only the scope's own undo is under way. */
export type Closed = "closed" | "held" | "undoing";
type One = "closed" | "held" | "late" | "undoing";

/** @param scope "" is the whole execution. @param keep what is being undone is undone no further */
export async function closeOpen(inv: Invocation, scope: string, keep = false): Promise<Closed> {
  for (;;) {
    const open = frontier(await inv.log.list(inv.execution, { values: false }));
    const met = new Set<One>();
    for (const effect of open.steps)
      if (isInside(effect.path, scope)) met.add(await closeStep(inv, effect, { scope, keep }));
    for (const effect of open.undecided)
      if (isInside(scopeOf(effect), scope)) met.add(await closeUndecided(inv, effect, { scope, keep }));
    if (met.has("late")) continue; // what follows is open now
    if (met.has("held")) return "held";
    return met.has("undoing") ? "undoing" : "closed";
  }
}

const isInside = (path: string, scope: string): boolean => scope === "" || path.startsWith(`${scope}/`);
const scopeOf = (effect: Undecided): string => ("scope" in effect ? effect.scope : effect.path);

interface Closing {
  readonly scope: string;
  readonly keep: boolean;
}

async function closeStep(inv: Invocation, effect: EffectOf<"step">, { scope, keep }: Closing): Promise<One> {
  const { path, bind } = effect;
  const { clock, limits } = inv.context;
  if (bind.undo && !keep) return undoingAt(bind.undo, scope);
  const request = { node: nodeAt(inv, path).name, nowMs: clock.now(), skewMs: limits.skewMs };
  const { kind } = await inv.log.close(inv.execution, path, request);
  if (kind === "held") return "held";
  return kind === "settled" ? "late" : "closed"; // it settled meanwhile
}

/** Of a scope inside of this one it is waited for: who closes that one sees to it that it goes on. */
const undoingAt = (undo: NonNullable<Bindings["undo"]>, scope: string): One =>
  undo.scope === scope ? "undoing" : "held";

async function closeUndecided(inv: Invocation, effect: Undecided, of: Closing): Promise<One> {
  switch (effect.kind) {
    case "arrive":
      return closeJoin(inv, effect, of);
    case "wait":
      return closeWait(inv, effect);
    case "call":
      return closeCall(inv, effect);
    case "leave":
      return decideClosed(inv, wonKey(effect.scope));
    case "close":
      return closeInner(inv, effect, of);
  }
}

async function closeJoin(inv: Invocation, { path, bind }: EffectOf<"arrive">, { scope, keep }: Closing): Promise<One> {
  return bind.undo && !keep ? undoingAt(bind.undo, scope) : decideClosed(inv, decideKey(path));
}

/** A signal that has come is this wait's, and is not lost for whoever goes on with the execution later. */
async function closeWait(inv: Invocation, { path, signal }: EffectOf<"wait">): Promise<One> {
  const key = decideKey(path);
  if (signal === undefined) return decideClosed(inv, key);
  const place = inv.generation.place(key);
  const answer = await inv.log.mail(inv.execution, signal, { kind: "leave", place });
  if (answer.kind !== "assigned") return decideClosed(inv, key);
  const { data: output, bind } = answer;
  const decision = await decideAfter(inv, { key, output }, path, bind);
  const atMs = inv.context.clock.now();
  await inv.log.decide(inv.execution, key, { kind: "decision", ...decision, output, atMs });
  await inv.log.mail(inv.execution, signal, { kind: "forget", place });
  return "late";
}

/** A called execution is cancelled, and waited for. One that is not there yet is started first, so that it cannot come later. */
async function closeCall(inv: Invocation, effect: EffectOf<"call">): Promise<One> {
  const { log, transport } = inv.context;
  const { path, workflow } = effect;
  const child = { workflow, id: childId(inv, path) };
  const header = await log.header(child);
  if (!header) await transport.send([await startOfChild(inv, effect)]);
  else if (hasEnded(header)) {
    await comeBack({ ...inv, dispatch: async () => ({ whole: true }) }, effect, { child: printExecution(child) });
    return "late";
  } else {
    const { graph, epoch, expiresAt } = header;
    const message = `${printExecution(inv.execution)}, which called it, is ending`;
    const error = { code: "cancelled", message, path: "" };
    const envelope = { kind: "stop", v: 1, ...child, graph, epoch, expiresAt, error, as: "cancelled" } as const;
    await transport.send([{ queue: controlQueue(workflow), envelope }]);
  }
  return "held";
}

/**
 * A race inside that is over: its losers are undone either by who leaves it, and are waited for, or, from now on, by who
 * leaves this scope. What is waited for is sent as well: nobody else may be left who does.
 */
async function closeInner(inv: Invocation, { scope, how }: EffectOf<"close">, { keep }: Closing): Promise<One> {
  if (how.kind !== "won") return decideClosed(inv, decideKey(scope));
  const nothing = { kind: "decision", next: [], closed: true, atMs: inv.context.clock.now() } as const;
  const { record } = await inv.log.decide(inv.execution, undoKey(scope), nothing);
  if (!record.closed && !keep && (await undoFurther(inv, scope))) return "held";
  const closed = await decideClosed(inv, decideKey(scope));
  return record.closed ? closed : "late"; // what that plan has begun is open
}

async function decideClosed(inv: Invocation, key: string): Promise<One> {
  const closed = { kind: "decision", next: [], closed: true, atMs: inv.context.clock.now() } as const;
  const { mine } = await inv.log.decide(inv.execution, key, closed);
  return mine ? "closed" : "late";
}
