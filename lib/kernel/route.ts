/**
 * DECIDE: from a settled step, a full join or a start, everything that follows up to the next steps. Pure: the shell
 * gives what is at hand, and gets back a decision, or the names of the records to load before it asks again.
 */
import {
  type Branch,
  type CatchRule,
  type ChoiceState,
  type Data,
  type LoopState,
  type MapState,
  placedSignal,
  type Scope,
  type State,
} from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { type Frame, isCyclic, type Located, locate, segmentFor } from "./address.ts";
import { catchLabel, type Taker, takerOf } from "./catch.ts";
import { type Answers, type Asked, variableKey } from "./expression.ts";
import { branchesByMember } from "./join.ts";
import { CHUNK_SIZE, chunksOf, type LongList, listOf } from "./list.ts";
import {
  type Bindings,
  type Decision,
  type Effect,
  type Leaving,
  type ListRecord,
  START_KEY,
  type StepError,
  type ValueRef,
} from "./record.ts";
import { ABSENT, branchRef, itemRef, type Read, recordKeyOf, valueAt, valueRef } from "./ref.ts";
import { afterUndo, nextStage, planRef } from "./undo.ts";
import { type Evaluated, evaluateData, evaluateOn, type Routable } from "./view.ts";

export type Routed =
  | {
      readonly kind: "decided";
      readonly decision: Decision;
      /** Lists that the decision refers to, by the state that made them: to be in the log before it. */
      readonly lists?: Readonly<Record<string, LongList>>;
    }
  | (Wanted & {
      /** Goes on from there, once that is at hand: what was passed before is not passed again. */
      readonly resume: () => Routed;
    });
export type Wanted =
  | { readonly kind: "missing"; readonly ref: ValueRef }
  | { readonly kind: "asked"; readonly asked: Asked };

export interface RouteContext {
  readonly program: Routable;
  /** The record that will hold the decision. */
  readonly key: string;
  readonly read: Read;
  /** Of the expressions that it asked for before. Absent: of none. */
  readonly answers?: Answers;
  /** The output that the record will hold as well. */
  readonly output?: Json;
  /** In which events are decided. Default 0. */
  readonly epoch?: number;
  readonly nowMs: number;
  /** The id of the execution that the state at the path calls and does not wait for. */
  readonly childId: (path: string) => string;
  /** The problem with an event's data, or undefined. */
  readonly checkEvent: (event: string, data: Json) => string | undefined;
  /** The problem with the size of what a state made, or undefined. @param read from outside: a list of values */
  readonly checkSize?: (what: string, value: Json, read: boolean) => string | undefined;
}

/** Between two steps there are at most this many states; more is a loop without a step in it. */
const MOST_STATES = 100_000;

export function routeStart(ctx: RouteContext, input: Json): Routed {
  return new Router(ctx, { input }).run((r) => {
    const root: Frame = { scope: ctx.program.graph.root, prefix: "" };
    const { timeoutMs } = ctx.program.graph;
    if (timeoutMs !== undefined) r.effect({ kind: "deadline", dueAtMs: ctx.nowMs + timeoutMs, afterMs: timeoutMs });
    r.enter([root], root.scope.start, undefined, { prev: valueRef(START_KEY, "input") });
  });
}

/** What follows the state at `path`, whose output lies at `output`. */
export function routeAfter(ctx: RouteContext, path: string, output: ValueRef, bind: Bindings): Routed {
  const { undo } = bind;
  if (!undo) return new Router(ctx, {}).run((r) => r.leaveState(path, output, bind));
  if (!path.includes("#")) return { kind: "decided", decision: { next: [afterUndo(undo, output, bind)] } };
  return routeUndone(ctx, undo);
}

function routeUndone(ctx: RouteContext, undo: NonNullable<Bindings["undo"]>): Routed {
  const resume = () => routeUndone(ctx, undo);
  const plan = ctx.read(planRef(undo.scope));
  if (plan === ABSENT || plan === undefined) return { kind: "missing", ref: planRef(undo.scope), resume };
  const stage = nextStage(plan, undo.stage);
  if (!("lies" in stage)) return { kind: "decided", decision: { next: stage } };
  const next = ctx.read(stage.lies);
  if (next === ABSENT) return { kind: "missing", ref: stage.lies, resume };
  if (next === undefined) throw new Error(`nothing lies at ${stage.lies}, where the plan of ${undo.scope} goes on`);
  return { kind: "decided", decision: { next: next as unknown as readonly Effect[] } }; // as the plan wrote it
}

