/** Each state of a definition as one of a graph, sometimes with others beside it that carry out what it says. */
import type {
  CatchRule,
  Data,
  FailState as FailOf,
  MapState as MapOf,
  ObjectReads,
  ParallelState as ParallelOf,
  RetryRule,
  Scope,
  State,
  TaskState as TaskOf,
} from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type {
  State as AslState,
  Catcher,
  ChoiceState,
  FailState,
  Machine,
  MapState,
  ParallelState,
  PassState,
  QueryLanguage,
  Retrier,
  TaskState,
  WaitState,
} from "./definition.ts";
import { failState } from "./fail-state.ts";
import { flattens } from "./map-results.ts";
import { hidden, segmentOf } from "./names.ts";
import { openedApart } from "./reader/opened-apart.ts";
import { readerPlace } from "./reader/supported.ts";
import { retried } from "./retried.ts";
import type { OwnSource, Source } from "./source.ts";
import { waiting } from "./task-token.ts";

/** How many items of an inline Map run at once where it does not say ("Inline mode": up to 40). */
const CONCURRENCY = 40;
const PREVIOUS: Data = { kind: "previous" };

export interface Surroundings {
  /** The nodes that a Task may run at, by their functions' names: one, unless the name is worked out while it runs. */
  readonly nodesOf: (task: TaskState, where: string) => Called;
  /** Those that a reader may read in, whose bucket is worked out while it runs. */
  readonly bucketsOf: (where: string) => readonly string[];
}

export interface Called {
  readonly nodes: Readonly<Record<string, string>>;
  readonly payload: boolean;
  readonly isDynamic: boolean;
  /** It waits for its token. */
  readonly token: boolean;
}

export function scopeOf(machine: Machine, of: Surroundings, above: QueryLanguage = "JSONPath"): Scope {
  const language = machine.QueryLanguage ?? above;
  const states: Record<string, State> = {};
  for (const [name, state] of Object.entries(machine.States)) {
    const made = new Translation(name, { own: state.QueryLanguage ?? language, machine: language }, of).of(state);
    for (const [segment, one] of Object.entries(made)) states[segment] = one;
  }
  return { start: segmentOf(machine.StartAt), states };
}

type Made = Readonly<Record<string, State>>;

/** Of one state. */
class Translation {
  readonly #name: string;
  readonly #language: QueryLanguage;
  /** That of states within it that say nothing. */
  readonly #machine: QueryLanguage;
  readonly #of: Surroundings;

  constructor(
    name: string,
    language: { readonly own: QueryLanguage; readonly machine: QueryLanguage },
    of: Surroundings,
  ) {
    this.#name = name;
    this.#language = language.own;
    this.#machine = language.machine;
    this.#of = of;
  }

