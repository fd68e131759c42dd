/** Where a failure goes: outwards, to the first scope that ends by it. */
import { type How, insideOf } from "./effect.ts";
import { placeOf, type Sequence } from "./graph.ts";

export interface Catcher {
  readonly kind: Exclude<How["kind"], "won">;
  /** A state's path; of a map's item, with its number. */
  readonly scope: string;
  readonly inside: string;
  /** Others may be at work in the scope: it has to be closed first. */
  readonly forked: boolean;
}

export function catcherOf(graph: Sequence, path: string): Catcher | undefined {
  let forked = false;
  for (let { scope } = placeOf(graph, path); scope; scope = placeOf(graph, scope.path).scope) {
    const { state, member } = scope;
    const of = (kind: Catcher["kind"], left: string): Catcher => ({
      kind,
      scope: left,
      inside: insideOf(left, { kind, by: "" }),
      forked: forked || kind === "failed",
    });
    if (state.kind === "block" && member === 0) return of("caught", scope.path);
    if (state.kind === "map" && state.tolerates) return of("tolerated", `${scope.path}/${member}`);
    if (state.kind === "race") return of("failed", scope.path); // the race is over for the others too
    if (state.kind === "parallel" || state.kind === "map") forked = true;
  }
  return undefined;
}
