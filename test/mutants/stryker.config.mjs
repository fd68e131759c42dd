// @ts-check
/**
 * Every small change to the kernel and to the contract, one at a time, against their unit tests. Run from the repository's
 * root by `npm run test:stryker`, which also compares what survived with `survivors.json`.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  mutate: ["lib/kernel/**/*.ts", "lib/contract/**/*.ts"],
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "test/mutants/stryker.vitest.config.ts", related: false },
  coverageAnalysis: "perTest",
  // The types are checked elsewhere; a tsconfig rewritten for the sandbox would only be one more thing that can differ.
  tsconfigFile: "none",
  concurrency: 2,
  timeoutMS: 3_000,
  ignorePatterns: ["/*", "!/lib", "!/test", "!/functions", "!/package.json"],
  tempDirName: ".cache/stryker",
  reporters: ["progress-append-only", "json", "html", "clear-text"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: true },
  jsonReporter: { fileName: ".cache/stryker.json" },
  htmlReporter: { fileName: ".cache/stryker.html" },
  thresholds: { high: 100, low: 100, break: null },
};
