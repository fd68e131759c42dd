import { expect, it } from "vitest";
import type { Quote } from "../../lib/cost/quote.ts";
import { greetProject, pawl, pawlInside } from "./run-cli.ts";

it("pawl cost tells a workflow's price by node, beside other platforms, with what is assumed", async () => {
  const root = greetProject();
  const [told, json, unknown] = await Promise.all([
    pawl(root, ["cost", "greet", "--executions", "1M"]),
    pawl(root, [
      "cost",
      "greet",
      "--payload",
      "2KB",
      "--duration",
      "250ms",
      "--memory",
      "256MB",
      "--rate",
      "50/s",
      "--json",
    ]),
    pawl(root, ["cost", "nope"]),
  ]);
  expect(told).toMatchObject({ code: 0, stderr: "" });
  for (const line of [
    /^greet on AWS, us-east-1: a million executions, in USD$/m,
    /^sayHello +3 +0\.5 +3 +3 +1 /m,
    /^total +9 +0\.5 /m,
    /^Step Functions Standard +3 transitions/m,
    /^Lambda durable functions +3 operations/m,
    /^a month 1,000,000 executions: /m,
    /^idle +0\.78 USD a month: Lambda polls 3 queues/m,
    /^p50 +about /m,
    /^ {2}prices on demand in us-east-1, as their pages had them from \d{4}-\d\d-\d\d/m,
  ])
    expect(told.stdout).toMatch(line);
  const { assumed, priced } = json.json as Quote;
  expect(assumed).toMatchObject({ payloadBytes: 2048, durationMs: 250, memoryMiB: 256, perSecond: 50 });
  expect(priced.map(({ batch }) => batch)).toEqual([1, 10]);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error unknown_workflow: .*known: greet/) });
});

it.each([
  [["--rate", "50"], /50\/s/],
  [["--executions", "many"], /500k or 1M/],
  [["--payload", "2"], /2KB/],
  [["--memory", "64MB"], /128MB to 10240MB/],
  [["--duration", "100"], /500ms/],
  [["--rate", "1/s", "--executions", "1M"], /same thing/],
])("pawl cost refuses %j", async (args, says) => {
  expect(await pawlInside(["cost", "order", ...args])).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
});
