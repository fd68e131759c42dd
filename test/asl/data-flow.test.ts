import { describe, expect, test } from "vitest";
import type { Source } from "../../lib/asl/source.ts";
import type { Seen } from "../../lib/model/expression.ts";
import type { Json } from "../../lib/model/json.ts";
import { byPaths, byQueries } from "./support/evaluated.ts";

const input = { order: { id: 7, lines: ["a", "b"] }, other: 1 };
const seen = { input, variables: { n: 2 } };
const withResult = { ...seen, result: { made: 3, list: [1] } };

type Row = [what: string, source: Source, value: Json, seen?: Partial<Seen>];

/** `{"Items":["b","c"]}` has 19. */
const bytes = (most: number): Source => ({ op: "items", ItemBatcher: { MaxInputBytesPerBatch: most } });
const letters = { input: ["aaaaa", "b", "c"] };

describe("the data flow in JSONPath", () => {
  test.each<Row>([
    ["all of the input", { op: "input" }, input],
    ["what InputPath leaves", { op: "input", InputPath: "$.order.id" }, 7],
    ["{} for an InputPath of null", { op: "input", InputPath: null }, {}],
    ["a variable", { op: "input", InputPath: "$n" }, 2],
    ["the context object", { op: "input", InputPath: "$$.Execution.Input" }, { started: true }],
    [
      "its parameters, of what InputPath leaves",
      {
        op: "input",
        InputPath: "$.order",
        Parameters: {
          "id.$": "$.id",
          "name.$": "$$.State.Name",
          "n.$": "$n",
          deep: [{ "x.$": "States.ArrayLength($.lines)" }, "$.id", null],
          "$.id": "$.id",
          constant: "States.UUID()",
        },
      },
      { id: 7, name: "Here", n: 2, deep: [{ x: 2 }, "$.id", null], "$.id": "$.id", constant: "States.UUID()" },
    ],
  ])("what goes into the work: %s", async (_, source, value) => {
    expect(await byPaths(source, seen)).toEqual(value);
  });

  test.each<Row>([
    ["the result alone", { op: "output" }, withResult.result],
    ["what is selected of it", { op: "output", ResultSelector: { "it.$": "$.made", "n.$": "$n" } }, { it: 3, n: 2 }],
    [
      "the result in the input",
      { op: "output", ResultPath: "$.order.done" },
      { order: { ...input.order, done: withResult.result }, other: 1 },
    ],
    ["the raw input, whatever InputPath was", { op: "output", InputPath: "$.order", ResultPath: null }, input],
    [
      "a part of both together",
      { op: "output", ResultSelector: { "it.$": "$.list[0]" }, ResultPath: "$.r", OutputPath: "$['r','other']" },
      { r: { it: 1 }, other: 1 },
    ],
    ["{} for an OutputPath of null", { op: "output", OutputPath: null }, {}],
    ["a result of null", { op: "output" }, null, { ...seen, result: null }],
  ])("what goes on: %s", async (_, source, value, other = withResult) => {
    expect(await byPaths(source, other)).toEqual(value);
  });

  test.each<Row>([
    ["its input", { op: "pass" }, input],
    ["Result", { op: "pass", Result: { "a.$": "$.b" } }, { "a.$": "$.b" }],
    ["Result of null", { op: "pass", Result: null }, null],
    ["Result before Parameters", { op: "pass", Parameters: { a: 1 }, Result: 2 }, 2],
    ["Result in the raw input", { op: "pass", InputPath: "$.order", Result: 2, ResultPath: "$.r" }, { ...input, r: 2 }],
    ["Parameters, then OutputPath", { op: "pass", Parameters: { "a.$": "$.other" }, OutputPath: "$.a" }, 1],
    ["both paths null", { op: "pass", InputPath: null, OutputPath: null }, {}],
  ])("a Pass gives %s", async (_, source, value) => {
    expect(await byPaths(source, seen)).toEqual(value);
  });

  test.each<Row>([
    ["of the result", { op: "assign", Assign: { "a.$": "$.made", b: "$.made" } }, { a: 3, b: "$.made" }, withResult],
    ["of a result of null", { op: "assign", Assign: { "a.$": "$" } }, { a: null }, { ...seen, result: null }],
    ["of a Pass's Result", { op: "assign", Result: { x: 1 }, Assign: { "a.$": "$.x" } }, { a: 1 }],
    ["of a Pass's Parameters", { op: "assign", Parameters: { "x.$": "$.other" }, Assign: { "a.$": "$.x" } }, { a: 1 }],
    ["of the input, where there is no result", { op: "assign", Assign: { "a.$": "$.other" } }, { a: 1 }],
    ["of what InputPath leaves", { op: "assign", InputPath: "$.order", Assign: { "a.$": "$.id" } }, { a: 7 }],
    ["of those there were before", { op: "assign", Assign: { n: 3, "m.$": "$n" } }, { n: 3, m: 2 }, withResult],
    [
      "of an error",
      { op: "caughtAssign", Assign: { "a.$": "$.Error" } },
      { a: "E" },
      { ...seen, result: { Error: "E", Cause: "C" } },
    ],
  ])("variables are assigned %s", async (_, source, value, other = seen) => {
    expect(await byPaths(source, other)).toEqual(value);
  });

  test.each<Row>([
    ["the input, where it is a list", { op: "items" }, [1, 2], { input: [1, 2] }],
    ["ItemsPath, of what InputPath leaves", { op: "items", InputPath: "$.order", ItemsPath: "$.lines" }, ["a", "b"]],
    ["a variable", { op: "items", ItemsPath: "$list" }, [5], { ...seen, variables: { list: [5] } }],
    [
      "each by its selector",
      {
        op: "items",
        ItemsPath: "$.order.lines",
        ItemSelector: {
          "i.$": "$$.Map.Item.Index",
          "it.$": "$$.Map.Item.Value",
          "of.$": "$.order.id",
          "in.$": "$$.State.Name",
        },
      },
      [
        { i: 0, it: "a", of: 7, in: "Here" },
        { i: 1, it: "b", of: 7, in: "Here" },
      ],
    ],
    [
      "each by Parameters",
      { op: "items", ItemsPath: "$.order.lines", Parameters: { "it.$": "$$.Map.Item.Value" } },
      [{ it: "a" }, { it: "b" }],
    ],
    [
      "in batches",
      { op: "items", ItemBatcher: { MaxItemsPerBatchPath: "$[1]", BatchInput: { "n.$": "$n" } } },
      [
        { BatchInput: { n: 2 }, Items: [1, 2] },
        { BatchInput: { n: 2 }, Items: [3] },
      ],
      { ...seen, input: [1, 2, 3] },
    ],
    ["in batches of so many bytes", bytes(19), [{ Items: ["aaaaa"] }, { Items: ["b", "c"] }], letters],
    ["in batches of fewer bytes", bytes(18), [{ Items: ["aaaaa"] }, { Items: ["b"] }, { Items: ["c"] }], letters],
  ])("a Map goes over %s", async (_, source, value, other = seen) => {
    expect(await byPaths(source, other)).toEqual(value);
  });

  test.each<Row>([
    ["texts of its own", { op: "failure", Error: "E", Cause: "$.order" }, { Error: "E", Cause: "$.order" }],
    [
      "texts by path",
      { op: "failure", ErrorPath: "$$.State.Name", CausePath: "States.Format('n{}', $n)" },
      { Error: "Here", Cause: "n2" },
    ],
    ["neither", { op: "failure" }, {}],
  ])("a Fail has %s", async (_, source, value) => {
    expect(await byPaths(source, seen)).toEqual(value);
  });

  test.each<[string, Source, Partial<Seen>?]>([
    ["InputPath", { op: "input", InputPath: "$.nowhere" }],
    ["Parameters", { op: "input", Parameters: { "a.$": "$.nowhere" } }],
    ["a template's field that is no text", { op: "input", Parameters: { "a.$": 1 } }],
    ["a template's field that is no path", { op: "input", Parameters: { "a.$": "order" } }],
    ["ResultSelector", { op: "output", ResultSelector: { "a.$": "$.nowhere" } }, withResult],
    ["OutputPath", { op: "output", ResultPath: "$.r", OutputPath: "$.nowhere" }, withResult],
    ["Assign", { op: "assign", Assign: { "a.$": "$.nowhere" } }, withResult],
    ["ItemsPath", { op: "items", ItemsPath: "$.nowhere" }],
    ["ItemsPath to what is no list", { op: "items", ItemsPath: "$.order" }],
    ["MaxItemsPerBatch of 0", { op: "items", ItemBatcher: { MaxItemsPerBatch: 0 } }, { input: [1] }],
    ["ErrorPath", { op: "failure", ErrorPath: "$.nowhere" }],
    ["CausePath to what is no text", { op: "failure", CausePath: "$.order" }],
    ["MaxConcurrencyPath", { op: "number", MaxConcurrencyPath: "$.nowhere" }],
  ])("%s fails with States.Runtime", async (_, source, other = seen) => {
    expect(await byPaths(source, other)).toMatchObject({
      fails: "States.Runtime",
      because: expect.stringMatching(/^An error occurred while executing the state 'Here'\. ./),
    });
  });
});

