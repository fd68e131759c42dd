import { availableParallelism } from "node:os";
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { SlowestFirst } from "./test/support/slowest-first.ts";

// `pawl`, `pawl/node` and so on are this package's own names: in tests they are lib/*.ts, never a dist/ that may be stale.
const source = "pawl-source";
// "module" is for bundlers: behind it the AWS SDK has files that Node itself cannot resolve.
const conditions = [source, ...defaultServerConditions.filter((it) => it !== "module")];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [source, "node"] } },
  test: {
    setupFiles: ["test/support/seed.ts"],
    // A test may kill, exit or block its process: each file has one of its own.
    pool: "forks",
    // Many wait more than they compute, for a message to come back or a process to start: one more than there are cores.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: SlowestFirst },
    // Processes that a test forks inherit this.
    execArgv: [`--conditions=${source}`],
    projects: [
      {
        extends: true,
        test: {
          name: "here",
          include: ["test/**/*.test.ts"],
          exclude: ["test/wire/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          typecheck: {
            enabled: true,
            checker: "tsc",
            include: ["test/types/**/*.test-d.ts"],
            // With what they import alone: all of the repository is `npm run verify`'s.
            tsconfig: "test/types/tsconfig.json",
            // Errors elsewhere are `npm run verify`'s to report.
            ignoreSourceErrors: true,
          },
        },
      },
      {
        extends: true,
        test: {
          name: "wire",
          include: ["test/wire/**/*.test.ts"],
          // Only a project that has tests to run is set up: the others cost no server.
          globalSetup: ["test/support/aws/global-setup.ts"],
          setupFiles: ["test/support/aws/setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
