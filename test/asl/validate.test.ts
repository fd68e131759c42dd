import { describe, expect, it } from "vitest";
import type { Problem, ProblemCode } from "../../lib/asl/problems.ts";
import { type ValidateOptions, validateDefinition } from "../../lib/asl/validate.ts";
import type { Json } from "../../lib/model/json.ts";
import {
  choice,
  chooses,
  choosesJsonata,
  distributed,
  FUNCTION,
  fail,
  invoke,
  jsonata,
  map,
  only,
  parallel,
  pass,
  task,
  wait,
} from "./fragments.ts";

/** Without a code: `SCHEMA_VALIDATION_FAILED`. */
type Refused = readonly [what: string, definition: Json, path: string, code?: ProblemCode];
type Taken = readonly [what: string, definition: Json];

const placesOf = (problems: readonly Problem[]): readonly string[] =>
  problems.map(({ code, path }) => `${code} ${path}`);

function refuses(cases: readonly Refused[], options: ValidateOptions = {}): void {
  for (const [what, definition, path, code = "SCHEMA_VALIDATION_FAILED"] of cases)
    it(`refuses ${what}`, () => expect(placesOf(validateDefinition(definition, options))).toEqual([`${code} ${path}`]));
}
function takes(cases: readonly Taken[], options: ValidateOptions = {}): void {
  for (const [what, definition] of cases)
    it(`takes ${what}`, () => expect(validateDefinition(definition, options)).toEqual([]));
}

const retry = (...retriers: Json[]): Json => only(task({ Retry: retriers }));
const caught = (...catchers: Json[]): Json => ({
  StartAt: "S",
  States: { S: task({ Catch: catchers }), T: pass() },
});
const long = (length: number): string => "x".repeat(length);

describe("the machine", () => {
  refuses([
    ["what is no object", [], "/"],
    ["an empty object", {}, "/"],
    ["no StartAt", { States: { S: pass() } }, "/"],
    ["a field it does not know", only(pass(), { Foo: 1 }), "/Foo"],
    ["a version other than 1.0", only(pass(), { Version: "2.0" }), "/Version"],
    ["no time to run", only(pass(), { TimeoutSeconds: 0 }), "/TimeoutSeconds"],
    ["a time that is no whole number", only(pass(), { TimeoutSeconds: 1.5 }), "/TimeoutSeconds"],
    ["a time above the most", only(pass(), { TimeoutSeconds: 100_000_000 }), "/TimeoutSeconds"],
    ["a language that there is not", only(pass(), { QueryLanguage: "jsonata" }), "/QueryLanguage"],
    ["a comment that is no text", only(pass(), { Comment: 1 }), "/Comment"],
    ["a state without a type", only({ End: true }), "/States/S"],
    [
      "a name of 81 characters",
      { StartAt: long(81), States: { [long(81)]: pass() } },
      `/States/${long(81)}`,
      "INVALID_STATE_NAME",
    ],
    [
      "a field of a branch that is the machine's alone",
      only(parallel([{ ...only(pass()), StartAt: "B", States: { B: pass() }, Version: "1.0" }])),
      "/States/S/Branches[0]/Version",
    ],
    [
      "a name that is given twice in different scopes",
      only(parallel([{ StartAt: "S", States: { S: pass() } }])),
      "/States/S/Branches[0]/States/S",
      "DUPLICATE_STATE_NAME",
    ],
  ]);
  takes([
    ["all of its fields", only(pass(), { Version: "1.0", TimeoutSeconds: 99_999_999, Comment: "" })],
    ["a name of 80 characters, whatever they are", { StartAt: "😀".repeat(80), States: { ["😀".repeat(80)]: pass() } }],
  ]);
  it("refuses what is no state of it, with every type that there is", () => {
    const problems = validateDefinition(only({ Type: "Lambda", End: true }));
    expect(placesOf(problems)).toEqual(["SCHEMA_VALIDATION_FAILED /States/S/Type"]);
    expect(problems[0]?.message).toContain("Task, Pass, Choice, Wait, Succeed, Fail, Parallel, Map");
  });
});

