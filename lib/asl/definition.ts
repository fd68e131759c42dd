/**
 * A definition in Amazon States Language as it is once `validateDefinition` has found no problem: fields of both query
 * languages side by side, since which of them may be there is for the validation to say. https://states-language.net/spec.html
 */
import type { Json } from "../model/json.ts";

export type QueryLanguage = "JSONPath" | "JSONata";

/** A text with a path, a variable or an intrinsic function: `$.a`, `$$.Execution.Id`, `$name`, `States.UUID()`. */
export type Path = string;
/** A text `{% … %}` where the state speaks JSONata. */
export type Jsonata = string;
/** JSON with expressions within: keys that end in `.$` (JSONPath), or texts `{% … %}` (JSONata). */
export type Template = Json;

/** A machine, a branch, or what a Map does with an item. */
export interface Machine {
  readonly Comment?: string;
  readonly QueryLanguage?: QueryLanguage;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Definition extends Machine {
  readonly Version?: string;
  readonly TimeoutSeconds?: number;
}

export interface ItemProcessor extends Machine {
  readonly ProcessorConfig?: {
    readonly Mode?: "INLINE" | "DISTRIBUTED";
    readonly ExecutionType?: "STANDARD" | "EXPRESS";
  };
}

export type State =
  | TaskState
  | PassState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

export type StateType = State["Type"];

interface Common {
  readonly Comment?: string;
  readonly QueryLanguage?: QueryLanguage;
}

/** Exactly one of the two is there. */
interface Ending {
  readonly Next?: string;
  readonly End?: boolean;
}

/** `null`: of InputPath `{}`, of OutputPath `{}`, of ResultPath the state's input as it was. */
interface Flow {
  readonly InputPath?: Path | null;
  readonly OutputPath?: Path | null;
  readonly Output?: Template;
}

interface Assigning {
  readonly Assign?: Readonly<Record<string, Template>>;
}

interface Resulting {
  readonly Parameters?: Template;
  readonly ResultSelector?: { readonly [key: string]: Json | undefined };
  readonly ResultPath?: Path | null;
}

interface Failing {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface Retrier {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  /** 1 when absent. */
  readonly IntervalSeconds?: number;
  /** 3 when absent; 0 means never. */
  readonly MaxAttempts?: number;
  /** 2 when absent. */
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  /** `NONE` when absent. */
  readonly JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher extends Assigning {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: Path | null;
  readonly Output?: Template;
}

export interface TaskState extends Common, Ending, Flow, Assigning, Resulting, Failing {
  readonly Type: "Task";
  readonly Resource: string;
  readonly Arguments?: Template;
  readonly Credentials?: { readonly [key: string]: Json | undefined };
  /** At most one of each two. */
  readonly TimeoutSeconds?: number | Jsonata;
  readonly TimeoutSecondsPath?: Path;
  readonly HeartbeatSeconds?: number | Jsonata;
  readonly HeartbeatSecondsPath?: Path;
}

export interface PassState extends Common, Ending, Flow, Assigning {
  readonly Type: "Pass";
  readonly Result?: Json;
  readonly Parameters?: Template;
  readonly ResultPath?: Path | null;
}

export interface SucceedState extends Common, Flow {
  readonly Type: "Succeed";
}

export interface FailState extends Common {
  readonly Type: "Fail";
  /** At most one of each two. */
  readonly Error?: string;
  readonly ErrorPath?: Path;
  readonly Cause?: string;
  readonly CausePath?: Path;
}

export interface WaitState extends Common, Ending, Flow, Assigning {
  readonly Type: "Wait";
  /** Exactly one of the four. */
  readonly Seconds?: number | Jsonata;
  readonly SecondsPath?: Path;
  readonly Timestamp?: string;
  readonly TimestampPath?: Path;
}

export interface ChoiceState extends Common, Flow, Assigning {
  readonly Type: "Choice";
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

/** A rule of `Choices`. `Output` is JSONata's. */
export type ChoiceRule = (Comparison | Condition) &
  Assigning & { readonly Comment?: string; readonly Next: string; readonly Output?: Template };

/** JSONata's. */
export interface Condition {
  readonly Condition: boolean | Jsonata;
}

/** JSONPath's: `And`, `Or`, `Not`, or `Variable` beside one field of `ComparisonOperator`. */
export type Comparison =
  | { readonly And: readonly Comparison[] }
  | { readonly Or: readonly Comparison[] }
  | { readonly Not: Comparison }
  | ({ readonly Variable: Path } & { readonly [operator in ComparisonOperator]?: string | number | boolean });

type Ordered = "Equals" | "LessThan" | "GreaterThan" | "LessThanEquals" | "GreaterThanEquals";
type Compared = `${"String" | "Numeric" | "Timestamp"}${Ordered}` | "BooleanEquals";

export type ComparisonOperator =
  | Compared
  | `${Compared}Path`
  | "StringMatches"
  | "IsNull"
  | "IsPresent"
  | "IsNumeric"
  | "IsString"
  | "IsBoolean"
  | "IsTimestamp";

export interface ParallelState extends Common, Ending, Flow, Assigning, Resulting, Failing {
  readonly Type: "Parallel";
  readonly Branches: readonly Machine[];
  readonly Arguments?: Template;
}

export interface MapState extends Common, Ending, Flow, Assigning, Resulting, Failing {
  readonly Type: "Map";
  /** Exactly one of the two; `Iterator` is the older name. */
  readonly ItemProcessor?: ItemProcessor;
  readonly Iterator?: ItemProcessor;
  readonly ItemsPath?: Path;
  readonly Items?: readonly Json[] | { readonly [key: string]: Json | undefined } | Jsonata;
  readonly ItemSelector?: Template;
  readonly ItemReader?: { readonly [key: string]: Json | undefined };
  readonly ItemBatcher?: { readonly [key: string]: Json | undefined };
  readonly ResultWriter?: { readonly [key: string]: Json | undefined };
  readonly Label?: string;
  /** At most one of each two. 0 means no bound. */
  readonly MaxConcurrency?: number | Jsonata;
  readonly MaxConcurrencyPath?: Path;
  readonly ToleratedFailureCount?: number | Jsonata;
  readonly ToleratedFailureCountPath?: Path;
  /** Of 100; may have a fraction. */
  readonly ToleratedFailurePercentage?: number | Jsonata;
  readonly ToleratedFailurePercentagePath?: Path;
}
