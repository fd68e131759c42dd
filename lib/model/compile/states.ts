/** From what the builder was told of states to the graph's form of them. */
import type { Node } from "../contracts.ts";
import type { CallDraft, Draft, DraftState, Drafts, LoopDraft, MapDraft, TaskDraft } from "../draft.ts";
import type {
  BlockState,
  CallState,
  CatchRule,
  Data,
  LoopState,
  MapState,
  Scope,
  State,
  TaskState,
  UndoSpec,
  WaitState,
} from "../graph.ts";
import { eventKey } from "../graph.ts";
import type { Slot } from "../program.ts";
import { attemptOf } from "./attempt.ts";
import { Contracts } from "./contracts.ts";
import { Problems } from "./problems.ts";
import { ANY, raisedIn } from "./raised.ts";
import { DEFAULT_SIGNAL_TIMEOUT_MS, sleepMs } from "./time.ts";

/** Names that `s` has without a state of that name. */
const RESERVED = new Set(["input", "item", "round", "error", "output"]);
/** The builder names these itself, in each scope anew; nothing refers to them. */
const UNNAMED: ReadonlySet<string> = new Set(["emit", "fail", "succeed"]);

/** Where a state stands. */
interface Place {
  readonly path: string;
  readonly next: string | null;
  /** Names visible there. */
  readonly taken: ReadonlySet<string>;
  /** Other branches run beside this scope. */
  readonly forked: boolean;
}

export class States {
  readonly slots: Record<string, Slot> = {};
  readonly problems = new Problems();
  readonly contracts = new Contracts(this.problems);
  readonly #lifeMs: number | undefined;

  constructor(lifeMs: (problems: Problems) => number | undefined) {
    this.#lifeMs = lifeMs(this.problems);
  }