/** A state that failed for good: into its catch, or the execution fails. */
export function routeFailed(ctx: RouteContext, error: StepError, bind: Bindings): Routed {
  if (bind.undo) return { kind: "decided", decision: { next: [{ kind: "stuck", error }] } };
  return new Router(ctx, {}).run((r) => r.failState(error, bind));
}

/** What follows once a scope that was left early is closed. */
export function routeLeft(ctx: RouteContext, how: Leaving, bind: Bindings): Routed {
  return new Router(ctx, {}).run((r) => r.left(how, bind));
}

class Wants {
  readonly wanted: Wanted;
  constructor(wanted: Wanted) {
    this.wanted = wanted;
  }
}
class Failed {
  readonly error: StepError;
  constructor(error: StepError) {
    this.error = error;
  }
}

/** A state that is visited or left; `state` undefined: the execution's own output. */
interface Here {
  readonly frames: readonly Frame[];
  readonly path: string;
  readonly state: State | undefined;
  readonly bind: Bindings;
}
/** What a state passes on, and by which expressions of its own or of a catch. */
interface Passing {
  readonly made: ValueRef;
  readonly value: Json | undefined;
  readonly result?: Data;
  readonly assign?: Data;
  readonly role?: string;
}
type ValueOf = Extract<Evaluated, { kind: "value" }>;
/** A state still to be entered, or a scope to be left. */
interface ToVisit {
  readonly path: string;
  readonly visit: () => void;
}

class Router {
  readonly #ctx: RouteContext;
  readonly #values: Record<string, Json>;
  readonly #lists: Record<string, LongList> = {};
  /** Of the lists, by key. */
  readonly #chunks = new Map<string, ListRecord>();
  #here: Here = { frames: [], path: "", state: undefined, bind: { prev: "" } };
  readonly #taken: Record<string, string> = {};
  #effects: Effect[] = [];
  /** A list, not recursion: a map of 10,000 empty items must not overflow the stack. */
  #todo: ToVisit[] = [];
  /** How many states it went through. */
  #passed = 0;

  constructor(ctx: RouteContext, values: Record<string, Json>) {
    this.#ctx = ctx;
    this.#values = values;
  }

  run(begin: (router: Router) => void): Routed {
    this.#todo.push({ path: "", visit: () => begin(this) });
    return this.#goThrough();
  }

