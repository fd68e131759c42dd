/**
 * What a function may have to do, worked out from the graph alone: whom it sends to, who may run inside it, which events
 * it emits. Its permissions and its bundle follow from this, so that it has no more than it needs. Every branch counts
 * as taken, and every branch's end as the one that completes its join.
 */
import {
  type Graph,
  handsOut,
  type ObjectReads,
  type RetryRule,
  type Scope,
  type State,
  scopesOf,
  statesOf,
} from "./graph.ts";

export interface Reach {
  /** Nodes whose queues it may send to: what follows, and for a node itself, to try again. */
  readonly queued: readonly string[];
  /** Inline nodes that may run inside it, itself not counted. */
  readonly inline: readonly string[];
  /** Keys of the graph's events. */
  readonly emits: readonly string[];
  /** Workflows that it may start, or stop and hear of. */
  readonly calls: readonly string[];
  /** Objects that it may read the items of maps from. Absent: none. */
  readonly reads?: readonly ObjectReads[];
  /** It may have to end a scope early, and then looks through the execution's whole log. */
  readonly closes?: true;
  /** It may begin a wait that is longer than a queue holds a message back. */
  readonly sleeps?: true;
}

/** "Amazon SQS message quotas": a longer delay is a schedule's. */
export const LONGEST_QUEUE_DELAY_MS = 900_000;

/** A graph with the older ones that executions may still be on. */
export interface DeployedGraph extends Graph {
  readonly earlier?: readonly Graph[];
}

/** Callbacks that were handed out are still to be answered, whoever hands out none any more. */
export const answersCallbacks = (graph: DeployedGraph): boolean =>
  [graph, ...(graph.earlier ?? [])].some((one) => handsOut(one));

/**
 * Of the function of a node, or of the control function: it starts executions, and does whatever a dead letter left undone.
 * On older graphs other nodes may follow, so what they lead to counts as well.
 */
export function reachOf(graph: DeployedGraph, from: { readonly node: string } | "control"): Reach {
  const { earlier = [] } = graph;
  const all = [graph, ...earlier].map((one) => reachIn(one, from));
  const known = (name: string) => Object.hasOwn(graph.nodes, name);
  const union = (part: "queued" | "inline" | "emits" | "calls") =>
    [...new Set(all.flatMap((reach) => reach[part]))].sort();
  return {
    ...{ queued: union("queued").filter(known), inline: union("inline").filter(known) },
    ...{ emits: union("emits"), calls: union("calls") },
    ...readsOf(all.flatMap(({ reads = [] }) => reads)),
    ...(all.some(({ closes }) => closes) && { closes: true as const }),
    ...(all.some(({ sleeps }) => sleeps) && { sleeps: true as const }),
  };
}

/** Each once. */
function readsOf(reads: readonly ObjectReads[]): Pick<Reach, "reads"> {
  const distinct = new Map(reads.map((one) => [JSON.stringify(one), one]));
  return distinct.size === 0 ? {} : { reads: [...distinct.values()] };
}

function reachIn(graph: Graph, from: { readonly node: string } | "control"): Reach {
  const walk = new Walk(graph);
  if (from === "control") {
    walk.enter([{ scope: graph.root, path: "" }], graph.root.start);
    // The trigger is an event of the graph as well, and nothing that it emits.
    for (const [, state] of statesOf(graph.root)) {
      if (state.kind === "emit") walk.emits.add(state.event);
      if (state.kind === "call") walk.calls.add(state.workflow);
      if (state.kind === "map" && state.reads) walk.reads.push(state.reads);
      walk.sleeps ||= isLong(state);
    }
    walk.sleeps ||= (graph.timeoutMs ?? 0) > LONGEST_QUEUE_DELAY_MS;
    walk.after((state) => WOKEN.has(state.kind));
    return { ...walk.reach(), queued: Object.keys(graph.nodes).sort() };
  }
  walk.queued.add(from.node);
  // Whoever ends an execution, or takes part in its undoing, begins with undo steps that may be anywhere.
  for (const [, state] of statesOf(graph.root)) if (state.kind === "task" && state.undo) walk.undo(state.undo.node);
  walk.after((state) => state.kind === "task" && state.node === from.node);
  // The last step that undoes a race's losers goes on with the race.
  walk.after((state) => state.kind === "race" && undoesIn(state, from.node));
  for (const [, state] of statesOf(graph.root)) walk.closes ||= state.kind === "race" && undoesIn(state, from.node);
  walk.sleeps ||= [...statesOf(graph.root)].some(([, state]) => retriesLate(state, [from.node, ...walk.inline]));
  if (walk.closes) for (const called of calledInScopes(graph)) walk.calls.add(called);
  return walk.reach();
}

