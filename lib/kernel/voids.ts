/**
 * What of a log a redrive does over. What failed or was closed is void; what was undone is void with all that it led to,
 * for nothing goes on with it. What is dead stays: it lies in a scope that another has left, and that still holds. What is
 * void wakes what was dead by it, so this is worked out until nothing more is added.
 */
import { scopesAbove, undoneBy, undoPath } from "./address.ts";
import { frontier, keyOf, type Lasting, type Records } from "./frontier.ts";
import {
  type DecisionRecord,
  decideKey,
  type Effect,
  type EffectOf,
  type LogRecord,
  START_KEY,
  type StepRecord,
  stepKey,
  undoKey,
  wonKey,
} from "./record.ts";
import { branchRef } from "./ref.ts";

export interface Past {
  /** Of the generation that holds. */
  readonly records: Records;
  /** What was void of a key, newest first, as far as its effects stand. */
  readonly earlier: (key: string) => readonly LogRecord[];
}

export class Voids {
  readonly all: ReadonlySet<string>;
  /** Those whose effects are to happen once more. */
  readonly anew: ReadonlySet<string>;
  readonly #past: Past;
  readonly #reached: readonly string[];
  /** Who left a scope by a failure, heard or not: each would come out of it again. */
  readonly #leavers: ReadonlyMap<string, readonly string[]>;
  /** What lies in each scope that was left, and what of it led to that. */
  readonly #inside = new Map<string, string[]>();
  readonly #leading = new Map<string, ReadonlySet<string>>();