describe("transitions", () => {
  refuses([
    ["a start that is no state", only(pass(), { StartAt: "X" }), "/StartAt", "MISSING_TRANSITION_TARGET"],
    [
      "a state that nothing leads to",
      { StartAt: "S", States: { S: pass(), T: pass() } },
      "/States/T",
      "MISSING_TRANSITION_TARGET",
    ],
    [
      "a state that leads only to itself and nothing to it",
      { StartAt: "S", States: { S: pass(), T: { Type: "Pass", Next: "T" } } },
      "/States/T",
      "MISSING_TRANSITION_TARGET",
    ],
    ["a loop without an end", only({ Type: "Pass", Next: "S" }), "/", "MISSING_END_STATE"],
    [
      "neither Next nor End",
      {
        StartAt: "A",
        States: {
          A: { Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "S" }], Default: "T" },
          S: { Type: "Pass" },
          T: pass(),
        },
      },
      "/States/S",
    ],
    ["both Next and End", only(pass({ Next: "S" })), "/States/S"],
    ["End of a Succeed", only({ Type: "Succeed", End: true }), "/States/S/End"],
    ["Next of a Fail", only(fail({ Next: "S" })), "/States/S/Next"],
    [
      "Next of a Choice",
      {
        ...chooses({ Variable: "$.a", IsNull: true }),
        States: {
          S: { Type: "Choice", Next: "T", Choices: [{ Variable: "$.a", IsNull: true, Next: "T" }] },
          T: pass(),
        },
      },
      "/States/S/Next",
    ],
  ]);
  it("refuses a Next that leads into a branch, and one that leads out of it", () => {
    const branch = { StartAt: "B", States: { B: { Type: "Pass", Next: "E" }, C: pass() } };
    const states = { S: { Type: "Parallel", Branches: [branch], Next: "B" }, E: { Type: "Succeed" } };
    expect(placesOf(validateDefinition({ StartAt: "S", States: states }))).toEqual([
      "MISSING_TRANSITION_TARGET /States/S/Branches[0]/States/B/Next",
      "MISSING_TRANSITION_TARGET /States/S/Branches[0]/States/C",
      "MISSING_TRANSITION_TARGET /States/S/Next",
      "MISSING_TRANSITION_TARGET /States/E",
    ]);
  });
  it("refuses the targets of rules, defaults and catchers that are no states", () => {
    const states = {
      S: { Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "X" }], Default: "Y" },
    };
    expect(placesOf(validateDefinition({ StartAt: "S", States: states }))).toEqual([
      "MISSING_TRANSITION_TARGET /States/S/Default",
      "MISSING_TRANSITION_TARGET /States/S/Choices[0]/Next",
      "MISSING_END_STATE /",
    ]);
    expect(placesOf(validateDefinition(only(task({ Catch: [{ ErrorEquals: ["A"], Next: "X" }] }))))).toEqual([
      "MISSING_TRANSITION_TARGET /States/S/Catch[0]/Next",
    ]);
  });
  takes([
    ["a state that a catcher alone leads to", caught({ ErrorEquals: ["A"], Next: "T" })],
    ["a loop with a way out", chooses({ Variable: "$.a", IsNull: true })],
    ["End of false beside Next", { StartAt: "S", States: { S: pass({ End: false, Next: "T" }), T: pass() } }],
  ]);
});

describe("fields by query language", () => {
  refuses([
    ["Parameters of a JSONata state", jsonata(pass({ Parameters: {} })), "/States/S/Parameters"],
    ["Result of a JSONata state", jsonata(pass({ Result: 1 })), "/States/S/Result"],
    ["InputPath of a JSONata state", jsonata(pass({ InputPath: "$" })), "/States/S/InputPath"],
    [
      "ResultPath of a JSONata catcher",
      { ...(caught({ ErrorEquals: ["A"], Next: "T", ResultPath: "$" }) as object), QueryLanguage: "JSONata" },
      "/States/S/Catch[0]/ResultPath",
    ],
    ["Output of a JSONPath state", only(pass({ Output: 1 })), "/States/S/Output"],
    ["Arguments of a JSONPath state", only(task({ Arguments: {} })), "/States/S/Arguments"],
    ["Items of a JSONPath Map", only(map({ Items: [] })), "/States/S/Items"],
    ["ItemsPath of a JSONata Map", jsonata(map({ ItemsPath: "$" })), "/States/S/ItemsPath"],
    [
      "Condition of a JSONPath rule",
      choice({ Condition: true, Next: "T", Variable: "$.a", IsNull: true }),
      "/States/S/Choices[0]/Condition",
    ],
    [
      "a JSONPath state of a JSONata machine",
      only(pass({ QueryLanguage: "JSONPath" }), { QueryLanguage: "JSONata" }),
      "/States/S/QueryLanguage",
    ],
    ["Assign of a Succeed", only({ Type: "Succeed", Assign: {} }), "/States/S/Assign"],
    ["Assign of a Fail", only(fail({ Assign: {} })), "/States/S/Assign"],
    ["InputPath of a Fail", only(fail({ InputPath: "$" })), "/States/S/InputPath"],
    ["ResultSelector of a Pass", only(pass({ ResultSelector: {} })), "/States/S/ResultSelector"],
    ["Retry of a Pass", only(pass({ Retry: [] })), "/States/S/Retry"],
    ["ResultPath of a Wait", only(wait({ Seconds: 1, ResultPath: "$" })), "/States/S/ResultPath"],
    ["Resource of a Pass", only(pass({ Resource: FUNCTION })), "/States/S/Resource"],
  ]);
  takes([
    ["a JSONata state of a JSONPath machine", jsonata(pass({ Output: "{% 1 %}" }))],
    ["any JSON as Output", jsonata(pass({ Output: [null, 1, { a: "{% $states.input %}" }] }))],
    [
      "a state within a JSONata Map that speaks the machine's language",
      only(map({ QueryLanguage: "JSONata", Items: [1] }, { States: { I: pass({ Parameters: {} }) } })),
    ],
  ]);
});

