/** Asks the pure kernel, loading the records that it names until it can answer. */
import type { z } from "zod";
import { calledId, printExecution } from "../contract/ids.ts";
import { MOST_EVENT_BYTES, tooLarge } from "../contract/limits.ts";
import { schemaProblem } from "../contract/schema-problem.ts";
import { locate, undoneBy } from "../kernel/address.ts";
import {
  type Bindings,
  type Decision,
  decideKey,
  type EffectOf,
  type StepError,
  stepKey,
  type ValueRef,
} from "../kernel/record.ts";
import { recordKeyOf, valueAt } from "../kernel/ref.ts";
import { type RouteContext, type Routed, routeAfter, routeFailed, routeLeft, routeStart } from "../kernel/route.ts";
import { ABSENT, type Evaluated, evaluateData, type Read } from "../kernel/view.ts";
import { frozen, type Json } from "../model/json.ts";
import type { Invocation } from "./context.ts";
import { keepLists } from "./lists.ts";

type At = Pick<RouteContext, "key" | "output">;

export const decideStart = (inv: Invocation, at: At, input: Json): Promise<Decision> =>
  route(inv, (read) => routeStart(routing(inv, at, read), input));

export const decideAfter = (inv: Invocation, at: At, path: string, bind: Bindings): Promise<Decision> =>
  route(inv, (read) => routeAfter(routing(inv, at, read), path, at.key, bind));

/** What follows a state that has failed for good. */
export const decideFailed = (inv: Invocation, at: At, error: StepError, bind: Bindings): Promise<Decision> =>
  route(inv, (read) => routeFailed(routing(inv, at, read), error, bind));

/** What follows a scope that was left early and is closed. */
export const decideLeft = (inv: Invocation, at: At, { how, bind }: EffectOf<"close">): Promise<Decision> =>
  route(inv, (read) => routeLeft(routing(inv, at, read), how, bind));

const routing = (inv: Invocation, at: At, read: Read): RouteContext => ({
  ...at,
  program: inv.program,
  read,
  epoch: inv.generation.effectEpoch(at.key),
  nowMs: inv.context.clock.now(),
  childId: (path) => childId(inv, path),
  checkEvent: (event, data) => {
    const contract = inv.program.events[event];
    if (!contract) return "the code at hand has no contract for it";
    return problemOf(contract.data, data) ?? tooLarge("its data", data, MOST_EVENT_BYTES);
  },
  checkSize: (what, value) => tooLarge(what, value, inv.context.limits.payloadBytes),
});

async function route(inv: Invocation, ask: (read: Read) => Routed): Promise<Decision> {
  const values = new Values(inv);
  for (;;) {
    const answer = ask(values.read);
    if (answer.kind === "decided") {
      if (answer.lists) await keepLists(inv, Object.values(answer.lists));
      return answer.decision;
    }
    await values.load(answer.ref);
  }
}

/**
 * What a task's node is to get. Its own name is not there yet, also where another attempt of a repeatable step has just
 * settled it: what an attempt gets must not depend on who else is at work.
 */
export async function taskInput(inv: Invocation, path: string, bind: Bindings): Promise<Evaluated> {
  const undone = undoneBy(path);
  const at = locate(inv.program.graph, undone ?? path);
  if (at?.state.kind !== "task") return { kind: "threw", message: `the graph has no task at ${path}` };
  const from = undone === undefined ? at.state.input : (at.state.undo?.input ?? at.state.input);
  const given = inv.generation.inputOf(path);
  if (given !== undefined) return { kind: "value", value: given };
  const values = new Values(inv);
  const own = stepKey(path);
  const read: Read = (ref) => (recordKeyOf(ref) === own ? undefined : values.read(ref));
  for (;;) {
    const got = evaluateData(from, inv.program, at.frames, bind, read);
    if (got.kind !== "missing") return got;
    await values.load(got.ref);
  }
}

/** Of the execution that the call at the path starts: another one after a redrive that does it over. */
export const childId = ({ execution, generation }: Invocation, path: string): string =>
  calledId({ execution: printExecution(execution), place: generation.place(decideKey(path)) });

/** Values loaded from the log, by where they lie. */
export class Values {
  readonly #inv: Invocation;
  readonly #known = new Map<ValueRef, Json | undefined>();

  constructor(inv: Invocation) {
    this.#inv = inv;
  }
  read: Read = (ref) => (this.#known.has(ref) ? this.#known.get(ref) : ABSENT);

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
