import fc from "fast-check";
import { JSONPathEnvironment } from "json-p3";
import { describe, expect, test } from "vitest";
import { selectPath } from "../../lib/asl/json-path.ts";
import { placeResult } from "../../lib/asl/result-path.ts";
import { ExpressionError } from "../../lib/model/expression.ts";
import type { Json } from "../../lib/model/json.ts";
import { byPaths, valueOfPath } from "./support/evaluated.ts";

const store: Json = {
  "delivery-partner": "UQS",
  "with space": 1,
  "it's": 2,
  open: true,
  nothing: null,
  books: [
    { title: "A", price: 8, tags: ["x", "y"], isbn: "1" },
    { title: "B", price: 12, tags: ["y"] },
    { title: "C", price: 22, tags: [], isbn: null },
  ],
  numbers: [3, 1, 2],
  words: ["a", "ab", "ba"],
};

describe("a definite path gives its value", () => {
  test.each<[string, Json]>([
    ["$", store],
    ["$.open", true],
    ["$.nothing", null],
    ["$.delivery-partner", "UQS"],
    ["$.books[0].title", "A"],
    ["$.books[-1].title", "C"],
    ["$.books.[1].price", 12],
    ["$['open']", true],
    ['$["open"]', true],
    ["$['with space']", 1],
    ["$['it\\'s']", 2],
    ["$[ 'open' ]", true],
  ])("%s", (path, value) => {
    expect(selectPath(path, store)).toEqual(value);
  });

  test.each(["$.none", "$.none.at.all", "$.books[3]", "$.books.title", "$.open.x", "$.numbers.x", "$.books['0']"])(
    "%s finds nothing",
    (path) => {
      expect(selectPath(path, store)).toBeUndefined();
    },
  );

  test.each(["$.constructor", "$.__proto__", "$.numbers.length", "$['toString']"])(
    "%s is no property of the document",
    (path) => {
      expect(selectPath(path, store)).toBeUndefined();
    },
  );
});

describe("the reference paths of the specification", () => {
  const lead = (value: Json, names: readonly string[]): Json =>
    names.reduceRight<Json>((inner, it) => ({ [it]: inner }), value);

  test.each<[string, readonly string[]]>([
    ["$.store.book", ["store", "book"]],
    ["$.store\\.book", ["store.book"]],
    ["$.\\stor\\e.boo\\k", ["store", "book"]],
    ["$.foo.\\.bar", ["foo", ".bar"]],
    ["$.foo\\@bar.baz\\[\\[.\\?pretty", ["foo@bar", "baz[[", "?pretty"]],
    ["$.&Ж中.\\uD800\\uDF46", ["&Ж中", "\uD800\uDF46"]],
    ["$['store']['book']", ["store", "book"]],
  ])("%s", (path, names) => {
    expect(selectPath(path, lead("here", names))).toBe("here");
    expect(placeResult(path, {}, "here")).toEqual(lead("here", names));
  });

  test("$.ledgers[0][22][315].foo", () => {
    const ledgers: Json = [Array.from({ length: 23 }, () => Array.from({ length: 316 }, (_, i) => ({ foo: i })))];
    expect(selectPath("$.ledgers[0][22][315].foo", { ledgers })).toBe(315);
  });
});

describe("any other path gives the list of what it finds", () => {
  test.each<[string, Json]>([
    ["$.books[*].title", ["A", "B", "C"]],
    ["$.books[1].*", ["B", 12, ["y"]]],
    ["$.numbers[0,2]", [3, 2]],
    ["$.numbers[0:2]", [3, 1]],
    ["$.numbers[1:]", [1, 2]],
    ["$.numbers[:-1]", [3, 1]],
    ["$.numbers[-2:]", [1, 2]],
    ["$..price", [8, 12, 22]],
    ["$..books[0].title", ["A"]],
    ["$.books[?(@.price > 10)].title", ["B", "C"]],
    ["$.books[?(@.title == 'B')].price", [12]],
    ["$.books[?(@.isbn)].title", ["A", "C"]],
    ["$.books[?(!@.isbn)].title", ["B"]],
    ["$.books[?(@.price < 10 || @.title == 'C' && @.price > 20)].title", ["A", "C"]],
    ["$.books[?((@.price < 10 || @.title == 'C') && @.isbn == null)].title", ["C"]],
    ["$.books[?(@.price == $.numbers[0])].title", []],
    ["$.books[?(@['title'] != 'A')].title", ["B", "C"]],
    ["$.none[*]", []],
    ["$.none[1:5].itemValue", []],
    ["$.open[*]", []],
  ])("%s", (path, value) => {
    expect(selectPath(path, store)).toEqual(value);
  });
});

describe("where AWS takes more than RFC 9535, which the library is for", () => {
  const rfc = new JSONPathEnvironment();

  test.each<[string, Json]>([
    ["$.books.[0].title", "A"],
    ["$.books.length()", 3],
    ["$.numbers.sum()", 6],
    ["$.books[?(@.title =~ /[bc]/i)].price", [12, 22]],
    ["$.words[?(@ =~ /a/)]", ["a"]],
    ["$.words[?(@ =~ /.*a/)]", ["a", "ba"]],
    ["$.books[?(@.title in ['A', 'C'])].price", [8, 22]],
    ["$.books[?(@.title nin ['A', 'C'])].price", [12]],
    ["$.books[?(@.tags contains 'x')].title", ["A"]],
    ["$.books[?(@.tags anyof ['y'])].title", ["A", "B"]],
    ["$.books[?(@.tags noneof ['y'])].title", ["C"]],
    ["$.books[?(@.tags subsetof ['y'])].title", ["B", "C"]],
    ["$.books[?(@.tags size 2)].title", ["A"]],
    ["$.books[?(@.tags empty true)].title", ["C"]],
    ["$.books[?(@.tags.length() > 1)].title", ["A"]],
  ])("%s is not its grammar, and gives what AWS gives", (path, value) => {
    expect(() => rfc.compile(path)).toThrow();
    expect(selectPath(path, store)).toEqual(value);
  });

  test("a definite path has a value where the library has a list of one", () => {
    expect(rfc.query("$.open", { open: true }).values()).toEqual([true]);
    expect(selectPath("$.open", { open: true })).toBe(true);
  });

  test("the names of one bracket at the end make an object where the library has a list", () => {
    expect(rfc.query("$['a','b']", { a: 1, b: 2, c: 3 }).values()).toEqual([1, 2]);
    expect(selectPath("$['a','b','none']", { a: 1, b: 2, c: 3 })).toEqual({ a: 1, b: 2 });
    expect(selectPath("$.books[*]['title','price']", { books: [{ title: "A", price: 1, n: 0 }, 3] })).toEqual([
      { title: "A", price: 1 },
    ]);
  });
});