describe("JSONPath", () => {
  refuses([
    ["a path that does not begin with $", only(pass({ InputPath: "a" })), "/States/S/InputPath"],
    ["a path that is not closed", only(pass({ InputPath: "$.a[0" })), "/States/S/InputPath"],
    ["an empty path", only(pass({ OutputPath: "" })), "/States/S/OutputPath"],
    ["a path that is no text", only(pass({ OutputPath: 1 })), "/States/S/OutputPath"],
    ["a function for a path", only(pass({ InputPath: "States.UUID()" })), "/States/S/InputPath"],
    ["a ResultPath with a wildcard", only(pass({ ResultPath: "$.a[*]" })), "/States/S/ResultPath"],
    ["a ResultPath with a slice", only(pass({ ResultPath: "$.a[0:1]" })), "/States/S/ResultPath"],
    ["a ResultPath with ..", only(pass({ ResultPath: "$..a" })), "/States/S/ResultPath"],
    ["a ResultPath in the context object", only(pass({ ResultPath: "$$.a" })), "/States/S/ResultPath"],
    ["a ResultPath in a variable", only(pass({ ResultPath: "$a" })), "/States/S/ResultPath"],
    ["a SecondsPath that calls", only(wait({ SecondsPath: "$.a.length()" })), "/States/S/SecondsPath"],
    ["a SecondsPath to many", only(wait({ SecondsPath: "$..a" })), "/States/S/SecondsPath"],
    ["Parameters that are no object", only(pass({ Parameters: "$.a" })), "/States/S/Parameters"],
    ["a field .$ that is no path", only(pass({ Parameters: { "a.$": "b" } })), "/States/S/Parameters"],
    ["a field .$ that is no text", only(pass({ Parameters: { "a.$": 1 } })), "/States/S/Parameters"],
    ["a field .$ deep within", only(pass({ Parameters: { a: [{ "b.$": "c" }] } })), "/States/S/Parameters/a[0]"],
    ["a field both as it is and .$", only(pass({ Parameters: { a: 1, "a.$": "$" } })), "/States/S/Parameters"],
    ["a ResultSelector that is no object", only(task({ ResultSelector: [] })), "/States/S/ResultSelector"],
  ]);
  takes([
    ["null for paths", only(pass({ InputPath: null, OutputPath: null, ResultPath: null }))],
    ["paths to the context object and to variables", only(pass({ InputPath: "$$.Execution", OutputPath: "$a.b[0]" }))],
    ["names with hyphens and in brackets", only(pass({ InputPath: "$.a-b['c d']", ResultPath: "$['a b'].c[0]" }))],
    ["filters, slices and functions", only(pass({ InputPath: "$..a[?(@.b > 1)]", OutputPath: "$.a[1:].length()" }))],
    [
      "texts that look like paths where no path is meant",
      only(pass({ Parameters: { a: "$.a[", b: "States.X(" }, Result: { "a.$": "b" } })),
    ],
    ["a ResultPath of the whole", only(pass({ ResultPath: "$" }))],
    ["variables as reference paths", only(wait({ SecondsPath: "$a" }))],
  ]);
});

describe("intrinsic functions", () => {
  const given = (text: string): Json => only(pass({ Parameters: { "a.$": text } }));
  refuses(
    [
      "States.Nothing()",
      "States.UUID(1)",
      "States.UUID",
      "States.UUID(",
      "States.UUID() ",
      "States.Format()",
      "States.Format('a",
      "States.Format(a)",
      "States.Format('{}', $.a[)",
      "States.Format('\\n')",
      "States.Format('\\\"')",
      "States.MathAdd(1)",
      "States.MathAdd(1, 2, 3)",
      "States.MathAdd(1, States.Nothing())",
      "States.MathRandom(1)",
      "States.ArrayRange(1, 2)",
      "States.JsonMerge($.a, $.b)",
      "States.Hash('a')",
      "$.a, $.b",
      "States.Array($.)",
      "States.Array(States.Array($.a b))",
    ]
      .filter((it) => it !== "States.UUID() ")
      .map((text): Refused => [text, given(text), "/States/S/Parameters"]),
  );
  takes(
    [
      "States.UUID()",
      "States.Array()",
      "States.Array(1, null, true, 'a', $.a, $$.Execution.Id, $a, States.UUID())",
      "States.Format('\\'\\{\\}\\\\{}', $.a['b, c'])",
      "States.MathRandom(1, 2)",
      "States.MathRandom(1, 2, 3)",
      "States.MathAdd($.a, -1)",
      "States.JsonMerge($.a, $.b, false)",
    ].map((text): Taken => [text, given(text)]),
  );
});