  #goThrough(): Routed {
    for (let next = this.#todo.pop(); next; next = this.#todo.pop()) {
      try {
        if (this.#passed++ > MOST_STATES)
          this.#fail("slot_failed", `went through ${MOST_STATES} states without a step between them`);
        this.#catching(next);
      } catch (stop) {
        if (stop instanceof Failed)
          return { kind: "decided", decision: this.#failure(stop.error, fromOf(this.#here, stop.error)) };
        if (!(stop instanceof Wants)) throw stop;
        // A visit that is cut short can be made again: it changes nothing before it has all that it wants.
        this.#todo.push(next);
        this.#passed--;
        return { ...stop.wanted, resume: () => this.#goThrough() };
      }
    }
    const lists = Object.keys(this.#lists).length > 0 && { lists: this.#lists };
    return { kind: "decided", decision: this.#decision(this.#effects), ...lists };
  }

  /** What else the decision starts goes on, unless nothing takes the failure up. */
  #catching({ visit }: ToVisit): void {
    try {
      visit();
    } catch (stop) {
      if (!(stop instanceof Failed)) throw stop;
      this.#failAt(this.#here, stop.error);
    }
  }

  #failAt(here: Here, thrown: StepError): void {
    const { dialect } = this.#ctx.program;
    const error = dialect ? dialect.nameError(thrown) : thrown;
    const taker = takerOf(error, here, dialect?.matches);
    if (!taker) throw new Failed(error);
    const { scope } = taker;
    const how = this.#takeUp(taker, error);
    this.#drop(scope);
    // A visit of its own: what fails on the way into a catch is named and taken up as well.
    if (!taker.forked) return void this.#todo.push({ path: scope, visit: () => this.left(how, here.bind) });
    const before = here.bind.refs?.[beforeKey(scope)];
    const bind = { ...outerBindings(here.bind, scope), ...(before && { prev: before }) };
    this.effect({ kind: "leave", scope, how, bind, from: here.path });
  }

  /** What else would have started in the scope never starts. Events before the failure are kept, and calls that nobody waits for. */
  #drop(scope: string): void {
    const inside = (path: string) => path.startsWith(`${scope}/`);
    const stays = (effect: Effect) =>
      effect.kind === "emit" || (effect.kind === "call" && effect.detached !== undefined);
    const placeOf = (effect: Effect) => ("path" in effect ? effect.path : "scope" in effect ? effect.scope : "");
    this.#effects = this.#effects.filter((effect) => stays(effect) || !inside(placeOf(effect)));
    this.#todo = this.#todo.filter(({ path }) => !inside(path));
  }

  #takeUp(taker: Taker, error: StepError): Leaving {
    const { kind, path } = taker;
    if (kind === "race") return { kind: "failed", path, error };
    if (kind === "catch") {
      const branch = catchLabel(taker.rule);
      return { kind: "caught", path, branch, error: this.#kept(`${path}/${branch}/error`, error as unknown as Json) };
    }
    const { member } = taker;
    return { kind: "tolerated", path, member, error: this.#kept(`${path}/${member}/error`, error as unknown as Json) };
  }

  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  #decision(next: readonly Effect[]): Decision {
    const some = (all: object) => Object.keys(all).length > 0;
    return {
      next,
      ...(some(this.#values) && { values: this.#values }),
      ...(some(this.#taken) && { taken: this.#taken }),
    };
  }

  /** What else this decision would have started never starts. Events before the failure are kept, with their data. */
  #failure(error: StepError, from: { readonly from?: string }): Decision {
    const emitted = this.#effects.filter((e) => e.kind === "emit");
    const kept = new Set(["input", ...emitted.map((e) => e.path)]);
    for (const name of Object.keys(this.#values)) if (!kept.has(name)) delete this.#values[name];
    return this.#decision([...emitted, { kind: "fail", error, ...from }]);
  }

  enter(frames: readonly Frame[], name: string | null, from: string | undefined, bind: Bindings): void {
    const { scope, prefix } = frames.at(-1) as Frame; // never empty
    if (name === null) this.#todo.push({ path: prefix, visit: () => this.#leaveScope(frames, bind) });
    else {
      const path = prefix + segmentFor(scope, name, from);
      this.#todo.push({ path, visit: () => this.#visit(frames, name, path, bind) });
    }
  }

  leaveState(path: string, output: ValueRef, bind: Bindings): void {
    const { frames, state } = this.#locate(path);
    // A wait makes nothing: what was before it goes on.
    const made = state.kind === "wait" ? bind.prev : output;
    this.#goOn(frames, state, path, made, bind);
  }

  /** @param path the state that fails, or that fails by what is inside of it */
  failState(error: StepError, bind: Bindings, path = error.path): void {
    this.#todo.push({
      path,
      visit: () => {
        this.#here = { ...this.#locate(path), path, bind };
        throw new Failed(error);
      },
    });
  }

  left(how: Leaving, bind: Bindings): void {
    const { path } = how;
    const { frames, state } = this.#locate(path);
    switch (how.kind) {
      case "won":
        return this.#goOn(frames, state, path, branchRef(how.branch, how.output), outerBindings(bind, path), true);
      case "failed":
        return this.failState(how.error, bind, path);
      case "caught":
        return this.#enterCatch({ frames, state, path, bind }, how);
      case "tolerated":
        return this.#arriveItem(
          { frames, state: state as MapState, path, bind },
          how.member,
          branchRef("failed", how.error),
        );
    }
  }

  #locate(path: string): Located {
    const at = locate(this.#ctx.program.graph, path);
    if (!at) throw new Error(`no state at ${path}`);
    return at;
  }

  #enterCatch(
    { frames, state, path, bind }: Here & { readonly state: State },
    how: Extract<Leaving, { kind: "caught" }>,
  ): void {
    const { catch: rules = [] } = state as { readonly catch?: readonly CatchRule[] }; // some kinds have none
    const rule = rules.find((one) => catchLabel(one) === how.branch);
    if (!rule) throw new Error(`the state at ${path} catches no ${how.branch}`);
    const before = bind.refs?.[beforeKey(path)];
    const outer = outerBindings(bind, path);
    if ("to" in rule.branch)
      return this.#enterAfter({ frames, state, path, bind: outer }, { rule, to: rule.branch.to }, how);
    const { scope } = rule.branch;
    const prefix = `${path}/${how.branch}/`;
    const refs = { ...outer.refs, [`${prefix}error`]: how.error };
    const frame: Frame = { scope, prefix, owner: { path, state, branch: how.branch } };
    this.enter([...frames, frame], scope.start, undefined, { ...outer, prev: before ?? how.error, refs });
  }

  /** By a transition of a catch. What came into the state is `prev` of its bindings. */
  #enterAfter(
    here: Here,
    { rule, to }: { rule: CatchRule; to: string },
    { error }: { readonly error: ValueRef },
  ): void {
    const { frames, path } = here;
    // What fails in a catch is not caught by it again.
    const outside = { ...here, state: undefined };
    const told = this.#valueOf(error) as { readonly data?: Json } | null; // a StepError
    const { prev, bind } = this.#passOn(outside, { ...rule, made: error, value: told?.data ?? {}, role: " caught" });
    this.enter(frames, to, path, { ...bind, prev });
  }

  #goOn(frames: readonly Frame[], state: State, path: string, output: ValueRef, bind: Bindings, bound = false): void {
    if (state.kind === "fail" || state.kind === "succeed") return;
    const frame = frames.at(-1) as Frame;
    const name = path.slice(frame.prefix.length).split("~")[0] ?? "";
    const value = () => (state.kind === "wait" ? undefined : this.#valueOf(output));
    const passed = passesOn(state)
      ? this.#passOn({ frames, path, state, bind }, { ...state, made: output, value: value() })
      : { prev: output, bind };
    // A name whose place the graph alone does not tell travels along.
    const named = bound || isCyclic(frame.scope);
    const refs = named ? { ...passed.bind.refs, [frame.prefix + name]: output } : passed.bind.refs;
    this.enter(frames, state.next, path, { ...passed.bind, ...(refs && { refs }), prev: passed.prev });
  }

  /** What the state passes on in place of what it made, and the variables that it sets. */
  #passOn(
    here: Here,
    { made, value, result, assign, role = "" }: Passing,
  ): { readonly prev: ValueRef; readonly bind: Bindings } {
    this.#here = here;
    const { frames, path } = here;
    const set = assign && this.#eval(assign, `assign${role}`, value);
    const prev = result ? this.#keep(`${path}/passed`, this.#eval(result, `result${role}`, value)) : made;
    const { prefix } = frames.at(-1) as Frame;
    let { bind } = here;
    for (const [name, one] of Object.entries((set ?? {}) as Readonly<Record<string, Json>>))
      bind = withRef(bind, variableKey(prefix, name), this.#keep(variableKey(`${path}/`, name), one));
    return { prev, bind };
  }

  #valueOf(ref: ValueRef): Json {
    const value = this.#read(ref);
    if (value === ABSENT) throw new Wants({ kind: "missing", ref });
    return value ?? null;
  }

