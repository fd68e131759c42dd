import { expect, it } from "vitest";
import { invalidDefinition } from "../../lib/asl/problems.ts";
import { unsupported } from "../../lib/asl/unsupported.ts";
import { validDefinition } from "../../lib/asl/validate.ts";
import type { Json } from "../../lib/model/json.ts";
import { distributed, type Fragment, FUNCTION, invoke, jsonata, map, only, parallel, pass, task } from "./fragments.ts";

const READER = "/States/S/ItemReader";
const CONFIG = `${READER}/ReaderConfig`;
const LISTED = "arn:aws:states:::s3:listObjectsV2";
const CSV = { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" };
const reader = (config: Fragment): Fragment => ({
  Resource: "arn:aws:states:::s3:getObject",
  ReaderConfig: config,
  Parameters: { Bucket: "b", "Key.$": "$.key" },
});

const found = (given: Json): readonly string[] =>
  unsupported(validDefinition(given)).map(({ code, path }) => `${code} ${path}`);

it.each<[what: string, definition: Json]>([
  ["a function", only(task())],
  ["lambda:invoke", only(invoke())],
  ["lambda:invoke with a token", only(invoke({ Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" }))],
  ["a distributed Map of items in memory", only(distributed())],
  ["states without work", only(pass())],
  ["items of a JSON file", only(distributed({ ItemReader: reader({ InputType: "JSON", ItemsPointer: "/a" }) }))],
  [
    "items of a CSV file",
    only(
      distributed({
        ItemReader: reader({ InputType: "CSV", CSVHeaderLocation: "GIVEN", CSVHeaders: ["a"], CSVDelimiter: "TAB" }),
      }),
    ),
  ],
  [
    "the objects of a bucket",
    jsonata(distributed({ ItemReader: { Resource: LISTED, Arguments: "{% $states.input %}" } })),
  ],
  [
    "results that are flattened",
    jsonata(distributed({ ResultWriter: { WriterConfig: { Transformation: "FLATTEN" } } })),
  ],
  ["batches", only(distributed({ ItemBatcher: { MaxItemsPerBatch: 2 } }))],
])("supports %s", (_, definition) => expect(found(definition)).toEqual([]));

it.each<[what: string, definition: Json, place: string]>([
  ["an activity", only(task({ Resource: "arn:aws:states:us-east-1:111111111111:activity:a" })), "/States/S/Resource"],
  ["another service", only(task({ Resource: "arn:aws:states:::sqs:sendMessage" })), "/States/S/Resource"],
  ["Lambda by the SDK", only(task({ Resource: "arn:aws:states:::aws-sdk:lambda:invoke" })), "/States/S/Resource"],
  [
    "a service in a branch",
    only(parallel([{ StartAt: "B", States: { B: task({ Resource: "arn:aws:states:::sns:publish" }) } }])),
    "/States/S/Branches[0]/States/B/Resource",
  ],
  [
    "a service in a Map",
    only(map({}, { States: { I: task({ Resource: "arn:aws:states:::sns:publish" }) } })),
    "/States/S/ItemProcessor/States/I/Resource",
  ],
  [
    "another reader",
    only(distributed({ ItemReader: { Resource: "arn:aws:states:::s3:headObject" } })),
    `${READER}/Resource`,
  ],
  ["no type of a file", only(distributed({ ItemReader: reader({}) })), `${CONFIG}/InputType`],
  ["Parquet", only(distributed({ ItemReader: reader({ InputType: "PARQUET" }) })), `${CONFIG}/InputType`],
  ["an inventory", only(distributed({ ItemReader: reader({ InputType: "MANIFEST" }) })), `${CONFIG}/InputType`],
  [
    "CSV without a header",
    only(distributed({ ItemReader: reader({ InputType: "CSV" }) })),
    `${CONFIG}/CSVHeaderLocation`,
  ],
  [
    "CSV with another delimiter",
    only(distributed({ ItemReader: reader({ ...CSV, CSVDelimiter: "COLON" }) })),
    `${CONFIG}/CSVDelimiter`,
  ],
  [
    "CSV with a header that is not there",
    only(distributed({ ItemReader: reader({ ...CSV, CSVHeaderLocation: "GIVEN" }) })),
    `${CONFIG}/CSVHeaders`,
  ],
  [
    "a pointer into CSV",
    only(distributed({ ItemReader: reader({ ...CSV, ItemsPointer: "/a" }) })),
    `${CONFIG}/ItemsPointer`,
  ],
  [
    "what objects that are listed hold",
    only(distributed({ ItemReader: { Resource: LISTED, ReaderConfig: { Transformation: "LOAD_AND_FLATTEN" } } })),
    `${CONFIG}/Transformation`,
  ],
  [
    "another parameter",
    only(distributed({ ItemReader: { ...reader({ InputType: "JSON" }), Parameters: { "Range.$": "$.range" } } })),
    `${READER}/Parameters/Range.$`,
  ],
  [
    "a path beside a reader",
    only(distributed({ ItemReader: reader({ InputType: "JSON" }), ItemsPath: "$.a" })),
    "/States/S/ItemsPath",
  ],
  [
    "results as executions",
    only(distributed({ ResultWriter: { WriterConfig: { Transformation: "NONE", OutputType: "JSON" } } })),
    "/States/S/ResultWriter",
  ],
  [
    "results as lines",
    only(distributed({ ResultWriter: { WriterConfig: { Transformation: "COMPACT", OutputType: "JSONL" } } })),
    "/States/S/ResultWriter",
  ],
  [
    "a writer",
    jsonata(distributed({ ResultWriter: { Resource: "arn:aws:states:::s3:putObject" } })),
    "/States/S/ResultWriter",
  ],
])("says that %s is not supported", (_, definition, place) =>
  expect(found(definition)).toEqual([`UNSUPPORTED ${place}`]),
);

it("notes that credentials are ignored", () => {
  expect(found(only(task({ Credentials: { RoleArn: "a" } })))).toEqual(["IGNORED /States/S/Credentials"]);
});

it("tells of all problems in one error, with the place, the code and the rule of each", () => {
  expect(() => validDefinition({ ...only(task({ Resource: FUNCTION, TimeoutSeconds: 0 })), Foo: 1 })).toThrow(
    expect.objectContaining({
      code: "invalid_definition",
      message: [
        "the definition has 2 mistakes:",
        '  - /States/S/TimeoutSeconds: Expected an integer from 1 to 99999999, not 0 (SCHEMA_VALIDATION_FAILED, "Task State")',
        "  - /Foo: Field 'Foo' is not supported (SCHEMA_VALIDATION_FAILED, \"Structure of a state machine\")",
      ].join("\n"),
      detail: { problems: [expect.objectContaining({ path: "/States/S/TimeoutSeconds" }), expect.anything()] },
    }),
  );
  expect(
    invalidDefinition(unsupported(validDefinition(only(task({ Resource: "arn:aws:states:::sns:publish" }))))).message,
  ).toMatch(/^the definition has a mistake:\n {2}- \/States\/S\/Resource: .*sns:publish.*UNSUPPORTED/);
});
