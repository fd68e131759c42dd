// @ts-check
/**
 * Every small change to one module of lib, one at a time, against that module's own unit tests. `stryker.ts` runs it for
 * each and says by STRYKER_MODULE which: `kernel/step`.
 */
const name = process.env.STRYKER_MODULE ?? "kernel/step";

export default {
  mutate: [`lib/${name}.ts`],
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "test/mutants/stryker.vitest.config.ts", related: false },
  coverageAnalysis: "perTest",
  // The types are checked elsewhere; a tsconfig rewritten for the sandbox would only be one more thing that can differ.
  tsconfigFile: "none",
  incrementalFile: `.cache/stryker/${name}.incremental.json`,
  // Less, and on a busy machine what survives is taken for what never ends.
  timeoutMS: 8_000,
  ignorePatterns: ["/*", "!/lib", "!/test", "!/functions", "!/package.json", "!/vitest.config.ts"],
  tempDirName: `.cache/stryker/sandbox-${name.replace("/", "-")}`,
  reporters: ["progress-append-only", "json", "html"],
  jsonReporter: { fileName: `.cache/stryker/${name}.json` },
  htmlReporter: { fileName: `.cache/stryker/${name}.html` },
  thresholds: { high: 100, low: 100, break: null },
};
