/**
 * The recorded decisions made once more by the pure kernel, from the recorded outputs alone. Where functions of the graph
 * answer alike each time, every recorded decision must be what follows; whatever they answer, so must the end.
 */
import { printResults } from "../../contract/ids.ts";
import { DEFAULT_LIMITS } from "../../engine/context.ts";
import { answerTo } from "../../engine/expressions.ts";
import { locate } from "../../kernel/address.ts";
import type { Answer, Asked } from "../../kernel/expression.ts";
import type { Generation } from "../../kernel/generation.ts";
import { joinOutput, joinSummary, leavesSummary, setKeys } from "../../kernel/join.ts";
import { isListRef } from "../../kernel/list.ts";
import {
  type Decision,
  type DecisionRecord,
  decideKey,
  type Effect,
  type Header,
  type LogRecord,
  START_KEY,
  type StepRecord,
  stepKey,
  undoKey,
  wonKey,
} from "../../kernel/record.ts";
import { INPUT_REF, type Read, recordKeyOf, valueAt } from "../../kernel/ref.ts";
import { type RouteContext, type Routed, routeAfter, routeFailed, routeLeft, routeStart } from "../../kernel/route.ts";
import type { Json } from "../../model/json.ts";
import type { Objects } from "../../model/objects.ts";
import type { Program } from "../../model/program.ts";

type Records = ReadonlyMap<string, LogRecord>;
type EffectOf<K extends Effect["kind"]> = Extract<Effect, { kind: K }>;

export interface Replayed {
  /** Decisions that do not follow from what is recorded before them. */
  readonly wrong: readonly string[];
  /** All that the recorded decisions lead to, other than steps and arrivals. */
  readonly ends: readonly EffectOf<"succeed" | "fail">[];
  readonly emits: readonly EffectOf<"emit">[];
}

export interface Recorded {
  readonly header: Header;
  readonly program: Program;
  readonly generation: Generation;
  /** Of this generation. */
  readonly records: Records;
  /** Whether the graph's functions answer alike each time. */
  readonly alike: boolean;
  readonly objects?: Objects | undefined;
}

export async function replay(recorded: Recorded): Promise<Replayed> {
  const replaying = new Replay(recorded);
  await replaying.run();
  return replaying;
}

class Replay implements Replayed {
  readonly wrong: string[] = [];
  readonly ends: EffectOf<"succeed" | "fail">[] = [];
  readonly emits: EffectOf<"emit">[] = [];
  readonly #of: Recorded;
  /** What stood in the log when the next decision was made: the records that it could see. */
  readonly #past = new Map<string, LogRecord>();
  readonly #todo: Effect[] = [];
  readonly #arrived = new Map<string, Set<number>>();

  constructor(of: Recorded) {
    this.#of = of;
  }

  async run(): Promise<void> {
    const start = this.#of.records.get(START_KEY);
    if (start?.kind !== "decision") return;
    const input = valueAt(INPUT_REF, start);
    // A start that was closed has no input, and nothing follows it.
    if (input !== undefined) await this.#follow(START_KEY, start, (ctx) => routeStart(ctx, input));
    for (let effect = this.#todo.shift(); effect; effect = this.#todo.shift()) await this.#carryOut(effect);
  }

  async #carryOut(effect: Effect): Promise<void> {
    if ("copied" in effect) return;
    switch (effect.kind) {
      case "step":
        return this.#step(effect);
      case "arrive":
        return this.#arrive(effect);
      case "emit":
        this.emits.push(effect);
        return;
      case "wait":
        return this.#wait(effect);
      case "leave":
        return this.#leave(effect);
      case "close":
        return this.#close(effect);
      case "call":
        return effect.detached === undefined ? this.#called(effect) : undefined;
      case "succeed":
      case "fail":
        this.ends.push(effect);
        return;
      case "deadline":
      case "stuck":
      case "end":
        return;
    }
  }

