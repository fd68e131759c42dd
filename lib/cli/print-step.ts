/** What a state has come to, or waits for, in the last column of its line. */
import type { StepView } from "../engine/inspect.ts";
import { printShort, printTime } from "./print.ts";

export function printMore(step: StepView): string {
  const { undoes, called, rounds, items, error } = step;
  const facts = [
    ...(undoes === undefined ? [] : [`undoes ${undoes}`]),
    ...waitsFor(step),
    ...(called ? [printCalled(called)] : []),
    ...(rounds === undefined ? [] : [rounds === 1 ? "1 round" : `${rounds} rounds`]),
    ...(items ? [printItems(items)] : []),
    error ? `${error.code}: ${error.message}` : result(step),
  ];
  return facts.filter((fact) => fact !== "").join(", ");
}

function waitsFor({ status, wait }: StepView): readonly string[] {
  if (!wait || status !== "waiting") return [];
  const { signal, until } = wait;
  return [signal === null ? `until ${printTime(until)}` : `for the signal '${signal}', until ${printTime(until)}`];
}

function printCalled({ execution, status, detached }: NonNullable<StepView["called"]>): string {
  const how = status === null ? "" : ` ${status}`;
  return `${execution}${how}${detached ? ", not waited for" : ""}`;
}

function printItems({ of, done, failed }: NonNullable<StepView["items"]>): string {
  const items = `${done === of ? of : `${done} of ${of}`} items`;
  return failed === 0 ? items : `${items}, ${failed} failed`;
}

function result({ kind, branch, status, output, undoes }: StepView): string {
  if (branch !== null) return `→ ${branch}`;
  // A wait makes nothing, an undo seldom, and what a loop at the end of a branch has made stands elsewhere.
  const empty = kind === "wait" || (output === null && (kind === "loop" || undoes !== undefined));
  return status === "succeeded" && !empty ? printShort(output) : "";
}
