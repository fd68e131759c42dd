import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../support/temp-folder.ts";
import { casesIn } from "./cases-in.ts";
import { runCases } from "./run-cases.ts";

const machine = (state: object) => ({ StartAt: "A", States: { A: { Type: "Pass", End: true, ...state } } });
const succeeds = { status: "SUCCEEDED", output: 1 };
const query = (Output: string) => ({ QueryLanguage: "JSONata", ...machine({ Output }) });
const slow = JSON.parse('{"kind":"sleep","seconds":60,"then":{"kind":"echo"}}') as object;
const task = {
  StartAt: "A",
  States: { A: { Type: "Task", Resource: "arn:aws:lambda:us-east-1:111111111111:function:F", End: true } },
};
/** What comes of it, by name. */
const files: readonly (readonly [name: string, content: unknown, result: string, reason: RegExp])[] = [
  ["a-good", { kind: "execution", definition: machine({}), input: 1, expected: succeeds }, "passed", /^$/],
  ["b-broken", "{", "failed", /^it cannot be read: /],
  ["c-other", { kind: "review", expected: 1 }, "failed", /^it is no case: /],
  ["d-list", [1], "failed", /^it is no case: /],
  ["e-nothing", null, "failed", /^it is no case: /],
  [
    "f-behaviour",
    { kind: "execution", definition: task, functions: { F: { kind: "dance" } }, expected: succeeds },
    "skipped",
    /^F: it behaves as nobody here knows: {"kind":"dance"}$/,
  ],
  [
    "g-for-ever",
    { kind: "execution", definition: query("{% ($f := function($n) { $f($n) }; $f(1)) %}"), expected: succeeds },
    "failed",
    /^it computes, and tells nothing for 3 s$/,
  ],
  [
    "h-late",
    { kind: "execution", definition: task, functions: { F: slow }, expected: succeeds },
    "failed",
    /^it has not ended after 2 s$/,
  ],
  [
    "i-wrong",
    { kind: "execution", definition: machine({}), input: 2, expected: succeeds },
    "failed",
    /output is 2, not 1/,
  ],
  ["j-refused", { kind: "execution", definition: {}, expected: succeeds }, "failed", /^refused: the definition has/],
  ["k-accepted", { kind: "invalid", definition: machine({}), expected: {} }, "failed", /^it is accepted$/],
  ["l-good", { kind: "execution", definition: machine({}), input: 1, expected: succeeds }, "passed", /^$/],
];

it("whatever one case is like, the others run, and each has its reason", async () => {
  const folder = tempFolder();
  for (const [name, content] of files)
    writeFileSync(join(folder, `${name}.json`), typeof content === "string" ? content : JSON.stringify(content));
  const ran = await runCases({ cases: casesIn(folder), lanes: 1, mostMs: 2_000 }, 3_000);
  expect(ran.map(({ name, result }) => [name, result])).toEqual(files.map(([name, , result]) => [name, result]));
  for (const [i, [name, , , reason]] of files.entries()) expect(`${ran[i]?.reason ?? ""}`, name).toMatch(reason);
});
