/** Whatever a definition is: problems, never an exception. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Definition } from "../../lib/asl/definition.ts";
import { unsupported } from "../../lib/asl/unsupported.ts";
import { validateDefinition } from "../../lib/asl/validate.ts";
import type { Json } from "../../lib/model/json.ts";
import { distributed, invoke, jsonata, pass, task, wait } from "./fragments.ts";

/** Each state leads to the next; the last one ends. */
function chain(states: readonly Json[]): Json {
  const named = states.map((state, index) => {
    const { End: _, ...rest } = state as Record<string, Json>;
    const where = index === states.length - 1 ? { End: true } : { Next: `S${index + 1}` };
    return [`S${index}`, rest.Type === "Fail" || rest.Type === "Choice" ? rest : { ...rest, ...where }] as const;
  });
  return { StartAt: "S0", States: Object.fromEntries(named) };
}

const failing = {
  Retry: [{ ErrorEquals: ["A"], MaxDelaySeconds: 5 }, { ErrorEquals: ["States.ALL"] }],
  Catch: [{ ErrorEquals: ["States.ALL"], Next: "S1", ResultPath: "$.a" }],
};
const rich = chain([
  task({
    ...failing,
    Parameters: { "a.$": "States.Format('{}', $.a)", b: [1] },
    TimeoutSeconds: 5,
    HeartbeatSeconds: 1,
  }),
  invoke({ ResultSelector: { "a.$": "$.Payload" }, Credentials: { RoleArn: "a" }, Assign: { "a.$": "$" } }),
  { Type: "Choice", Choices: [{ And: [{ Not: { Variable: "$.a", IsNull: true } }], Next: "S3" }], Default: "S3" },
  { Type: "Parallel", Branches: [{ StartAt: "B", States: { B: pass() } }], ...failing },
  distributed({ Label: "a", ItemSelector: { "a.$": "$" }, ItemReader: { Resource: "b" } }),
  wait({ TimestampPath: "$.a", QueryLanguage: "JSONPath" }),
  pass({ QueryLanguage: "JSONata", Output: { a: ["{% $states.input %}"] }, Assign: { b: "{% 1 %}" } }),
]);

/** The value with `put` in place of one of its parts, the one with that number; without it when `put` is undefined. */
function replaced(value: Json, nth: number, put: Json | undefined): Json {
  let count = 0;
  return JSON.parse(JSON.stringify(value, (_, it: Json) => (count++ === nth ? put : it)) ?? "null") as Json;
}

const anything = fc.oneof(
  fc.jsonValue().map((it) => it as Json),
  fc.constantFrom<Json>("$", "$.a", "{% 1 %}", "{%", "States.UUID()", "", 0, -1, 1e9, true, null, [], {}, [null], {
    "a.$": "$",
  }),
  fc.constantFrom<Json>("S0", "B", "Pass", "Map", "JSONata", "JSONPath", "__proto__", "constructor"),
);

it("takes the definition that is changed below", () => {
  expect(validateDefinition(rich)).toEqual([]);
  expect(validateDefinition(jsonata(pass()))).toEqual([]);
});

it("says what is wrong with any change of any part, and what is taken can be looked through", () => {
  let taken = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.nat(250), fc.option(anything, { nil: undefined }), fc.boolean(), (nth, put, express) => {
      const changed = replaced(rich, nth, put);
      const problems = validateDefinition(changed, { express });
      for (const { message, path, rule } of problems) {
        expect(path).toMatch(/^\//);
        expect(message && rule).not.toBe("");
      }
      // Without problems, it is one.
      if (problems.length === 0) unsupported(changed as unknown as Definition);
      if (problems.length === 0) taken++;
      else refused++;
    }),
    { numRuns: 1_000 },
  );
  expect(taken).toBeGreaterThan(30);
  expect(refused).toBeGreaterThan(300);
});

it("looks at any JSON", () => {
  fc.assert(
    fc.property(anything, (it) => {
      expect(validateDefinition(it)).not.toEqual([]);
    }),
  );
});
