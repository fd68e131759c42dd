/** State machines whose executions are known: our own, written from the specification, and those recorded from AWS. */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { skip } from "../support/skip.ts";
import { casesIn, type FoundCase, ownCases, recordedCases } from "./cases-in.ts";
import { runCase } from "./run-case.ts";

/** Those that do not pass, and why. One that passes is to be taken out. */
const FAIL: Readonly<Record<string, string>> = {
  "express_sync.query_runtime_memory":
    "the context object of StartSyncExecution has no RedriveCount, and nothing in a definition tells how it was started",
};

const outcomeOf = async (one: FoundCase) => {
  if ("problem" in one) return { result: "failed", reason: one.problem };
  return runCase(one.case);
};

describe("a case of our own", () => {
  it.each(casesIn(ownCases).map((one) => [one.name, one] as const))("%s", async (_, one) => {
    expect(await outcomeOf(one)).toEqual({ result: "passed", reason: null });
  });
});

describe("a case recorded from AWS", () => {
  const cases = existsSync(recordedCases) ? casesIn(recordedCases) : [];
  if (cases.length === 0) it("is there", (test) => skip(test, "no recorded executions lie beside the repository"));

  const passing = cases.filter(({ name }) => FAIL[name] === undefined);
  it.each(passing.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    expect(await outcomeOf(one)).toEqual({ result: "passed", reason: null });
  });

  const failing = cases.filter(({ name }) => FAIL[name] !== undefined);
  it.each(failing.map((one) => [one.name, FAIL[one.name], one] as const))("%s fails: %s", async (_, __, one) => {
    expect(await outcomeOf(one)).toMatchObject({ result: "failed" });
  });
});