describe("the data flow in JSONata", () => {
  test.each<Row>([
    ["what goes in: its input", { op: "input" }, input],
    [
      "what goes in: Arguments",
      { op: "input", Arguments: { id: "{% $states.input.order.id %}", n: "{% $n %}", "a.$": "$.b" } },
      { id: 7, n: 2, "a.$": "$.b" },
    ],
    ["what goes in: one expression", { op: "input", Arguments: "{% $states.input.order.lines %}" }, ["a", "b"]],
    ["what goes on: the result", { op: "output" }, withResult.result, withResult],
    ["what goes on: a result of null", { op: "output" }, null, { ...seen, result: null }],
    [
      "what goes on: Output",
      {
        op: "output",
        Output: ["{% $states.result.made %}", "{% $states.input.other %}", "{% $states.context.State.Name %}"],
      },
      [3, 1, "Here"],
      withResult,
    ],
    ["a Pass's input", { op: "pass" }, input],
    ["a Pass's Output", { op: "pass", Output: null }, null],
    ["what is caught: the error", { op: "caught" }, { Error: "E" }, { ...seen, result: { Error: "E" } }],
    [
      "what is caught: Output",
      { op: "caught", Output: "{% $states.errorOutput.Error & $states.input.other %}" },
      "E1",
      { ...seen, result: { Error: "E" } },
    ],
    [
      "variables of the result",
      { op: "assign", Assign: { a: "{% $states.result.made + $n %}", b: 1 } },
      { a: 5, b: 1 },
      withResult,
    ],
    ["variables of the input", { op: "assign", Assign: { a: "{% $states.input.other %}" } }, { a: 1 }],
    [
      "variables of an error",
      { op: "caughtAssign", Assign: { a: "{% $states.errorOutput.Error %}" } },
      { a: "E" },
      { ...seen, result: { Error: "E" } },
    ],
    ["items: the input", { op: "items" }, [1], { input: [1] }],
    ["items: Items", { op: "items", Items: ["{% $n %}", 3] }, [2, 3]],
    [
      "items: each by its selector",
      {
        op: "items",
        Items: "{% $states.input.order.lines %}",
        ItemSelector: { i: "{% $states.context.Map.Item.Index %}", v: "{% $states.context.Map.Item.Value & $n %}" },
      },
      [
        { i: 0, v: "a2" },
        { i: 1, v: "b2" },
      ],
    ],
    [
      "items: in batches",
      { op: "items", Items: [1, 2, 3], ItemBatcher: { MaxItemsPerBatch: "{% $n %}" } },
      [{ Items: [1, 2] }, { Items: [3] }],
    ],
    [
      "a Fail's texts",
      { op: "failure", Error: "{% 'E' & $n %}", Cause: "constant" },
      { Error: "E2", Cause: "constant" },
    ],
  ])("%s", async (_, source, value, other = seen) => {
    expect(await byQueries(source, other)).toEqual(value);
  });

  test.each<[string, Source, Partial<Seen>?]>([
    ["$states.result before there is one", { op: "input", Arguments: "{% $states.result %}" }],
    ["$states.errorOutput where nothing failed", { op: "output", Output: "{% $states.errorOutput %}" }, withResult],
    ["$states.result in a catch", { op: "caught", Output: "{% $states.result %}" }, withResult],
    ["Items that are an object", { op: "items", Items: "{% $states.input %}" }],
    ["Items that are none", { op: "items", Items: "{% $nowhere %}" }],
    ["an input that is no list", { op: "items" }],
    ["an Error that is no text", { op: "failure", Error: "{% 1 %}" }],
    ["a variable that is nothing", { op: "assign", Assign: { a: { b: ["{% $nowhere %}"] } } }],
  ])("%s fails with States.QueryEvaluationError", async (_, source, other = seen) => {
    expect(await byQueries(source, other)).toMatchObject({ fails: "States.QueryEvaluationError" });
  });

  test("the message names the field", async () => {
    const source: Source = { op: "assign", Assign: { a: { b: [1, "{% $nowhere %}"] } } };
    expect(await byQueries(source)).toMatchObject({
      because: expect.stringContaining("'$nowhere' specified for the field 'Assign/a/b[1]' returned nothing"),
    });
  });
});

