/** Where the states of a graph are, what surely ran before each of them, and what the graph knows of their values. */
import { type Data, type Graph, type NodeSpec, type Scope, type State, scopesOf } from "../model/graph.ts";
import type { JsonSchema } from "../model/json.ts";
import { type Shape, union } from "./shape.ts";
import { slotsIn } from "./slots-in.ts";
import { nextOf, surelyBefore } from "./ways.ts";

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

/** What is known beside the graph: an older graph's nodes answer by the newer code. */
export interface Known {
  readonly outputOf: (node: string) => Shape;
  readonly signalOf: (signal: string) => Shape;
  readonly answerOf: (workflow: string) => Shape;
}
const byGraph = ({ nodes, signals, calls }: Graph): Known => ({
  outputOf: (node) => outputShape(nodes[node]),
  signalOf: (signal) => ({ kind: "schema", schema: signals[signal]?.data ?? {} }),
  answerOf: (workflow) => outputShape(calls?.[workflow]),
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
    if (role === "undo.input" && place) put("output", this.undone(place));
    const scan = (scope: Scope, until: string | null, prefix: string) => {
      for (const name of surelyBefore(scope, until)) {
        const before = this.#all.get(prefix + name);
        if (before && !UNNAMED.has(before.state.kind)) put(name, this.shape(before));
      }
    };
    for (let at = place; at; at = at.owner?.place) {
      scan(at.scope, at.name, at.path.slice(0, at.path.length - at.name.length));
      const owner = at.owner?.place.state;
      if (owner?.kind === "map") put("item", made(owner.over, at.owner?.place));
      if (owner?.kind === "loop" && at.owner) put("round", roundOf(this.shape(at.owner.place)));
      if (at.owner && isCatch(at.owner.place.state, at.owner.branch)) put("error", { kind: "made", by: "error" });
    }
    if (!place) scan(this.graph.root, null, "");
    put("input", { kind: "schema", schema: this.graph.input });
    return seen;
  }

  /** What an undo gets: null where the task may have had its effect, and has no output. */
  undone(place: Place): Shape {
    return union([this.shape(place), { kind: "schema", schema: { type: "null" } }]);
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
        if (state.results === "reference") return { kind: "schema", schema: SUMMARY };
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
        return state.detached ? { kind: "schema", schema: STARTED } : this.#known.answerOf(state.workflow);
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
    if (state.kind === "loop") return this.shape(owner.place);
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

export const outputShape = (spec: Pick<NodeSpec, "output"> | undefined): Shape =>
  spec ? { kind: "schema", schema: spec.output } : { kind: "made", by: "a contract that is gone" };

const roundOf = (state: Shape): Shape => ({
  kind: "object",
  properties: { n: { kind: "schema", schema: { type: "integer" } }, state },
});
/** `MapSummary` */
const SUMMARY = recordOf({ count: "integer", failed: "integer", results: "string" });
/** `Detached` */
const STARTED = recordOf({ execution: "string" });
function recordOf(types: Readonly<Record<string, string>>): JsonSchema {
  const properties = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]));
  return { type: "object", properties, required: Object.keys(types) };
}
/** They leave nothing under their names. */
const UNNAMED: ReadonlySet<State["kind"]> = new Set(["wait", "emit", "fail", "succeed"]);

const made = (data: Data, place: Place | undefined): Shape => ({
  kind: "made",
  by: data.kind === "slot" ? data.slot : `${place?.path ?? ""} ${JSON.stringify(data)}`,
});

const isCatch = (state: State, branch: string): boolean =>
  state.kind !== "fail" &&
  state.kind !== "succeed" &&
  (state.catch ?? []).some((rule) => rule.codes.join("|") === branch || rule.codes.includes(branch));
