/** How functions are set: for all of a workflow, and for some of them otherwise. */
import { Architecture } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { PawlError } from "../errors.ts";
import type { Graph } from "../model/graph.ts";

export interface FunctionSettings {
  /** In MiB; the share of a processor goes with it. Default 512. */
  readonly memorySize?: number;
  /** Default ARM_64, which costs a fifth less. */
  readonly architecture?: Architecture;
  /**
   * How many run at once at most: 2 to 1,000 ("Configuring maximum concurrency for Amazon SQS event sources").
   * Default 20.
   */
  readonly concurrency?: number;
  /** How long its log stays. Default one month. */
  readonly logRetention?: RetentionDays;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface WorkflowSettings {
  /** For all functions of the workflow. */
  readonly defaults?: FunctionSettings;
  /** For some of them otherwise, by their nodes' names. */
  readonly nodes?: Readonly<Record<string, FunctionSettings>>;
  /** For the control function otherwise. */
  readonly control?: FunctionSettings;
  /**
   * For the function that answers callbacks otherwise, if there are any. Its `concurrency` is reserved: taken out of what
   * the account's other functions share, and never exceeded. Default 5.
   */
  readonly callbacks?: FunctionSettings;
}

export type Settings = Required<FunctionSettings>;

const DEFAULTS: Settings = {
  memorySize: 512,
  architecture: Architecture.ARM_64,
  concurrency: 20,
  logRetention: RetentionDays.ONE_MONTH,
  environment: {},
};

export const settingsOfNode = ({ defaults, nodes }: WorkflowSettings, node: string): Settings =>
  combined(defaults, nodes?.[node]);
export const settingsOfControl = ({ defaults, control }: WorkflowSettings): Settings => combined(defaults, control);

/** Anybody may call that one: how many of it may run has nothing to do with the others. */
export const settingsOfCallbacks = ({ defaults, callbacks }: WorkflowSettings): Settings =>
  combined({ ...defaults, concurrency: CALLBACK_CONCURRENCY }, callbacks);
const CALLBACK_CONCURRENCY = 5;

const combined = (all: FunctionSettings = {}, one: FunctionSettings = {}): Settings => ({
  ...DEFAULTS,
  ...all,
  ...one,
  environment: { ...all.environment, ...one.environment },
});

export function settingsProblems(graph: Graph, given: WorkflowSettings): readonly PawlError[] {
  const known = Object.keys(graph.nodes);
  const strangers = Object.keys(given.nodes ?? {}).filter((node) => !known.includes(node));
  const each = known.map((node) => [`'${node}'`, settingsOfNode(given, node)] as const);
  return [
    ...strangers.map((node) => usage(`workflow '${graph.workflow}' has no node '${node}' to set: ${known.join(", ")}`)),
    ...[
      ...each,
      ["control", settingsOfControl(given)] as const,
      ["callbacks", settingsOfCallbacks(given)] as const,
    ].flatMap(([whose, settings]) => bounded(whose, settings)),
  ];
}

function bounded(whose: string, { concurrency }: Settings): PawlError[] {
  if (Number.isInteger(concurrency) && concurrency >= 2 && concurrency <= 1_000) return [];
  return [usage(`the concurrency of ${whose} is a whole number from 2 to 1000, not ${concurrency}`)];
}

const usage = (what: string): PawlError => new PawlError("usage", what);