describe("a function at the end of a path", () => {
  test.each<[string, Json | undefined]>([
    ["$.numbers.min()", 1],
    ["$.numbers.max()", 3],
    ["$.numbers.avg()", 2],
    ["$.books[*].price.max()", 22],
    ["$.open.length()", undefined],
    ["$.delivery-partner.length()", 3],
    ["$.books[0].keys()", ["title", "price", "tags", "isbn"]],
    ["$.numbers.first()", 3],
    ["$.numbers.last()", 2],
    ["$.numbers.index(-2)", 1],
    ["$.none.length()", undefined],
  ])("%s", (path, value) => {
    expect(selectPath(path, store)).toEqual(value);
  });
});

describe("a path that is none", () => {
  test.each(["$.", "$.a[", "$.a[x]", "$.a['b", "$.a b", "$.a[?(@.b ==)]", "$.a[?(@.b]", "$a.", "$.numbers.none()"])(
    "%s fails as States.Runtime",
    async (path) => {
      expect(await valueOfPath(path, { input: store, variables: { a: {} } })).toMatchObject({
        fails: "States.Runtime",
      });
    },
  );

  test("a filter runs no code", () => {
    const tries = ["process.exit(1)", "constructor.constructor('x')()", "this", "(() => 1)()", "@.a = 1", "`x`"];
    for (const it of tries) expect(() => selectPath(`$.books[?(${it})]`, store), it).toThrow(ExpressionError);
  });

  test("whatever is written, it is a value or an ExpressionError", () => {
    const piece = fc.constantFrom(
      ..."$ @ . .. [ ] ( ) ? * ' \" , : ! && || == < =~ / in size -1 0 a b-c length() \\ \u0000 é".split(" "),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          selectPath(`$${pieces.join("")}`, store);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what a path begins at", () => {
  const seen = { input: { a: 1 }, variables: { it: { b: [2] }, Übung_1: 3 } };

  test.each<[string, Json]>([
    ["$.a", 1],
    ["$$.State.Name", "Here"],
    ["$$['Execution'].Input", { started: true }],
    ["$it", { b: [2] }],
    ["$it.b[0]", 2],
    ["$it['b'][*]", [2]],
    ["$Übung_1", 3],
  ])("%s", async (path, value) => {
    expect(await valueOfPath(path, seen)).toEqual(value);
  });

  test.each(["$none", "$none.b", "$it.c", "$$.None", "$.b"])("%s is not there: States.Runtime", async (path) => {
    expect(await valueOfPath(path, seen)).toMatchObject({ fails: "States.Runtime" });
  });
});

describe("ResultPath", () => {
  test.each<[string | null, Json, Json]>([
    ["$", { a: 1 }, "R"],
    [null, { a: 1 }, { a: 1 }],
    ["$.b", { a: 1 }, { a: 1, b: "R" }],
    ["$.a", { a: 1 }, { a: "R" }],
    ["$.b.c.d", { a: 1 }, { a: 1, b: { c: { d: "R" } } }],
    ["$['b c']", {}, { "b c": "R" }],
    ["$.list[1]", { list: [1, 2, 3] }, { list: [1, "R", 3] }],
    ["$.list[0].x", { list: [{ y: 1 }] }, { list: [{ y: 1, x: "R" }] }],
    ["$.__proto__", {}, JSON.parse('{"__proto__":"R"}')],
  ])("%s puts the result into %j", async (ResultPath, input, output) => {
    expect(await byPaths({ op: "output", ResultPath }, { input, result: "R" })).toEqual(output);
    expect(await byPaths({ op: "caught", ResultPath }, { input, result: "R" })).toEqual(output);
  });

  test.each<[string, Json]>([
    ["$.a.b", { a: 1 }],
    ["$.a", [1]],
    ["$.a", "text"],
    ["$.a", null],
    ["$.list[3]", { list: [1, 2, 3] }],
    ["$.list[0]", {}],
  ])("%s cannot go into %j: States.ResultPathMatchFailure", async (ResultPath, input) => {
    expect(await byPaths({ op: "output", ResultPath }, { input, result: "R" })).toMatchObject({
      fails: "States.ResultPathMatchFailure",
    });
  });

  test("what it puts somewhere is found there, and all else is as it was", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }),
        fc.jsonValue(),
        (names, value) => {
          const path = `$${names.map((it) => `['${it.replace(/[\\']/g, "\\$&")}']`).join("")}`;
          const input = { "kept here": true };
          fc.pre(names[0] !== "kept here");
          const placed = placeResult(path, input, value as Json);
          expect(selectPath(path, placed)).toEqual(value);
          expect(selectPath("$['kept here']", placed)).toBe(true);
        },
      ),
    );
  });
});
