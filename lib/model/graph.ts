/**
 * The graph: what a workflow is, as plain data. CDK, engine, console, checks and tests read this one value. It names
 * functions (slots) but holds none, so it can be stored, hashed, compared and drawn.
 *
 * Every state kind has its form here, those that this version's builder makes and those to come, and so has everything
 * in Amazon States Language: named states with transitions that may go back, nested scopes, retry and catch per state,
 * data flow as slots or as expressions.
 */
import type { Expression } from "./expression.ts";
import type { Json, JsonSchema } from "./json.ts";
import type { Schedule } from "./schedule.ts";

export interface Graph {
  readonly format: 1;
  readonly workflow: string;
  readonly input: JsonSchema;
  readonly trigger?: Trigger;
  readonly schedule?: Schedule & { readonly input: Data };
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  readonly events: Readonly<Record<string, EventSpec>>;
  readonly signals: Readonly<Record<string, SignalSpec>>;
  /** The workflows that this one calls, by name. Absent: none. */
  readonly calls?: Readonly<Record<string, CallSpec>>;
  /** How long an execution may take in all. Absent: as long as the engine lets any live. */
  readonly timeoutMs?: number;
  readonly root: Scope;
  /** What the execution answers with. */
  readonly output: Data;
}

/** Starts an execution for each event of this kind; `id` gives the execution's id, else the event's own id does. */
export interface Trigger {
  readonly kind: "event";
  readonly event: EventSpec;
  readonly id?: Data;
  /** What an event does while an execution runs for its key. Absent: the key is the execution's id, once for ever. */
  readonly whenRunning?: "ignore" | "queue" | "replace" | "signal";
  /** Where it signals the one that runs: the signal's name. */
  readonly signal?: string;
}

export interface NodeSpec {
  readonly name: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  /** Codes that a handler may end its step with on purpose; they are final. */
  readonly errors: readonly string[];
  /** Signals that its handler may hand out callbacks for. Absent: none. */
  readonly callbacks?: readonly string[];
  /** Runs inside the function that settled the step before it. */
  readonly inline: boolean;
  /** Running it twice is harmless: it skips the claim. */
  readonly repeatable: boolean;
  readonly timeoutMs: number;
  /** An attempt that is silent for so long is taken for dead. Absent: only `timeoutMs` tells. */
  readonly heartbeatMs?: number;
  readonly retry: RetrySpec;
}

/** Attempts after a failure: `firstDelayMs * rate ** (failures - 1)`, at most `maxDelayMs`. */
export interface RetrySpec {
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
  readonly rate: number;
  readonly maxDelayMs: number;
  /** False: just so long. Absent: full jitter, any time up to it. */
  readonly jitter?: false;
  /** The codes that are tried again. Absent: all that the node does not declare. */
  readonly codes?: readonly string[];
}

export interface EventSpec {
  readonly source: string;
  readonly type: string;
  readonly version: number;
  readonly data: JsonSchema;
}

export interface SignalSpec {
  readonly name: string;
  readonly data: JsonSchema;
}

/** Another workflow, as its contract has it. */
export interface CallSpec {
  readonly name: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  /** Codes of its own that it may fail with. */
  readonly errors: readonly string[];
}

export interface Scope {
  /** null: an empty scope, which passes on what comes in. */
  readonly start: string | null;
  readonly states: Readonly<Record<string, State>>;
}

/** Where a value comes from. */
export type Data =
  | { readonly kind: "previous" }
  | { readonly kind: "slot"; readonly slot: string }
  | { readonly kind: "constant"; readonly value: Json }
  | Expression;

export type State =
  | TaskState
  | SetState
  | ChoiceState
  | MatchState
  | ParallelState
  | MapState
  | RaceState
  | LoopState
  | BlockState
  | WaitState
  | WaitForState
  | CallState
  | EmitState
  | FailState
  | SucceedState;
export type StateKind = State["kind"];

/** What every state that goes on has. */
interface Flow {
  /** null: the end of its scope. May name a state that was visited before. */
  readonly next: string | null;
  readonly retry?: readonly RetryRule[];
  readonly catch?: readonly CatchRule[];
  /** What the state passes on, worked out from its result; without it, the result itself. */
  readonly result?: Data;
  /** An object of variables that it sets in its scope, worked out from its result: expressions alone see them. */
  readonly assign?: Data;
}
/** Of a task: in place of its node's, each with a count of its own, the first one that is for the code. */
export interface RetryRule extends RetrySpec {
  readonly codes: readonly string[];
}
export interface CatchRule {
  readonly codes: readonly string[];
  readonly branch: Branch;
  /** What the branch begins with, worked out from what came into the state and the error. */
  readonly result?: Data;
  readonly assign?: Data;
}
/** A branch either nests, and joins the states after its parent again, or is a transition within the same scope. */
export type Branch = { readonly scope: Scope } | { readonly to: string };

export interface TaskState extends Flow {
  readonly kind: "task";
  readonly node: string;
  readonly input: Data;
  readonly undo?: UndoSpec;
  /** In place of the node's. */
  readonly timeoutMs?: number;
  /** In place of the node's. */
  readonly heartbeatMs?: number;
  /** Seconds, worked out for each attempt: where they are less than the above. */
  readonly seconds?: { readonly timeout?: Data; readonly heartbeat?: Data };
}
/**
 * What takes the task back. Of its input, `previous` is the task's output, and a slot sees it as `s.output`: null when the
 * task may have had its effect and has no output.
 */
