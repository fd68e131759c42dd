/** The order of test files: those that take longest begin first, so that no worker is left alone with one at the end. */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Of a minute or so, slowest first. A file that is not here is taken as before. */
const SLOW = [
  ...["wire/trouble", "wire/faults", "wire/deployed", "wire/functions", "wire/client-aws", "wire/large-payloads"],
  ...[
    "wire/transport",
    "package/package",
    "project/bundle-lambdas",
    "crash/soak",
    "local/open-project",
    "crash/world-pairs",
  ],
];

const rank = ({ moduleId }: TestSpecification): number => {
  const at = SLOW.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return at < 0 ? SLOW.length : at;
};

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b)); // stable; vitest keeps groups apart itself
  }
}
