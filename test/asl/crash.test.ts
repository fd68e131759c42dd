/** State machines under every single fault: what befalls a worker, a message or a call changes nothing of what comes out. */
import { node } from "pawl";
import { implement } from "pawl/node";
import { crashEverywhere } from "pawl/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { fromAsl } from "../../lib/asl/index.ts";
import type { Json } from "../../lib/model/json.ts";
import { runDefinition } from "../../lib/testing/run-definition.ts";
import { singleFaults } from "../../lib/testing/world/placements.ts";
import { World } from "../../lib/testing/world/world.ts";
import { tempFolder } from "../local/temp-folder.ts";
import { output } from "../support/simulation.ts";
import { answering } from "../support/worlds.ts";

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

const readings = (Resource: string, ReaderConfig?: object) => ({
  StartAt: "First",
  States: {
    First: { ...task, InputPath: "$.n", ResultPath: "$.first", Next: "Each" },
    Each: {
      Type: "Map",
      ItemReader: {
        ...{ Resource, ...(ReaderConfig && { ReaderConfig }) },
        Parameters: { Bucket: "data", ...(ReaderConfig && { "Key.$": "States.Format('{}.jsonl', $.first)" }) },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Work",
        States: { Work: { ...task, Catch: [{ ErrorEquals: ["NoNumber"], Next: "Out" }], End: true }, Out: pass },
      },
      ...(!ReaderConfig && { ItemBatcher: { MaxItemsPerBatch: 2 } }),
      End: true,
    },
  },
});
const pass = { Type: "Pass", Parameters: { "error.$": "$.Error" }, End: true };

it("a Map of items that are read from S3 comes to the same end with every single fault", async () => {
  const definition = readings("arn:aws:states:::s3:getObject", { InputType: "JSONL" });
  const workflow = fromAsl(definition, { name: "machine", functions: { Work: work } });
  const s3 = tempFolder({ "data/2.jsonl": '1\n"no"\n3' });
  const [handlers, input] = [{ work: handler }, { n: 1 }];
  const wanted = [2, { error: "NoNumber" }, 6];
  expect(await runDefinition(workflow, handlers, input, s3)).toMatchObject({ status: "SUCCEEDED", output: wanted });
  const { runs, deaths } = await crashEverywhere(workflow, { handlers, input, s3 });
  expect([runs > 100, deaths > 50]).toEqual([true, true]);
});

it("what was read and recorded is not read again: whatever happens, all goes by one answer of several", async () => {
  const workflow = fromAsl(readings("arn:aws:states:::s3:listObjectsV2"), {
    name: "machine",
    functions: { Work: work },
  });
  const { program } = workflow;
  const given: Json[] = [];
  const handlers = answering({
    work: ({ step, input }) => {
      if (step.path === "First") return output(2);
      given.push(input);
      return output(input);
    },
  });
  let reads = 0;
  const scenario = () => {
    reads = 0;
    given.length = 0;
    const objects = {
      get: async function* () {},
      list: async function* () {
        const read = ++reads;
        for (let i = 0; i < 3; i++)
          yield { key: `${read}.${i}`, etag: "", bytes: 0, modifiedAtMs: 0, storageClass: "STANDARD" };
      },
    };
    return {
      programs: [program],
      handlers,
      objects,
      start: { workflow: "machine", id: "1", input: { n: 1 } },
      alike: false,
    };
  };
  const first = await new World(scenario()).run();
  let most = 0;
  for (const fault of singleFaults(first)) {
    const world = await new World(scenario(), { faults: [fault] }).run();
    const { output: made, header } = world.end() ?? {};
    const keys = JSON.stringify(made).match(/(?<="Key":")\d+\.\d/g) ?? [];
    const [read = ""] = (keys[0] ?? "").split(".");
    expect([world.wrong, header?.status, keys]).toEqual([[], "succeeded", [0, 1, 2].map((i) => `${read}.${i}`)]);
    // No item of another answer was ever worked on.
    expect(JSON.stringify(given).match(new RegExp(`"Key":"(?!${read}\\.)`))).toBeNull();
    most = Math.max(most, reads);
  }
  expect(most).toBeGreaterThan(1);
});