interface Frame {
  readonly scope: Scope;
  /** Of the state that the scope lies in. */
  readonly path: string;
  readonly owner?: State;
}

class Walk {
  readonly queued = new Set<string>();
  readonly inline = new Set<string>();
  readonly emits = new Set<string>();
  readonly calls = new Set<string>();
  readonly reads: ObjectReads[] = [];
  closes = false;
  sleeps = false;
  readonly #graph: Graph;
  readonly #seen = new Set<string>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  reach(): Reach {
    const sorted = (names: ReadonlySet<string>) => [...names].sort();
    return {
      queued: sorted(this.queued),
      inline: sorted(this.inline),
      emits: sorted(this.emits),
      calls: sorted(this.calls),
      ...readsOf(this.reads),
      ...(this.closes && { closes: true as const }),
      ...(this.sleeps && { sleeps: true as const }),
    };
  }

  undo(node: string): void {
    this.queued.add(node);
    if (this.#graph.nodes[node]?.inline) this.inline.add(node);
  }

  /** What follows such states, wherever in the graph they are, whether they end well or fail. */
  after(isOne: (state: State) => boolean): void {
    const look = (frames: readonly Frame[]) => {
      const { scope, path } = frames.at(-1) as Frame; // never empty
      for (const [name, state] of Object.entries(scope.states)) {
        if (isOne(state)) {
          this.#after(frames, state);
          this.#caught(frames);
        }
        for (const [branch, inner] of scopesOf(state))
          look([...frames, { scope: inner, path: `${path}${name}/${branch}/`, owner: state }]);
      }
    };
    look([{ scope: this.#graph.root, path: "" }]);
  }

  enter(frames: readonly Frame[], name: string | null): void {
    const frame = frames.at(-1) as Frame;
    const at = `${frame.path}${name ?? ""}`;
    if (this.#seen.has(at)) return;
    this.#seen.add(at);
    if (name === null) return this.#leave(frames);
    const state = frame.scope.states[name];
    if (!state) throw new Error(`no state '${name}' in the graph of '${this.#graph.workflow}' at '${frame.path}'`);
    if (state.kind === "task") return this.#task(frames, state.node, state);
    this.#caught(frames); // its functions may throw
    for (const to of caughtTo(state)) this.enter(frames, to);
    if (state.kind === "emit") this.emits.add(state.event);
    if (state.kind === "call") this.calls.add(state.workflow);
    if (state.kind === "map" && state.reads) this.reads.push(state.reads);
    this.sleeps ||= isLong(state);
    if (state.kind === "succeed") return this.#finish(frames);
    if (state.kind === "wait" || (state.kind === "call" && !state.detached)) return; // control goes on, later
    for (const [branch, inner] of entered(state))
      this.enter([...frames, { scope: inner, path: `${at}/${branch}/`, owner: state }], inner.start);
    for (const to of transitionsOf(state)) this.enter(frames, to);
    if (!FORKS.has(state.kind)) this.#after(frames, state);
  }

  #task(frames: readonly Frame[], node: string, state: State): void {
    this.queued.add(node);
    if (!this.#graph.nodes[node]?.inline) return;
    this.inline.add(node);
    this.#caught(frames);
    this.#after(frames, state);
  }

  /** The catches that an error here may be taken to. */
  #caught(frames: readonly Frame[]): void {
    frames.forEach(({ path, owner, scope }, depth) => {
      const forked = frames.slice(depth + 1).some((inner) => inner.owner && JOINED.has(inner.owner.kind));
      const ownFork = owner !== undefined && owner.kind !== "block" && JOINED.has(owner.kind) && catches(owner);
      this.closes ||= owner?.kind === "race" || ownFork || (forked && takesUp(owner));
      if (owner) for (const to of caughtTo(owner)) this.enter(frames.slice(0, depth), to);
      if (owner?.kind !== "block" || scope !== owner.body) return;
      const above = frames.slice(0, depth);
      const at = path.slice(0, -"done/".length);
      for (const [code, inner] of scopesOf(owner))
        if (inner !== owner.body) this.enter([...above, { scope: inner, path: `${at}${code}/`, owner }], inner.start);
    });
  }

  #after(frames: readonly Frame[], state: State): void {
    for (const to of caughtTo(state)) this.enter(frames, to);
    if (state.kind !== "fail" && state.kind !== "succeed") this.enter(frames, state.next);
  }

  #leave(frames: readonly Frame[]): void {
    const { owner, scope } = frames.at(-1) as Frame;
    const above = frames.slice(0, -1);
    if (!owner) return;
    this.closes ||= owner.kind === "race";
    if (owner.kind === "map" || owner.kind === "loop") this.enter(frames, scope.start); // the next item, the next round
    this.#after(above, owner);
  }

  /** A `succeed` ends the innermost branch that has a join. */
  #finish(frames: readonly Frame[]): void {
    const fork = frames.findLastIndex(({ owner }) => owner && JOINED.has(owner.kind));
    if (fork >= 0) this.enter(frames.slice(0, fork + 1), null);
  }
}