  #visit(frames: readonly Frame[], name: string, path: string, bind: Bindings): void {
    const state = frames.at(-1)?.scope.states[name];
    this.#here = { frames, path, state, bind };
    if (!state) throw new Error(`no state '${name}' at ${path}`);
    const down = (scope: Scope, branch: string, inner: Bindings) =>
      this.enter(
        [...frames, { scope, prefix: `${path}/${branch}/`, owner: { path, state, branch } }],
        scope.start,
        undefined,
        inner,
      );
    const take = (branches: Readonly<Record<string, Branch>>, pick: unknown, prev: ValueRef) => {
      const branch = typeof pick === "string" && Object.hasOwn(branches, pick) ? branches[pick] : undefined;
      if (!branch) {
        const known = Object.keys(branches).join(", ");
        this.#fail("slot_failed", `picked ${show(pick)}, which is none of its branches: ${known}`);
      }
      this.#taken[path] = String(pick);
      if ("to" in branch) {
        const passed = passesOn(state)
          ? this.#passOn(this.#here, { ...(state as ChoiceState), made: prev, value: undefined })
          : { prev, bind };
        this.enter(frames, branch.to, path, { ...passed.bind, prev: passed.prev });
      } else down(branch.scope, String(pick), { ...bind, prev });
    };
    switch (state.kind) {
      case "task":
        this.#effects.push({ kind: "step", path, bind });
        return;
      case "set":
        return this.#goOn(frames, state, path, this.#keep(path, this.#eval(state.value)), bind, true);
      case "choice":
        return take(state.branches, this.#eval(state.pick), bind.prev);
      case "match": {
        const value = this.#eval(state.of);
        return take(state.branches, property(value, state.by), this.#keep(path, value));
      }
      case "block":
        // A catch begins with what came before the block.
        return down(state.body, "done", state.catch ? kept(bind, path) : bind);
      case "loop":
        return this.#round({ frames, path, state, bind }, 1, this.#put(path, this.#found(state.from)));
      case "race":
      case "parallel": {
        const prev = "input" in state && state.input ? this.#keep(`${path}/input`, this.#eval(state.input)) : bind.prev;
        const inner = { ...(passesOn(state) || state.catch ? kept(bind, path) : bind), prev };
        // Last first: the list is taken from its end, so the branches come out in their order.
        for (const [branch, scope] of Object.entries(state.branches).reverse()) down(scope, branch, inner);
        return;
      }
      case "map": {
        const items = this.#eval(state.over);
        if (!Array.isArray(items)) return this.#fail("slot_failed", `over gave ${show(items)}, not a list`);
        if (items.length === 0) return this.#goOn(frames, state, path, this.#keep(path, []), bind, true);
        const map = { items: this.#keepList(path, items, state.reads !== undefined), of: items.length };
        const lanes = Math.min(state.concurrency, items.length);
        const inner = passesOn(state) || state.catch ? kept(bind, path) : bind;
        for (let i = lanes - 1; i >= 0; i--)
          down(state.each, String(i), { ...inner, prev: itemRef(map.items, i), maps: { ...bind.maps, [path]: map } });
        return;
      }
      case "emit": {
        const found = this.#found(state.data);
        const problem = this.#ctx.checkEvent(state.event, found.value);
        if (problem) this.#fail("slot_failed", `the data of ${state.event} breaks its schema: ${problem}`);
        const { epoch } = this.#ctx;
        const data = this.#put(path, found);
        this.#effects.push({ kind: "emit", path, event: state.event, data, ...(epoch && { epoch }) });
        return this.enter(frames, state.next, path, bind);
      }
      case "fail": {
        if (!state.failure) return this.#fail(state.code, text(this.#eval(state.message)));
        const data = this.#eval(state.failure, "failure");
        const { Error: code = "", Cause: message = "" } = data as Readonly<Record<string, string>>; // so it is evaluated
        throw new Failed({ code, message, path, data });
      }
      case "succeed":
        return this.#finish(frames, this.#keep(path, this.#eval(state.output)), bind);
      case "wait": {
        const { forMs: afterMs } = state;
        const { nowMs } = this.#ctx;
        if (afterMs !== undefined) return this.effect({ kind: "wait", path, dueAtMs: nowMs + afterMs, afterMs, bind });
        return this.effect({ kind: "wait", path, dueAtMs: this.#time(this.#eval(state.until as Data)), bind });
      }
      case "waitFor": {
        const { timeoutMs: afterMs } = state;
        const signal = state.ownPlace ? placedSignal(state.signal, path) : state.signal;
        return this.effect({ kind: "wait", path, dueAtMs: this.#ctx.nowMs + afterMs, afterMs, signal, bind });
      }
      case "call": {
        const input = this.#put(`${path}/input`, this.#found(state.input));
        const { workflow } = state;
        if (!state.detached) return this.effect({ kind: "call", path, workflow, input, bind });
        const detached = this.#ctx.childId(path);
        this.effect({ kind: "call", path, workflow, input, detached, bind });
        const output = this.#keep(path, { execution: `${workflow}/${detached}` });
        return this.#goOn(frames, state, path, output, bind, true);
      }
    }
  }

  /** ISO 8601, with an offset. */
  #time(value: Json): number {
    const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(ms))
      this.#fail("slot_failed", `until gave ${show(value)}, which is no time: write 2026-05-04T09:30:00Z`);
    return ms;
  }

  #round({ frames, path, state, bind }: Here, n: number, value: ValueRef): void {
    const { each } = state as LoopState;
    const frame: Frame = {
      scope: each,
      prefix: `${path}/${n}/`,
      owner: { path, state: state as LoopState, branch: String(n) },
    };
    const inner = withRef({ ...bind, prev: value }, `${frame.prefix}round`, value);
    this.enter([...frames, frame], each.start, undefined, inner);
  }

  /** @param here the loop itself, as seen from outside */
  #afterRound(here: Here, n: number): void {
    this.#here = here;
    const { frames, path, bind } = here;
    const state = here.state as LoopState;
    const done = this.#made(evaluateOn(state.until, this.#ctx.program, this.#valueOf(bind.prev))).value;
    if (done === true) return this.#goOn(frames, state, path, bind.prev, bind, true);
    if (n >= state.max) this.#fail("loop_limit", `is not done after ${n} rounds, which is its limit`);
    this.#round(here, n + 1, bind.prev);
  }

  /** An item has come to its end; its lane goes on. */
  #arriveItem(
    { frames, path, state, bind }: Here & { readonly state: MapState },
    member: number,
    output: ValueRef,
  ): void {
    const map = bind.maps?.[path];
    if (!map) throw new Error(`the items of ${path} are not bound`);
    const outer = outerBindings(bind, path);
    const before = bind.refs?.[beforeKey(path)];
    this.effect({
      kind: "arrive",
      path,
      member,
      of: map.of,
      output,
      bind: { ...outer, ...(before && { prev: before }) },
    });
    const next = member + state.concurrency;
    if (next >= map.of) return;
    const scope = state.each;
    const frame: Frame = { scope, prefix: `${path}/${next}/`, owner: { path, state, branch: String(next) } };
    const inner = {
      ...(before ? withRef(outer, beforeKey(path), before) : outer),
      prev: itemRef(map.items, next),
      maps: { ...outer.maps, [path]: map },
    };
    this.enter([...frames, frame], scope.start, undefined, inner);
  }

  /** Ends the innermost parallel branch or map item, else the execution. */
  #finish(frames: readonly Frame[], output: ValueRef, bind: Bindings): void {
    const fork = frames.findLastIndex(({ owner }) => owner && isFork(owner.state));
    if (fork < 0) this.#effects.push({ kind: "succeed", output });
    else this.#leaveScope(frames.slice(0, fork + 1), { ...bind, prev: output });
  }

