import { describe, expect, test } from "vitest";
import type { Json } from "../../lib/model/json.ts";
import { byPaths, byQueries } from "./support/evaluated.ts";

const input = {
  text: "b",
  number: 2,
  yes: true,
  none: null,
  time: "2026-01-01T12:00:00Z",
  list: [],
  object: {},
  other: { text: "b", number: 2, yes: true, time: "2026-01-01T13:00:00+01:00" },
};

const holds = async (rule: { [key: string]: Json }, seen: object = { input }): Promise<unknown> =>
  byPaths({ op: "choose", Choices: [{ ...rule, Next: "There" }] }, seen);

describe("a comparison", () => {
  test.each<[string, string, Json, boolean]>([
    ["$.text", "StringEquals", "b", true],
    ["$.text", "StringEquals", "B", false],
    ["$.text", "StringEqualsPath", "$.other.text", true],
    ["$.text", "StringLessThan", "c", true],
    ["$.text", "StringLessThan", "b", false],
    ["$.text", "StringLessThanEquals", "b", true],
    ["$.text", "StringGreaterThan", "a", true],
    ["$.text", "StringGreaterThan", "B", true],
    ["$.text", "StringGreaterThanEquals", "c", false],
    ["$.text", "StringGreaterThanEqualsPath", "$.other.text", true],
    ["$.number", "NumericEquals", 2.0, true],
    ["$.number", "NumericEqualsPath", "$.other.number", true],
    ["$.number", "NumericLessThan", 2, false],
    ["$.number", "NumericLessThanEquals", 2, true],
    ["$.number", "NumericGreaterThan", 1.9, true],
    ["$.number", "NumericGreaterThanEquals", 2.1, false],
    ["$.yes", "BooleanEquals", true, true],
    ["$.yes", "BooleanEquals", false, false],
    ["$.yes", "BooleanEqualsPath", "$.other.yes", true],
    ["$.time", "TimestampEquals", "2026-01-01T12:00:00.000Z", true],
    ["$.time", "TimestampEqualsPath", "$.other.time", true],
    ["$.time", "TimestampLessThan", "2026-01-01T12:00:00.000000001Z", true],
    ["$.time", "TimestampLessThanEquals", "2026-01-01T11:59:59-00:01", true],
    ["$.time", "TimestampGreaterThan", "2026-01-01T12:00:00+00:01", true],
    ["$.time", "TimestampGreaterThanEquals", "2026-01-01T12:00:01Z", false],
    ["$$.State.Name", "StringEquals", "Here", true],
    ["$.list", "IsPresent", true, true],
    ["$.none", "IsPresent", true, true],
    ["$.nowhere", "IsPresent", true, false],
    ["$.nowhere", "IsPresent", false, true],
    ["$nowhere", "IsPresent", false, true],
    ["$.none", "IsNull", true, true],
    ["$.text", "IsNull", false, true],
    ["$.number", "IsNumeric", true, true],
    ["$.text", "IsNumeric", true, false],
    ["$.text", "IsString", true, true],
    ["$.yes", "IsBoolean", true, true],
    ["$.none", "IsBoolean", false, true],
    ["$.time", "IsTimestamp", true, true],
    ["$.text", "IsTimestamp", true, false],
    ["$.time", "IsString", true, true],
  ])("%s %s %j is %s", async (Variable, operator, value, isSo) => {
    expect(await holds({ Variable, [operator]: value })).toBe(isSo ? "0" : "default");
  });

  test.each<[string, string, Json]>([
    ["$.number", "StringEquals", "2"],
    ["$.text", "NumericEquals", 2],
    ["$.yes", "StringEquals", "true"],
    ["$.text", "BooleanEquals", true],
    ["$.none", "StringLessThan", "z"],
    ["$.none", "NumericLessThan", 9],
    ["$.list", "StringEquals", ""],
    ["$.object", "NumericGreaterThanEquals", 0],
    ["$.text", "TimestampEquals", "2026-01-01T12:00:00Z"],
    ["$.number", "StringMatches", "*"],
    ["$.number", "NumericEqualsPath", "$.text"],
  ])("of values of different types does not hold: %s %s %j", async (Variable, operator, value) => {
    expect(await holds({ Variable, [operator]: value })).toBe("default");
  });

  test.each<[string, string, boolean]>([
    ["log-2026.txt", "log-*.txt", true],
    ["log-2026.txt", "*", true],
    ["log-2026.txt", "log*2026*txt", true],
    ["log-2026.txt", "log-????.txt", false],
    ["log-2026.txt", "LOG-*", false],
    ["a*b", "a\\*b", true],
    ["axb", "a\\*b", false],
    ["a\\b", "a\\\\b", true],
    ["two\nlines", "two*lines", true],
    ["", "*", true],
    ["[1]", "[*]", true],
    ["xlog", "log", false],
    ["logx", "log", false],
    ["aba", "ab*ba", false],
    ["abba", "ab*ba", true],
    ["a-b-c", "a*b*c", true],
    ["a-c-b", "a*b*c", false],
    ["foobar.zebra", "foo*.*", true],
    ["a\\*b", "a\\\\*b", true],
    ["a\\x*b", "a\\\\*\\*b", true],
    ["é*", "\u00e9\\*", true],
  ])("%j StringMatches %j is %s", async (text, StringMatches, isSo) => {
    expect(await holds({ Variable: "$", StringMatches }, { input: text })).toBe(isSo ? "0" : "default");
  });

  test.each<{ [key: string]: Json }>([
    { Variable: "$.text", StringMatches: "open\\" },
    { Variable: "$.text", StringMatches: "\\b" },
    { Variable: "$.nowhere", StringEquals: "b" },
    { Variable: "$.nowhere", IsNull: true },
    { Variable: "$.text", StringEqualsPath: "$.nowhere" },
    { Variable: "$nowhere", IsString: true },
  ])("where a path of it finds nothing, or an escape is open, fails: %j", async (rule) => {
    expect(await holds(rule)).toMatchObject({ fails: "States.Runtime" });
  });
});

