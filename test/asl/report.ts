/** What people read of a run: which cases of each feature pass, and why the others do not. */
import { printTable, right } from "../../lib/cli/print.ts";
import type { FoundCase } from "./cases-in.ts";
import type { Ran } from "./run-cases.ts";

export function printReport(cases: readonly FoundCase[], ran: readonly Ran[]): string {
  const byFeature = new Map<string, Ran[]>();
  for (const [i, { features }] of cases.entries())
    for (const feature of features) byFeature.set(feature, [...(byFeature.get(feature) ?? []), ran[i] as Ran]); // one for each
  const rows = [...byFeature].sort(([a, of], [b, others]) => others.length - of.length || (a < b ? -1 : 1));
  const cells = (name: string, of: readonly Ran[]) => [
    name,
    ...(["passed", "failed", "skipped"] as const).map((result) => right(count(of, result) || "")),
  ];
  const table = printTable(
    ["FEATURE", "PASSED", "FAILED", "SKIPPED"],
    [...rows.map(([name, of]) => cells(name, of)), cells("all of them", ran)],
  );
  const others = ran.filter(({ result }) => result !== "passed");
  const reasons = others.map(({ name, result, reason }) => `${result}  ${name}\n    ${reason ?? ""}`);
  return [table, ...reasons].join("\n\n");
}

export const count = (ran: readonly Ran[], result: Ran["result"]): number =>
  ran.filter((one) => one.result === result).length;
