/** A workflow in the builder, before it is printed. */
import type { Test } from "./test.ts";
import type { Value } from "./value.ts";

export interface Branch {
  readonly name: string;
  readonly steps: readonly Step[];
}

export type Step =
  | TaskStep
  | { readonly kind: "set"; readonly name: string; readonly value: Value }
  | ChoiceStep
  | { readonly kind: "parallel"; readonly name: string; readonly branches: readonly Branch[] }
  | MapStep
  | { readonly kind: "wait"; readonly name: string; readonly seconds: number }
  | { readonly kind: "until"; readonly name: string; readonly time: string }
  | { readonly kind: "fail"; readonly code: string; readonly message: Value }
  | { readonly kind: "succeed"; readonly output: Value }
  | BlockStep
  | OutcomeStep;

export interface TaskStep {
  readonly kind: "task";
  readonly name: string;
  readonly node: string;
  /** Undefined: the output before. */
  readonly input?: Value;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
}

export interface ChoiceStep {
  readonly kind: "choice";
  readonly name: string;
  readonly rules: readonly { readonly test: Test; readonly branch: string }[];
  readonly otherwise: string;
  readonly branches: readonly Branch[];
}

export interface MapStep {
  readonly kind: "map";
  readonly name: string;
  readonly over: Value;
  readonly each: readonly Step[];
  readonly concurrency: number;
}

export interface BlockStep {
  readonly kind: "block";
  readonly name: string;
  readonly body: readonly Step[];
  /** By code. */
  readonly catches: readonly Branch[];
}

/** What follows a block whose branches do not come together behind it at once. */
export interface OutcomeStep {
  readonly kind: "outcome";
  readonly name: string;
  readonly block: string;
  /** Of the block's branches: which of these each leads to. */
  readonly leads: readonly (readonly [taken: string, branch: string])[];
  readonly branches: readonly Branch[];
}

/** Whether they may fail with this code, which all nodes declare. */
export const canFail = (steps: readonly Step[], code: string): boolean => steps.some((step) => stepCanFail(step, code));

function stepCanFail(step: Step, code: string): boolean {
  switch (step.kind) {
    case "task":
      return true;
    case "fail":
      return step.code === code;
    case "map":
      return canFail(step.each, code);
    case "block": {
      const isTaken = step.catches.some(({ name }) => name === code || name === "any");
      return (!isTaken && canFail(step.body, code)) || step.catches.some((branch) => canFail(branch.steps, code));
    }
    case "choice":
    case "outcome":
    case "parallel":
      return step.branches.some((branch) => canFail(branch.steps, code));
    default:
      return false;
  }
}
