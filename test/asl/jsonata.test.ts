import fc from "fast-check";
import jsonata from "jsonata";
import { describe, expect, test } from "vitest";
import type { Json } from "../../lib/model/json.ts";
import { byQueries, valueOfQuery } from "./support/evaluated.ts";

const input = {
  list: [3, 1, 2],
  one: [5],
  text: "abc",
  none: null,
  people: [
    { n: "A", a: 1 },
    { n: "B", a: 2 },
  ],
};
const seen = { input, variables: { v: { w: [1] }, states2: 2 } };

describe("an expression", () => {
  test.each<[string, Json]>([
    ["$states.input.text & '!'", "abc!"],
    ["$sum($states.input.list) + $v.w[0]", 7],
    ["$states.input.people[a > 1].n", "B"],
    ["$states.input.people.n", ["A", "B"]],
    ["$states.input.one", [5]],
    ["$states.input.none", null],
    ["$map($states.input.list, function($it) { $it * 2 })", [6, 2, 4]],
    ["$sort($states.input.list)", [1, 2, 3]],
    ["$merge([$states.input.people[0], {'a': 9}])", { n: "A", a: 9 }],
    ["$states.input.people[0] ~> |$|{'a': 3}|", { n: "A", a: 3 }],
    ["$exists($nowhere)", false],
    ["{'a': $nowhere, 'b': 1}", { b: 1 }],
    ["($x := 2; $x * $x)", 4],
    ["$states2", 2],
    ["$contains('a$b', /^a\\$/)", true],
    ["$now() < $now('[Y0001]') or true", true],
    ["-0", 0],
  ])("%s", async (text, value) => {
    expect(await valueOfQuery(text, seen)).toEqual(value);
  });

  test("stands anywhere, but only where it is all of the text", async () => {
    const Output = [{ a: ["{%1+1%}"] }, " {% 1 %}", "{% 1 %} ", "{% 1", "{%\n  2\n%}"];
    expect(await byQueries({ op: "pass", Output })).toEqual([{ a: [2] }, " {% 1 %}", "{% 1 %} ", "{% 1", 2]);
  });

  test.each([
    ["nothing", "$nowhere"],
    ["nothing in the document, for there is none", "$"],
    ["an empty selection", "$states.input.people[n = 'C']"],
    ["a function", "function($x) { $x }"],
    ["a function of JSONata's own", "$sum"],
    ["a function in a list", "[1, $sum]"],
    ["a function in an object", "{'f': function() { 1 }}"],
    ["a pattern", "/a/"],
    ["a type error", "1 + 'a'"],
    ["a wrong argument", "$length(1)"],
    ["a number that is too large", "1e308 * 10"],
    ["a division by zero", "1 / 0"],
    ["an error of its own", "$error('no')"],
    ["an assertion", "$assert(false, 'no')"],
    ["what does not parse", "1 +"],
    ["a function that there is not", "$nope()"],
    ["$eval, which AWS does not have", "$eval('1')"],
    ["recursion without an end", "($f := function($n) { 1 + $f($n) }; $f(1))"],
    ["a list without measure", "[1..9999999]"],
  ])("%s is States.QueryEvaluationError", async (_, text) => {
    expect(await valueOfQuery(text, seen)).toMatchObject({ fails: "States.QueryEvaluationError" });
  });

  test("may recurse as deep as anybody needs", async () => {
    expect(await valueOfQuery("($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(500))")).toBe(500);
  });

  test("reaches nothing of the process", async () => {
    for (const text of [
      "$states.constructor",
      "$states.input.constructor.constructor",
      "$states.__proto__",
      "$process",
    ])
      expect(await valueOfQuery(text, seen), text).toMatchObject({ fails: "States.QueryEvaluationError" });
  });

  test("leaves what it sees as it is: all of it is frozen", async () => {
    const value = (text: string): Promise<unknown> => valueOfQuery(text, seen);
    expect(await value("$append($states.input.list, 4)")).toEqual([3, 1, 2, 4]);
    expect(await value("$reverse($states.input.list)")).toEqual([2, 1, 3]);
    expect(await value("$states.input.list[]")).toEqual([3, 1, 2]);
    expect(await value("$states.input.people.{'x': n}")).toEqual([{ x: "A" }, { x: "B" }]);
    expect(await value("$shuffle($states.input.list) ~> $count")).toBe(3);
  });

  test("sees nothing of an evaluation before it, or beside it", async () => {
    const text = "($exists($kept) ? 'kept' : ($kept := $states.input; $kept))";
    const both = await Promise.all([valueOfQuery(text, { input: 1 }), valueOfQuery(text, { input: 2 })]);
    expect([...both, await valueOfQuery(text, { input: 3 })]).toEqual([1, 2, 3]);
    expect(await valueOfQuery("$it", { variables: { it: 1 } })).toBe(1);
    expect(await valueOfQuery("$it")).toMatchObject({ fails: "States.QueryEvaluationError" });
  });

  test("whatever is written, it is a value or an ExpressionError", async () => {
    const piece = fc.constantFrom(
      ..."$ $states .input [ ] ( ) { } ? : := ~> | / ' \" 1 , * % ^ @ # function $x".split(" "),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        await valueOfQuery(pieces.join(" "), seen);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a function that AWS adds", () => {
  test.each<[string, Json]>([
    ["$partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]],
    ["$partition([0], 3)", [[0]]],
    ["$partition([], 3)", []],
    ["$range(0, 9, 3)", [0, 3, 6, 9]],
    ["$range(3, 1, -1)", [3, 2, 1]],
    ["$range(1, 9, 9)", 1],
    ["[$range(1, 9, 9)]", [1]],
    ["$hash('input data', 'SHA-256')", "b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3"],
    ["$parse('{\"a\":[1,null]}')", { a: [1, null] }],
    ["$parse('null')", null],
    ["$random(1) = $random(1)", true],
    ["$random(1) = $random(2)", false],
    ["$length($uuid())", 36],
    ["$uuid() = $uuid()", false],
    ["($r := $random(); $r >= 0 and $r < 1)", true],
  ])("%s is %j", async (text, value) => {
    expect(await valueOfQuery(text)).toEqual(value);
  });

  test.each([
    "$partition([1], 0)",
    "$partition([1], 'a')",
    "$range(0, 9, 0)",
    "$range(0, 9)",
    "$range(0, 1, 0.5)",
    "$range(1, 0, 1)",
    "$range(0, 9999999, 1)",
    "$hash('a', 'SHA-3')",
    "$hash(1, 'MD5')",
    "$parse('{')",
    "$parse(1)",
    "$parse($nowhere)",
    "$random('a')",
  ])("%s is States.QueryEvaluationError", async (text) => {
    expect(await valueOfQuery(text)).toMatchObject({ fails: "States.QueryEvaluationError" });
  });

  test("is none of the library's, which has $eval instead", async () => {
    for (const name of ["partition", "range", "hash", "uuid", "parse"])
      await expect(jsonata(`$${name}()`).evaluate(undefined), name).rejects.toMatchObject({ code: "T1006" });
    expect(await jsonata("$eval('1')").evaluate(undefined)).toBe(1);
  });
});
