/** What can follow from a decision. `by` is the record that decided it, where the value before it lies. */
import { undoneBy } from "./graph.ts";
import { decideKey, type Key, planKey, stepKey, wonKey } from "./keys.ts";

export interface Arrival {
  readonly path: string;
  readonly member: number;
  readonly of: number;
}
/** Why a scope ends early. `by`: the record that says so. */
export interface How {
  readonly kind: "won" | "failed" | "caught" | "tolerated";
  readonly by: Key;
}
export type Effect =
  /** An undo step knows where it arrives. */
  | { readonly kind: "step"; readonly path: string; readonly by: Key; readonly arrives?: Arrival | undefined }
  | ({ readonly kind: "arrive"; readonly by: Key } & Arrival)
  | {
      readonly kind: "wait";
      readonly path: string;
      readonly due: number;
      readonly signal?: string | undefined;
      readonly by: Key;
    }
  | { readonly kind: "call"; readonly path: string; readonly detached: boolean; readonly by: Key }
  | { readonly kind: "leave"; readonly scope: string; readonly how: How; readonly by: Key }
  | { readonly kind: "close"; readonly scope: string; readonly how: How; readonly by: Key }
  /** The plan has been carried out. */
  | { readonly kind: "conclude"; readonly scope: string; readonly how?: How | undefined; readonly by: Key }
  | { readonly kind: "succeed"; readonly by: Key }
  | { readonly kind: "fail"; readonly by: Key }
  /** An undo step has failed for good. */
  | { readonly kind: "stick"; readonly by: Key };
export type EffectOf<K extends Effect["kind"]> = Extract<Effect, { readonly kind: K }>;

/** The record that stands once the effect has come to its end. */
export function targetOf(effect: Effect): Key | undefined {
  switch (effect.kind) {
    case "step":
      return stepKey(effect.path);
    case "arrive":
    case "wait":
      return decideKey(effect.path);
    case "call":
      return effect.detached ? undefined : decideKey(effect.path);
    case "leave":
      return wonKey(effect.scope);
    case "close":
      return effect.how.kind === "won" ? planKey(effect.scope) : decideKey(effect.scope);
    case "conclude":
      return effect.scope === "" ? undefined : decideKey(effect.scope);
    default:
      return undefined;
  }
}

/** Where in the graph it lies. */
export function placeOfEffect(effect: Effect): string {
  if ("path" in effect) return effect.path;
  return "scope" in effect ? effect.scope : "";
}

/** What is to be at rest before the scope is left. A catch branch lies beside the body that it is for. */
export const insideOf = (scope: string, { kind }: How): string => (kind === "caught" ? `${scope}/0/` : `${scope}/`);

export const isUndo = (effect: Effect): effect is EffectOf<"step"> =>
  effect.kind === "step" && undoneBy(effect.path) !== undefined;
export const sameHow = (a: How, b: How): boolean => a.kind === b.kind && a.by === b.by;
