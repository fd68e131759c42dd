/**
 * The dearest path through a graph, state by state, as the engine goes it: what is written, read and sent, in which
 * function. Nothing fails on it, so nothing is tried again, caught or undone; a transition back is not taken.
 *
 * One invocation has at hand what came with its message and what it has written itself: all else that a slot reads is a
 * request (`engine/decide.ts`, `Values`).
 */
import { leavableScopes } from "../kernel/catch.ts";
import type { Branch, ChoiceState, Data, Graph, MatchState, Scope, State, TaskState } from "../model/graph.ts";
import type { Slot } from "../model/program.ts";
import { readsOf } from "../versions/slot-reads.ts";
import { type Assumptions, DYNAMO_MS, SQS_MS } from "./assumptions.ts";
import { billOf, keptDaysOf, type Terms } from "./bill.ts";
import { type Counts, START_AND_END, Tally } from "./counts.ts";
import { enterFork } from "./forks.ts";
import { enterOutside, keyIsFreed, timeIsLimited } from "./outside.ts";
import {
  type At,
  type Came,
  type Deciding,
  type Here,
  type Invocation,
  on,
  type Value,
  type Walker,
  type Within,
} from "./path.ts";
import { type Course, coursePlus, NO_COURSE, NO_SHAPE, type Shape, shapePlus } from "./shape.ts";
import {
  EFFECT_BYTES,
  ENVELOPE_BYTES,
  HEADER_BYTES,
  ITEM_OVERHEAD_BYTES,
  MOST_CARRIED_BYTES,
  OPENS_BYTES,
  readOf,
  storedAs,
  writeOf,
} from "./sizes.ts";

export interface Subject {
  readonly graph: Graph;
  /** Without them, slots are taken to read nothing but what came before. */
  readonly slots?: Readonly<Record<string, Slot>>;
  readonly assumed: Assumptions;
}

const FAILED: Came = { kind: "failed" };

export interface Walked {
  readonly tally: Tally;
  readonly shape: Shape;
  readonly course: Course;
}

export function walkGraph(subject: Subject): Walked {
  return new Walk(subject).run();
}

class Walk implements Walker {
  readonly graph: Graph;
  readonly assumed: Assumptions;
  readonly #slots: Readonly<Record<string, Slot>>;
  readonly #terms: Terms;
  #tally = new Tally();
  #open: Deciding[] = [];
  #shape = NO_SHAPE;
  times = 1;
  readonly #values = new Map<string, Value>();

  constructor({ graph, slots = {}, assumed }: Subject) {
    this.graph = graph;
    this.assumed = assumed;
    this.#slots = slots;
    this.#terms = { batch: 1, assumed, keptDays: keptDaysOf(graph.timeoutMs) };
  }

  run(): Walked {
    const { root, output, timeoutMs } = this.graph;
    this.message(START_AND_END, this.assumed.payloadBytes);
    const header = { dynamo: 1, itemBytes: 2 * (HEADER_BYTES + ITEM_OVERHEAD_BYTES), waitsMs: DYNAMO_MS };
    this.add(START_AND_END, { ...header, writeUnits: 2 });
    const inv = { known: new Set(["input"]), glanced: false };
    const record = this.decide(START_AND_END, this.assumed.payloadBytes + OPENS_BYTES);
    const course = coursePlus(NO_COURSE, { hops: 1, requestsMs: 2 * DYNAMO_MS });
    const came = this.scope(root, "", { inv, record, prev: "input", course, sendShare: 1 });
    const end = came.kind === "failed" ? undefined : came.at;
    if (end && output.kind !== "previous") this.keep(end, output);
    // Status and index: the header, and its entry of one status replaced by that of another.
    this.add(START_AND_END, { dynamo: 1, writeUnits: 3, waitsMs: DYNAMO_MS });
    if (timeoutMs !== undefined) timeIsLimited(this, timeoutMs);
    keyIsFreed(this);
    this.#settleOpen(this.#tally, this.#open);
    return { tally: this.#tally, shape: this.#shape, course: end?.course ?? course };
  }

  add(row: string, counts: Partial<Counts>): void {
    this.#tally.add(row, counts, this.times);
  }
  shape(of: Partial<Shape>): void {
    this.#shape = shapePlus(this.#shape, of, this.times);
  }

  message(row: string, carriedBytes: number, sends = 1): void {
    this.add(row, { sends, messages: 1, messageBytes: ENVELOPE_BYTES + carriedBytes, waitsMs: SQS_MS });
  }

  decide(row: string, bodyBytes: number): Deciding {
    const record = { row, times: this.times, bodyBytes };
    this.#open.push(record);
    return record;
  }
  #settleOpen(tally: Tally, open: readonly Deciding[]): void {
    for (const { row, times, bodyBytes } of open) {
      const write = writeOf(storedAs(bodyBytes, this.assumed));
      tally.add(row, { ...write, waitsMs: DYNAMO_MS }, times);
    }
  }

