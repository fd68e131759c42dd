/** Where the states of a graph are, what surely ran before each of them, and what the graph knows of their values. */
import { type Data, type Graph, type NodeSpec, type Scope, type State, scopesOf } from "../model/graph.ts";
import { type Shape, union } from "./shape.ts";

export interface Place {
  /** Static: `pack/each/packLine`. */
  readonly path: string;
  readonly name: string;
  readonly state: State;
  readonly scope: Scope;
  /** The state that the scope lies in, and by which branch. */
  readonly owner?: { readonly place: Place; readonly branch: string };
}

export interface SlotUse {
  readonly slot: string;
  readonly role: string;
  /** Undefined: the execution's output. */
  readonly place?: Place;
}

/** Every function that an execution may need, from the graph's own data. */
export function slotsIn(state: State): readonly (readonly [role: string, data: Data])[] {
  const own = ownSlots(state);
  if (state.kind === "fail" || state.kind === "succeed") return own;
  return [
    ...own,
    ...(state.result ? [["result", state.result] as const] : []),
    ...Object.entries(state.assign ?? {}).map(([name, data]) => [`assign.${name}`, data] as const),
  ];
}

function ownSlots(state: State): readonly (readonly [string, Data])[] {
  switch (state.kind) {
    case "task":
      return [["input", state.input], ...(state.undo ? [["undo.input", state.undo.input] as const] : [])];
    case "set":
      return [["value", state.value]];
    case "choice":
      return [["pick", state.pick]];
    case "match":
      return [["of", state.of]];
    case "map":
      return [["over", state.over]];
    case "loop":
      return [
        ["from", state.from],
        ["until", state.until],
      ];
    case "wait":
      return state.until ? [["until", state.until]] : [];
    case "call":
      return [["input", state.input]];
    case "emit":
      return [["data", state.data]];
    case "fail":
      return [["message", state.message]];
    case "succeed":
      return [["output", state.output]];
    default:
      return [];
  }
}

/** What is known beside the graph: an older graph's nodes answer by the newer code. */
export interface Known {
  readonly outputOf: (node: string) => Shape;
  readonly signalOf: (signal: string) => Shape;
}
const byGraph = ({ nodes, signals }: Graph): Known => ({
  outputOf: (node) => outputShape(nodes[node]),
  signalOf: (signal) => ({ kind: "schema", schema: signals[signal]?.data ?? {} }),
});

export class Places {
  readonly graph: Graph;
  readonly #all = new Map<string, Place>();
  readonly #known: Known;
  readonly #shapes = new Map<string, Shape>();

  constructor(graph: Graph, known: Known = byGraph(graph)) {
    this.graph = graph;
    this.#known = known;
    this.#walk(graph.root, "");
  }

