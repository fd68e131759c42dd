// @ts-check
/**
 * Every small change to a part of lib, one at a time, against that part's unit tests. Run by `npm run test:stryker` for each
 * part, which compares what survived with `survivors.ts`.
 */
const part = process.env.STRYKER_PART ?? "kernel";

export default {
  mutate: [`lib/${part}/**/*.ts`],
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "test/mutants/stryker.vitest.config.ts", related: false },
  coverageAnalysis: "perTest",
  // The types are checked elsewhere; a tsconfig rewritten for the sandbox would only be one more thing that can differ.
  tsconfigFile: "none",
  concurrency: 2,
  timeoutMS: 3_000,
  ignorePatterns: ["/*", "!/lib", "!/test", "!/functions", "!/package.json", "!/vitest.config.ts"],
  tempDirName: `.cache/stryker-${part}`,
  reporters: ["progress-append-only", "json", "html"],
  jsonReporter: { fileName: `.cache/stryker-${part}.json` },
  htmlReporter: { fileName: `.cache/stryker-${part}.html` },
  thresholds: { high: 100, low: 100, break: null },
};
