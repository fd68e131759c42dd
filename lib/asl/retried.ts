/**
 * A Parallel or a Map that is tried again: as a loop of transitions, since each try is a state of its own in the log.
 *
 *     P ──caught──▶ P%again ──▶ P%wait ──▶ P%go ──▶ P
 *                      └──────▶ P%kN: as its Catch says, or P%out: as it failed
 */
import type { CatchRule, Data, RetryRule, State } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { Catcher, MapState, ParallelState, Retrier } from "./definition.ts";
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
  const { Retry, Catch = [] } = state;
  if (!Retry || Retry.length === 0) return { [segmentOf(name)]: made };
  const variable = triesOf(name);
  const rules = Retry.map(of.retryRule) as unknown as readonly Json[];
  // Named as a variable is, so that it is seen.
  const own = (op: "again" | "backoff") =>
    ask({ op, rules, variable: `$${variable}`, catchers: Catch.map((one) => one.ErrorEquals) });
  const out = hidden(name, "out");
  const branches = Object.fromEntries(Catch.map((_, i) => [`k${i}`, { to: hidden(name, `k${i}`) }]));
  return {
    [segmentOf(name)]: {
      ...made,
      catch: [...Retry.map((one, rule) => takenUp(of, one, rule)), ...(made.catch ?? [])],
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
    ...Object.fromEntries(Catch.map((one, i) => [hidden(name, `k${i}`), caught(of, one)])),
    [out]: {
      kind: "fail",
      code: "",
      message: { kind: "constant", value: "" },
      failure: ask({ op: "unwrap", field: "error" }),
    },
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

/** A catcher, of what was tried in vain. */
function caught({ name, ask }: Retried, { Next, Assign, ResultPath, Output }: Catcher): State {
  const fields = { ...(ResultPath !== undefined && { ResultPath }), ...(Output !== undefined && { Output }) };
  const assign = Assign && { assign: { op: "caughtAssign", Assign: Assign as Json } };
  return {
    kind: "set",
    value: ask({ op: "recaught", source: { op: "caught", ...fields } }),
    assign: ask({ op: "reset", inVain: true, variable: triesOf(name), ...assign }),
    next: segmentOf(Next),
  };
}

const sourceOf = (data: Data): Json => (data.kind === "expression" ? data.source : null);