  /** Reads what lies there, unless it is at hand. */
  read(row: string, name: string, inv: Invocation): void {
    if (inv.known.has(name)) return;
    const lies = this.#values.get(name)?.lies ?? storedAs(this.assumed.payloadBytes, this.assumed);
    this.add(row, { ...readOf(lies), waitsMs: DYNAMO_MS });
  }
  look(row: string, reads: number): void {
    this.add(row, { readUnits: reads, dynamo: reads, waitsMs: reads * DYNAMO_MS });
  }
  value(name: string, of: Value): void {
    this.#values.set(name, of);
  }

  evaluate(row: string, data: Data | undefined, { inv, prev }: Pick<At, "inv" | "prev">): void {
    if (!data || data.kind === "constant") return;
    const slot = data.kind === "slot" ? this.#slots[data.slot] : undefined;
    const names = slot && readsOf(slot);
    if (!names || names.size > 0) for (const name of names ?? [prev]) this.read(row, name, inv);
  }
  keep(at: At, data: Data, name?: string): void {
    this.evaluate(at.record.row, data, at);
    if (data.kind === "previous") return;
    at.record.bodyBytes += this.assumed.payloadBytes;
    if (name !== undefined) at.inv.known.add(name);
  }

  scope({ start, ...scope }: Scope, above: string, at: At): Came {
    return this.from({ scope: { start, ...scope }, above, seen: new Set() }, start, at);
  }

  from(within: Within, start: string | null, at: At): Came {
    let here = at;
    for (let name = start; name !== null; ) {
      const state = within.scope.states[name];
      if (!state || within.seen.has(name)) return on(here);
      within.seen.add(name);
      const came = this.#state({ ...within, name, path: within.above + name, state }, here);
      if (came.kind !== "on") return came;
      if (!("next" in state)) return FAILED;
      if (jumps(state)) return came; // its branches have gone on by themselves
      here = came.at;
      name = state.next;
    }
    return on(here);
  }

  #state(here: Here, at: At): Came {
    const { state, path, name } = here;
    if (state.kind !== "block") this.shape({ states: 1 });
    switch (state.kind) {
      case "task":
        return on(this.#task(state, here, at));
      case "set":
        this.keep(at, state.value, name);
        return on({ ...at, prev: name });
      case "choice":
        this.evaluate(at.record.row, state.pick, at);
        return this.#branch(state, here, at);
      case "match":
        this.keep(at, state.of, name);
        return this.#branch(state, here, { ...at, prev: name });
      case "block":
        return this.scope(state.body, `${path}/done/`, at);
      case "fail":
        return FAILED;
      case "succeed":
        this.keep(at, state.output);
        return { kind: "finished", at };
      case "parallel":
      case "map":
      case "race":
      case "loop":
        return enterFork(this, { ...here, state }, at);
      default:
        return on(enterOutside(this, { ...here, state }, at));
    }
  }

