/** The tests that Stryker asks: the unit tests of the module that it changes, without projects, types and servers. */
import { defineConfig } from "vitest/config";
import root from "../../vitest.config.ts";

const { projects: _, ...test } = root.test ?? {};
const name = process.env.STRYKER_MODULE ?? "kernel/step";

export default defineConfig({
  ...root,
  test: { ...test, include: [`test/unit/${name}.test.ts`], testTimeout: 20_000 },
});
