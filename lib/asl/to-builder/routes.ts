/** Where the states of a machine lead, and where those that part come together again. */
import type { Machine, State } from "../definition.ts";

export type Nexts = ReadonlyMap<string, readonly string[]>;

export const nextsOf = ({ States }: Machine): Nexts =>
  new Map(Object.entries(States).map(([name, state]) => [name, [...new Set(afterState(state))]]));

function afterState(state: State): readonly string[] {
  const next = "Next" in state && state.Next !== undefined ? [state.Next] : [];
  const caught = "Catch" in state ? (state.Catch ?? []).map((one) => one.Next) : [];
  if (state.Type !== "Choice") return [...next, ...caught];
  return [...state.Choices.map((rule) => rule.Next), ...(state.Default === undefined ? [] : [state.Default])];
}

/** Each state that leads back, and where to. */
export function loopsIn({ StartAt }: Machine, nexts: Nexts): readonly (readonly [from: string, to: string])[] {
  const loops: [string, string][] = [];
  const done = new Set<string>();
  const visit = (name: string, above: readonly string[]): void => {
    const path = [...above, name];
    for (const next of nexts.get(name) ?? []) {
      if (path.includes(next)) loops.push([name, next]);
      else if (!done.has(next)) visit(next, path);
    }
    done.add(name);
  };
  visit(StartAt, []);
  return loops;
}

/** From here on, as far as the states of `until` and without them. */
function reach(nexts: Nexts, from: string, until: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>();
  const left = until.has(from) ? [] : [from];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    found.add(name);
    left.push(...(nexts.get(name) ?? []).filter((next) => !until.has(next) && !found.has(next)));
  }
  return found;
}

export type Joined =
  /** Null: each goes its own way to the end. */
  { readonly kind: "join"; readonly at: string | null } | { readonly kind: "tangled" };

/** Where branches that begin with these states come together, if they do: before `stop`, which is behind all of them. */
export function joinOf(nexts: Nexts, starts: readonly string[], stop: string | null): Joined {
  const outer = new Set(stop === null ? [] : [stop]);
  const reached = starts.map((start) => reach(nexts, start, outer));
  const shared = [...nexts.keys()].filter((name) => reached.filter((one) => one.has(name)).length > 1);
  const join = shared.find((one) => shared.every((other) => reach(nexts, one, outer).has(other)));
  if (join === undefined) return shared.length === 0 ? { kind: "join", at: stop } : { kind: "tangled" };
  const before = starts.map((start) => reach(nexts, start, new Set([...outer, join])));
  const isNested = shared.every((name) => before.filter((one) => one.has(name)).length < 2);
  const passesBy = [...starts, ...before.flatMap((one) => [...one].flatMap((name) => nexts.get(name) ?? []))];
  return isNested && !(stop !== null && passesBy.includes(stop)) ? { kind: "join", at: join } : { kind: "tangled" };
}

/** Every way from here ends in a Fail, and none of them comes to these states. */
export function endsInFail({ machine, nexts }: Routes, start: string, besides: readonly (string | null)[]): boolean {
  const until = new Set(besides.filter((name) => name !== null));
  const names = [...reach(nexts, start, until)];
  if (until.has(start) || names.some((name) => (nexts.get(name) ?? []).some((next) => until.has(next)))) return false;
  return names.every((name) => machine.States[name]?.Type === "Fail" || goesOn(machine.States[name]));
}
interface Routes {
  readonly machine: Machine;
  readonly nexts: Nexts;
}
const goesOn = (state: State | undefined): boolean =>
  state?.Type === "Choice"
    ? state.Default !== undefined
    : state !== undefined && "Next" in state && state.Next !== undefined;
