import { availableParallelism } from "node:os";
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

// `pawl`, `pawl/node` and so on are this package's own names: in tests they are lib/*.ts, never a dist/ that may be stale.
const source = "pawl-source";

export default defineConfig({
  resolve: { conditions: [source, ...defaultServerConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions], externalConditions: [source, "node"] } },
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/seed.ts"],
    // A test may kill, exit or block its process: each file has one of its own.
    pool: "forks",
    // The default leaves one core to the watcher; `vitest run` has none.
    maxWorkers: availableParallelism(),
    // Processes that a test forks inherit this.
    execArgv: [`--conditions=${source}`],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    typecheck: {
      enabled: true,
      checker: "tsc",
      include: ["test/types/**/*.test-d.ts"],
      // Errors elsewhere are `npm run verify`'s to report.
      ignoreSourceErrors: true,
    },
  },
});
