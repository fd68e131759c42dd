/**
 * What a redrive voids. Of an execution that is stuck: the undo steps that failed. Else whatever failed or was closed, and
 * the undo plan; and whatever was undone is done anew with all that it led to, for nothing goes on with what was undone.
 * What is dead stays: it lies in a scope that somebody else has ended, and that holds.
 */
import { type Effect, insideOf, sameHow, targetOf } from "./effect.ts";
import { reached } from "./frontier.ts";
import type { Edit } from "./generation.ts";
import { undoneBy, undoPath } from "./graph.ts";
import { outputStands } from "./handler.ts";
import { decideKey, joinKey, type Key, planKey, stepKey, wonKey } from "./keys.ts";
import type { Invocation } from "./work.ts";

type Records = ReadonlyMap<Key, readonly Effect[] | undefined>;

export interface Asked {
  readonly epoch: number;
  readonly from?: string | undefined;
  readonly undo?: boolean;
}

export function nextEdit(inv: Invocation, { epoch, from, undo = true }: Asked): Edit {
  const { log, view } = inv;
  const { records } = reached(log, view);
  const failed = [...records.keys()].filter((key) => undoPathOf(key) !== undefined && !undoSettled(inv, key));
  if (log.headers.current?.status === "stuck")
    return { epoch: epoch + 1, void: new Set(inv.breaks("stuckkeeps") ? [] : failed), anew: new Set(), undo };
  const { isVoid, rerun } = new Voids(inv, records).from(from);
  for (const key of [...isVoid, ...failed, ...follow(inv, records, [planKey("")])]) {
    const undone = undoPathOf(key);
    const stays = undone !== undefined && !isVoid.has(stepKey(undone)) && undoSettled(inv, key);
    if (stays && !inv.breaks("undoesagain")) isVoid.delete(key);
    else isVoid.add(key);
  }
  const paths = [...rerun].filter((key) => key.startsWith("step/")).map((key) => key.slice("step/".length));
  const anew = paths.filter((path) => outputStands(inv, path) || (wasUndone(inv, path) && !inv.breaks("undonekey")));
  const undos = anew.map(undoPath);
  for (const path of undos) if (log.steps.has(view.key(stepKey(path)))) isVoid.add(stepKey(path));
  return { epoch: epoch + 1, void: isVoid, anew: new Set([...anew, ...undos]) };
}

class Voids {
  readonly #inv: Invocation;
  readonly #records: Records;

  constructor(inv: Invocation, records: Records) {
    this.#inv = inv;
    this.#records = records;
  }

  /** What is void wakes what was dead by it, so it is worked out until nothing is added. */
  from(from: string | undefined): { readonly isVoid: Set<Key>; readonly rerun: Set<Key> } {
    const { breaks } = this.#inv;
    let isVoid = new Set<Key>();
    let rerun = new Set<Key>();
    for (let size = -1; size < isVoid.size; ) {
      size = isVoid.size;
      const alive = [...this.#records.keys()].filter((key) => !this.#isDead(key, isVoid));
      const undone = breaks("redriveundone") ? [] : alive.filter((key) => this.#wasUndone(key));
      const asked = from !== undefined && (alive.includes(stepKey(from)) || breaks("fromdead")) ? [stepKey(from)] : [];
      rerun = follow(this.#inv, this.#records, [...undone, ...asked]);
      const failed = alive.filter((key) => this.#isVoid(key)).flatMap((key) => [key, ...this.#causesOf(key)]);
      isVoid = new Set([...isVoid, ...rerun, ...follow(this.#inv, this.#records, failed)]);
    }
    return { isVoid, rerun };
  }

  #wasUndone(key: Key): boolean {
    return key.startsWith("step/") && wasUndone(this.#inv, key.slice("step/".length));
  }

  #isVoid(key: Key): boolean {
    const { log, view, breaks } = this.#inv;
    if (undoPathOf(key) !== undefined) return false;
    const closed = log.steps.get(view.key(key))?.result === "closed" || log.decisions.get(view.key(key))?.closed;
    const failed = this.#records.get(key)?.some(({ kind }) => kind === "fail");
    return (closed === true && !breaks("keepsclosed")) || (failed === true && !breaks("keepsfail"));
  }

  /** A failure that went out of a scope began inside. */
  #causesOf(key: Key): readonly Key[] {
    const { log, view, breaks } = this.#inv;
    const how = log.decisions.get(view.key(key))?.how;
    if (how?.kind !== "failed" || breaks("keepscause")) return [];
    return [how.by, ...this.#causesOf(how.by)];
  }

  #isDead(key: Key, isVoid: ReadonlySet<Key>): boolean {
    const { log, view, breaks } = this.#inv;
    const path = key.slice(key.indexOf("/") + 1);
    if (breaks("wakesdead")) return false;
    for (const won of this.#records.keys()) {
      if (!won.endsWith("#won") || isVoid.has(won)) continue;
      const how = log.decisions.get(view.key(won))?.how;
      const scope = won.slice("decide/".length, -"#won".length);
      if (!how || !path.startsWith(insideOf(scope, how))) continue;
      if (!follow(this.#inv, this.#records, [key]).has(won)) return true;
    }
    return false;
  }
}

/** The records and all that they led to. Who left a scope too late led nowhere. */
function follow(inv: Invocation, records: Records, from: readonly Key[]): Set<Key> {
  const { log, view, breaks } = inv;
  const found = new Set(from);
  for (const key of found)
    for (const effect of records.get(key) ?? []) {
      if (effect.kind === "leave") {
        const how = log.decisions.get(view.key(wonKey(effect.scope)))?.how;
        if (how && !sameHow(how, effect.how)) continue;
      }
      const target = targetOf(effect);
      if (target !== undefined) found.add(target);
      if (effect.kind === "close") found.add(decideKey(effect.scope));
      if (effect.kind === "arrive" && !breaks("keepsets")) found.add(joinKey(effect.path));
    }
  return found;
}

const undoPathOf = (key: Key): string | undefined =>
  key.startsWith("step/") ? undoneBy(key.slice("step/".length)) : undefined;
const undoSettled = ({ log, view }: Invocation, key: Key): boolean => log.steps.get(view.key(key))?.result === "output";
/** Perhaps not wholly, and in whatever generation. */
function wasUndone({ log, view, breaks }: Invocation, path: string): boolean {
  for (const { key, edit } of view.versions(stepKey(undoPath(path)))) {
    if ((log.steps.get(key)?.fence ?? 0) > 0) return true;
    if (edit?.anew.has(undoPath(path)) || breaks("undonelooksonce")) return false;
  }
  return false;
}