describe("JSONata", () => {
  refuses([
    ["an expression that is not closed", jsonata(pass({ Output: "{% 1" })), "/States/S/Output"],
    ["an expression that is not opened", jsonata(pass({ Output: { a: ["1 %}"] } })), "/States/S/Output/a[0]"],
    ["space before an expression", jsonata(pass({ Output: " {% 1 %}" })), "/States/S/Output"],
    ["an expression that does not parse", jsonata(pass({ Output: "{% ( %}" })), "/States/S/Output"],
    ["an empty expression", jsonata(pass({ Output: "{%%}" })), "/States/S/Output"],
    ["$states.result of a Pass", jsonata(pass({ Output: "{% $states.result.a %}" })), "/States/S/Output"],
    [
      "$states.result among the arguments",
      jsonata(task({ Arguments: { a: "{% $x($states.result) %}" } })),
      "/States/S/Arguments/a",
    ],
    [
      "$states.errorOutput outside of a catcher",
      jsonata(task({ Output: "{% $states.errorOutput %}" })),
      "/States/S/Output",
    ],
    [
      "$states.result in a catcher",
      {
        StartAt: "S",
        QueryLanguage: "JSONata",
        States: { S: task({ Catch: [{ ErrorEquals: ["A"], Next: "T", Output: "{% $states.result %}" }] }), T: pass() },
      },
      "/States/S/Catch[0]/Output",
    ],
    ["text for Items", jsonata(map({ Items: "a" })), "/States/S/Items"],
    ["a number for Items", jsonata(map({ Items: 1 })), "/States/S/Items"],
    ["plain text for a number", jsonata(task({ TimeoutSeconds: "60" })), "/States/S/TimeoutSeconds"],
    ["a number that is not opened", jsonata(task({ TimeoutSeconds: "1 %}" })), "/States/S/TimeoutSeconds"],
    ["an Error that is not opened", jsonata(fail({ Error: "a %}" })), "/States/S/Error"],
    ["a Condition that is plain text", choosesJsonata({ Condition: "true" }), "/States/S/Choices[0]/Condition"],
    ["a Condition that is a number", choosesJsonata({ Condition: 1 }), "/States/S/Choices[0]/Condition"],
    ["no Condition", choosesJsonata({}), "/States/S/Choices[0]"],
    ["a comparison of JSONPath", choosesJsonata({ Condition: true, Variable: "$.a" }), "/States/S/Choices[0]/Variable"],
  ]);
  takes([
    [
      "$states.result of a Task",
      jsonata(task({ Output: "{% $states.result %}", Assign: { a: "{% $states.result %}" } })),
    ],
    ["a name that only begins like it", jsonata(pass({ Output: "{% $states.results %}" }))],
    ["computed numbers and times", jsonata(wait({ Seconds: "{% 1 + 1 %}" }))],
    ["a computed time", jsonata(wait({ Timestamp: "{% $now() %}" }))],
    [
      "$states.errorOutput in a catcher",
      {
        StartAt: "S",
        QueryLanguage: "JSONata",
        States: {
          S: task({ Catch: [{ ErrorEquals: ["A"], Next: "T", Output: "{% $states.errorOutput %}" }] }),
          T: pass(),
        },
      },
    ],
    ["constant conditions", choosesJsonata({ Condition: false })],
    ["Output and Assign of a rule", choosesJsonata({ Condition: "{% true %}", Output: 1, Assign: { a: 1 } })],
    ["expressions as plain text in JSONPath", only(pass({ Parameters: { a: "{% (" } }))],
  ]);
});

describe("variables", () => {
  refuses([
    ["a name that begins with a digit", only(pass({ Assign: { "1a": 1 } })), "/States/S/Assign"],
    ["a name that begins with _", only(pass({ Assign: { _a: 1 } })), "/States/S/Assign"],
    ["a name with a point", only(pass({ Assign: { "a.b": 1 } })), "/States/S/Assign"],
    ["the name states", only(pass({ Assign: { "states.$": "$" } })), "/States/S/Assign"],
    ["a name of 81 characters", only(pass({ Assign: { [long(81)]: 1 } })), "/States/S/Assign"],
    [".$ in JSONata", jsonata(pass({ Assign: { "a.$": "$" } })), "/States/S/Assign"],
    ["what is no object", only(pass({ Assign: [] })), "/States/S/Assign"],
    [
      "a name that an outer scope assigns",
      only(parallel([{ StartAt: "B", States: { B: pass({ Assign: { a: 1 } }) } }], { Assign: { "a.$": "$" } })),
      "/States/S/Branches[0]/States/B/Assign",
    ],
  ]);
  takes([
    ["a name of 80 letters, digits and _", only(pass({ Assign: { [`é_1${long(77)}`]: 1 } }))],
    [
      "one name in branches beside each other",
      only(parallel(["B", "C"].map((name) => ({ StartAt: name, States: { [name]: pass({ Assign: { a: 1 } }) } })))),
    ],
    [
      "an outer name in a distributed Map",
      only(
        map(
          { Assign: { a: 1 } },
          {
            ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
            States: { I: pass({ Assign: { a: 2 } }) },
          },
        ),
      ),
    ],
    [
      "a name of a catcher within the scope that fails",
      {
        StartAt: "S",
        States: {
          S: parallel([{ StartAt: "B", States: { B: pass({ Assign: { a: 1 } }) } }], {
            Catch: [{ ErrorEquals: ["A"], Next: "T", Assign: { a: 2 } }],
          }),
          T: pass(),
        },
      },
    ],
  ]);
});