  #leaveScope(frames: readonly Frame[], bind: Bindings): void {
    const { owner } = frames.at(-1) as Frame;
    const above = frames.slice(0, -1);
    if (!owner) {
      this.#here = { frames, path: "output", state: undefined, bind };
      const data = this.#ctx.program.graph.output;
      const output = data.kind === "previous" ? bind.prev : this.#put("output", this.#found(data));
      this.#effects.push({ kind: "succeed", output });
      return;
    }
    const { path, state, branch } = owner;
    const outer = outerBindings(bind, path);
    switch (state.kind) {
      case "choice":
      case "match":
        return this.#goOn(above, state, path, branchRef(branch, bind.prev), outer, true);
      case "block": {
        const output = state.catch ? branchRef(branch, bind.prev) : bind.prev;
        return this.#goOn(above, state, path, output, outer, true);
      }
      case "loop":
        return this.#afterRound({ frames: above, path, state, bind: outer }, Number(branch));
      case "race": {
        const how = { kind: "won", path, branch, output: bind.prev } as const;
        return this.effect({ kind: "leave", scope: path, how, bind: outer });
      }
      case "parallel": {
        const branches = branchesByMember(state);
        const member = branches.indexOf(branch);
        const before = bind.refs?.[beforeKey(path)];
        const back = { ...outer, ...(before && { prev: before }) };
        this.#effects.push({ kind: "arrive", path, member, of: branches.length, output: bind.prev, bind: back });
        return;
      }
      case "map": {
        const output = state.tolerate ? branchRef("ok", bind.prev) : bind.prev;
        return this.#arriveItem({ frames: above, path, state, bind }, Number(branch), output);
      }
      default:
        throw new Error(`left a scope of a ${state.kind} at ${path}`);
    }
  }

  #keep(name: string, value: Json): ValueRef {
    this.#checkSize(name, value);
    return this.#kept(name, value);
  }
  #checkSize(name: string, value: Json, read = false): void {
    const problem = this.#ctx.checkSize?.(`what '${name}' made`, value, read);
    if (problem !== undefined) this.#fail("payload_too_large", problem);
  }
  #kept(name: string, value: Json): ValueRef {
    this.#values[name] = value;
    return valueRef(this.#ctx.key, name);
  }

  #keepList(path: string, items: readonly Json[], read: boolean): ValueRef {
    this.#checkSize(path, items, read);
    if (items.length <= CHUNK_SIZE) return this.#kept(path, items);
    const list = listOf(path, items);
    this.#lists[path] = list;
    for (const [key, chunk] of chunksOf(list)) this.#chunks.set(key, chunk);
    return list.ref;
  }

  #read: Read = (ref) => {
    const key = recordKeyOf(ref);
    const chunk = this.#chunks.get(key);
    if (chunk) return valueAt(ref, chunk);
    if (key !== this.#ctx.key) return this.#ctx.read(ref);
    // The record that this decision will stand in is not written yet.
    const { output } = this.#ctx;
    return valueAt(ref, {
      kind: "decision",
      atMs: 0,
      next: [],
      values: this.#values,
      ...(output !== undefined && { output }),
    });
  };

  /** Where the value lies: what a mapping has passed on as it is stays where it is, so that it is stored once. */
  #put(name: string, { value, ref }: ValueOf): ValueRef {
    return ref ?? this.#keep(name, value);
  }

  #eval(data: Data, role = "", result?: Json): Json {
    return this.#found(data, role, result).value;
  }

  /** In the state that is visited. */
  #found(data: Data, role = "", result?: Json): ValueOf {
    const { frames, path, bind } = this.#here;
    const { program, nowMs, answers = NONE } = this.#ctx;
    const at = { frames, bind, path, role, nowMs, read: this.#read, ...(result !== undefined && { result }) };
    return this.#made(evaluateData(data, program, at, answers));
  }

  #made(got: Evaluated): ValueOf {
    if (got.kind === "value") return got;
    if (got.kind !== "threw") throw new Wants(got);
    return this.#fail(got.code ?? "slot_failed", got.message);
  }

  #fail(code: string, message: string): never {
    throw new Failed({ code, message, path: this.#here.path });
  }
}