  #task(state: TaskState, { name, path }: Here, at: At): At {
    const { assumed, graph } = this;
    const { inline = false, repeatable = false } = graph.nodes[state.node] ?? {};
    const row = state.node;
    at.record.bodyBytes += EFFECT_BYTES;
    const { bytes } = this.#values.get(at.prev) ?? { bytes: assumed.payloadBytes };
    const carried = at.inv.known.has(at.prev) && bytes <= MOST_CARRIED_BYTES;
    if (!inline) this.message(row, carried ? bytes : 0, at.sendShare);
    const inv = inline ? at.inv : { known: new Set(carried ? [at.prev] : []), glanced: false };
    if (!inv.glanced) this.add(row, { readUnits: 0.5, dynamo: 1 }); // beside the claim
    inv.glanced = true;
    if (!repeatable) this.add(row, { writeUnits: 1, dynamo: 1 });
    this.look(row, leavableScopes(graph, path).length);
    this.evaluate(row, state.input.kind === "previous" ? { kind: "previous" } : state.input, { inv, prev: at.prev });
    this.add(row, { handlerMs: assumed.durationMs, waitsMs: repeatable ? 0 : DYNAMO_MS });
    this.shape({ tasks: 1 });
    const record = this.decide(row, assumed.payloadBytes);
    inv.known.add(name);
    const course = coursePlus(at.course, {
      handlerMs: assumed.durationMs,
      hops: inline ? 0 : 1,
      requestsMs: DYNAMO_MS * (repeatable ? 1 : 2),
    });
    const after = { inv, record, prev: name, course, sendShare: 1 };
    this.evaluate(row, state.result, after);
    this.evaluate(row, state.assign, after);
    return after;
  }

  /** The dearest of the branches that do not fail. */
  #branch(state: ChoiceState | MatchState, here: Here, at: At): Came {
    const leaps = jumps(state);
    const take = (name: string, branch: Branch) => (from: At) => {
      const within = { ...here, seen: new Set(here.seen) };
      if ("to" in branch) return this.from(within, branch.to, from);
      const came = this.scope(branch.scope, `${here.path}/${name}/`, from);
      return leaps && came.kind === "on" ? this.from(within, state.next, came.at) : came;
    };
    return this.#dearest(
      Object.entries(state.branches).map(([name, branch]) => take(name, branch)),
      at,
    );
  }

  #dearest(ways: readonly ((at: At) => Came)[], at: At): Came {
    const tried = ways.map((way) => this.#try(way, at));
    const usable = tried.filter(({ came }) => came.kind !== "failed");
    const [best] = (usable.length > 0 ? usable : tried).toSorted((a, b) => b.usd - a.usd);
    if (!best) return on(at);
    best.take();
    return best.came;
  }

  /** On copies, so that nothing is left of a way that is not taken. */
  #try(way: (at: At) => Came, at: At) {
    const before = { tally: this.#tally, open: this.#open, shape: this.#shape };
    this.#tally = new Tally();
    this.#open = [];
    const inv = { known: new Set(at.inv.known), glanced: at.inv.glanced };
    const record = { ...at.record };
    const came = way({ ...at, inv, record });
    const gone = { tally: this.#tally, open: this.#open, shape: this.#shape };
    this.#tally = before.tally;
    this.#open = before.open;
    this.#shape = before.shape;
    const priced = new Tally();
    priced.addAll(gone.tally);
    this.#settleOpen(priced, [...gone.open, { ...record, bodyBytes: record.bodyBytes }]);
    const restored = came.kind === "failed" ? came : { ...came, at: originals(came.at, { inv, record }, at) };
    return {
      came: restored,
      usd: billOf(priced.total, this.#terms).total,
      take: () => {
        this.#tally.addAll(gone.tally);
        this.#open.push(...gone.open);
        this.#shape = gone.shape;
        at.record.bodyBytes = record.bodyBytes;
        at.inv.glanced = inv.glanced;
        for (const name of inv.known) at.inv.known.add(name);
      },
    };
  }
}

/** A branch is a transition within the scope: what follows differs from branch to branch. */
const jumps = (state: State): boolean =>
  (state.kind === "choice" || state.kind === "match") && Object.values(state.branches).some((b) => "to" in b);

function originals(end: At, copies: Pick<At, "inv" | "record">, of: At): At {
  return {
    ...end,
    inv: end.inv === copies.inv ? of.inv : end.inv,
    record: end.record === copies.record ? of.record : end.record,
  };
}
