/** State machines under every single fault: what befalls a worker, a message or a call changes nothing of what comes out. */
import { node } from "pawl";
import { implement } from "pawl/node";
import { crashEverywhere } from "pawl/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { fromAsl } from "../../lib/asl/index.ts";
import { runDefinition } from "../../lib/testing/run-definition.ts";

const work = node("work", { input: z.json(), output: z.json() });
/** Doubles numbers, and fails for all else. */
const handler = implement(work, (input) => {
  if (typeof input === "number") return input * 2;
  throw Object.assign(new Error("no number"), { name: "NoNumber" });
});
const Resource = "arn:aws:lambda:us-east-1:111111111111:function:Work";
/** Without a Retry: a worker that dies once is no error of its function. */
const task = { Type: "Task", Resource };

const loop = {
  QueryLanguage: "JSONata",
  StartAt: "Init",
  States: {
    Init: { Type: "Pass", Assign: { n: 1, rounds: 0 }, Next: "Double" },
    Double: {
      ...{ ...task, Arguments: "{% $n %}", Output: "{% $states.input %}" },
      Assign: { n: "{% $states.result %}", rounds: "{% $rounds + 1 %}" },
      Next: "Enough?",
    },
    "Enough?": {
      Type: "Choice",
      Choices: [{ Condition: "{% $n >= 4 %}", Output: { n: "{% $n %}", rounds: "{% $rounds %}" }, Next: "Rest" }],
      Default: "Double",
    },
    Rest: { Type: "Wait", Seconds: 5, Next: "Done" },
    Done: { Type: "Succeed" },
  },
};

const parallel = {
  StartAt: "Both/#1",
  States: {
    "Both/#1": {
      Type: "Parallel",
      Branches: [
        { StartAt: "Good", States: { Good: { ...task, InputPath: "$.n", End: true } } },
        {
          StartAt: "Bad",
          States: {
            Bad: {
              ...{ ...task, InputPath: "$.text", Catch: [{ ErrorEquals: ["Other"], Next: "Never" }], End: true },
            },
            Never: { Type: "Pass", End: true },
          },
        },
      ],
      Retry: [{ ErrorEquals: ["NoNumber"], IntervalSeconds: 2, MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Caught" }],
      End: true,
    },
    Caught: { Type: "Pass", Parameters: { "n.$": "$.n", "error.$": "$.error.Error" }, End: true },
  },
};

const map = {
  StartAt: "Each",
  States: {
    Each: {
      Type: "Map",
      ItemsPath: "$.list",
      MaxConcurrency: 2,
      ItemSelector: { "at.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value", "k.$": "$.k" },
      ItemProcessor: {
        StartAt: "Work",
        States: {
          Work: {
            ...{ ...task, InputPath: "$.value", ResultPath: "$.made", Next: "Out" },
            Catch: [{ ErrorEquals: ["NoNumber"], ResultPath: null, Next: "Out" }],
          },
          Out: { Type: "Pass", End: true },
        },
      },
      ResultPath: "$.out",
      OutputPath: "$.out",
      End: true,
    },
  },
};

const CAUGHT = { n: 2, error: "NoNumber" };
const ITEMS = [
  { at: 0, value: 1, k: "k", made: 2 },
  { at: 1, value: "two", k: "k" },
  { at: 2, value: 3, k: "k", made: 6 },
];
it.each([
  ["a loop with a Choice and a Task", loop, {}, { n: 4, rounds: 2 }],
  ["a Parallel that is tried again and caught", parallel, { n: 2, text: "x" }, CAUGHT],
  ["a Map with an ItemSelector and a Catch", map, { list: [1, "two", 3], k: "k" }, ITEMS],
] as const)("%s comes to the same end with every single fault", async (_, definition, input, output) => {
  const workflow = fromAsl(definition, { name: "machine", functions: { Work: work } });
  expect(await runDefinition(workflow, { work: handler }, input)).toMatchObject({ status: "SUCCEEDED", output });
  const { runs, deaths } = await crashEverywhere(workflow, { handlers: { work: handler }, input });
  expect([runs > 100, deaths > 50]).toEqual([true, true]);
});

it("an expression that answers otherwise each time is found out: its decisions do not follow from what is recorded", async () => {
  const definition = {
    QueryLanguage: "JSONata",
    StartAt: "A",
    States: { A: { Type: "Pass", Output: "{% $random() %}", End: true } },
  };
  const workflow = fromAsl(definition, { name: "machine", functions: {} });
  const handlers = {};
  await expect(crashEverywhere(workflow, { handlers, input: {} })).rejects.toMatchObject({
    code: "invariant_broken",
    message: expect.stringMatching(/decide\/#start holds values .*, and what follows is /),
  });
  await crashEverywhere(workflow, { handlers, input: {}, deterministic: false });
});
