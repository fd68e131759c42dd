/** A sample's people, in virtual time. */
import type { TestExecution, WorkflowTest } from "pawl/testing";
import type { Sample } from "../../functions/sample.ts";

/** Runs an execution to its end, with what its sample's people tell it on the way. */
export async function runSample<I, O>(
  t: WorkflowTest<I, O>,
  input: I,
  { people = [] }: Pick<Sample, "people">,
): Promise<TestExecution<O>> {
  const begun = await t.begin(input);
  for (const { signal, data, afterSeconds = 0 } of people) {
    if (afterSeconds > 0) await t.advance(`${afterSeconds} seconds`);
    await t.signal(begun, signal, data);
  }
  return t.end(begun);
}
