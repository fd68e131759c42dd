/** One recorded execution, run here and compared. */
import { node } from "pawl";
import { implement } from "pawl/node";
import { z } from "zod";
import { fromAsl } from "../../lib/asl/index.ts";
import { parseDefinition } from "../../lib/asl/parse.ts";
import { isPawlError } from "../../lib/errors.ts";
import type { Json } from "../../lib/model/json.ts";
import { type DefinitionRun, runDefinition } from "../../lib/testing/run-definition.ts";
import { behaving } from "./behaviour.ts";
import { type AslCase, difference, type Expected } from "./case.ts";

/** Undefined: as it was recorded. */
export async function runCase(one: AslCase): Promise<string | undefined> {
  const functions = Object.entries(one.functions ?? {}).map(([name, behaviour], i) => {
    const contract = node(`fn${i}`, { input: z.json(), output: z.json() });
    const call = behaving(behaviour);
    return { name, contract, handler: implement(contract, (input) => call(input as Json) as never) };
  });
  let run: DefinitionRun;
  try {
    const workflow = fromAsl(one.definition ?? parseDefinition(one.definitionText ?? ""), {
      name: "machine",
      ...(one.machineType && { type: one.machineType }),
      arn: "arn:aws:states:us-east-1:111111111111",
      functions: Object.fromEntries(functions.map(({ name, contract }) => [name, contract])),
    });
    const used = functions.filter(({ contract }) => Object.hasOwn(workflow.program.nodes, contract.node));
    const handlers = Object.fromEntries(used.map(({ contract, handler }) => [contract.node, handler]));
    run = await runDefinition(workflow, handlers, one.input ?? null);
  } catch (error) {
    if (one.kind === "invalid" && isPawlError(error)) return undefined;
    return `refused: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  if (one.kind === "invalid") return "it is accepted";
  return compare(one.expected, run);
}

function compare(expected: Expected, run: DefinitionRun): string | undefined {
  const told = run.error === undefined ? "" : ` (${run.error}: ${run.cause})`;
  if (run.status !== expected.status) return `it is ${run.status}${told}, not ${expected.status}`;
  if (expected.output !== undefined) {
    const differs = difference(expected.output, run.output, "output");
    if (differs) return differs;
  }
  if (expected.status === "FAILED" && run.error !== expected.error)
    return `the error is ${run.error}, not ${expected.error}: ${run.cause}`;
  if (expected.causeBy !== "engine" && expected.cause !== undefined) {
    const differs = difference(expected.cause, run.cause, "cause");
    if (differs) return differs;
  }
  const { statesEntered, statesEnteredAnyOrder, lambdaCalls } = expected;
  if (statesEntered && difference(statesEntered, run.statesEntered))
    return `entered ${run.statesEntered.join(", ")}, not ${statesEntered.join(", ")}`;
  if (statesEnteredAnyOrder && difference(statesEnteredAnyOrder, [...run.statesEntered].sort()))
    return `entered ${[...run.statesEntered].sort().join(", ")}, not ${statesEnteredAnyOrder.join(", ")}`;
  if (lambdaCalls !== undefined && lambdaCalls !== run.lambdaCalls)
    return `functions were called ${run.lambdaCalls} times, not ${lambdaCalls}`;
  return undefined;
}