describe("Choice", () => {
  refuses([
    [
      "no rules",
      { StartAt: "S", States: { S: { Type: "Choice", Choices: [], Default: "T" }, T: pass() } },
      "/States/S/Choices",
    ],
    ["no Choices", { StartAt: "S", States: { S: { Type: "Choice", Default: "T" }, T: pass() } }, "/States/S"],
    ["a rule without Next", choice({ Variable: "$.a", IsNull: true }), "/States/S/Choices[0]"],
    ["a rule without a comparison", chooses({}), "/States/S/Choices[0]"],
    ["a rule with two comparisons", chooses({ Variable: "$.a", IsNull: true, IsString: true }), "/States/S/Choices[0]"],
    ["a comparison of nothing", chooses({ IsNull: true }), "/States/S/Choices[0]"],
    ["a Variable that is no path", chooses({ Variable: "a", IsNull: true }), "/States/S/Choices[0]/Variable"],
    [
      "an operator that there is not",
      choice({ Variable: "$.a", IsNull: true, StringLike: "a", Next: "T" }),
      "/States/S/Choices[0]/StringLike",
    ],
    ["a number for a text", chooses({ Variable: "$.a", StringEquals: 1 }), "/States/S/Choices[0]/StringEquals"],
    ["a text for a number", chooses({ Variable: "$.a", NumericEquals: "1" }), "/States/S/Choices[0]/NumericEquals"],
    ["a text for a boolean", chooses({ Variable: "$.a", BooleanEquals: "true" }), "/States/S/Choices[0]/BooleanEquals"],
    ["a text for a test of type", chooses({ Variable: "$.a", IsPresent: "true" }), "/States/S/Choices[0]/IsPresent"],
    ["what is no time", chooses({ Variable: "$.a", TimestampEquals: "today" }), "/States/S/Choices[0]/TimestampEquals"],
    [
      "a value for a path",
      chooses({ Variable: "$.a", StringEqualsPath: "a" }),
      "/States/S/Choices[0]/StringEqualsPath",
    ],
    ["an empty And", chooses({ And: [] }), "/States/S/Choices[0]/And"],
    ["Or that is no list", chooses({ Or: { Variable: "$.a", IsNull: true } }), "/States/S/Choices[0]/Or"],
    ["Not of a list", chooses({ Not: [] }), "/States/S/Choices[0]/Not"],
    [
      "Next within And",
      chooses({ And: [{ Variable: "$.a", IsNull: true, Next: "T" }] }),
      "/States/S/Choices[0]/And[0]/Next",
    ],
    [
      "a fault deep within",
      chooses({ Not: { Or: [{ Variable: "$.a", IsNull: 1 }] } }),
      "/States/S/Choices[0]/Not/Or[0]/IsNull",
    ],
    [
      "Variable beside And",
      chooses({ Variable: "$.a", And: [{ Variable: "$.a", IsNull: true }] }),
      "/States/S/Choices[0]/Variable",
    ],
  ]);
  takes([
    [
      "no Default",
      {
        StartAt: "S",
        States: { S: { Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "T" }] }, T: pass() },
      },
    ],
    [
      "And, Or and Not within each other",
      chooses({
        And: [{ Not: { Variable: "$a", IsNull: true } }, { Or: [{ Variable: "$$.b", NumericLessThanPath: "$.c" }] }],
      }),
    ],
    ["Assign and Comment of a rule", chooses({ Variable: "$.a", StringMatches: "a*", Assign: { a: 1 }, Comment: "" })],
  ]);
});