export interface UndoSpec {
  readonly node: string;
  readonly input: Data;
}
export interface SetState extends Flow {
  readonly kind: "set";
  readonly value: Data;
}
export interface ChoiceState extends Flow {
  readonly kind: "choice";
  /** The name of the branch. */
  readonly pick: Data;
  readonly branches: Readonly<Record<string, Branch>>;
}
export interface MatchState extends Flow {
  readonly kind: "match";
  readonly of: Data;
  /** The property that tells the branch; the branch goes on with the value. */
  readonly by: string;
  readonly branches: Readonly<Record<string, Branch>>;
}
export interface ParallelState extends Flow {
  readonly kind: "parallel";
  /** What each branch begins with. Absent: what came into the state. */
  readonly input?: Data;
  readonly branches: Readonly<Record<string, Scope>>;
}
export interface MapState extends Flow {
  readonly kind: "map";
  readonly over: Data;
  readonly each: Scope;
  /** Lanes: item i starts item i + concurrency. */
  readonly concurrency: number;
  /** What its items are read from, where they come from outside: together they may be more than one value may have. */
  readonly reads?: ObjectReads;
  /** Up to so many items, or such a share of them (0 to 1), may fail: each leaves `{ ok, output | error }`. */
  readonly tolerate?: Tolerance;
  /** Leaves `{ count, failed, results }` in place of the list: how many items, and where the list lies. */
  readonly results?: "reference";
}
/** Objects of Amazon S3. */
export interface ObjectReads {
  /** It reads in one of them. */
  readonly buckets: readonly string[];
  /** It lists them, and reads none. */
  readonly list?: true;
  /** The only one that it reads. Absent: any. */
  readonly key?: string;
  /** Not only the newest version. */
  readonly versions?: true;
}
export type Tolerance = { readonly count: number } | { readonly share: number };
/** Goes on with the branch that is first at its end; leaves `{ branch, output }`. */
export interface RaceState extends Flow {
  readonly kind: "race";
  readonly branches: Readonly<Record<string, Scope>>;
}
export interface LoopState extends Flow {
  readonly kind: "loop";
  /** The state of the first round; what a round leaves is that of the next. */
  readonly from: Data;
  readonly each: Scope;
  /** After a round, whether it was the last. A slot is called with the state, not with `s`. */
  readonly until: Data;
  /** Rounds; the loop fails when it is not done after so many. */
  readonly max: number;
}
export interface BlockState extends Flow {
  readonly kind: "block";
  readonly body: Scope;
}
export interface WaitState extends Flow {
  readonly kind: "wait";
  /** This, or `until`. */
  readonly forMs?: number;
  /** A time in ISO 8601, with its offset. */
  readonly until?: Data;
}
export interface WaitForState extends Flow {
  readonly kind: "waitFor";
  readonly signal: string;
  /** Only one for its own place: the signal's name, `:` and its path. */
  readonly ownPlace?: true;
  readonly timeoutMs: number;
}
export interface CallState extends Flow {
  readonly kind: "call";
  /** One of the graph's `calls`. */
  readonly workflow: string;
  readonly input: Data;
  /** Goes on at once and leaves `{ execution }`; else it waits for the end and leaves the output. */
  readonly detached: boolean;
}
export interface EmitState extends Flow {
  readonly kind: "emit";
  readonly event: string;
  readonly data: Data;
}
export interface FailState {
  readonly kind: "fail";
  readonly code: string;
  readonly message: Data;
  /** `{ Error?, Cause? }` in place of code and message. */
  readonly failure?: Data;
}
/** Ends the innermost parallel branch or map item, else the execution, with this output. */
export interface SucceedState {
  readonly kind: "succeed";
  readonly output: Data;
}

/** The kinds that this version carries out; a graph with another one is refused before it starts. */
export const SUPPORTED: ReadonlySet<StateKind> = new Set<StateKind>([
  "task",
  "set",
  "choice",
  "match",
  "parallel",
  "map",
  "block",
  "race",
  "loop",
  "wait",
  "waitFor",
  "call",
  "emit",
  "fail",
  "succeed",
]);

/** Whether the node, or any, may hand out callbacks: then there is a key to sign them, and a function to answer them. */
export const handsOut = ({ nodes }: Graph, node?: string): boolean =>
  Object.values(nodes).some(({ name, callbacks = [] }) => callbacks.length > 0 && (node ?? name) === name);

export const eventKey = (event: { source: string; type: string; version: number }): string =>
  `${event.source}/${event.type}@${event.version}`;

/** The scopes below a state, by the segment they have in a path. A map's and a loop's stand for every item and round. */
export function scopesOf(state: State): readonly (readonly [string, Scope])[] {
  const nested = (branches: Readonly<Record<string, Branch>>) =>
    Object.entries(branches).flatMap(([name, b]) => ("scope" in b ? [[name, b.scope] as const] : []));
  switch (state.kind) {
    case "parallel":
    case "race":
      return Object.entries(state.branches);
    case "choice":
    case "match":
      return nested(state.branches);
    case "map":
    case "loop":
      return [["each", state.each]];
    case "block":
      return [
        ["done", state.body],
        ...(state.catch ?? []).flatMap((rule) =>
          "scope" in rule.branch ? [[rule.codes.join("|"), rule.branch.scope] as const] : [],
        ),
      ];
    default:
      return [];
  }
}

/** Every state with its static path (`pay/charge/charge`, `pack/each/packLine`), parents first. */
export function* statesOf(scope: Scope, above = ""): Generator<readonly [path: string, state: State, in_: Scope]> {
  for (const [name, state] of Object.entries(scope.states)) {
    const path = above + name;
    yield [path, state, scope];
    for (const [branch, inner] of scopesOf(state)) yield* statesOf(inner, `${path}/${branch}/`);
  }
}

/** Of a `waitFor` that waits for one of its own place. No signal's own name has a colon. */
export const placedSignal = (signal: string, path: string): string => `${signal}:${path}`;
export const contractOfSignal = (name: string): string => name.split(":", 1)[0] ?? name;
