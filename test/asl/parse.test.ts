import { describe, expect, it } from "vitest";
import { formatOfFile, parseDefinition } from "../../lib/asl/parse.ts";
import type { Problem } from "../../lib/asl/problems.ts";
import { isPawlError } from "../../lib/errors.ts";

type Format = "json" | "yaml" | "json5";

function problemOf(text: string, format: Format): Problem | undefined {
  try {
    parseDefinition(text, { format });
  } catch (error) {
    if (!isPawlError(error)) throw error;
    expect(error.code).toBe("invalid_definition");
    // `invalid_definition` has them.
    return (error.detail.problems as readonly Problem[])[0];
  }
  return undefined;
}

const machine = { StartAt: "A", States: { A: { Type: "Wait", Timestamp: "2016-03-14T01:59:00Z", End: true } } };

describe("reads", () => {
  it.each<[Format, string]>([
    ["json", JSON.stringify(machine)],
    ["json", `\uFEFF${JSON.stringify(machine, null, 2)}`],
    ["json5", "// a\n{StartAt: 'A', States: {A: {Type: 'Wait', Timestamp: '2016-03-14T01:59:00Z', End: true,},},}"],
    ["yaml", "StartAt: A\nStates:\n  A:\n    Type: Wait\n    Timestamp: 2016-03-14T01:59:00Z # a\n    End: true\n"],
    ["yaml", "StartAt: A\nStates: { A: &a { Type: Wait, Timestamp: '2016-03-14T01:59:00Z', End: true } }\n"],
  ])("%s: %j", (format, text) => expect(parseDefinition(text, { format })).toEqual(machine));
  it("JSON unless it is told otherwise", () => expect(parseDefinition("{}")).toEqual({}));
});

describe("refuses, with its place,", () => {
  it.each<[Format, string, string]>([
    ["json", "not a definition", "line 1, column 2"],
    ["json", '{\n  "StartAt": "A",\n  States: {}\n}', "line 3, column 3"],
    ["json", '{\n  "StartAt": "A"\n', "line 3, column 1"],
    ["json", '{\n  "StartAt": "A",\n  "States": }\n}', "line 3, column 13"],
    ["json5", "{\n  StartAt: A\n}", "line 2, column 12"],
    ["yaml", "StartAt: A\nStates: {\n", "line 3, column 1"],
    ["yaml", "StartAt: A\nStartAt: B\n", "line 2, column 1"],
    ["yaml", "StartAt: !Sub A\n", "line 1, column 10"],
  ])("%s: %j", (format, text, path) =>
    expect(problemOf(text, format)).toMatchObject({ code: "INVALID_JSON_DESCRIPTION", path }),
  );
  it("JSON5 that is given as JSON, whose place only the message shows", () => {
    expect(problemOf('{"a": [1,]}', "json")).toMatchObject({ code: "INVALID_JSON_DESCRIPTION", path: "/" });
  });
  it.each<[Format, string]>([
    ["yaml", "a: .nan"],
    ["json5", "{a: Infinity}"],
  ])("what is no JSON, in %s: %j", (format, text) =>
    expect(problemOf(text, format)).toMatchObject({ code: "INVALID_JSON_DESCRIPTION", path: "/" }),
  );
  it.each<Format>(["json", "json5", "yaml"])("an empty text of %s", (format) => {
    expect(problemOf(" \n", format)?.code).toBe("MISSING_DESCRIPTION");
  });
});

it.each([
  ["a.asl.json", "json"],
  ["a.YAML", "yaml"],
  ["a.yml", "yaml"],
  ["a.json5", "json5"],
  ["yaml", "json"],
])("the format of the file %s is %s", (name, format) => expect(formatOfFile(name)).toBe(format));
