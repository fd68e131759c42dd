/** An execution by the pure kernel alone: a log in a map, no queue, no clock. The test settles one open step after another. */

import { locate } from "../../lib/kernel/address.ts";
import { arrive, joinOutput, type Seat, seatOf, setKeys } from "../../lib/kernel/join.ts";
import { chunksOf } from "../../lib/kernel/list.ts";
import {
  type Decision,
  decideKey,
  type Effect,
  type LogRecord,
  START_KEY,
  type StepError,
  stepKey,
} from "../../lib/kernel/record.ts";
import { ABSENT, type Read, recordKeyOf, valueAt } from "../../lib/kernel/ref.ts";
import { type RouteContext, type Routed, routeAfter, routeStart } from "../../lib/kernel/route.ts";
import { evaluateData, type Routable } from "../../lib/kernel/view.ts";
import type { Json } from "../../lib/model/json.ts";

type EffectOf<K extends Effect["kind"]> = Extract<Effect, { kind: K }>;

/** Which of the values that a decision asks for are at hand before it asks. */
export type AtHand = (ref: string) => boolean;
export const nothing: AtHand = () => false;
export const everything: AtHand = () => true;

/** What a decision asks for besides values. */
export const ROUTING = { checkEvent: () => undefined, nowMs: 0, childId: (path: string) => `child of ${path}` };

export class Walk {
  readonly records = new Map<string, LogRecord>();
  readonly open: EffectOf<"step">[] = [];
  /** Those of them that a wait's end has led to. */
  readonly woken = new Set<EffectOf<"step">>();
  #waking = false;
  readonly emitted: Json[] = [];
  ended: { readonly output: Json } | { readonly error: StepError } | undefined;
  readonly #program: Routable;
  readonly #atHand: readonly AtHand[];

  /** Each decision is made once for every way in which values may be at hand, and must come out the same. */
  constructor(program: Routable, input: Json, atHand: readonly AtHand[] = [nothing, everything]) {
    this.#program = program;
    this.#atHand = atHand;
    const decision = this.#decide({ key: START_KEY }, (ctx) => routeStart(ctx, input));
    this.#record(START_KEY, { kind: "decision", atMs: 0, ...decision });
  }

  inputOf(effect: EffectOf<"step">): Json {
    const at = locate(this.#program.graph, effect.path);
    if (at?.state.kind !== "task") throw new Error(`no task at ${effect.path}`);
    const read: Read = (ref) => valueAt(ref, this.records.get(recordKeyOf(ref)));
    const standing = { frames: at.frames, bind: effect.bind, read, path: effect.path, role: "input", nowMs: 0 };
    const got = evaluateData(at.state.input, this.#program, standing, new Map());
    if (got.kind !== "value") throw new Error(`the input of ${effect.path}: ${JSON.stringify(got)}`);
    return got.value;
  }

  settle(effect: EffectOf<"step">, output: Json): void {
    this.open.splice(this.open.indexOf(effect), 1);
    const key = stepKey(effect.path);
    const decision = this.#decide({ key, output }, (ctx) => routeAfter(ctx, effect.path, key, effect.bind));
    const step = { kind: "step", node: "x", status: "settled", fence: 1, failures: 0, crashes: 0 } as const;
    this.#record(key, { ...step, output, ...decision });
  }

  /** Settles everything, the first open step each time unless `choose` says another. */
  run(answer: (path: string, input: Json) => Json, choose: (open: number) => number = () => 0): this {
    for (let n = 0; this.open.length > 0; n++) {
      if (n === 10_000) throw new Error("10,000 steps and no end");
      const effect = this.open[choose(this.open.length)];
      if (!effect) throw new Error("no such open step");
      this.settle(effect, answer(effect.path, this.inputOf(effect)));
    }
    return this;
  }

  #decide(at: Pick<RouteContext, "key" | "output">, ask: (ctx: RouteContext) => Routed): Decision {
    const [first, ...others] = this.#atHand.map((atHand) => {
      const known = new Set<string>();
      const read: Read = (ref) =>
        known.has(ref) || atHand(ref) ? valueAt(ref, this.records.get(recordKeyOf(ref))) : ABSENT;
      for (let routed = ask({ ...at, program: this.#program, read, ...ROUTING }); ; routed = routed.resume()) {
        if (routed.kind === "decided") {
          for (const list of Object.values(routed.lists ?? {}))
            for (const [chunkKey, chunk] of chunksOf(list)) this.records.set(chunkKey, chunk);
          return routed.decision;
        }
        if (routed.kind === "asked") throw new Error(`asked for ${routed.asked.id}`);
        if (known.has(routed.ref)) throw new Error(`asked for ${routed.ref} twice`);
        known.add(routed.ref);
      }
    });
    if (!first) throw new Error("no way to have values at hand");
    for (const other of others)
      if (JSON.stringify(other) !== JSON.stringify(first))
        throw new Error(`two decisions at ${at.key}: ${JSON.stringify(first)} and ${JSON.stringify(other)}`);
    return first;
  }

  #record(key: string, record: LogRecord & Decision): void {
    if (this.records.has(key)) throw new Error(`${key} is decided twice`);
    this.records.set(key, record);
    for (const effect of record.next) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "step":
        this.open.push(effect);
        if (this.#waking) this.woken.add(effect);
        return;
      case "arrive":
        return this.#arrive(effect);
      case "wait": {
        // No time passes here.
        const { path, bind } = effect;
        const key = decideKey(path);
        const decision = this.#decide({ key }, (ctx) => routeAfter(ctx, path, key, bind));
        const waking = this.#waking;
        this.#waking = true;
        this.#record(key, { kind: "decision", atMs: 0, ...decision });
        this.#waking = waking;
        return;
      }
      case "emit":
        this.emitted.push(this.#at(effect.data));
        return;
      case "succeed":
        if (this.ended) throw new Error("ended twice");
        this.ended = { output: this.#at(effect.output) };
        return;
      case "fail":
        this.ended ??= { error: effect.error };
        return;
      default:
        throw new Error(`no way to walk through a ${effect.kind}`);
    }
  }

  #arrive({ path, member, of, output, bind }: EffectOf<"arrive">): void {
    for (let seat: Seat | undefined = seatOf(path, member, of); seat; seat = seat.above) {
      const standing = this.records.get(seat.key);
      const arrival = arrive(standing?.kind === "join" ? standing : undefined, seat, output);
      this.records.set(seat.key, arrival.record);
      if (!arrival.full) return;
    }
    const outputs = new Map<number, Json>();
    for (const key of setKeys(path, of)) {
      const set = this.records.get(key);
      if (set?.kind !== "join") throw new Error(`${key} is no set`);
      for (const [index, ref] of Object.entries(set.members)) outputs.set(Number(index), this.#at(ref));
    }
    const state = locate(this.#program.graph, path)?.state;
    if (!state) throw new Error(`no state at ${path}`);
    const joined = joinOutput(state, outputs);
    const key = decideKey(path);
    const decision = this.#decide({ key, output: joined }, (ctx) => routeAfter(ctx, path, key, bind));
    this.#record(key, { kind: "decision", atMs: 0, output: joined, ...decision });
  }

  #at(ref: string): Json {
    const value = valueAt(ref, this.records.get(recordKeyOf(ref)));
    if (value === undefined) throw new Error(`nothing lies at ${ref}`);
    return value;
  }
}
