/**
 * What is wrong with a definition. The codes and, where a recording shows them, the sentences are those of AWS's own
 * validator: API ValidateStateMachineDefinition, "Diagnostics".
 */
import { PawlError } from "../errors.ts";

export type ProblemCode =
  | "INVALID_JSON_DESCRIPTION"
  | "MISSING_DESCRIPTION"
  | "SCHEMA_VALIDATION_FAILED"
  | "MISSING_TRANSITION_TARGET"
  | "MISSING_END_STATE"
  | "DUPLICATE_STATE_NAME"
  | "INVALID_STATE_NAME"
  | "DUPLICATE_LABEL_NAME"
  | "INVALID_LABEL_NAME"
  /** AWS would run it, and Pawl does not. */
  | "UNSUPPORTED"
  /** Pawl runs it as if this were not there: a note, no reason to refuse. */
  | "IGNORED";

export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  /** `/States/Charge/Retry[0]/ErrorEquals`; `/` is the definition; of a text that cannot be read, `line 3, column 7`. */
  readonly path: string;
  /** The section of the specification, or the page of AWS's guide, that it breaks. */
  readonly rule: string;
}

/** @param problems at least one */
export function invalidDefinition(problems: readonly Problem[], cause?: unknown): PawlError {
  const count = problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
  const lines = problems.map(({ code, message, path, rule }) => `  - ${path}: ${message} (${code}, "${rule}")`);
  return new PawlError("invalid_definition", `the definition has ${count}:\n${lines.join("\n")}`, { problems }, cause);
}
