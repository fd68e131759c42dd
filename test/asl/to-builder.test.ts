/**
 * `pawl asl import` writes the builder's code only where an execution of it is the definition's: the same status, output,
 * error and number of calls. Every case that becomes code is run both ways.
 */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Definition } from "../../lib/asl/definition.ts";
import { parseDefinition } from "../../lib/asl/parse.ts";
import { toBuilder } from "../../lib/asl/to-builder/index.ts";
import { supportedDefinition } from "../../lib/asl/unsupported.ts";
import { DEEP } from "../support/deep.ts";
import { skip } from "../support/skip.ts";
import type { AslCase } from "./case.ts";
import { casesIn, ownCases, recordedCases } from "./cases-in.ts";
import { type Came, runBuilder, runDefinition } from "./run-both.ts";

const definitionOf = (one: AslCase): Definition =>
  supportedDefinition(one.definition ?? parseDefinition(one.definitionText ?? ""), one.machineType ?? "STANDARD");

const madeOf = (folder: string) =>
  casesIn(folder).flatMap((found) => {
    if (!("case" in found) || found.case.kind !== "execution") return [];
    const made = toBuilder("machine", definitionOf(found.case));
    return made.kind === "builder" ? [{ name: found.name, case: found.case, made }] : [];
  });

/** What goes wrong with a definition's own data has several names there, and one in the builder. */
const DATA_ERRORS = new Set([
  ...["States.ResultPathMatchFailure", "States.QueryEvaluationError", "Lambda.InvalidRequestContentException"],
]);
const plain = ({ error, ...came }: Came): Came => {
  if (error === "States.NoChoiceMatched") return { ...came, error: "NoChoiceMatched" };
  return { ...came, ...(error !== undefined && { error: DATA_ERRORS.has(error) ? "States.Runtime" : error }) };
};

/** A value may have 32 MiB in the builder, and 256 KiB in a definition. */
const isTooLarge = ({ error }: Came): boolean => error === "States.DataLimitExceeded";

function compares(folder: string, every: number): void {
  const all = madeOf(folder);
  const chosen = all.filter((_, i) => i % every === 0);
  it.each(chosen.map((one) => [one.name, one] as const))("%s", async (_, { case: one, made }) => {
    const wanted = await runDefinition(one);
    if (isTooLarge(wanted)) return;
    expect(plain(await runBuilder(one, made))).toEqual(plain(wanted));
  });
}

describe("what is made of a case of our own comes to the same as its definition", () => {
  compares(ownCases, 1);
});

describe("what is made of a case recorded from AWS comes to the same as its definition", () => {
  if (existsSync(recordedCases)) compares(recordedCases, DEEP ? 1 : 1);
  else it("is there", (test) => skip(test, "no recorded executions lie beside the repository"));
});