/** Where a failure came out of last, if it has come further than the state that failed. */
const fromOf = ({ path }: Here, error: StepError): { readonly from?: string } =>
  path === error.path ? {} : { from: path };
const isFork = ({ kind }: State): boolean => kind === "parallel" || kind === "map" || kind === "race";
/** Where a block with catches keeps what came before it: no name in `s` can be read there. */
const beforeKey = (path: string): string => `${path}/~`;
const kept = (bind: Bindings, path: string): Bindings => withRef(bind, beforeKey(path), bind.prev);
const NONE: Answers = new Map();
/** In place of what it made, or with variables. */
const passesOn = (state: State): boolean => "result" in state || "assign" in state;
const withRef = (bind: Bindings, name: string, ref: ValueRef): Bindings => ({
  ...bind,
  refs: { ...bind.refs, [name]: ref },
});

/** What a scope's outside sees again: names from inside are gone. */
function outerBindings(bind: Bindings, owner: string): Bindings {
  const inside = (key: string) => key === owner || key.startsWith(`${owner}/`);
  const keep = <T>(all: Readonly<Record<string, T>> | undefined) =>
    all && Object.fromEntries(Object.entries(all).filter(([key]) => !inside(key)));
  const refs = keep(bind.refs);
  const maps = keep(bind.maps);
  return {
    prev: bind.prev,
    ...(refs && Object.keys(refs).length > 0 && { refs }),
    ...(maps && Object.keys(maps).length > 0 && { maps }),
  };
}

const property = (value: Json, name: string): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as { readonly [key: string]: Json | undefined })[name]
    : undefined;

const text = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

function show(value: unknown): string {
  const full = JSON.stringify(value) ?? "undefined";
  return full.length > 80 ? `${full.slice(0, 79)}…` : full;
}
