/** The states that an execution went through, as a log tells: in the order in which a state machine enters them. */
import { type Frame, segmentFor } from "../kernel/address.ts";
import { catchLabel } from "../kernel/catch.ts";
import { type Decision, decideKey, type LogRecord, stepKey } from "../kernel/record.ts";
import type { Scope, State } from "../model/graph.ts";
import { hidden, isHidden, nameAt } from "./names.ts";

type Records = ReadonlyMap<string, LogRecord>;

/**
 * Branches of a Parallel and items of a Map one after the other.
 *
 * @param apart names of states that the machine does not enter itself: those of a distributed Map
 */
export function statesEntered(root: Scope, records: Records, apart: ReadonlySet<string>): readonly string[] {
  const walk = new Walk(records);
  walk.scope({ scope: root, prefix: "" });
  return walk.entered.filter((name) => !apart.has(name));
}

/** Of the state that leads back to what is tried again. */
const TRIED_AGAIN = hidden("", "go");

class Walk {
  readonly entered: string[] = [];
  readonly #records: Records;
  readonly #taken: Record<string, string> = {};
  /** Paths of states that a decision went through or set out for. */
  readonly #reached = new Set<string>();
  readonly #failed = new Set<string>();
  /** The catch that a failure went into, by the path of the state. */
  readonly #caught = new Map<string, string>();
  /** Failed beyond what they catch themselves: also what failed on the way into a catch of its own. */
  readonly #beyond = new Set<string>();

  constructor(records: Records) {
    this.#records = records;
    for (const record of records.values()) if (record.kind === "decision" || record.kind === "step") this.#note(record);
  }

  #note({ taken = {}, values = {}, next = [] }: Partial<Decision>): void {
    Object.assign(this.#taken, taken);
    for (const name of Object.keys(taken)) this.#reached.add(name);
    for (const [name, value] of Object.entries(values)) {
      this.#reached.add(name);
      const caught = /^(.*)\/([^/]*)\/error$/.exec(name);
      if (caught?.[1] === undefined || caught[2] === undefined) continue;
      this.#caught.set(caught[1], caught[2]);
      const { path } = value as { readonly path: string }; // an error
      this.#fails(path);
      if (path !== caught[1]) this.#beyond.add(path);
    }
    for (const effect of next) {
      if ("path" in effect) this.#reached.add(effect.path);
      if (effect.kind !== "fail") continue;
      this.#fails(effect.error.path);
      this.#beyond.add(effect.error.path);
    }
  }

  #fails(path: string): void {
    this.#reached.add(path);
    this.#failed.add(path);
  }

  #caughtIn(path: string): string | undefined {
    return this.#beyond.has(path) ? undefined : this.#caught.get(path);
  }

  /** Whether its way came to its end. */
  scope(frame: Frame): void {
    const { scope, prefix } = frame;
    let name = scope.start;
    let from: string | undefined;
    while (name !== null) {
      const path: string = prefix + segmentFor(scope, name, from);
      const state = scope.states[name] as State; // transitions lead to states
      if (!this.#isEntered(path, state)) return;
      // What is tried again is entered once.
      if (!isHidden(name) && !from?.includes(TRIED_AGAIN)) this.entered.push(nameAt(path));
      this.#within(path, state);
      name = this.#failed.has(path) && this.#caughtIn(path) === undefined ? null : this.#after(path, state);
      from = path;
    }
  }

  /** What waits for nothing is entered once it is led to, also where its decision came to a failure. */
  #isEntered(path: string, { kind }: State): boolean {
    if (kind === "set" || kind === "choice" || kind === "fail" || kind === "succeed") return true;
    return this.#reached.has(path) || [...this.#reached].some((name) => name.startsWith(`${path}/`));
  }

  #within(path: string, state: State): void {
    if (state.kind === "parallel")
      for (const [branch, scope] of Object.entries(state.branches)) this.scope({ scope, prefix: `${path}/${branch}/` });
    if (state.kind !== "map") return;
    const depth = path.split("/").length;
    const begun = [...this.#reached].flatMap((name) =>
      name.startsWith(`${path}/`) ? [Number(name.split("/")[depth])] : [],
    );
    const last = Math.max(-1, ...begun.filter((item) => Number.isInteger(item)));
    for (let item = 0; item <= last; item++) this.scope({ scope: state.each, prefix: `${path}/${item}/` });
  }

  #after(path: string, state: State): string | null {
    if (state.kind === "fail" || state.kind === "succeed") return null;
    const caught = this.#caughtIn(path);
    const rule = state.catch?.find((one) => catchLabel(one) === caught);
    if (rule && "to" in rule.branch) return rule.branch.to;
    if (state.kind === "choice") {
      const branch = state.branches[this.#taken[path] ?? ""];
      return branch && "to" in branch ? branch.to : null;
    }
    const waits = state.kind !== "set" && state.kind !== "emit";
    if (waits && !this.#isOver(path, state)) return null;
    return state.next;
  }

  #isOver(path: string, { kind }: State): boolean {
    const record = this.#records.get(kind === "task" ? stepKey(path) : decideKey(path));
    if (record?.kind === "step") return record.status === "settled" && record.error === undefined;
    if (record?.kind === "decision" && record.closed) return false;
    return record?.kind === "decision" || (kind === "map" && this.#reached.has(path));
  }
}
