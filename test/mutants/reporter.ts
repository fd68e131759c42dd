/** Vitest's reporter of a mutant's tests: what failed, in that order, with what was found and what was expected. */
import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestCase, TestModule } from "vitest/node";
import type { Failure, Ran } from "./run-tests.ts";

export default class implements Reporter {
  readonly #failures: Failure[] = [];
  #passed = 0;

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state === "passed") this.#passed++;
    if (state !== "failed") return;
    const [first] = errors ?? [];
    const message = [first?.message, first?.diff].filter(Boolean).join("\n");
    this.#failures.push({ test: `${test.module.relativeModuleId}: ${test.fullName}`, message });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const broken = modules.flatMap((module) => {
      const [error] = module.errors();
      return error ? [`${module.relativeModuleId} does not load: ${error.message}`] : [];
    });
    const outside = unhandled.map(({ message }) => `outside of any test: ${message}`);
    const ran: Ran = { failures: this.#failures, passed: this.#passed, problem: [...broken, ...outside][0] };
    writeFileSync(process.env.MUTANT_REPORT ?? "", JSON.stringify(ran));
  }
}