describe("a number", () => {
  test.each<[object, number]>([
    [{ TimeoutSeconds: 5 }, 5],
    [{ TimeoutSecondsPath: "$n" }, 2],
    [{ HeartbeatSeconds: 1 }, 1],
    [{ MaxConcurrency: 0 }, 0],
    [{ MaxConcurrencyPath: "$text" }, 10],
    [{ ToleratedFailureCountPath: "$.other" }, 1],
    [{ ToleratedFailurePercentage: 0.5 }, 0.5],
    [{ ToleratedFailurePercentagePath: "$share" }, 99.5],
  ])("of %j", async (fields, value) => {
    const variables = { n: 2, text: "10", share: "99.5" };
    expect(await byPaths({ op: "number", ...fields }, { input, variables })).toBe(value);
  });

  test.each<[string, Json]>([
    ["TimeoutSeconds", 0],
    ["TimeoutSeconds", 1.5],
    ["TimeoutSeconds", "soon"],
    ["TimeoutSeconds", 100_000_000],
    ["HeartbeatSeconds", -1],
    ["MaxConcurrency", -1],
    ["MaxConcurrency", {}],
    ["MaxConcurrency", null],
    ["ToleratedFailureCount", 1.1],
    ["ToleratedFailurePercentage", 100.1],
    ["ToleratedFailurePercentage", -0.1],
    ["ToleratedFailurePercentage", true],
  ])("%s cannot be %j", async (field, value) => {
    const variables = { value };
    expect(await byPaths({ op: "number", [`${field}Path`]: "$value" }, { variables })).toMatchObject({
      fails: "States.Runtime",
    });
    expect(await byQueries({ op: "number", [field]: "{% $value %}" }, { variables })).toMatchObject({
      fails: "States.QueryEvaluationError",
    });
  });

  test("in JSONata is no text", async () => {
    expect(await byQueries({ op: "number", TimeoutSeconds: "{% '5' %}" })).toMatchObject({
      fails: "States.QueryEvaluationError",
    });
    expect(await byQueries({ op: "number", TimeoutSeconds: "{% 5 %}" })).toBe(5);
  });
});

