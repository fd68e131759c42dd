import { PawlError } from "../errors.ts";
import type { Program } from "../model/program.ts";

/** A workflow as its file exports it. */
export interface WorkflowValue {
  readonly kind: "workflow";
  readonly program: Program;
}

/**
 * The one workflow that a module exports, under whatever name.
 *
 * @example
 * import * as file from "./workflow.ts";
 * const order = workflowIn(file);
 *
 * @throws PawlError `invalid_workflow` when there is none, or more than one
 */
export function workflowIn(module: Readonly<Record<string, unknown>>): WorkflowValue {
  const workflows = new Set(Object.values(module).filter(isWorkflow));
  const [only] = workflows;
  if (only && workflows.size === 1) return only;
  throw new PawlError(
    "invalid_workflow",
    `the module exports ${workflows.size === 0 ? "no workflow" : `${workflows.size} workflows`}: export exactly one, as in export const order = workflow("order", …)`,
    { exported: Object.keys(module) },
  );
}

/** By its kind and not its class: a bundle may hold the builder twice. */
const isWorkflow = (value: unknown): value is WorkflowValue =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "workflow";