describe("Wait", () => {
  refuses([
    ["nothing to wait for", only(wait({})), "/States/S"],
    ["two times", only(wait({ Seconds: 1, TimestampPath: "$.a" })), "/States/S"],
    ["a negative time", only(wait({ Seconds: -1 })), "/States/S/Seconds"],
    ["part of a second", only(wait({ Seconds: 1.5 })), "/States/S/Seconds"],
    ["an expression in JSONPath", only(wait({ Seconds: "{% 1 %}" })), "/States/S/Seconds"],
    ...[
      "2016-03-14",
      "2016-03-14 01:59:00Z",
      "2016-03-14T01:59:00",
      "2016-03-14t01:59:00z",
      "2016-03-14T01:59Z",
      "2016-02-30T01:59:00Z",
      "2016-03-14T24:00:00Z",
      "2016-03-14T01:60:00Z",
    ].map((text): Refused => [text, only(wait({ Timestamp: text })), "/States/S/Timestamp"]),
  ]);
  takes([
    ["0 seconds", only(wait({ Seconds: 0 }))],
    ...["2016-03-14T01:59:00Z", "2016-02-29T23:59:59.123456789+01:00"].map(
      (text): Taken => [text, only(wait({ Timestamp: text }))],
    ),
  ]);
});

describe("Fail", () => {
  refuses([
    ["Error and ErrorPath", only(fail({ Error: "A", ErrorPath: "$.a" })), "/States/S"],
    ["Cause and CausePath", only(fail({ Cause: "A", CausePath: "$.a" })), "/States/S"],
    ["an Error that is no text", only(fail({ Error: 1 })), "/States/S/Error"],
    ["an ErrorPath that is none", only(fail({ ErrorPath: "a" })), "/States/S/ErrorPath"],
    ["ErrorPath in JSONata", jsonata(fail({ ErrorPath: "$.a" })), "/States/S/ErrorPath"],
  ]);
  takes([
    ["nothing", only(fail({}))],
    ["functions as paths", only(fail({ ErrorPath: "States.Format('{}', $.a)", CausePath: "$$.State.Name" }))],
  ]);
});

describe("Retry and Catch", () => {
  refuses([
    ["no ErrorEquals", retry({}), "/States/S/Retry[0]"],
    ["an empty ErrorEquals", retry({ ErrorEquals: [] }), "/States/S/Retry[0]/ErrorEquals"],
    ["an error that is no text", retry({ ErrorEquals: [1] }), "/States/S/Retry[0]/ErrorEquals[0]"],
    ["States.ALL beside another", retry({ ErrorEquals: ["States.ALL", "A"] }), "/States/S/Retry[0]/ErrorEquals"],
    [
      "States.ALL before another",
      retry({ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["A"] }),
      "/States/S/Retry[0]/ErrorEquals",
    ],
    ["a pause of 0", retry({ ErrorEquals: ["A"], IntervalSeconds: 0 }), "/States/S/Retry[0]/IntervalSeconds"],
    ["negative attempts", retry({ ErrorEquals: ["A"], MaxAttempts: -1 }), "/States/S/Retry[0]/MaxAttempts"],
    [
      "attempts above the most",
      retry({ ErrorEquals: ["A"], MaxAttempts: 100_000_000 }),
      "/States/S/Retry[0]/MaxAttempts",
    ],
    ["a rate below 1", retry({ ErrorEquals: ["A"], BackoffRate: 0.99 }), "/States/S/Retry[0]/BackoffRate"],
    [
      "a longest pause that is the first",
      retry({ ErrorEquals: ["A"], IntervalSeconds: 5, MaxDelaySeconds: 5 }),
      "/States/S/Retry[0]/MaxDelaySeconds",
    ],
    [
      "a longest pause of 1, as the first is",
      retry({ ErrorEquals: ["A"], MaxDelaySeconds: 1 }),
      "/States/S/Retry[0]/MaxDelaySeconds",
    ],
    [
      "a longest pause of a year",
      retry({ ErrorEquals: ["A"], MaxDelaySeconds: 31_622_400 }),
      "/States/S/Retry[0]/MaxDelaySeconds",
    ],
    [
      "a jitter that there is not",
      retry({ ErrorEquals: ["A"], JitterStrategy: "HALF" }),
      "/States/S/Retry[0]/JitterStrategy",
    ],
    ["a field it does not know", retry({ ErrorEquals: ["A"], Next: "S" }), "/States/S/Retry[0]/Next"],
    ["a Retry that is no list", only(task({ Retry: {} })), "/States/S/Retry"],
    ["a catcher without Next", only(task({ Catch: [{ ErrorEquals: ["A"] }] })), "/States/S/Catch[0]"],
    [
      "States.ALL before another catcher",
      caught({ ErrorEquals: ["States.ALL"], Next: "T" }, { ErrorEquals: ["A"], Next: "T" }),
      "/States/S/Catch[0]/ErrorEquals",
    ],
    [
      "a catcher's path that is no reference",
      caught({ ErrorEquals: ["A"], Next: "T", ResultPath: "$.*" }),
      "/States/S/Catch[0]/ResultPath",
    ],
  ]);
  takes([
    [
      "all at their bounds",
      retry(
        {
          ErrorEquals: ["A"],
          IntervalSeconds: 1,
          MaxAttempts: 0,
          BackoffRate: 1,
          MaxDelaySeconds: 2,
          JitterStrategy: "FULL",
          Comment: "",
        },
        { ErrorEquals: ["States.ALL"], MaxAttempts: 99_999_999, MaxDelaySeconds: 31_622_399 },
      ),
    ],
    ["no retriers", retry()],
    ["a result dropped", caught({ ErrorEquals: ["A"], Next: "T", ResultPath: null, Assign: { "a.$": "$.Error" } })],
  ]);
});

