/** One execution as a case has it, run here and compared with what it is to be. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { node } from "pawl";
import { implement } from "pawl/node";
import { z } from "zod";
import { type AslWorkflow, fromAsl } from "../../lib/asl/index.ts";
import { isPawlError } from "../../lib/errors.ts";
import type { Json } from "../../lib/model/json.ts";
import type { HandlerMap } from "../../lib/node/in-process.ts";
import { type DefinitionRun, runDefinition } from "../../lib/testing/run-definition.ts";
import { writeFiles } from "../support/write-files.ts";
import { behaving, unknownBehaviour } from "./behaviour.ts";
import { type AslCase, difference, type Expected } from "./case.ts";

export interface Outcome {
  readonly result: "passed" | "failed" | "skipped";
  /** Null: it passed. */
  readonly reason: string | null;
}

/** Where executions run. Whoever does not count the calls of functions has them counted. */
export interface Place {
  /** Of the state machine, another one for each call. */
  readonly name: () => string;
  readonly run: (
    workflow: AslWorkflow,
    handlers: HandlerMap,
    input: Json,
    objects: Readonly<Record<string, string>> | undefined,
  ) => Promise<Omit<DefinitionRun, "lambdaCalls"> & Partial<DefinitionRun>>;
}

export const embedded: Place = {
  name: () => "machine",
  run: async (workflow, handlers, input, objects) => {
    if (!objects) return runDefinition(workflow, handlers, input);
    const s3 = mkdtempSync(join(tmpdir(), "pawl-asl-s3-"));
    try {
      writeFiles(s3, objects);
      return await runDefinition(workflow, handlers, input, s3);
    } finally {
      rmSync(s3, { recursive: true });
    }
  },
};

export async function runCase(one: AslCase, place: Place = embedded): Promise<Outcome> {
  const unknown = Object.entries(one.functions ?? {}).flatMap(([name, given]) => {
    const why = unknownBehaviour(given);
    return why === undefined ? [] : [`${name}: ${why}`];
  });
  if (unknown[0] !== undefined) return { result: "skipped", reason: unknown[0] };
  const reason = await problemOf(one, place);
  return reason === undefined ? { result: "passed", reason: null } : { result: "failed", reason };
}

async function problemOf(one: AslCase, place: Place): Promise<string | undefined> {
  let lambdaCalls = 0;
  const functions = Object.entries(one.functions ?? {}).map(([name, behaviour], i) => {
    const contract = node(`fn${i}`, { input: z.json(), output: z.json() });
    const call = behaving(behaviour);
    const handler = implement(contract, (input) => {
      lambdaCalls++;
      return call(input as Json) as never; // JSON, as its contract has it
    });
    return { name, contract, handler };
  });
  let workflow: AslWorkflow;
  try {
    workflow = fromAsl(one.definition ?? one.definitionText, {
      name: place.name(),
      ...(one.machineType && { type: one.machineType }),
      arn: "arn:aws:states:us-east-1:111111111111",
      buckets: bucketsOf(one.objects),
      functions: Object.fromEntries(functions.map(({ name, contract }) => [name, contract])),
    });
  } catch (error) {
    if (one.kind === "invalid" && isPawlError(error) && error.code === "invalid_definition") return undefined;
    return `refused: ${printError(error)}`;
  }
  if (one.kind === "invalid") return "it is accepted";
  const used = functions.filter(({ contract }) => Object.hasOwn(workflow.program.nodes, contract.node));
  const handlers = Object.fromEntries(used.map(({ contract, handler }) => [contract.node, handler]));
  try {
    const run = await place.run(workflow, handlers, one.input ?? null, one.objects);
    return compare(one.expected, { lambdaCalls, ...run });
  } catch (error) {
    return `it cannot be run: ${printError(error)}`;
  }
}

export const bucketsOf = (objects: AslCase["objects"] = {}): readonly string[] => [
  ...new Set(Object.keys(objects).map((at) => at.split("/")[0] ?? "")),
];

const printError = (error: unknown): string =>
  isPawlError(error) ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);

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
