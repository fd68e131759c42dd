import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { skip } from "../support/skip.ts";
import type { AslCase } from "./case.ts";
import { runCase } from "./run-case.ts";

const folder = new URL("../../../shared/cases/asl/", import.meta.url);

/** What is not as AWS recorded it, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "express_sync.query_runtime_memory":
    "the context of a synchronous Express execution has no RedriveCount, that of an asynchronous one has: a case does not say which it is",
};

const cases: readonly AslCase[] = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as AslCase)
  : [];

describe("an execution that AWS recorded goes the same way here", () => {
  if (cases.length === 0)
    test("none is here", (context) => skip(context, `there are no recorded cases at ${folder.pathname}`));

  test.each(cases)("$name", async (one) => {
    const reason = await runCase(one);
    if (Object.hasOwn(OTHERWISE, one.name)) expect(reason, "it is no longer otherwise").toBeDefined();
    else expect(reason).toBeUndefined();
  });
});
