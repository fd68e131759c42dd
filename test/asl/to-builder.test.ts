/**
 * `pawl asl import` writes the builder's code only where an execution of it is the definition's: the same status, output,
 * error and number of calls. Every case that becomes code is run both ways, and so are machines of any shape.
 */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Definition } from "../../lib/asl/definition.ts";
import { parseDefinition } from "../../lib/asl/parse.ts";
import { toBuilder } from "../../lib/asl/to-builder/index.ts";
import { supportedDefinition } from "../../lib/asl/unsupported.ts";
import { isPawlError } from "../../lib/errors.ts";
import { DEEP } from "../support/deep.ts";
import { skip } from "../support/skip.ts";
import { anyCase } from "./any-machine.ts";
import type { AslCase } from "./case.ts";
import { casesIn, ownCases, recordedCases } from "./cases-in.ts";
import { type Came, runBuilder, runDefinition } from "./run-both.ts";

const definitionOf = (one: AslCase): Definition =>
  supportedDefinition(one.definition ?? parseDefinition(one.definitionText ?? ""), one.machineType ?? "STANDARD");

const made = (one: AslCase, definition = definitionOf(one)) => {
  const files = toBuilder("machine", definition);
  return files.kind === "builder" ? [{ name: one.name, case: one, files }] : [];
};
const madeOf = (folder: string) =>
  casesIn(folder).flatMap((found) =>
    "case" in found && found.case.kind === "execution" ? made({ ...found.case, name: found.name }) : [],
  );

/** What goes wrong with data has several names in a definition, and one in the builder: `slot_failed`. */
const DATA_ERRORS: ReadonlySet<string> = new Set([
  ...["States.ResultPathMatchFailure", "States.QueryEvaluationError", "Lambda.InvalidRequestContentException"],
]);
const inBuilder = ({ error, ...came }: Came): Came => {
  if (error === undefined) return came;
  if (error === "States.NoChoiceMatched") return { ...came, error: "NoChoiceMatched" };
  return { ...came, error: DATA_ERRORS.has(error) ? "States.Runtime" : error };
};

async function compares({ case: one, files }: ReturnType<typeof made>[number]): Promise<void> {
  const wanted = inBuilder(await runDefinition(one));
  // A value may have 32 MiB in the builder, and 256 KiB in a definition.
  if (wanted.error === "States.DataLimitExceeded") return;
  const came = inBuilder(await runBuilder(one, files));
  // Which of the branches beside a failure have begun is chance, there and here; so is which of two that fail is first,
  // which other seeds may come upon.
  const isChance = wanted.status === "failed" && /"Type":"(Parallel|Map)"/.test(JSON.stringify(one.definition));
  expect(isChance ? { ...came, calls: wanted.calls } : came).toEqual(wanted);
}

describe("what is made of a case of our own comes to the same", () => {
  const all = madeOf(ownCases);
  it("and of some something is made", () => expect(all.length).toBeGreaterThan(30));
  it.each(all.map((one) => [one.name, one] as const))("%s", (_, one) => compares(one));
});

describe("what is made of a case recorded from AWS comes to the same", () => {
  const all = existsSync(recordedCases) ? madeOf(recordedCases) : [];
  if (all.length === 0) it("is there", (test) => skip(test, "no recorded executions lie beside the repository"));
  else it("and of half of them something is made", () => expect(all.length).toBeGreaterThan(210));
  it.each(all.map((one) => [one.name, one] as const))("%s", (_, one) => compares(one));
});

describe("what is made of a machine of any shape comes to the same", () => {
  const seeds = Array.from({ length: DEEP ? 5000 : 150 }, (_, i) => i + Number(process.env.SEED ?? 0) * 100_000);
  const all = seeds.flatMap((seed) => {
    const one = anyCase(seed);
    try {
      return made(one);
    } catch (error) {
      // Some have states that nothing leads to.
      if (isPawlError(error) && error.code === "invalid_definition") return [];
      throw error;
    }
  });
  it("and of more than half of them something is made", () => expect(all.length * 2).toBeGreaterThan(seeds.length));
  it("in each of them", async () => {
    for (const one of all)
      await compares(one).catch((cause: unknown) => Promise.reject(new Error(one.name, { cause })));
  }, 3_600_000);
});
