/**
 * What executions in flight on an older graph need of newer code: a node behind each of their queues, a function for
 * each slot, and that each function finds in `s` what it was written for and gives what their graph can take. Everything
 * that is not told of here is safe.
 */
import type { Graph, NodeSpec, State } from "../model/graph.ts";
import type { Program } from "../model/program.ts";
import type { Change } from "./change.ts";
import { outputShape, type Place, Places, type SlotUse } from "./places.ts";
import { misfitOf } from "./schema-fits.ts";
import { misfitOfShapes, type Shape, union } from "./shape.ts";
import { readsOf } from "./slot-reads.ts";

export function needsOf(old: Graph, program: Program): readonly Change[] {
  return new Needs(old, program).all();
}

class Needs {
  readonly #old: Graph;
  readonly #program: Program;
  readonly #before: Places;
  readonly #now: Places;
  readonly #usesNow: ReadonlyMap<string, SlotUse>;
  readonly #changes: Change[] = [];

  constructor(old: Graph, program: Program) {
    this.#old = old;
    this.#program = program;
    const { graph } = program;
    const both = (was: Shape, is: Shape | undefined): Shape => (is ? union([was, is]) : was);
    // What is recorded is of the older contract; what comes from now on is the newer one's.
    this.#before = new Places(old, {
      outputOf: (node) => {
        const spec = this.#served(node);
        return both(outputShape(old.nodes[node]), spec && outputShape(spec));
      },
      signalOf: (signal) =>
        both(signalShape(old, signal), graph.signals[signal] ? signalShape(graph, signal) : undefined),
    });
    this.#now = new Places(graph);
    this.#usesNow = new Map(this.#now.uses().map((use) => [use.slot, use]));
  }

  all(): readonly Change[] {
    const placesOf = new Map<string, Place>();
    for (const place of this.#before.all()) {
      for (const node of nodesOf(place.state)) if (!placesOf.has(node)) placesOf.set(node, place);
      this.#passedOn(place);
      if (place.state.kind === "emit") this.#emits(place.state.event, place);
      if (place.state.kind === "waitFor") this.#waits(place.state.signal, place);
    }
    for (const [node, place] of placesOf) this.#node(node, place);
    for (const use of this.#before.uses()) this.#slot(use);
    return this.#changes;
  }

  #served(node: string): NodeSpec | undefined {
    const { graph, retired } = this.#program;
    return own(graph.nodes, node) ?? own(retired?.specs, node);
  }

  #node(node: string, place: Place): void {
    const spec = this.#old.nodes[node];
    if (!spec) return;
    const served = this.#served(node);
    if (!served) return this.#removed(node, spec, place);
    const mapped = own(this.#program.retired?.nodes, node);
    const misfit = mapped && misfitOf(served.output, spec.output, "read");
    if (misfit)
      this.#add("node_changed", node, place, {
        verdict: "safe_once_drained",
        why: `'${mapped.node}' stands in for it and gives something else: ${misfit}`,
        do: `let it give what '${node}' gave, or wait until no execution needs it`,
      });
  }

  #removed(node: string, spec: NodeSpec, place: Place): void {
    const { nodes } = this.#program.graph;
    const successor = Object.values(nodes).find(
      (one) =>
        !Object.hasOwn(this.#old.nodes, one.name) &&
        !misfitOf(spec.input, one.input, "parsed") &&
        !misfitOf(one.output, spec.output, "read"),
    );
    const gone = "executions in flight come to it, and nothing would serve its queue";
    if (successor)
      this.#add("node_renamed", node, place, {
        verdict: "needs_mapping",
        why: `${gone}; '${successor.name}' takes and gives the same`,
        do: `retired: { nodes: { ${node}: ${successor.name} } }`,
      });
    else
      this.#add("node_removed", node, place, {
        verdict: "needs_mapping",
        why: gone,
        do: `keep its contract and its file: retired: { nodes: { ${node} } }`,
      });
  }

  /** A task without a mapping takes the output before it. */
  #passedOn(place: Place): void {
    const { state, path } = place;
    if (state.kind !== "task" || state.input.kind !== "previous") return;
    const served = this.#served(state.node);
    const had = this.#old.nodes[state.node];
    if (!served || !had) return;
    const given = this.#before.before(place);
    const why = misfitOfShapes(given, { kind: "schema", schema: served.input }, "parsed");
    if (why === undefined || this.#stillMade(place, given, served)) return;
    this.#add("node_changed", path, place, {
      verdict: "safe_once_drained",
      why: `'${state.node}' would get something else than it takes now: ${why}`,
      do: "give the changed node a new name, or wait until no execution is before it",
    });
  }

  /** What no schema tells, the compiler has looked at where the newer graph passes the same on to the same contract. */
  #stillMade(place: Place, given: Shape, served: NodeSpec): boolean {
    const now = this.#now.at(place.path);
    if (now?.state.kind !== "task" || now.state.input.kind !== "previous") return false;
    const spec = this.#program.graph.nodes[now.state.node];
    if (!spec || misfitOf(spec.input, served.input, "parsed")) return false;
    return misfitOfShapes(given, this.#now.before(now), "read") === undefined;
  }

  #emits(event: string, place: Place): void {
    if (own(this.#program.events, event) ?? own(this.#program.retired?.events, event)) return;
    this.#add("event_removed", event, place, {
      verdict: "needs_mapping",
      why: "executions in flight emit it, and the code has no contract for it",
      do: "keep its contract: retired: { events: […] }",
    });
  }

  #waits(signal: string, place: Place): void {
    if (own(this.#program.signals, signal) ?? own(this.#program.retired?.signals, signal)) return;
    this.#add("signal_removed", signal, place, {
      verdict: "needs_mapping",
      why: "executions in flight wait for it, and the code has no contract for it",
      do: "keep its contract: retired: { signals: […] }",
    });
  }

  #slot(use: SlotUse): void {
    const { slot, role } = use;
    const { retired, slots } = this.#program;
    const alias = own(retired?.aliases, slot);
    if (alias === undefined && own(retired?.slots, slot)) return; // written for the older graphs
    const name = alias ?? slot;
    const now = this.#usesNow.get(name);
    const fn = own(slots, name);
    if (!fn || !now || now.role !== role) return this.#missing(use);
    const misfit = this.#gives(use, now);
    if (misfit)
      this.#add("slot_gives", slot, use.place, {
        verdict: "needs_mapping",
        why: `executions in flight cannot take what it gives now: ${misfit}`,
        do: mapIt(slot),
      });
    if (!(role === "until" && use.place?.state.kind === "loop")) this.#reads(use, now, readsOf(fn));
  }

  #missing({ slot, place }: SlotUse): void {
    this.#add("slot_missing", slot, place, {
      verdict: "needs_mapping",
      why: "executions in flight call it, and the code has no such function",
      do: mapIt(slot),
    });
  }

  #reads(use: SlotUse, now: SlotUse, reads: ReadonlySet<string> | undefined): void {
    const has = this.#before.inSight(use);
    const expects = this.#now.inSight(now);
    for (const [name, wanted] of expects) {
      if (reads && !reads.has(name)) continue;
      const had = has.get(name);
      const misfit = had && misfitOfShapes(had, wanted, "read");
      if (had && misfit === undefined) continue;
      const otherwise = misfit === undefined ? "do not have" : `have otherwise: ${misfit}`;
      this.#add("slot_reads", use.slot, use.place, {
        verdict: reads ? "needs_mapping" : "safe_once_drained",
        why: `it ${reads ? "reads" : "may read"} s.${name}, which executions in flight ${otherwise}`,
        do: reads ? mapIt(use.slot) : `${mapIt(use.slot)}; or read s.name in it, so that it can be told what it reads`,
      });
      return; // one is enough to see to
    }
  }

  #gives(use: SlotUse, now: SlotUse): string | undefined {
    const [was, is] = [use.place?.state, now.place?.state];
    if (!was || !is) return undefined; // the execution's output
    if (use.role === "input" || use.role === "undo.input") {
      if (was.kind === "call" || is.kind === "call")
        return was.kind === is.kind && was.kind === "call" && is.kind === "call" && was.workflow === is.workflow
          ? undefined
          : "it is another workflow's input now";
      return this.#fits(nodeIn(was, use.role), nodeIn(is, use.role));
    }
    if (was.kind !== is.kind) return `it is a ${is.kind}'s now`;
    if (was.kind === "choice" || was.kind === "match") return branches(was, is);
    if (was.kind === "emit" && is.kind === "emit" && was.event !== is.event) return `it is data of ${is.event} now`;
    return undefined;
  }

  #fits(was: string | undefined, is: string | undefined): string | undefined {
    if (was === is || was === undefined || is === undefined) return undefined;
    const [given, taken] = [this.#program.graph.nodes[is], this.#served(was)];
    if (!given || !taken) return undefined; // told of by itself
    const misfit = misfitOf(given.input, taken.input, "parsed");
    return misfit && `it is the input of '${is}' now, not of '${was}': ${misfit}`;
  }

  #add(
    kind: Change["kind"],
    where: string,
    place: Place | undefined,
    of: Pick<Change, "verdict" | "why" | "do">,
  ): void {
    this.#changes.push({ kind, where, ...of, ...(place && { at: place.path }) });
  }
}

const mapIt = (slot: string): string => `retired: { slots: { ${JSON.stringify(slot)}: (s) => … } }`;
const signalShape = ({ signals }: Graph, name: string): Shape => ({
  kind: "schema",
  schema: signals[name]?.data ?? {},
});
const nodesOf = (state: State): readonly string[] =>
  state.kind === "task" ? [state.node, ...(state.undo ? [state.undo.node] : [])] : [];
const nodeIn = (state: State, role: string): string | undefined =>
  state.kind === "task" ? (role === "input" ? state.node : state.undo?.node) : undefined;

function branches(was: State, is: State): string | undefined {
  if ((was.kind !== "choice" && was.kind !== "match") || (is.kind !== "choice" && is.kind !== "match"))
    return undefined;
  if (was.kind === "match" && is.kind === "match" && was.by !== is.by) return `it is told by '${is.by}' now`;
  const more = Object.keys(is.branches).find((name) => !Object.hasOwn(was.branches, name));
  return more === undefined ? undefined : `it may lead to the branch '${more}', which they do not have`;
}

export function own<T>(all: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return all && Object.hasOwn(all, name) ? all[name] : undefined;
}
