/**
 * `s`, everything so far, lazy by name. A slot that reads a name which is not at hand is stopped; whoever runs it loads
 * the record and runs it again. That is why slots are pure and synchronous.
 */
import type { Data, Graph } from "../model/graph.ts";
import { frozen, type Json, notJson, toJson } from "../model/json.ts";
import type { Slot } from "../model/program.ts";
import { type Frame, isCyclic } from "./address.ts";
import { type Answers, type Asked, askFor, type Named, type Standing } from "./expression.ts";
import { type Bindings, decideKey, stepKey, type ValueRef } from "./record.ts";
import { ABSENT, INPUT_REF, itemRef, type Read } from "./ref.ts";

export type Evaluated =
  /** `ref`: a function gave what lies there, as it is. */
  | { readonly kind: "value"; readonly value: Json; readonly ref?: ValueRef }
  | { readonly kind: "missing"; readonly ref: ValueRef }
  /** An expression, which is for whoever asks to evaluate. */
  | { readonly kind: "asked"; readonly asked: Asked }
  /** `code`: of an expression. A function has none. */
  | { readonly kind: "threw"; readonly message: string; readonly code?: string };

/** Where the value of a name lies as seen from these frames, or undefined when no state of that name is in sight. */
export function refOf(name: string, frames: readonly Frame[], bind: Bindings): ValueRef | undefined {
  if (name === "input") return INPUT_REF;
  for (let i = frames.length - 1; i >= 0; i--) {
    const frame = frames[i] as Frame; // i is in range
    const owner = frame.owner;
    if (Object.hasOwn(frame.scope.states, name)) {
      const path = frame.prefix + name;
      const bound = bind.refs?.[path];
      if (bound !== undefined) return bound;
      if (isCyclic(frame.scope)) return undefined; // which visit? Only a binding tells
      const kind = frame.scope.states[name]?.kind;
      if (kind === "task") return stepKey(path);
      if (kind === "parallel" || kind === "map" || kind === "waitFor" || kind === "call") return decideKey(path);
      return undefined;
    }
    const given = GIVEN.has(name) ? bind.refs?.[frame.prefix + name] : undefined;
    if (given !== undefined) return given;
    if (name === "item" && owner?.state.kind === "map") {
      const map = bind.maps?.[owner.path];
      return map && itemRef(map.items, Number(owner.branch));
    }
  }
  return undefined;
}

/** `error` of a catch, `round` of a loop, `output` of what is to be undone. */
const GIVEN: ReadonlySet<string> = new Set(["error", "round", "output"]);

class NotAtHand extends Error {}

/** Runs a slot that is given a value itself, and not what can be seen. */
export function evaluateOn(data: Data, program: Routable, value: Json): Evaluated {
  if (data.kind === "constant") return { kind: "value", value: data.value };
  const slot = data.kind === "slot" && Object.hasOwn(program.slots, data.slot) ? program.slots[data.slot] : undefined;
  if (!slot) return { kind: "threw", message: `the code at hand has no function for ${JSON.stringify(data)}` };
  try {
    return jsonOf(slot(frozen(value)));
  } catch (error) {
    return { kind: "threw", message: error instanceof Error ? error.message : String(error) };
  }
}

function jsonOf(value: unknown): Evaluated {
  const json = toJson(value ?? null);
  return json.ok ? { kind: "value", value: json.value } : { kind: "threw", message: notJson("the result", json) };
}

function roundOf(frames: readonly Frame[], state: Json | undefined): Json | undefined {
  const loop = frames.findLast(({ owner }) => owner?.state.kind === "loop")?.owner;
  return loop && { n: Number(loop.branch), state: state ?? null };
}

/** Runs a slot on what can be seen from here. */
export function evaluate(slot: Slot, frames: readonly Frame[], bind: Bindings, read: Read): Evaluated {
  let missing: ValueRef | undefined;
  const places = new Map<unknown, ValueRef>();
  const look = (name: string): Json | undefined => {
    const ref = refOf(name, frames, bind);
    if (ref === undefined) return undefined;
    const value = read(ref);
    // A slot that changed it would change the log.
    if (value !== ABSENT) return seen(name, ref, frozen(name === "round" ? roundOf(frames, value) : value));
    missing ??= ref;
    throw new NotAtHand();
  };
  const seen = (name: string, ref: ValueRef, value: Json | undefined) => {
    if (typeof value === "object" && value !== null && name !== "round") places.set(value, ref);
    return value;
  };
  let value: unknown;
  try {
    value = slot(view(frames, bind, look));
  } catch (error) {
    // A slot that catches everything must not hide that a record was missing, so `missing` decides, not the throw.
    if (missing === undefined)
      return { kind: "threw", message: error instanceof Error ? error.message : String(error) };
  }
  if (missing !== undefined) return { kind: "missing", ref: missing };
  const ref = places.get(value);
  return ref === undefined ? jsonOf(value) : { kind: "value", value: value as Json, ref };
}

function view(frames: readonly Frame[], bind: Bindings, look: (name: string) => Json | undefined): object {
  const names = () => {
    const seen = new Set(["input"]);
    for (const frame of frames) {
      for (const name of Object.keys(frame.scope.states)) seen.add(name);
      if (frame.owner?.state.kind === "map") seen.add("item");
      for (const name of GIVEN) if (bind.refs?.[frame.prefix + name] !== undefined) seen.add(name);
    }
    return [...seen];
  };
  return new Proxy(Object.create(null), {
    get: (_, name) => (typeof name === "string" ? look(name) : undefined),
    has: (_, name) => typeof name === "string" && look(name) !== undefined,
    ownKeys: () => names().filter((name) => look(name) !== undefined),
    getOwnPropertyDescriptor: (_, name) => {
      const value = typeof name === "string" ? look(name) : undefined;
      return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: false };
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
}

/** What a workflow is to the kernel: its graph and the functions that the graph names. */
export interface Routable {
  readonly graph: Graph;
  readonly slots: Readonly<Record<string, Slot>>;
  readonly dialect?: Named;
}

/** A value of the graph, wherever it comes from. */
export function evaluateData(data: Data, program: Routable, at: Standing, answers: Answers): Evaluated {
  const { frames, bind, read } = at;
  switch (data.kind) {
    case "constant":
      return { kind: "value", value: data.value };
    case "previous": {
      const value = read(bind.prev);
      if (value === ABSENT) return { kind: "missing", ref: bind.prev };
      return value === undefined
        ? { kind: "threw", message: `nothing lies at ${bind.prev}` }
        : { kind: "value", value };
    }
    case "slot": {
      const slot = Object.hasOwn(program.slots, data.slot) ? program.slots[data.slot] : undefined;
      if (slot) return evaluate(slot, frames, bind, read);
      return { kind: "threw", message: `the code at hand has no function for '${data.slot}'` };
    }
    case "expression": {
      const asking = askFor(data, at);
      return asking.kind === "asked" ? (answers.get(asking.asked.id) ?? asking) : asking;
    }
  }
}
