/** The tests that Stryker asks: the unit tests of the module that it changes, without projects, types and servers. */
import { defineConfig } from "vitest/config";
import root from "../../vitest.config.ts";

const { projects: _, ...test } = root.test ?? {};
const tests = process.env.STRYKER_TESTS ?? "test/unit/kernel/step.test.ts";

export default defineConfig({
  ...root,
  test: { ...test, include: tests.split(","), testTimeout: 20_000 },
});
