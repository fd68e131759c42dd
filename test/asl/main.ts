/** `npm run -s test:asl -- --dir DIR [--json] [--only TEXT]`: recorded executions of state machines, run here. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { AslCase } from "./case.ts";
import { runCase } from "./run-case.ts";

const { values } = parseArgs({
  options: { dir: { type: "string" }, json: { type: "boolean" }, only: { type: "string" } },
});
const dir = values.dir ?? "../shared/cases/asl";
const files = readdirSync(dir).filter((file) => file.endsWith(".json") && file.includes(values.only ?? ""));
const cases: { name: string; result: "passed" | "failed" | "skipped"; reason?: string }[] = [];
for (const file of files.sort()) {
  const one = JSON.parse(readFileSync(join(dir, file), "utf8")) as AslCase;
  const reason = await runCase(one);
  cases.push({ name: one.name, result: reason === undefined ? "passed" : "failed", ...(reason && { reason }) });
}
const count = (result: string) => cases.filter((one) => one.result === result).length;
const summary = { passed: count("passed"), failed: count("failed"), skipped: count("skipped"), cases };
if (values.json) console.log(JSON.stringify(summary, null, 1));
else {
  for (const { name, result, reason } of cases) if (result !== "passed") console.log(`${result} ${name}: ${reason}`);
  console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
}