describe("lambda:invoke", () => {
  test.each<[Json, Json]>([
    [{ a: 1 }, { a: 1 }],
    [null, {}],
    ["[]", []],
    ['"text"', "text"],
    ["null", null],
    [0, 0],
  ])("a Payload of %j gives the function %j", async (Payload, event) => {
    const request = { FunctionName: "it", Payload };
    expect(await byPaths({ op: "input", payload: true, Parameters: request })).toEqual(event);
    expect(await byQueries({ op: "input", payload: true, Arguments: request })).toEqual(event);
  });

  test("no Payload gives it {}, and a text that is not JSON is refused as the API refuses it", async () => {
    expect(await byPaths({ op: "input", payload: true, Parameters: { FunctionName: "it" } })).toEqual({});
    expect(await byPaths({ op: "input", payload: true, Parameters: { Payload: "text" } })).toMatchObject({
      fails: "Lambda.InvalidRequestContentException",
    });
  });

  test("what it gives is wrapped as the API wraps it, the same each time", async () => {
    const whole = (await byPaths({ op: "output", payload: true }, { result: "it" })) as Json;
    expect(whole).toEqual({
      ExecutedVersion: "$LATEST",
      Payload: "it",
      SdkHttpMetadata: {
        AllHttpHeaders: expect.objectContaining({ "Content-Type": ["application/json"] }),
        HttpHeaders: expect.objectContaining({ "Content-Length": "4" }),
        HttpStatusCode: 200,
      },
      SdkResponseMetadata: { RequestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) },
      StatusCode: 200,
    });
    expect(await byQueries({ op: "output", payload: true }, { result: "it" })).toEqual(whole);
    expect(await byPaths({ op: "assign", payload: true, Assign: { "a.$": "$" } }, { result: "it" })).toEqual({
      a: whole,
    });
    expect(
      await byQueries({ op: "assign", payload: true, Assign: { a: "{% $states.result %}" } }, { result: "it" }),
    ).toEqual({ a: whole });
  });
});