  #walk(scope: Scope, above: string, owner?: Place["owner"]): void {
    for (const [name, state] of Object.entries(scope.states)) {
      const place: Place = { path: above + name, name, state, scope, ...(owner && { owner }) };
      this.#all.set(place.path, place);
      for (const [branch, inner] of scopesOf(state)) this.#walk(inner, `${place.path}/${branch}/`, { place, branch });
    }
  }

  all(): readonly Place[] {
    return [...this.#all.values()];
  }
  at(path: string): Place | undefined {
    return this.#all.get(path);
  }

  /** By the functions' names. */
  uses(): readonly SlotUse[] {
    const { output } = this.graph;
    const of = this.all().flatMap((place) =>
      slotsIn(place.state).flatMap(([role, data]) => (data.kind === "slot" ? [{ slot: data.slot, role, place }] : [])),
    );
    return output.kind === "slot" ? [...of, { slot: output.slot, role: "output" }] : of;
  }

  /** What `s` has where the slot runs. A name that only some of the ways there have set is left out. */
  inSight({ place, role }: SlotUse): ReadonlyMap<string, Shape> {
    const seen = new Map<string, Shape>();
    const put = (name: string, shape: Shape) => seen.has(name) || seen.set(name, shape);
    if (role === "undo.input" && place) {
      put("output", union([this.shape(place), { kind: "schema", schema: { type: "null" } }]));
      put(place.name, this.shape(place));
    }
    const scan = (scope: Scope, until: string | null, prefix: string) => {
      for (const name of surelyBefore(scope, until)) {
        const before = this.#all.get(prefix + name);
        if (before) put(name, this.shape(before));
      }
    };
    for (let at = place; at; at = at.owner?.place) {
      scan(at.scope, at.name, at.path.slice(0, at.path.length - at.name.length));
      const owner = at.owner?.place.state;
      if (owner?.kind === "map") put("item", made(owner.over, at.owner?.place));
      if (owner?.kind === "loop") put("round", made(owner.from, at.owner?.place));
      if (at.owner && isCatch(at.owner.place.state, at.owner.branch)) put("error", { kind: "made", by: "error" });
    }
    if (!place) scan(this.graph.root, null, "");
    put("input", { kind: "schema", schema: this.graph.input });
    return seen;
  }

  /** What a state leaves behind. */
  shape(place: Place): Shape {
    const known = this.#shapes.get(place.path);
    if (known) return known;
    this.#shapes.set(place.path, { kind: "made", by: place.path }); // met again on its own way: a cycle
    const shape = this.#shapeOf(place);
    this.#shapes.set(place.path, shape);
    return shape;
  }

  #shapeOf(place: Place): Shape {
    const { state, path } = place;
    const ends = (branches: Readonly<Record<string, Scope>>) =>
      Object.fromEntries(Object.entries(branches).map(([name, scope]) => [name, this.#end(scope, place, name)]));
    switch (state.kind) {
      case "task":
        return this.#known.outputOf(state.node);
      case "set":
        return made(state.value, place);
      case "parallel":
        return { kind: "object", properties: ends(state.branches) };
      case "race":
        return { kind: "taken", branches: ends(state.branches) };
      case "choice":
      case "match":
        return { kind: "taken", branches: ends(Object.fromEntries(scopesOf(state))) };
      case "map": {
        const each = this.#end(state.each, place, "each");
        const failed: Shape = { kind: "made", by: "error" };
        return { kind: "list", of: state.tolerate ? { kind: "taken", branches: { ok: each, failed } } : each };
      }
      case "loop":
        return union([made(state.from, place), this.#end(state.each, place, "each")]);
      case "block": {
        const done = this.#end(state.body, place, "done");
        return state.catch ? { kind: "taken", branches: ends(Object.fromEntries(scopesOf(state))) } : done;
      }
      case "waitFor":
        return this.#known.signalOf(state.signal);
      case "call":
        return { kind: "made", by: `the workflow ${state.workflow}` };
      case "wait":
      case "emit":
        return this.before(place);
      case "fail":
      case "succeed":
        return { kind: "made", by: path };
    }
  }

  /** What comes into a state: the output before it. */
  before({ scope, name, path, owner }: Place): Shape {
    const prefix = path.slice(0, path.length - name.length);
    const from = Object.keys(scope.states).filter((other) => nextOf(scope.states[other]).includes(name));
    const shapes = from.flatMap((other) => {
      const place = this.#all.get(prefix + other);
      return place ? [this.shape(place)] : [];
    });
    return union(scope.start === name ? [this.#entry(owner), ...shapes] : shapes);
  }

  #entry(owner: Place["owner"]): Shape {
    if (!owner) return { kind: "schema", schema: this.graph.input };
    const { state } = owner.place;
    if (isCatch(state, owner.branch)) return { kind: "made", by: "error" };
    if (state.kind === "map") return made(state.over, owner.place);
    if (state.kind === "loop") return made(state.from, owner.place);
    if (state.kind === "match") return made(state.of, owner.place);
    return this.before(owner.place);
  }

  #end(scope: Scope, place: Place, branch: string): Shape {
    if (scope.start === null) return this.#entry({ place, branch });
    const prefix = `${place.path}/${branch}/`;
    const ends = Object.entries(scope.states).filter(
      ([, state]) => state.kind === "succeed" || (state.kind !== "fail" && state.next === null),
    );
    return union(
      ends.flatMap(([name]) => {
        const end = this.#all.get(prefix + name);
        return end ? [this.shape(end)] : [];
      }),
    );
  }
}

export const outputShape = (spec: NodeSpec | undefined): Shape =>
  spec ? { kind: "schema", schema: spec.output } : { kind: "made", by: "a node that is gone" };

const made = (data: Data, place: Place | undefined): Shape => ({
  kind: "made",
  by: data.kind === "slot" ? data.slot : `${place?.path ?? ""} ${JSON.stringify(data)}`,
});

const isCatch = (state: State, branch: string): boolean =>
  state.kind !== "fail" &&
  state.kind !== "succeed" &&
  (state.catch ?? []).some((rule) => rule.codes.join("|") === branch || rule.codes.includes(branch));

export function nextOf(state: State | undefined): readonly string[] {
  if (!state || state.kind === "fail" || state.kind === "succeed") return [];
  const targets = state.next === null ? [] : [state.next];
  if (state.kind === "choice" || state.kind === "match")
    for (const branch of Object.values(state.branches)) if ("to" in branch) targets.push(branch.to);
  for (const { branch } of state.catch ?? []) if ("to" in branch) targets.push(branch.to);
  return targets;
}

/** Those states of a scope without which this one, or its end, cannot be reached. */
function surelyBefore(scope: Scope, until: string | null): readonly string[] {
  const chain = new Set<string>();
  for (let at = scope.start; at !== until; ) {
    const to = at === null ? [] : nextOf(scope.states[at]);
    // Where it forks, goes back, or ends elsewhere, it is no chain: the slower way tells.
    if (at === null || to.length > 1 || chain.has(at)) return dominators(scope, until);
    chain.add(at);
    at = to[0] ?? null;
  }
  return [...chain];
}

function dominators(scope: Scope, until: string | null): readonly string[] {
  return Object.keys(scope.states).filter((name) => name !== until && !reaches(scope, until, name));
}

function reaches(scope: Scope, until: string | null, without: string): boolean {
  const seen = new Set<string>();
  const todo = scope.start === null ? [] : [scope.start];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (at === until) return true;
    if (at === without || seen.has(at)) continue;
    seen.add(at);
    const state = scope.states[at];
    if (until === null && state && state.kind !== "fail" && (state.kind === "succeed" || state.next === null))
      return true;
    todo.push(...nextOf(state));
  }
  return false;
}