test("many stars take no longer than few", async () => {
  const text = "a".repeat(200_000);
  expect(await holds({ Variable: "$", StringMatches: `${"*a".repeat(20)}*b` }, { input: text })).toBe("default");
  expect(await holds({ Variable: "$", StringMatches: `${"*a".repeat(20)}*` }, { input: text })).toBe("0");
});

describe("rules", () => {
  const yes = { Variable: "$.yes", BooleanEquals: true };
  const no = { Variable: "$.yes", BooleanEquals: false };
  const broken = { Variable: "$.nowhere", IsNull: true };

  test.each<[{ [key: string]: Json }, boolean]>([
    [{ And: [yes, yes] }, true],
    [{ And: [yes, no] }, false],
    [{ Or: [no, yes] }, true],
    [{ Or: [no, no] }, false],
    [{ Not: no }, true],
    [{ Not: { Or: [no, { And: [yes, { Not: yes }] }] } }, true],
  ])("%j is %s", async (rule, isSo) => {
    expect(await holds(rule)).toBe(isSo ? "0" : "default");
  });

  test("stop at what decides: a path that finds nothing behind it does no harm", async () => {
    expect(await holds({ And: [no, broken] })).toBe("default");
    expect(await holds({ Or: [yes, broken] })).toBe("0");
    expect(await byPaths({ op: "choose", Choices: [yes, broken] }, { input })).toBe("0");
  });

  test("the first that holds is taken, by its number", async () => {
    expect(await byPaths({ op: "choose", Choices: [no, { Not: no }, yes] }, { input })).toBe("1");
  });

  test("compare what InputPath leaves", async () => {
    const Choices = [{ Variable: "$.text", StringEquals: "b" }];
    expect(await byPaths({ op: "choose", InputPath: "$.other", Choices }, { input })).toBe("0");
    expect(
      await byPaths({ op: "choose", InputPath: null, Choices: [{ Variable: "$.text", IsPresent: true }] }, { input }),
    ).toBe("default");
  });
});

describe("conditions in JSONata", () => {
  const choose = (...conditions: Json[]): Promise<unknown> =>
    byQueries(
      { op: "choose", Choices: conditions.map((Condition) => ({ Condition })) },
      { input, variables: { n: 2 } },
    );

  test("the first that is true is taken", async () => {
    expect(await choose("{% $states.input.number > 2 %}", "{% $n = 2 %}", true)).toBe("1");
    expect(await choose(false, true)).toBe("1");
    expect(await choose("{% $states.input.text = 'c' %}")).toBe("default");
  });

  test("those behind it are not evaluated", async () => {
    expect(await choose(true, "{% $nowhere %}")).toBe("0");
  });

  test.each(["{% $nowhere %}", "{% 1 %}", "{% 'true' %}", "{% null %}", "true", "{% [true] %}"])(
    "%s is no boolean: States.QueryEvaluationError",
    async (condition) => {
      expect(await choose(condition)).toMatchObject({ fails: "States.QueryEvaluationError" });
    },
  );
});