describe("Task", () => {
  const called = (arn: string): Json => only(task({ Resource: arn }));
  refuses([
    ["no Resource", only({ Type: "Task", End: true }), "/States/S"],
    ...[
      "Echo",
      "arn:aws:lambda:us-east-1:111111111111:Echo",
      "arn:aws:states:::dynamodb:query",
      "arn:aws:states:::sqs:sendMessage.sync",
      "arn:aws:states:::nothing:at.all",
    ].map((arn): Refused => [arn, called(arn), "/States/S/Resource"]),
    ["TimeoutSeconds and its path", only(task({ TimeoutSeconds: 1, TimeoutSecondsPath: "$.a" })), "/States/S"],
    ["HeartbeatSeconds and its path", only(task({ HeartbeatSeconds: 1, HeartbeatSecondsPath: "$.a" })), "/States/S"],
    ["a timeout of 0", only(task({ TimeoutSeconds: 0 })), "/States/S/TimeoutSeconds"],
    [
      "a heartbeat as long as the timeout",
      only(task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 })),
      "/States/S/HeartbeatSeconds",
    ],
    ["lambda:invoke of no function", only(invoke({ Parameters: { Payload: 1 } })), "/States/S/Parameters"],
    [
      "lambda:invoke without Parameters",
      only(task({ Resource: "arn:aws:states:::lambda:invoke" })),
      "/States/S/Parameters",
    ],
    [
      "a parameter that lambda:invoke has not",
      only(invoke({ Parameters: { FunctionName: "A", Input: 1 } })),
      "/States/S/Parameters",
    ],
    ["Credentials without a role", only(task({ Credentials: {} })), "/States/S/Credentials"],
    [
      "Credentials with more than a role",
      only(task({ Credentials: { RoleArn: "a", User: "b" } })),
      "/States/S/Credentials/User",
    ],
  ]);
  takes([
    ...[
      FUNCTION,
      `${FUNCTION}:PROD`,
      `${FUNCTION}:$LATEST`,
      "arn:aws:states:us-east-1:111111111111:activity:a",
      "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      "arn:aws:states:::aws-sdk:dynamodb:query",
      "arn:aws-cn:states:::states:startExecution.sync:2",
    ].map((arn): Taken => [arn, called(arn)]),
    ["times at their bounds", only(task({ TimeoutSeconds: 2, HeartbeatSeconds: 1 }))],
    ["a role from a path", only(task({ Credentials: { "RoleArn.$": "$.a" } }))],
    ["a function from a path", only(invoke({ Parameters: { "FunctionName.$": "$.a", "Payload.$": "$" } }))],
    [
      "arguments worked out as a whole",
      jsonata(task({ Resource: "arn:aws:states:::lambda:invoke", Arguments: "{% $states.input %}" })),
    ],
  ]);
});

