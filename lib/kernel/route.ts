/**
 * DECIDE: from a settled step, a full join or a start, everything that follows up to the next steps. Pure: the shell
 * gives what is at hand, and gets back a decision, or the names of the records to load before it asks again.
 */
import type { Branch, Data, Scope, State } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { type Frame, isCyclic, locate, segmentFor } from "./address.ts";
import { branchesByMember } from "./join.ts";
import { type Bindings, type Decision, type Effect, START_KEY, type StepError, type ValueRef } from "./record.ts";
import { branchRef, itemRef, recordKeyOf, valueAt, valueRef } from "./ref.ts";
import { evaluateData, type Read, type Routable } from "./view.ts";

export type Routed =
  | { readonly kind: "decided"; readonly decision: Decision }
  | { readonly kind: "missing"; readonly ref: ValueRef };

export interface RouteContext {
  readonly program: Routable;
  /** The record that will hold the decision. */
  readonly key: string;
  readonly read: Read;
  /** The output that the record will hold as well. */
  readonly output?: Json;
  /** In which events are decided. Default 0. */
  readonly epoch?: number;
  /** The problem with an event's data, or undefined. */
  readonly checkEvent: (event: string, data: Json) => string | undefined;
}

/** Between two steps there are at most this many states; more is a loop without a step in it. */
const MOST_STATES = 100_000;

export function routeStart(ctx: RouteContext, input: Json): Routed {
  return new Router(ctx, { input }).run((r) => {
    const root: Frame = { scope: ctx.program.graph.root, prefix: "" };
    r.enter([root], root.scope.start, undefined, { prev: valueRef(START_KEY, "input") });
  });
}

/** What follows the state at `path`, whose output lies at `output`. */
export function routeAfter(ctx: RouteContext, path: string, output: ValueRef, bind: Bindings): Routed {
  return new Router(ctx, {}).run((r) => r.leaveState(path, output, bind));
}

/** A state that failed for good. Catches are looked for here; without one the execution fails. */
export function routeFailure(error: StepError): Decision {
  return { next: [{ kind: "fail", error }] };
}

class Missing {
  readonly ref: ValueRef;
  constructor(ref: ValueRef) {
    this.ref = ref;
  }
}
class Failed {
  readonly error: StepError;
  constructor(error: StepError) {
    this.error = error;
  }
}

class Router {
  readonly #ctx: RouteContext;
  readonly #values: Record<string, Json>;
  /** The state that is being visited. */
  #at = "";
  readonly #taken: Record<string, string> = {};
  readonly #effects: Effect[] = [];
  /** States still to be entered. A list, not recursion: a map of 10,000 empty items must not overflow the stack. */
  readonly #todo: (() => void)[] = [];

  constructor(ctx: RouteContext, values: Record<string, Json>) {
    this.#ctx = ctx;
    this.#values = values;
  }

