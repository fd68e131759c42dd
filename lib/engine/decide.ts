/** Asks the pure kernel, loading the records that it names until it can answer. */
import type { z } from "zod";
import { calledId, printExecution } from "../contract/ids.ts";
import { MOST_EVENT_BYTES, tooLarge } from "../contract/limits.ts";
import { schemaProblem } from "../contract/schema-problem.ts";
import { type Frame, locate, undoneBy } from "../kernel/address.ts";
import type { Answer } from "../kernel/expression.ts";
import {
  type Bindings,
  type Decision,
  decideKey,
  type EffectOf,
  type StepError,
  stepKey,
  type ValueRef,
} from "../kernel/record.ts";
import { ABSENT, type Read, recordKeyOf, valueAt } from "../kernel/ref.ts";
import {
  type RouteContext,
  type Routed,
  routeAfter,
  routeFailed,
  routeLeft,
  routeStart,
  type Wanted,
} from "../kernel/route.ts";
import { type Evaluated, evaluateData } from "../kernel/view.ts";
import type { Data } from "../model/graph.ts";
import { frozen, type Json } from "../model/json.ts";
import type { Invocation, Visit } from "./context.ts";
import { answerTo } from "./expressions.ts";
import { keepLists } from "./lists.ts";

type At = Pick<RouteContext, "key" | "output">;

export const decideStart = (inv: Invocation, at: At, input: Json): Promise<Decision> =>
  route(inv, (known) => routeStart(routing(inv, at, known), input));

export const decideAfter = (inv: Invocation, at: At, path: string, bind: Bindings): Promise<Decision> =>
  route(inv, (known) => routeAfter(routing(inv, at, known), path, at.key, bind));

/** What follows a state that has failed for good. */
export const decideFailed = (inv: Invocation, at: At, error: StepError, bind: Bindings): Promise<Decision> =>
  route(inv, (known) => routeFailed(routing(inv, at, known), error, bind));

/** What follows a scope that was left early and is closed. */
export const decideLeft = (inv: Invocation, at: At, { how, bind }: EffectOf<"close">): Promise<Decision> =>
  route(inv, (known) => routeLeft(routing(inv, at, known), how, bind));

const routing = (inv: Invocation, at: At, known: Values): RouteContext => ({
  ...at,
  program: inv.program,
  read: known.read,
  answers: known.answers,
  epoch: inv.generation.effectEpoch(at.key),
  nowMs: inv.context.clock.now(),
  childId: (path) => detachedId(inv, path, at.key),
  checkEvent: (event, data) => {
    const contract = inv.program.events[event];
    if (!contract) return "the code at hand has no contract for it";
    return problemOf(contract.data, data) ?? tooLarge("its data", data, MOST_EVENT_BYTES);
  },
  checkSize: (what, value, read) => tooLarge(what, value, read ? inv.context.limits.payloadBytes : payloadBytesOf(inv)),
});

/** What one value of the execution may have. */
export const payloadBytesOf = ({ context, program }: Pick<Invocation, "context" | "program">): number =>
  Math.min(context.limits.payloadBytes, program.dialect?.payloadBytes ?? Number.POSITIVE_INFINITY);

async function route(inv: Invocation, ask: (known: Values) => Routed): Promise<Decision> {
  const known = new Values(inv);
  for (let answer = ask(known); ; answer = answer.resume()) {
    if (answer.kind !== "decided") await known.find(answer);
    else {
      if (answer.lists) await keepLists(inv, Object.values(answer.lists));
      return answer.decision;
    }
  }
}

type Found = Extract<Evaluated, { kind: "value" | "threw" }>;

/**
 * What a task's node is to get. Its own name is not there yet, also where another attempt of a repeatable step has just
 * settled it: what an attempt gets must not depend on who else is at work.
 */
export async function taskInput(inv: Invocation, visit: Visit): Promise<Found> {
  const { path } = visit;
  const undone = undoneBy(path);
  const at = locate(inv.program.graph, undone ?? path);
  if (at?.state.kind !== "task") return { kind: "threw", message: `the graph has no task at ${path}` };
  const from = undone === undefined ? at.state.input : (at.state.undo?.input ?? at.state.input);
  const given = inv.generation.inputOf(path);
  if (given !== undefined) return { kind: "value", value: given };
  return evaluated(inv, visit, { data: from, role: "input", frames: at.frames });
}

/** How long an attempt may take and be silent, where its state works that out; undefined: as its node has it. */
export async function attemptSeconds(inv: Invocation, visit: Visit): Promise<Found | undefined> {
  const at = undoneBy(visit.path) === undefined ? locate(inv.program.graph, visit.path) : undefined;
  if (at?.state.kind !== "task" || !at.state.seconds) return undefined;
  const found: Record<string, Json> = {};
  for (const [role, data] of Object.entries(at.state.seconds) as [string, Data][]) {
    const got = await evaluated(inv, visit, { data, role, frames: at.frames });
    if (got.kind === "threw") return got;
    found[role] = got.value;
  }
  return { kind: "value", value: found };
}

async function evaluated(
  inv: Invocation,
  { path, bind, attempt }: Visit,
  { data, ...of }: { readonly data: Data; readonly role: string; readonly frames: readonly Frame[] },
): Promise<Found> {
  const known = new Values(inv);
  const own = stepKey(path);
  const read: Read = (ref) => (recordKeyOf(ref) === own ? undefined : known.read(ref));
  const standing = { ...of, bind, read, path, attempt, nowMs: inv.context.clock.now() };
  for (;;) {
    const got = evaluateData(data, inv.program, standing, known.answers);
    if (got.kind === "value" || got.kind === "threw") return got;
    await known.find(got);
  }
}

/** Of the execution that the call at the path starts: another one after a redrive that does it over. */
export const childId = ({ execution, generation }: Invocation, path: string): string =>
  calledId({ execution: printExecution(execution), place: generation.place(decideKey(path)) });

/** Of one that nothing waits for, and that no record tells of: another one where whoever decides it is done anew. */
function detachedId({ execution, generation }: Invocation, path: string, decidedAt: string): string {
  const epoch = generation.effectEpoch(decidedAt);
  const place = epoch === 0 ? decideKey(path) : `${decideKey(path)}@${epoch}`;
  return calledId({ execution: printExecution(execution), place });
}

/** Values loaded from the log, by where they lie, and what expressions came to. */
export class Values {
  readonly answers = new Map<string, Answer>();
  readonly #inv: Invocation;
  readonly #known = new Map<ValueRef, Json | undefined>();

  constructor(inv: Invocation) {
    this.#inv = inv;
  }
  read: Read = (ref) => (this.#known.has(ref) ? this.#known.get(ref) : ABSENT);

  async find(wanted: Wanted): Promise<void> {
    if (wanted.kind === "missing") await this.load(wanted.ref);
    else this.answers.set(wanted.asked.id, await answerTo(this.#inv, wanted.asked));
  }

  async load(ref: ValueRef): Promise<Json | undefined> {
    const { log, execution, carried, atRest } = this.#inv;
    const key = recordKeyOf(ref);
    const found = Object.hasOwn(carried, ref)
      ? carried[ref]
      : valueAt(ref, atRest.get(key) ?? (await log.read(execution, key)));
    // What a handler of this process changed in its input, it would change in the log's memory.
    const value = frozen(found);
    this.#known.set(ref, value);
    return value;
  }
}

/** What is wrong with a value, or undefined. */
export function problemOf(schema: z.ZodType, value: unknown): string | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? undefined : schemaProblem(parsed.error);
}
