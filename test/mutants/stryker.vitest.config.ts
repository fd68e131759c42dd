/** The tests that Stryker asks: the unit tests of the part that it changes, without projects, types and servers. */
import { defineConfig } from "vitest/config";
import root from "../../vitest.config.ts";

const { projects: _, ...test } = root.test ?? {};
const part = process.env.STRYKER_PART ?? "kernel";

export default defineConfig({
  ...root,
  test: { ...test, include: [`test/unit/${part}/**/*.test.ts`], testTimeout: 20_000 },
});