  /** Follows what stands there, whatever it came from. */
  #goOn(key: string): void {
    const record = this.#of.records.get(key);
    if (record?.kind !== "decision" || this.#past.has(key)) return;
    if (record.closed) this.#compare(key, record, { next: [] });
    this.#past.set(key, record);
    this.#todo.push(...(record.next ?? []));
  }

  /** Who came to the end of the scope too late leads nowhere. */
  #leave({ scope, how }: EffectOf<"leave">): void {
    const record = this.#of.records.get(wonKey(scope)) as Partial<Decision> | undefined;
    const [close] = record?.next ?? [];
    if (close?.kind !== "close" || same(close.how, how)) this.#goOn(wonKey(scope));
  }

  async #wait({ path, bind, signal }: EffectOf<"wait">): Promise<void> {
    const key = decideKey(path);
    const record = this.#of.records.get(key);
    if (record?.kind !== "decision" || this.#past.has(key)) return;
    if (record.closed || (signal !== undefined && record.output === undefined)) return this.#goOn(key);
    await this.#follow(key, record, (ctx) => routeAfter(ctx, path, key, bind));
  }

  async #called({ path, bind }: EffectOf<"call">): Promise<void> {
    const key = decideKey(path);
    const record = this.#of.records.get(key);
    if (record?.kind !== "decision" || this.#past.has(key)) return;
    if (record.closed || record.output === undefined) return this.#goOn(key);
    await this.#follow(key, record, (ctx) => routeAfter(ctx, path, key, bind));
  }

  async #close({ scope, how, bind }: EffectOf<"close">): Promise<void> {
    const key = decideKey(scope);
    if (this.#of.records.has(undoKey(scope))) this.#goOn(undoKey(scope));
    const record = this.#of.records.get(key);
    if (record?.kind !== "decision" || this.#past.has(key)) return;
    if (record.closed) return this.#goOn(key);
    await this.#follow(key, record, (ctx) => routeLeft(ctx, how, bind));
  }

  async #step({ path, bind }: EffectOf<"step">): Promise<void> {
    const key = stepKey(path);
    const record = this.#of.records.get(key);
    if (record?.kind !== "step" || record.status !== "settled" || this.#past.has(key)) return;
    const { error } = record;
    if (record.closed) this.#compare(key, record, { next: [] });
    else if (error) return this.#follow(key, record, (ctx) => routeFailed(ctx, error, bind));
    else return this.#follow(key, record, (ctx) => routeAfter(ctx, path, key, bind));
    this.#past.set(key, record);
    this.#todo.push(...(record.next ?? []));
  }

  async #arrive({ path, member, of, bind }: EffectOf<"arrive">): Promise<void> {
    const key = decideKey(path);
    const arrived = this.#arrived.get(key) ?? new Set();
    this.#arrived.set(key, arrived.add(member));
    const record = this.#of.records.get(key);
    if (arrived.size < of || record?.kind !== "decision" || this.#past.has(key)) return;
    if (record.closed || bind.undo || record.output === undefined) return this.#goOn(key);
    const output = this.#joined(path, of);
    // A fork has what a join came to, and its members only if it has gone on with it.
    const isAlone = output === undefined && this.#of.header.trigger.kind === "fork";
    if (!isAlone && !same(output, record.output))
      this.wrong.push(`${key} holds ${print(record.output)}, and its members come to ${print(output)}`);
    await this.#follow(key, record, (ctx) => routeAfter(ctx, path, key, bind));
  }

  #joined(path: string, of: number): Json | undefined {
    const outputs = new Map<number, Json>();
    for (const key of setKeys(path, of)) {
      const set = this.#of.records.get(key);
      for (const [member, ref] of Object.entries(set?.kind === "join" ? set.members : {})) {
        const value = valueAt(ref, this.#of.records.get(recordKeyOf(ref)));
        if (value !== undefined) outputs.set(Number(member), value);
      }
    }
    const state = locate(this.#of.program.graph, path)?.state;
    if (!state || outputs.size < of) return undefined;
    if (!leavesSummary(state)) return joinOutput(state, outputs);
    const failed = [...outputs.values()].filter(
      (arrived) => (arrived as { branch?: string } | null)?.branch === "failed",
    );
    const joining = { state, path, of, failed: failed.length };
    return joinSummary(joining, printResults(this.#of.header, path));
  }

  async #follow(key: string, record: StepRecord | DecisionRecord, ask: (ctx: RouteContext) => Routed): Promise<void> {
    if (this.#of.alike) {
      const read: Read = (ref) => {
        const from = recordKeyOf(ref);
        return valueAt(ref, isListRef(from) ? this.#of.records.get(from) : this.#past.get(from));
      };
      const { program, generation } = this.#of;
      const epoch = generation.effectEpoch(key);
      const output = record.output === undefined ? {} : { output: record.output };
      const { nowMs, childId } = timesOf(record);
      const answers = new Map<string, Answer>();
      const ctx = { program, key, read, epoch, ...output, nowMs, childId, answers, checkEvent: () => undefined };
      let routed = ask(ctx);
      for (; routed.kind === "asked"; routed = routed.resume())
        answers.set(routed.asked.id, await this.#answer(routed.asked, nowMs));
      if (routed.kind === "decided") this.#compare(key, record, routed.decision);
    }
    this.#past.set(key, record);
    this.#todo.push(...(record.next ?? []));
  }

  /** As the engine would have it, at a time that only some decisions tell. */
  #answer(asked: Asked, nowMs: number): Promise<Answer> {
    const { program, header, generation, objects } = this.#of;
    const context = { clock: { now: () => nowMs }, limits: DEFAULT_LIMITS, objects };
    return answerTo({ program, execution: header, generation, header: async () => header, context }, asked);
  }

  #compare(key: string, record: Partial<Decision>, wanted: Decision): void {
    const decided = { ...record, values: made(record.values) };
    for (const name of ["next", "values", "taken"] as const)
      if (!same(this.#comparable(decided[name]), this.#comparable(wanted[name])))
        this.wrong.push(`${key} holds ${name} ${print(decided[name])}, and what follows is ${print(wanted[name])}`);
  }

  /** As it was decided: a fork marks what another execution has carried out, and an expression may count from when it was. */
  #comparable(part: Decision[keyof Decision]): unknown {
    if (!Array.isArray(part)) return part;
    return (part as readonly Effect[]).map((effect) => {
      const plain = { ...effect, copied: undefined };
      return effect.kind === "wait" && this.#countsFromNow(effect.path) ? { ...plain, dueAtMs: undefined } : plain;
    });
  }

  #countsFromNow(path: string): boolean {
    const state = locate(this.#of.program.graph, path)?.state;
    return state?.kind === "wait" && state.until?.kind === "expression";
  }
}

/** Without what the engine itself keeps beside what the states have made. */
function made(values: Decision["values"]): Decision["values"] {
  const own = Object.entries(values ?? {}).filter(([name]) => !name.startsWith("#"));
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

const same = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b) || print(a) === print(b);
/** Order of properties aside: a log may have its own. */
export const print = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    v && typeof v === "object" && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).toSorted()) : v,
  ) ?? "nothing";

/** When it was decided, and under which names others were called, as far as the decision tells. */
function timesOf({ next = [] }: Partial<Decision>): Pick<RouteContext, "nowMs" | "childId"> {
  const timed = next.find(
    (effect) => (effect.kind === "wait" || effect.kind === "deadline") && effect.afterMs !== undefined,
  );
  const { dueAtMs = 0, afterMs = 0 } = (timed as Partial<EffectOf<"deadline">> | undefined) ?? {};
  const called = new Map(
    next.flatMap((effect) => (effect.kind === "call" ? [[effect.path, effect.detached ?? ""]] : [])),
  );
  return { nowMs: dueAtMs - afterMs, childId: (path) => called.get(path) ?? "" };
}