describe("Parallel and Map", () => {
  refuses([
    ["no Branches", only({ Type: "Parallel", End: true }), "/States/S"],
    ["empty Branches", only(parallel([])), "/States/S/Branches"],
    ["a branch that is no object", only(parallel(["A"])), "/States/S/Branches[0]"],
    [
      "a branch without an end",
      only(parallel([{ StartAt: "B", States: { B: { Type: "Pass", Next: "B" } } }])),
      "/States/S/Branches[0]",
      "MISSING_END_STATE",
    ],
    ["no ItemProcessor", only({ Type: "Map", End: true }), "/States/S"],
    ["ItemSelector and Parameters", only(map({ ItemSelector: {}, Parameters: {} })), "/States/S"],
    [
      "a mode that there is not",
      only(map({}, { ProcessorConfig: { Mode: "REMOTE" } })),
      "/States/S/ItemProcessor/ProcessorConfig/Mode",
    ],
    [
      "a distributed Map without its type",
      only(map({}, { ProcessorConfig: { Mode: "DISTRIBUTED" } })),
      "/States/S/ItemProcessor/ProcessorConfig",
    ],
    [
      "a type that there is not",
      only(distributed({}, "FAST")),
      "/States/S/ItemProcessor/ProcessorConfig/ExecutionType",
    ],
    ["negative MaxConcurrency", only(map({ MaxConcurrency: -1 })), "/States/S/MaxConcurrency"],
    ["MaxConcurrency and its path", only(map({ MaxConcurrency: 1, MaxConcurrencyPath: "$.a" })), "/States/S"],
    ["101 percent", only(map({ ToleratedFailurePercentage: 101 })), "/States/S/ToleratedFailurePercentage"],
    ["part of a failure", only(map({ ToleratedFailureCount: 0.5 })), "/States/S/ToleratedFailureCount"],
    [
      "a reader of an inline Map",
      only(map({ ItemReader: { Resource: "arn:aws:states:::s3:getObject" } })),
      "/States/S/ItemReader",
    ],
    [
      "a token within Express items",
      only(
        map(
          {},
          {
            ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
            States: { I: invoke({ Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" }) },
          },
        ),
      ),
      "/States/S/ItemProcessor/States/I/Resource",
    ],
    ["an empty label", only(distributed({ Label: "" })), "/States/S/Label", "INVALID_LABEL_NAME"],
    ["a label of 41 characters", only(distributed({ Label: long(41) })), "/States/S/Label", "INVALID_LABEL_NAME"],
    ...[...' ?*<>{}[]:;,\\|^~$#%&`"/\u0000\u001f\u007f\u009f\uffff'].map(
      (char): Refused => [
        `a label with U+${char.charCodeAt(0).toString(16)}`,
        only(distributed({ Label: `a${char}` })),
        "/States/S/Label",
        "INVALID_LABEL_NAME",
      ],
    ),
  ]);
  it("refuses both ItemProcessor and Iterator, a label given twice and a branch's own faults, each at its place", () => {
    const inner = (name: string) => ({ StartAt: name, States: { [name]: pass() } });
    const both = only(map({ Iterator: inner("J") }));
    expect(placesOf(validateDefinition(both))).toEqual(["SCHEMA_VALIDATION_FAILED /States/S"]);
    const labelled = (name: string) =>
      distributed({
        Label: "a",
        ItemProcessor: { ...inner(name), ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } },
      });
    const twice = { StartAt: "S", States: { S: { ...labelled("I"), End: false, Next: "T" }, T: labelled("J") } };
    expect(placesOf(validateDefinition(twice))).toEqual(["DUPLICATE_LABEL_NAME /States/T/Label"]);
  });
  takes([
    ["the older Iterator", only({ Type: "Map", End: true, Iterator: { StartAt: "I", States: { I: pass() } } })],
    ["a label of 40 characters", only(distributed({ Label: `ä-_.${long(36)}` }))],
    ["tolerated failures of an inline Map", only(map({ ToleratedFailureCount: 1, ToleratedFailurePercentage: 0.5 }))],
    [
      "a reader of a distributed Map",
      only(distributed({ ItemReader: { Resource: "arn:aws:states:::s3:getObject", Parameters: {} } })),
    ],
    [
      "a token within an inline Map, whatever its type",
      only(
        map(
          {},
          {
            ProcessorConfig: { Mode: "INLINE", ExecutionType: "EXPRESS" },
            States: { I: invoke({ Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" }) },
          },
        ),
      ),
    ],
    ["Express items in a Standard machine", only(distributed({}, "EXPRESS"))],
    ["an object as Items", jsonata(map({ Items: { a: 1 } }))],
  ]);
});

describe("Express", () => {
  const token = invoke({ Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" });
  const called = (arn: string): Json => only(task({ Resource: arn }));
  const express = { express: true };
  refuses(
    [
      ["a token", only(token), "/States/S/Resource"],
      [".sync", called("arn:aws:states:::ecs:runTask.sync"), "/States/S/Resource"],
      [".sync:2", called("arn:aws:states:::states:startExecution.sync:2"), "/States/S/Resource"],
      ["an activity", called("arn:aws:states:us-east-1:111111111111:activity:a"), "/States/S/Resource"],
      ["a distributed Map", only(distributed()), "/States/S/ItemProcessor/ProcessorConfig"],
    ],
    express,
  );
  takes(
    [
      ["functions", called(FUNCTION)],
      ["an inline Map", only(map())],
    ],
    express,
  );
});

it("finds every problem of a definition, each with its rule", () => {
  const states = {
    S: task({ Resource: "x", Retry: [{ ErrorEquals: [] }], TimeoutSeconds: "a" }),
    T: { Type: "Wait" },
  };
  const problems = validateDefinition({ StartAt: "S", States: states, Foo: 1 });
  expect(placesOf(problems)).toEqual([
    "SCHEMA_VALIDATION_FAILED /States/S/Resource",
    "SCHEMA_VALIDATION_FAILED /States/S/Retry[0]/ErrorEquals",
    "SCHEMA_VALIDATION_FAILED /States/S/TimeoutSeconds",
    "SCHEMA_VALIDATION_FAILED /States/T",
    "SCHEMA_VALIDATION_FAILED /States/T",
    "SCHEMA_VALIDATION_FAILED /Foo",
    "MISSING_TRANSITION_TARGET /States/T",
  ]);
  expect(new Set(problems.map(({ rule }) => rule)).size).toBeGreaterThan(3);
});

it("refuses what is no JSON", () => {
  expect(placesOf(validateDefinition({ StartAt: undefined, States: Number.NaN }))).toEqual([
    "INVALID_JSON_DESCRIPTION /",
  ]);
});
