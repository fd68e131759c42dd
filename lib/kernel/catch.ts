/** Who takes a failure up: looked for from the state that failed outwards. */
import type { CatchRule, Graph, State } from "../model/graph.ts";
import { type Frame, locate } from "./address.ts";
import type { StepError } from "./record.ts";

export type Taker =
  | {
      readonly kind: "catch";
      /** The state that catches. */
      readonly path: string;
      readonly rule: CatchRule;
      readonly scope: string;
      /** Other branches run in the scope, and must come to rest first. */
      readonly forked: boolean;
    }
  /** A race fails with the first branch that fails, unless another branch has won. */
  | { readonly kind: "race"; readonly path: string; readonly scope: string; readonly forked: true }
  /** A map that tolerates a failed item. */
  | {
      readonly kind: "item";
      readonly path: string;
      readonly member: number;
      readonly scope: string;
      readonly forked: boolean;
    };

// biome-ignore lint/suspicious/noControlCharactersInRegex: the name of an error in a definition may hold any character
const SPECIAL = /[%/~#?!@$"\\[\]\u0000-\u001f\u007f]/g;

/** The catch among those of its state, as a segment of paths: what references have a meaning for is percent-encoded. */
export const catchLabel = ({ codes }: Pick<CatchRule, "codes">): string =>
  codes.map((code) => code.replace(SPECIAL, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`)).join("|");

/** @param frames those around the state at `path`; undefined `state`: what failed is the execution's own output */
export function takerOf(
  error: StepError,
  {
    frames,
    path,
    state,
  }: { readonly frames: readonly Frame[]; readonly path: string; readonly state: State | undefined },
  matches: Matches = isAmong,
): Taker | undefined {
  const ruleFor = (one: State): CatchRule | undefined =>
    "catch" in one ? one.catch?.find(({ codes }) => matches(codes, error)) : undefined;
  const own = state && ruleFor(state);
  if (own) return { kind: "catch", path, rule: own, scope: path, forked: false };
  let forked = false;
  for (const { owner } of [...frames].reverse()) {
    if (!owner) return undefined;
    const { kind } = owner.state;
    if (owner.state.kind === "map" && owner.state.tolerate)
      return {
        kind: "item",
        path: owner.path,
        member: Number(owner.branch),
        scope: `${owner.path}/${owner.branch}`,
        forked,
      };
    if (kind === "race") return { kind: "race", path: owner.path, scope: owner.path, forked: true };
    forked ||= kind === "parallel" || kind === "map";
    // What fails in a catch is not caught by it again.
    if (kind === "block" && owner.branch !== "done") continue;
    const rule = ruleFor(owner.state);
    const scope = kind === "block" ? `${owner.path}/${owner.branch}` : owner.path;
    if (rule) return { kind: "catch", path: owner.path, rule, scope, forked };
  }
  return undefined;
}

type Matches = (codes: readonly string[], error: StepError) => boolean;
/** `any` stands for every code. */
const isAmong: Matches = (codes, { code }) => codes.includes(code) || codes.includes("any");

/** The scopes around a state that another can leave early while the state is at work, the innermost first. */
export function leavableScopes(graph: Graph, path: string): readonly string[] {
  const scopes: string[] = [];
  let forked = false;
  for (const { owner } of [...(locate(graph, path)?.frames ?? [])].reverse()) {
    if (!owner) break;
    const { state, branch } = owner;
    if (state.kind === "race") scopes.push(owner.path);
    if (forked && state.kind === "map" && state.tolerate) scopes.push(`${owner.path}/${branch}`);
    forked ||= state.kind === "parallel" || state.kind === "map" || state.kind === "race";
    if (!forked || !("catch" in state) || !state.catch) continue;
    if (state.kind !== "block") scopes.push(owner.path);
    else if (branch === "done") scopes.push(`${owner.path}/${branch}`);
  }
  return scopes;
}