/** What wakes the control function, or has it tidy up: it decides what follows these. */
const WOKEN: ReadonlySet<State["kind"]> = new Set(["wait", "waitFor", "call", "race"]);

/** A failure inside may be taken up there, while other branches are at work. */
const takesUp = (owner: State | undefined): boolean =>
  owner !== undefined && (catches(owner) || (owner.kind === "map" && owner.tolerate !== undefined));
const catches = (state: State): boolean => "catch" in state && state.catch !== undefined;
/** By a transition. */
const caughtTo = (state: State): readonly string[] =>
  ("catch" in state ? (state.catch ?? []) : []).flatMap(({ branch }) => ("to" in branch ? [branch.to] : []));

function isLong(state: State): boolean {
  if (state.kind === "waitFor") return state.timeoutMs > LONGEST_QUEUE_DELAY_MS;
  return state.kind === "wait" && (state.forMs ?? Number.POSITIVE_INFINITY) > LONGEST_QUEUE_DELAY_MS;
}

/** A state's own rules; a node's are the same wherever it runs. */
const retriesLate = (state: State, nodes: readonly string[]): boolean =>
  state.kind === "task" &&
  nodes.includes(state.node) &&
  (state.retry ?? []).some((rule) => longestDelayMs(rule) > LONGEST_QUEUE_DELAY_MS);
const longestDelayMs = ({ maxAttempts, firstDelayMs, rate, maxDelayMs }: RetryRule): number =>
  maxAttempts < 2 ? 0 : Math.min(maxDelayMs, firstDelayMs * rate ** (maxAttempts - 2));

const statesIn = (state: State): readonly State[] =>
  scopesOf(state).flatMap(([, scope]) => [...statesOf(scope)].map(([, inner]) => inner));

const undoesIn = (state: State, node: string): boolean =>
  statesIn(state).some((inner) => inner.kind === "task" && inner.undo?.node === node);

/** They are cancelled with the scope that they are in. */
const calledInScopes = ({ root }: Graph): readonly string[] =>
  [...statesOf(root)]
    .filter(([, state]) => state.kind === "race" || takesUp(state))
    .flatMap(([, state]) => statesIn(state))
    .flatMap((inner) => (inner.kind === "call" && !inner.detached ? [inner.workflow] : []));

/** The scopes that a state begins with: of a block, not its catches. */
const entered = (state: State) => (state.kind === "block" ? scopesOf(state).slice(0, 1) : scopesOf(state));

const JOINED: ReadonlySet<State["kind"]> = new Set(["parallel", "map", "race"]);

/** What follows these, follows the end of a scope below them. A map or a loop may have nothing to go through. */
const FORKS: ReadonlySet<State["kind"]> = new Set(["choice", "match", "block", "parallel", "race"]);

function transitionsOf(state: State): readonly string[] {
  if (state.kind !== "choice" && state.kind !== "match") return [];
  return Object.values(state.branches).flatMap((branch) => ("to" in branch ? [branch.to] : []));
}
