/** docs/scale.md says what the simulation comes to, and the simulation runs with what the code has. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chartOf } from "../../bench/simulate/chart.ts";
import { DEPLOYED, MOST_CONCURRENCY } from "../../bench/simulate/limits.ts";
import { withTables } from "../../bench/simulate/page.ts";
import { QUOTAS, READ_ON } from "../../bench/simulate/quotas.ts";
import { PUBLISHED, sweep } from "../../bench/simulate/sweep.ts";
import { ASSUMED } from "../../bench/simulate/workloads.ts";
import { settingsOfNode, settingsProblems } from "../../lib/cdk/function-settings.ts";

const docs = join(import.meta.dirname, "../../docs");
const page = readFileSync(join(docs, "scale.md"), "utf8");
/** Cells are padded by whoever formats the page. */
const unpadded = (text: string): string => text.replace(/ {2,}/g, " ").replace(/-{3,}/g, "---");

describe("docs/scale.md", () => {
  it("shows the tables and the chart of this simulation: `npm run simulate -- --update` writes them", () => {
    const swept = sweep(PUBLISHED);
    expect(unpadded(page)).toBe(unpadded(withTables(page, swept)));
    expect(readFileSync(join(docs, "scale.svg"), "utf8")).toBe(chartOf(swept));
  });
  it("says in its text what its tables say", () => {
    const table = (name: string) => page.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? "";
    const short = page.slice(0, page.indexOf("## In which order"));
    const bold = [...table("ceilings").matchAll(/\*\*([\d,]+)\*\*/g)].map(([, figure]) => figure);
    for (const figure of ["174", "306", "2,000", "909"]) {
      expect(short).toContain(figure);
      expect(bold).toContain(figure);
    }
    const { deliver, write, send, handlerMs, coldStartMs, perMessageMs } = ASSUMED;
    expect(page).toContain(
      `delivery ${deliver.p50} ms (p99 ${deliver.p99}), a write ${write.p50} (${write.p99}), a send ${send.p50} (${send.p99}), a handler ${handlerMs} (${2 * handlerMs}), a cold start ${coldStartMs}, ${perMessageMs} ms`,
    );
    expect(page).toContain(`As read on ${READ_ON}`);
  });
  it("gives a page of AWS's for every quota", () => {
    for (const { source } of Object.values(QUOTAS)) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  });
});

describe("the simulation", () => {
  it("sets functions as lib/cdk does", () => {
    expect(settingsOfNode({}, "any").concurrency).toBe(DEPLOYED.concurrency);
    const graph = { workflow: "any", nodes: {} } as Parameters<typeof settingsProblems>[0]; // looks at its nodes' names alone
    const problems = (concurrency: number) => settingsProblems(graph, { control: { concurrency } });
    expect(problems(MOST_CONCURRENCY)).toEqual([]);
    expect(problems(MOST_CONCURRENCY + 1)).toHaveLength(1);
    const mapping = readFileSync(join(docs, "../lib/cdk/queue-function.ts"), "utf8");
    expect(mapping).toContain(`batchSize: ${DEPLOYED.batch},`);
  });
});