  /** @param from a step that is done over whatever became of it */
  constructor(past: Past, from: string | undefined) {
    this.#past = past;
    const { reached, effects } = frontier(past.records);
    this.#reached = [START_KEY, ...reached];
    this.#leavers = this.#findLeavers();
    for (const key of this.#reached) for (const scope of this.#leftAbove(key)) addTo(this.#inside, scope, key);
    let all: ReadonlySet<string> = new Set();
    let again: ReadonlySet<string> = new Set();
    for (let before = -1; before < all.size; ) {
      before = all.size;
      const alive = this.#reached.filter((key) => !this.#isDead(key, all));
      const asked = alive.filter((key) => key === from || this.#isUndone(key));
      again = this.#follow(asked);
      const failed = alive.flatMap((key) => (this.#isVoid(key) ? this.#withCauses(key) : []));
      // What stands behind what is void nobody would come to: it keeps its output, and is gone through once more.
      all = new Set([...all, ...again, ...this.#follow(failed)]);
    }
    const undos = [...past.records.keys()].filter((key) => this.#isUndoDoneOver(key, all));
    this.all = new Set([...all, ...undos, ...this.#givenUp(undos, effects, all)]);
    this.anew = new Set([...again, ...undos.filter((key) => again.has(undoneKeyOf(key) ?? ""))]);
  }

  /** The scope that was left and in which the record stays as it is; undefined: it lies in none. */
  scopeOf(key: string): string | undefined {
    return this.#deadIn(key, this.all);
  }

  #decision(key: string): StepRecord | DecisionRecord | undefined {
    return this.#past.records.get(key) as StepRecord | DecisionRecord | undefined;
  }

  #next(key: string): readonly Effect[] {
    return this.#decision(key)?.next ?? [];
  }

  /** It came to nothing, or was closed because something else did. */
  #isVoid(key: string): boolean {
    const record = this.#decision(key);
    if (!record) return false;
    if (record.closed || record.next?.some(({ kind }) => kind === "fail")) return true;
    return record.kind === "step" && record.status !== "settled";
  }

  /** It may have been taken back: its undo has begun. */
  #isUndone(key: string): boolean {
    const undo = key + UNDO;
    return [this.#past.records.get(undo), ...this.#past.earlier(undo)].some(
      (record) => record?.kind === "step" && record.startedAtMs !== undefined,
    );
  }

  /** What undoes a step goes with it. Else it stays, as long as it has done its work. */
  #isUndoDoneOver(key: string, all: ReadonlySet<string>): boolean {
    if (/^(decide|join)\/#undo/.test(key)) return true;
    const undone = undoneKeyOf(key);
    return undone !== undefined && (all.has(undone) || this.#decision(key)?.output === undefined);
  }

  /** Plans that were not carried out, of scopes that nobody goes on from: what they have left is for another plan. */
  #givenUp(
    undos: readonly string[],
    effects: ReadonlyMap<string, Lasting>,
    all: ReadonlySet<string>,
  ): readonly string[] {
    const scopes = new Set(undos.map((key) => effects.get(key)?.bind.undo?.scope ?? ""));
    const isOver = (scope: string) => this.#past.records.has(decideKey(scope)) && !all.has(decideKey(scope));
    const over = new Set([...scopes].filter(isOver));
    return [...this.#past.records.keys()].filter((key) => over.has(PLAN.exec(key)?.[1] ?? ""));
  }

  /** A failure that went out of a scope began inside, and would come out again. */
  #withCauses(key: string): readonly string[] {
    const scope = key.slice(decideKey("").length);
    const how = key.startsWith(decideKey("")) ? this.#howOf(scope) : undefined;
    if (how?.kind === "failed" || how?.kind === "tolerated") {
      const causes = this.#leavers.get(scope) ?? [];
      return [wonKey(scope), key, ...causes.flatMap((cause) => this.#withCauses(cause))];
    }
    const failed = this.#next(key).find((effect) => effect.kind === "fail");
    if (failed?.error.code !== "too_many_failures" || failed.error.path !== scope) return [key];
    const items = this.#reached.filter((it) => this.#next(it).some((effect) => arrivesFailed(effect, scope)));
    return [key, `join/${scope}`, ...items.flatMap((item) => this.#withCauses(item))];
  }

  #isDead(key: string, all: ReadonlySet<string>): boolean {
    return this.#deadIn(key, all) !== undefined;
  }
  #deadIn(key: string, all: ReadonlySet<string>): string | undefined {
    return this.#leftAbove(key).find((scope) => !all.has(wonKey(scope)) && !this.#leadingTo(scope).has(key));
  }
  #leftAbove(key: string): readonly string[] {
    return scopesAbove(pathOf(key)).filter((scope) => this.#howOf(scope) !== undefined);
  }

  /** Why the scope was left, if it was left and not closed from outside. */
  #howOf(scope: string): EffectOf<"close">["how"] | undefined {
    const [close] = this.#next(wonKey(scope));
    return close?.kind === "close" ? close.how : undefined;
  }

  /** What in the scope led to its end. */
  #leadingTo(scope: string): ReadonlySet<string> {
    const known = this.#leading.get(scope);
    if (known) return known;
    const before = new Map<string, string[]>();
    for (const key of this.#inside.get(scope) ?? []) for (const next of this.#nextOf(key)) addTo(before, next, key);
    const found = new Set(before.get(wonKey(scope)));
    for (const key of found) for (const cause of before.get(key) ?? []) found.add(cause);
    this.#leading.set(scope, found);
    return found;
  }

  /** The records and everything that follows from them, but for what undoes others, whichever plan led to that. */
  #follow(from: readonly string[]): ReadonlySet<string> {
    const found = new Set(from);
    for (const key of found) for (const next of this.#nextOf(key)) found.add(next);
    return new Set([...found].filter((key) => undoneKeyOf(key) === undefined));
  }

  #nextOf(key: string): readonly string[] {
    return this.#next(key).flatMap((effect) => {
      const next = keyOf(effect);
      if (next === undefined) return [];
      if (effect.kind === "arrive") return [`join/${effect.path}`, next];
      if (effect.kind === "close") return [undoKey(effect.scope), next];
      return effect.kind === "leave" && !this.#isHeard(effect) ? [] : [next];
    });
  }

  /** Else another was the first to leave the scope. */
  #isHeard({ scope, how }: EffectOf<"leave">): boolean {
    const first = this.#howOf(scope);
    return first === undefined || JSON.stringify(first) === JSON.stringify(how);
  }

  #findLeavers(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>();
    for (const key of this.#reached)
      for (const effect of this.#next(key))
        if (effect.kind === "leave" && effect.how.kind !== "won") addTo(found, effect.scope, key);
    return found;
  }
}

/** In place: all items of a large map lead to one join. */
function addTo(lists: Map<string, string[]>, name: string, key: string): void {
  const list = lists.get(name);
  if (list) list.push(key);
  else lists.set(name, [key]);
}

/** An item of a map that has failed, and is tolerated. */
const arrivesFailed = (effect: Effect, map: string): boolean =>
  effect.kind === "arrive" && effect.path === map && effect.output.startsWith(branchRef("failed", ""));
const UNDO = undoPath("");
/** A scope's plan, with what each of its stages comes to. */
const PLAN = /^(?:decide|join)\/(.*)#undo(?:~\d+)?$/;
const pathOf = (key: string): string => key.slice(key.indexOf("/") + 1);

/** The key of the step that is undone by this one; undefined: it undoes none. */
function undoneKeyOf(key: string): string | undefined {
  const path = undoneBy(pathOf(key));
  return path === undefined ? undefined : stepKey(path);
}