  run(begin: (router: Router) => void): Routed {
    try {
      begin(this);
      for (let n = 0; this.#todo.length > 0; n++) {
        if (n === MOST_STATES)
          this.#fail(this.#at, "slot_failed", `went through ${MOST_STATES} states without a step between them`);
        this.#todo.pop()?.();
      }
    } catch (stop) {
      if (stop instanceof Missing) return { kind: "missing", ref: stop.ref };
      if (!(stop instanceof Failed)) throw stop;
      return { kind: "decided", decision: this.#failure(stop.error) };
    }
    return { kind: "decided", decision: this.#decision(this.#effects) };
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
  #failure(error: StepError): Decision {
    const emitted = this.#effects.filter((e) => e.kind === "emit");
    const kept = new Set(["input", ...emitted.map((e) => e.path)]);
    for (const name of Object.keys(this.#values)) if (!kept.has(name)) delete this.#values[name];
    return this.#decision([...emitted, ...routeFailure(error).next]);
  }

  enter(frames: readonly Frame[], name: string | null, from: string | undefined, bind: Bindings): void {
    const frame = frames.at(-1) as Frame; // never empty
    if (name === null) this.#todo.push(() => this.#leaveScope(frames, bind));
    else this.#todo.push(() => this.#visit(frames, name, frame.prefix + segmentFor(frame.scope, name, from), bind));
  }

  leaveState(path: string, output: ValueRef, bind: Bindings): void {
    const at = locate(this.#ctx.program.graph, path);
    if (!at) throw new Error(`no state at ${path}`);
    this.#goOn(at.frames, at.state, path, output, bind);
  }

  #goOn(frames: readonly Frame[], state: State, path: string, output: ValueRef, bind: Bindings, bound = false): void {
    if (state.kind === "fail" || state.kind === "succeed") return;
    const frame = frames.at(-1) as Frame;
    const name = path.slice(frame.prefix.length).split("~")[0] ?? "";
    // A name whose place the graph alone does not tell travels along.
    const refs = bound || isCyclic(frame.scope) ? { ...bind.refs, [frame.prefix + name]: output } : bind.refs;
    this.enter(frames, state.next, path, { ...bind, ...(refs && { refs }), prev: output });
  }

  #visit(frames: readonly Frame[], name: string, path: string, bind: Bindings): void {
    this.#at = path;
    const state = frames.at(-1)?.scope.states[name];
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
        this.#fail(path, "slot_failed", `picked ${show(pick)}, which is none of its branches: ${known}`);
      }
      this.#taken[path] = String(pick);
      if ("to" in branch) this.enter(frames, branch.to, path, { ...bind, prev });
      else down(branch.scope, String(pick), { ...bind, prev });
    };
    switch (state.kind) {
      case "task":
        this.#effects.push({ kind: "step", path, bind });
        return;
      case "set":
        return this.#goOn(
          frames,
          state,
          path,
          this.#keep(path, this.#eval(state.value, path, frames, bind)),
          bind,
          true,
        );
      case "choice":
        return take(state.branches, this.#eval(state.pick, path, frames, bind), bind.prev);
      case "match": {
        const value = this.#eval(state.of, path, frames, bind);
        return take(state.branches, property(value, state.by), this.#keep(path, value));
      }
      case "block":
        return down(state.body, "done", bind);
      case "parallel":
        // Last first: the list is taken from its end, so the branches come out in their order.
        for (const [branch, scope] of Object.entries(state.branches).reverse()) down(scope, branch, bind);
        return;
      case "map": {
        const items = this.#eval(state.over, path, frames, bind);
        if (!Array.isArray(items)) return this.#fail(path, "slot_failed", `over gave ${show(items)}, not a list`);
        if (items.length === 0) return this.#goOn(frames, state, path, this.#keep(path, []), bind, true);
        const map = { items: this.#keep(path, items), of: items.length };
        const lanes = Math.min(state.concurrency, items.length);
        for (let i = lanes - 1; i >= 0; i--)
          down(state.each, String(i), { ...bind, prev: itemRef(map.items, i), maps: { ...bind.maps, [path]: map } });
        return;
      }
      case "emit": {
        const data = this.#eval(state.data, path, frames, bind);
        const problem = this.#ctx.checkEvent(state.event, data);
        if (problem) this.#fail(path, "slot_failed", `the data of ${state.event} breaks its schema: ${problem}`);
        const { epoch } = this.#ctx;
        const ref = this.#keep(path, data);
        this.#effects.push({ kind: "emit", path, event: state.event, data: ref, ...(epoch && { epoch }) });
        return this.enter(frames, state.next, path, bind);
      }
      case "fail":
        return this.#fail(path, state.code, text(this.#eval(state.message, path, frames, bind)));
      case "succeed":
        return this.#finish(frames, this.#keep(path, this.#eval(state.output, path, frames, bind)), bind);
      case "race":
      case "loop":
      case "wait":
      case "waitFor":
      case "call":
        throw new Error(`a state of kind '${state.kind}' reached the kernel`); // refused before the start
    }
  }

  /** Ends the innermost parallel branch or map item, else the execution. */
  #finish(frames: readonly Frame[], output: ValueRef, bind: Bindings): void {
    const fork = frames.findLastIndex(({ owner }) => owner?.state.kind === "parallel" || owner?.state.kind === "map");
    if (fork < 0) this.#effects.push({ kind: "succeed", output });
    else this.#leaveScope(frames.slice(0, fork + 1), { ...bind, prev: output });
  }

  #leaveScope(frames: readonly Frame[], bind: Bindings): void {
    const { scope, owner } = frames.at(-1) as Frame;
    const above = frames.slice(0, -1);
    if (!owner) {
      const data = this.#ctx.program.graph.output;
      const output =
        data.kind === "previous" ? bind.prev : this.#keep("output", this.#eval(data, "output", frames, bind));
      this.#effects.push({ kind: "succeed", output });
      return;
    }
    const { path, state, branch } = owner;
    const outer = outerBindings(bind, path);
    switch (state.kind) {
      case "choice":
      case "match":
        return this.#goOn(above, state, path, branchRef(branch, bind.prev), outer, true);
      case "block":
        return this.#goOn(above, state, path, bind.prev, outer, true);
      case "parallel": {
        const branches = branchesByMember(state);
        const member = branches.indexOf(branch);
        this.#effects.push({ kind: "arrive", path, member, of: branches.length, output: bind.prev, bind: outer });
        return;
      }
      case "map": {
        const map = bind.maps?.[path];
        if (!map) throw new Error(`the items of ${path} are not bound`);
        const member = Number(branch);
        this.#effects.push({ kind: "arrive", path, member, of: map.of, output: bind.prev, bind: outer });
        const next = member + state.concurrency;
        if (next >= map.of) return;
        const frame: Frame = { scope, prefix: `${path}/${next}/`, owner: { path, state, branch: String(next) } };
        const inner = { ...outer, prev: itemRef(map.items, next), maps: { ...outer.maps, [path]: map } };
        return this.enter([...above, frame], scope.start, undefined, inner);
      }
      default:
        throw new Error(`left a scope of a ${state.kind} at ${path}`);
    }
  }

  #keep(name: string, value: Json): ValueRef {
    this.#values[name] = value;
    return valueRef(this.#ctx.key, name);
  }

  #read: Read = (ref) => {
    if (recordKeyOf(ref) !== this.#ctx.key) return this.#ctx.read(ref);
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

  #eval(data: Data, path: string, frames: readonly Frame[], bind: Bindings): Json {
    const got = evaluateData(data, this.#ctx.program, frames, bind, this.#read);
    if (got.kind === "value") return got.value;
    if (got.kind === "missing") throw new Missing(got.ref);
    return this.#fail(path, "slot_failed", got.message);
  }

  #fail(path: string, code: string, message: string): never {
    throw new Failed({ code, message, path });
  }
}

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
