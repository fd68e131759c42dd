/**
 * A Parallel or a Map that is tried again: as a loop of transitions, since each try is a state of its own in the log.
 *
 *     P ──caught──▶ P%again ──▶ P%wait ──▶ P%go ──▶ P
 *                      └──────▶ P%kN: as its Catch says, or P%out: as it failed
 */
import type { CatchRule, Data, RetryRule, State } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { MapState, ParallelState, Retrier } from "./definition.ts";
import { failState } from "./fail-state.ts";
import { hidden, segmentOf } from "./names.ts";
import type { OwnSource, Source } from "./source.ts";

export interface Retried {
  readonly name: string;
  readonly state: ParallelState | MapState;
  readonly made: Extract<State, { kind: "parallel" | "map" }>;
  readonly ask: (source: Source | OwnSource) => Data;
  readonly retryRule: (retrier: Retrier) => RetryRule;
}

export function retried(of: Retried): Readonly<Record<string, State>> {
  const { name, state, made, ask } = of;
  const { Retry } = state;
  if (!Retry || Retry.length === 0) return { [segmentOf(name)]: made };
  const variable = triesOf(name);
  const rules = Retry.map(of.retryRule) as unknown as readonly Json[];
  const catchers = made.catch ?? [];
  // Named as a variable is, so that it is seen.
  const own = (op: "again" | "backoff") =>
    ask({ op, rules, variable: `$${variable}`, catchers: catchers.map(({ codes }) => codes) });
  const out = hidden(name, "out");
  const branches = Object.fromEntries(catchers.map((_, i) => [`k${i}`, { to: hidden(name, `k${i}`) }]));
  return {
    [segmentOf(name)]: {
      ...made,
      catch: [...Retry.map((one, rule) => takenUp(of, one, rule)), ...catchers],
      assign: ask({ op: "reset", variable, ...(made.assign && { assign: sourceOf(made.assign) }) }),
    },
    [hidden(name, "again")]: {
      kind: "choice",
      pick: own("again"),
      branches: { ...branches, wait: { to: hidden(name, "wait") }, out: { to: out } },
      next: null,
    },
    [hidden(name, "wait")]: { kind: "wait", until: own("backoff"), next: hidden(name, "go") },
    [hidden(name, "go")]: { kind: "set", value: ask({ op: "unwrap", field: "input" }), next: segmentOf(name) },
    ...Object.fromEntries(catchers.map((rule, i) => [hidden(name, `k${i}`), caught(of, rule)])),
    [out]: failState(ask({ op: "unwrap", field: "error" })),
  };
}

/** How often each retrier has had it, since it was last through. */
const triesOf = (name: string): string => `tries of ${segmentOf(name)}`;

const takenUp = ({ name, ask }: Retried, { ErrorEquals }: Retrier, rule: number): CatchRule => ({
  codes: ErrorEquals,
  branch: { to: hidden(name, "again") },
  result: ask({ op: "failed", rule }),
  assign: ask({ op: "tries", rule, variable: `$${triesOf(name)}` }),
});

/** What a catch passes on and assigns, of what was tried in vain. */
function caught({ name, ask }: Retried, { branch, result, assign }: CatchRule): State {
  return {
    kind: "set",
    value: ask({ op: "recaught", source: sourceOf(result) }),
    assign: ask({ op: "reset", inVain: true, variable: triesOf(name), ...(assign && { assign: sourceOf(assign) }) }),
    next: "to" in branch ? branch.to : null,
  };
}

const sourceOf = (data: Data | undefined): Json => (data?.kind === "expression" ? data.source : null);