  of(state: AslState): Made {
    const segment = segmentOf(this.#name);
    switch (state.Type) {
      case "Task":
        return this.#task(segment, state);
      case "Pass":
        return { [segment]: this.#pass(state) };
      case "Choice":
        return this.#choice(segment, state);
      case "Wait":
        return { [segment]: this.#wait(state) };
      case "Succeed":
        return { [segment]: { kind: "succeed", output: this.#passed(state, ["InputPath", "OutputPath", "Output"]) } };
      case "Fail":
        return { [segment]: this.#fail(state) };
      case "Parallel":
        return retried({ ...this.#own, state, made: this.#parallel(state) });
      case "Map": {
        const made = retried({ ...this.#own, state, made: this.#map(state) });
        return state.ItemReader ? openedApart(this.#name, made) : made;
      }
    }
  }

  get #own() {
    return { name: this.#name, ask: this.#ask, retryRule };
  }

  readonly #ask = (source: Source | OwnSource): Data => ({
    kind: "expression",
    language: this.#language === "JSONata" ? "jsonata" : "jsonpath",
    source: source as Json,
  });

  /** Undefined: none of the fields is there. */
  #part(op: Source["op"], state: object, fields: readonly string[], more: object = {}): Data | undefined {
    const given = fieldsOf(state, fields);
    if (Object.keys(given).length === 0 && Object.keys(more).length === 0) return undefined;
    return this.#ask({ op, ...given, ...more } as Source);
  }

  /** What goes through unless a field says otherwise. */
  #passed(state: object, fields: readonly string[]): Data {
    return this.#part("pass", state, fields) ?? PREVIOUS;
  }

  #assign(state: { readonly Type: string; readonly Assign?: unknown }, more: object = {}): { readonly assign?: Data } {
    if (state.Assign === undefined) return {};
    const fields = ["Type", "Assign", "InputPath", "Parameters", "Arguments", "Result", "ResultSelector"];
    const assign = this.#part("assign", state, fields, more);
    return assign ? { assign } : {};
  }

  #task(segment: string, state: TaskState): Made {
    const called = this.#of.nodesOf(state, this.#name);
    const { nodes, isDynamic } = called;
    const made = Object.values(nodes).map((node) => this.#taskAt(node, state, called));
    const [only] = made;
    if (called.token && only) {
      const { TimeoutSeconds: seconds = LONGEST_WAIT_S } = state;
      const timeoutMs = (typeof seconds === "number" ? seconds : LONGEST_WAIT_S) * 1000;
      return waiting({ name: this.#name, task: only, timeoutMs, ask: this.#ask });
    }
    if (!isDynamic && only) return { [segment]: only };
    const names = Object.keys(nodes);
    const at = names.map((_, i) => hidden(this.#name, `r${i}`));
    const none = hidden(this.#name, "unmatched");
    const branches = Object.fromEntries(names.map((name, i) => [name, { to: at[i] ?? none }]));
    const pick = this.#ask({ op: "function", names, ...nameFields(state) } as unknown as Source);
    return {
      [segment]: {
        kind: "choice",
        pick,
        branches: { ...branches, "": { to: none } },
        ...this.#catch(state.Catch),
        next: null,
      },
      ...Object.fromEntries(made.map((task, i) => [at[i], task])),
      [none]: { ...failing("Lambda.ResourceNotFoundException", "Function not found"), ...this.#catch(state.Catch) },
    };
  }

  #taskAt(node: string, state: TaskState, { payload, token }: Called): TaskOf {
    const more = payload ? { payload: true } : {};
    // What it is answered is the result, and no response of the API.
    const made = token ? {} : more;
    const result = this.#part("output", state, ["InputPath", ...RESULT], made);
    return {
      kind: "task",
      node,
      input: this.#part("input", state, INPUT, token ? { ...more, token: true } : more) ?? PREVIOUS,
      ...(result && { result }),
      ...this.#assign(state, made),
      ...(token ? {} : timesOf(state)),
      ...(token ? {} : this.#seconds(state)),
      retry: (state.Retry ?? []).map(retryRule),
      ...this.#catch(state.Catch),
      next: nextOf(state),
    };
  }

  /** Those that are worked out. */
  #seconds(state: TaskState): Pick<TaskOf, "seconds"> {
    const of = (what: "Timeout" | "Heartbeat") => {
      const fields = fieldsOf(state, [`${what}Seconds`, `${what}SecondsPath`]);
      const [value] = Object.values(fields);
      return typeof value === "string" ? this.#ask({ op: "number", ...fields }) : undefined;
    };
    const [timeout, heartbeat] = [of("Timeout"), of("Heartbeat")];
    return timeout || heartbeat ? { seconds: { ...(timeout && { timeout }), ...(heartbeat && { heartbeat }) } } : {};
  }

  #pass(state: PassState): State {
    const value = this.#passed(state, ["InputPath", "Parameters", "Result", "ResultPath", "OutputPath", "Output"]);
    return { kind: "set", value, ...this.#assign(state), next: nextOf(state) };
  }

  #choice(segment: string, state: ChoiceState): Made {
    const made: Record<string, State> = {};
    const branches: Record<string, { readonly to: string }> = {};
    /** Where a branch leads, by way of what it passes on and assigns. */
    const lead = (branch: string, of: object, next: string) => {
      const value = this.#passed(of, ["InputPath", "OutputPath", "Output"]);
      const assign = this.#assign({ Type: "Choice", ...of });
      const direct = value === PREVIOUS && !assign.assign;
      const by = hidden(this.#name, `r${branch}`);
      if (!direct) made[by] = { kind: "set", value, ...assign, next: segmentOf(next) };
      branches[branch] = { to: direct ? segmentOf(next) : by };
    };
    const paths = fieldsOf(state, ["InputPath", "OutputPath"]);
    for (const [i, rule] of state.Choices.entries())
      lead(String(i), { ...paths, ...fieldsOf(rule, ["Assign", "Output"]) }, rule.Next);
    if (state.Default === undefined) {
      const none = hidden(this.#name, "unmatched");
      branches.default = { to: none };
      made[none] = unmatched(this.#name);
    } else lead("default", state, state.Default);
    const pick = this.#part("choose", state, ["InputPath", "Choices"]) ?? PREVIOUS;
    return { [segment]: { kind: "choice", pick, branches, next: null }, ...made };
  }

  #wait(state: WaitState): State {
    const until = this.#part("until", state, ["InputPath", "Seconds", "SecondsPath", "Timestamp", "TimestampPath"]);
    const result = this.#part("pass", state, ["InputPath", "OutputPath", "Output"]);
    return {
      kind: "wait",
      ...(until && { until }),
      ...(result && { result }),
      ...this.#assign(state),
      next: nextOf(state),
    };
  }

  #fail(state: FailState): State {
    const failure = this.#ask({ op: "failure", ...fieldsOf(state, ["Error", "ErrorPath", "Cause", "CausePath"]) });
    return failState(failure, state.Error?.startsWith("{%") ? "" : state.Error);
  }

  #parallel(state: ParallelState): ParallelOf {
    const input = this.#part("input", state, INPUT);
    // Its branches' outputs, by name, as a list.
    const result = this.#part("output", state, ["InputPath", ...RESULT], { branches: state.Branches.length });
    const branches = state.Branches.map((branch, i) => [String(i), scopeOf(branch, this.#of, this.#machine)] as const);
    return {
      kind: "parallel",
      ...(input && { input }),
      branches: Object.fromEntries(branches),
      ...(result && { result }),
      ...this.#assign(state, { branches: state.Branches.length }),
      ...this.#catch(state.Catch),
      next: nextOf(state),
    };
  }

  #map(state: MapState): MapOf {
    const processor = state.ItemProcessor ?? state.Iterator;
    if (!processor) throw new Error(`the Map '${this.#name}' has no ItemProcessor`); // validated
    // How many may fail is worked out from the input: all may, as the graph has it, and its result says whether too many did.
    const tolerates = TOLERATED.some((field) => field in state);
    const more = {
      ...(tolerates && { tolerates: true, ...fieldsOf(state, TOLERATED) }),
      ...(flattens(state) && { flattens: true }),
    };
    const result = this.#part("output", state, ["InputPath", ...RESULT], more);
    const { MaxConcurrency } = state;
    const concurrency = typeof MaxConcurrency === "number" && MaxConcurrency > 0 ? MaxConcurrency : CONCURRENCY;
    const reads = this.#reads(state);
    return {
      kind: "map",
      over: this.#part("items", state, OVER) ?? this.#ask({ op: "items" }),
      each: scopeOf(processor, this.#of, this.#machine),
      concurrency,
      ...(reads && { reads }),
      ...(tolerates && { tolerate: { share: 1 } }),
      ...(result && { result }),
      ...this.#assign(state, more),
      ...this.#catch(state.Catch),
      next: nextOf(state),
    };
  }

  #reads({ ItemReader: reader }: MapState): ObjectReads | undefined {
    if (!reader) return undefined;
    const { bucket, key, list, version } = readerPlace(reader);
    return {
      buckets: bucket === undefined ? this.#of.bucketsOf(this.#name) : [bucket],
      ...(list && { list }),
      ...(key !== undefined && { key }),
      ...(version && { versions: true as const }),
    };
  }

  #catch(catchers: readonly Catcher[] | undefined): { readonly catch?: readonly CatchRule[] } {
    if (!catchers) return {};
    return { catch: catchers.map((one) => catchRule(one, this.#ask)) };
  }
}

function catchRule(catcher: Catcher, ask: (source: Source | OwnSource) => Data): CatchRule {
  const { ErrorEquals, Next, Assign } = catcher;
  return {
    codes: ErrorEquals,
    branch: { to: segmentOf(Next) },
    result: ask({ op: "caught", ...fieldsOf(catcher, ["ResultPath", "Output"]) }),
    ...(Assign && { assign: ask({ op: "caughtAssign", Assign: Assign as Json }) }),
  };
}

/** Amazon States Language, "Retriers": these defaults. */
function retryRule({
  ErrorEquals,
  IntervalSeconds = 1,
  MaxAttempts = 3,
  BackoffRate = 2,
  MaxDelaySeconds = LONGEST_DELAY_S,
  JitterStrategy,
}: Retrier): RetryRule {
  return {
    codes: ErrorEquals,
    maxAttempts: MaxAttempts + 1,
    firstDelayMs: IntervalSeconds * 1000,
    rate: BackoffRate,
    maxDelayMs: MaxDelaySeconds * 1000,
    ...(JitterStrategy !== "FULL" && { jitter: false as const }),
  };
}
/** The largest `MaxDelaySeconds`. */
const LONGEST_DELAY_S = 31_622_400;

const INPUT = ["InputPath", "Parameters", "Arguments"];
const RESULT = ["ResultSelector", "ResultPath", "OutputPath", "Output"];
const OVER = [
  ...["InputPath", "ItemReader", "ItemsPath", "Items", "ItemSelector", "Parameters", "ItemBatcher"],
  "MaxConcurrencyPath",
];
const TOLERATED = ["Count", "CountPath", "Percentage", "PercentagePath"].map((what) => `ToleratedFailure${what}`);

const nextOf = ({ Next }: { readonly Next?: string }): string | null => (Next === undefined ? null : segmentOf(Next));

/** Without a time of its own it waits as long as an execution may live. */
const LONGEST_WAIT_S = 366 * 24 * 60 * 60;

const fieldsOf = (state: object, fields: readonly string[]): Readonly<Record<string, Json>> =>
  Object.fromEntries(Object.entries(state).filter(([field]) => fields.includes(field)));

const failing = (name: string, cause: string): FailOf =>
  failState({ kind: "constant", value: { Error: name, Cause: cause } });

const unmatched = (name: string): FailOf =>
  failing("States.NoChoiceMatched", `No choice of the state '${name}' is true of its input, and it has no Default`);

/** What a function can be given: 14 minutes. A longer time never comes. */
const LONGEST_ATTEMPT_S = 14 * 60;
function timesOf({ TimeoutSeconds, HeartbeatSeconds }: TaskState): { timeoutMs?: number; heartbeatMs?: number } {
  const timeoutMs = typeof TimeoutSeconds === "number" && TimeoutSeconds <= LONGEST_ATTEMPT_S && TimeoutSeconds * 1000;
  const heartbeatMs = typeof HeartbeatSeconds === "number" && timeoutMs && HeartbeatSeconds * 1000;
  return { ...(timeoutMs && { timeoutMs }), ...(heartbeatMs && { heartbeatMs }) };
}

/** What says which function is called, and nothing else: the rest is worked out once it is. */
function nameFields(state: TaskState): Readonly<Record<string, Json>> {
  const only = (template: Json | undefined): Json =>
    fieldsOf(typeof template === "object" && template !== null ? template : {}, ["FunctionName", "FunctionName.$"]);
  const { Parameters, Arguments } = state;
  return {
    ...fieldsOf(state, ["InputPath"]),
    ...(Parameters !== undefined && { Parameters: only(Parameters) }),
    ...(Arguments !== undefined && { Arguments: typeof Arguments === "string" ? Arguments : only(Arguments) }),
  };
}
