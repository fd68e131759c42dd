/** The tests that Stryker asks: the unit tests of what it changes, without projects, types and servers. */
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

const source = "pawl-source";
const conditions = [source, ...defaultServerConditions.filter((it) => it !== "module")];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [source, "node"] } },
  test: {
    setupFiles: ["test/support/seed.ts", "test/mutants/first-failure.ts"],
    include: ["test/unit/{kernel,contract}/**/*.test.ts"],
    execArgv: [`--conditions=${source}`],
    testTimeout: 20_000,
  },
});