  slot(name: string, fn: Slot): Data {
    if (typeof fn !== "function") this.problems.add(name, `a function is wanted here, not ${typeof fn}`);
    this.slots[name] = fn;
    return { kind: "slot", slot: name };
  }
  #slotOrPrevious(name: string, fn: Slot | undefined): Data {
    return fn ? this.slot(name, fn) : { kind: "previous" };
  }

  scope(draft: Draft, above: string, taken: ReadonlySet<string>, forked: boolean): Scope {
    if (draft.misuse) this.problems.add(above.slice(0, -1) || "workflow", draft.misuse);
    const visible = new Set(taken);
    const states: Record<string, State> = {};
    draft.states.forEach(([name, state], i) => {
      const path = above + name;
      if (this.problems.name(path, "the name", name)) {
        if (RESERVED.has(name)) this.problems.add(path, `'${name}' is reserved: give this state another name`);
        else if (visible.has(name) || Object.hasOwn(states, name))
          this.problems.add(path, `the name '${name}' is taken: give one of them another (.as("…"))`);
      }
      const next = draft.states[i + 1]?.[0] ?? null;
      states[name] = this.#state({ path, next, taken: visible, forked }, state);
      if (!UNNAMED.has(state.kind)) visible.add(name);
    });
    return { start: draft.states[0]?.[0] ?? null, states };
  }

  #state(at: Place, d: DraftState): State {
    const { path, next } = at;
    switch (d.kind) {
      case "task":
        return this.#task(at, d);
      case "set":
        return { kind: "set", value: this.slot(`${path}.value`, d.value), next };
      case "choice":
        return {
          kind: "choice",
          pick: this.slot(`${path}.pick`, d.pick),
          branches: this.#nested(at, d.branches),
          next,
        };
      case "match": {
        const of = this.slot(`${path}.of`, d.of);
        return { kind: "match", by: d.by, of, branches: this.#nested(at, d.branches), next };
      }
      case "parallel":
        return { kind: "parallel", branches: this.#beside(at, d.branches), next };
      case "race":
        if (Object.keys(d.branches).length === 1)
          this.problems.add(path, "a race of one branch has no loser: give it two at least, or use block");
        return { kind: "race", branches: this.#beside(at, d.branches), next };
      case "map":
        return this.#map(at, d);
      case "loop":
        return this.#loop(at, d);
      case "block":
        return this.#block(at, d);
      case "wait":
        return this.#wait(at, d);
      case "waitFor": {
        this.contracts.signal(path, d.signal);
        const timeoutMs = this.#sleep(path, "timeout", d.timeout) ?? DEFAULT_SIGNAL_TIMEOUT_MS;
        return { kind: "waitFor", signal: d.signal.signal, timeoutMs, next };
      }
      case "call":
        return this.#call(at, d);
      case "emit": {
        const event = eventKey(this.contracts.event(d.event, path));
        return { kind: "emit", event, data: this.slot(`${path}.data`, d.data), next };
      }
      case "fail":
        this.problems.code(path, d.code);
        return { kind: "fail", code: d.code, message: this.slot(`${path}.message`, d.message) };
      case "succeed":
        if (at.forked)
          this.problems.add(
            path,
            "succeed ends the execution, so it cannot stand inside a parallel, a map or a race: go on instead",
          );
        return { kind: "succeed", output: this.slot(`${path}.output`, d.output) };
    }
  }

  #task({ path, next }: Place, d: TaskDraft): TaskState {
    const node = this.contracts.node(path, d.node);
    const input = this.#slotOrPrevious(`${path}.input`, d.input);
    const undo = d.undo && this.#undo(path, d.undo);
    if (undo && node.repeatable)
      this.problems.add(
        path,
        `the node '${node.name}' is repeatable, so nothing tells whether it was attempted, and it cannot have an undo: leave out one of the two`,
      );
    const attempt = attemptOf(this.problems, path, d, node);
    return { kind: "task", node: node.name, input, ...(undo && { undo }), ...attempt, next };
  }

  #undo(path: string, undo: Node | { readonly node: Node; readonly input: Slot }): UndoSpec {
    const [node, input] = "kind" in undo ? [undo, undefined] : [undo.node, undo.input];
    const spec = this.contracts.node(`${path}.undo`, node);
    return { node: spec.name, input: this.#slotOrPrevious(`${path}.undo`, input) };
  }

  #map(at: Place, d: MapDraft): MapState {
    const { path, next } = at;
    const { concurrency, tolerate, results } = d;
    this.problems.wholeNumber(path, "concurrency", concurrency, [1, 1000]);
    if (tolerate && "count" in tolerate)
      this.problems.wholeNumber(path, "tolerate.count", tolerate.count, [0, 1_000_000]);
    else if (tolerate && !(tolerate.share >= 0 && tolerate.share <= 1))
      this.problems.add(path, `tolerate.share is a number from 0 to 1, not ${tolerate.share}`);
    if (results !== undefined && results !== "reference")
      this.problems.add(path, `results is "reference" or left out, not '${results as string}'`);
    const over = this.slot(`${path}.over`, d.over);
    const each = this.#inner(at, "each", d.each, true);
    return {
      kind: "map",
      over,
      each,
      concurrency,
      ...(tolerate && { tolerate }),
      ...(results && { results }),
      next,
    };
  }

  #loop(at: Place, d: LoopDraft): LoopState {
    const { path, next } = at;
    this.problems.wholeNumber(path, "max", d.max, [1, 100_000]);
    const from = this.slot(`${path}.from`, d.from);
    const until = this.slot(`${path}.until`, d.until);
    return { kind: "loop", from, each: this.#inner(at, "each", d.each), until, max: d.max, next };
  }

  #block(at: Place, d: Extract<DraftState, { kind: "block" }>): BlockState {
    const body = this.#inner(at, "done", d.body);
    const rules = d.catch && this.#catch(at, body, d.catch);
    return { kind: "block", body, ...(rules && { catch: rules }), next: at.next };
  }

  /** A rule for each code, the one for any code last: the first that fits is taken. */
  #catch(at: Place, body: Scope, drafts: Drafts): readonly CatchRule[] {
    const raised = raisedIn(body, this.contracts);
    const codes = Object.keys(drafts).sort((a, b) => Number(a === ANY) - Number(b === ANY) || (a < b ? -1 : 1));
    if (codes.length === 0) this.problems.add(at.path, "catch has no code: give it at least one, or leave it out");
    return codes.map((code) => {
      if (code !== ANY && !raised.has(code))
        this.problems.add(at.path, `catch: nothing inside can fail with '${code}'${mayBe(code, raised)}`);
      return { codes: [code], branch: { scope: this.#inner(at, code, drafts[code] as Draft) } }; // a key of drafts
    });
  }

  #wait({ path, next }: Place, d: Extract<DraftState, { kind: "wait" }>): WaitState {
    if ((d.for === undefined) === (d.until === undefined))
      this.problems.add(path, "a wait has either `for` (a duration) or `until` (a time)");
    const forMs = this.#sleep(path, "for", d.for);
    return {
      kind: "wait",
      ...(forMs !== undefined && { forMs }),
      ...(d.until !== undefined && { until: this.slot(`${path}.until`, d.until) }),
      next,
    };
  }

  #call({ path, next }: Place, d: CallDraft): CallState {
    this.contracts.call(path, d.contract);
    const input = this.#slotOrPrevious(`${path}.input`, d.input);
    return { kind: "call", workflow: d.contract.name, input, detached: d.detached, next };
  }

  #sleep(path: string, what: string, text: string | undefined): number | undefined {
    return text === undefined ? undefined : sleepMs(this.problems, { path, what, text }, this.#lifeMs);
  }
  #inner({ path, taken, forked }: Place, branch: string, draft: Draft, fork = forked): Scope {
    return this.scope(draft, `${path}/${branch}/`, taken, fork);
  }
  #nested(at: Place, drafts: Drafts): Record<string, { readonly scope: Scope }> {
    return this.#branches(at.path, drafts, (draft, branch) => ({ scope: this.#inner(at, branch, draft) }));
  }
  #beside(at: Place, drafts: Drafts): Record<string, Scope> {
    return this.#branches(at.path, drafts, (draft, branch) => this.#inner(at, branch, draft, true));
  }
  #branches<T>(path: string, drafts: Drafts, make: (draft: Draft, branch: string) => T): Record<string, T> {
    const entries = Object.entries(drafts);
    if (entries.length === 0) this.problems.add(path, "has no branch: give it at least one");
    for (const [name] of entries) this.problems.name(path, "the branch name", name);
    return Object.fromEntries(entries.map(([name, draft]) => [name, make(draft, name)]));
  }
}

/** The codes of the user's own, which are the ones that are misspelt. */
function mayBe(code: string, raised: ReadonlySet<string>): string {
  const own = [...raised].filter((c) => /^[A-Z]/.test(c)).sort();
  return /^[A-Z]/.test(code) && own.length > 0 ? `: it may with ${own.join(", ")}` : "";
}
