/** What AWS's own DynamoDB Local 2.6.1 said of each of these expressions is what stands here. */
import { describe, expect, it } from "vitest";
import { holds } from "../../../../../lib/adapters/single-process/items/evaluate-condition.ts";
import { parseCondition } from "../../../../../lib/adapters/single-process/items/parse-condition.ts";
import { Placeholders } from "../../../../../lib/adapters/single-process/items/placeholders.ts";
import type { Json } from "../../../../../lib/model/json.ts";

const item = {
  ...{ pk: "k", n: 5, s: "héllo", e: "", b: true, z: null, t: "b", big: "😀", hi: "\uffff", "a.b": 1 },
  ...{ l: [1, "x", { q: 1 }], m: { a: 1, d: { e: 2 } }, nl: [null, true, 1], arr: [1, [2]] },
};
const names = { "#n": "n", "#d": "d", "#dot": "a.b", "#l": "l", "#1": "n", "#name": "name" };
type Values = { readonly [placeholder: string]: Json };
const of = (text: string, values: Values = {}) => holds(parseCondition(text, new Placeholders(names, values)), item);
const table = (...rows: (readonly [string, Values?])[]) => rows.map(([text, values = {}]) => ({ text, values }));
const list = Array.from({ length: 101 }, (_, index) => `:v${index}`);
const many = Object.fromEntries(list.map((it, index) => [it, index]));

describe("a condition holds:", () => {
  it.each(
    table(
      ...([
        ["n = :v", { ":v": 5 }],
        ["n <> :v", { ":v": "5" }],
        ["l = :v", { ":v": [1, "x", { q: 1 }] }],
      ] as const),
      ...([
        ["m = :v", { ":v": { d: { e: 2 }, a: 1 } }],
        ["m.d = :v", { ":v": { e: 2 } }],
        ["z = :v", { ":v": null }],
      ] as const),
      ...([["nope <> :v", { ":v": 1 }], ["nope <> other1"], ["NOT nope < :v", { ":v": 1 }], ["m.zz <> l[9]"]] as const),
      ...([
        ["m.a = l[0]"],
        ["m.d.e > l[0]"],
        ["#n = :v", { ":v": 5 }],
        ["m.#d.e = :v", { ":v": 2 }],
        ["#l[0] = :v", { ":v": 1 }],
      ] as const),
      ...([
        ["#dot = :v", { ":v": 1 }],
        ["#1 = :1", { ":1": 5 }],
        ["l [ 0 ] = :v", { ":v": 1 }],
        ["m . a\n=\t:v\r", { ":v": 1 }],
      ] as const),
      ...([
        ["t > :v", { ":v": "B" }],
        ["big > hi"],
        ["n>=:v AND n<=:v", { ":v": 5 }],
        [":v = :v", { ":v": 1 }],
      ] as const),
      ...([
        ["n between :a and :b", { ":a": 5, ":b": 9 }],
        [":v between :v and n", { ":v": 1 }],
      ] as const),
      ...([
        ["n in (:a, :b)", { ":a": "x", ":b": 5 }],
        ["n IN ((:a))", { ":a": 5 }],
        [`n IN (${list.slice(0, 100)})`, many],
      ] as const),
      ...([
        ["attribute_exists(m.d.e)"],
        ["attribute_exists (z)"],
        ["attribute_exists((l[2].q))"],
        ["(attribute_exists(n))"],
      ] as const),
      ...([["attribute_not_exists(m.zz.yy)"], ["attribute_not_exists(m[0])"], ["attribute_not_exists(l[3])"]] as const),
      ...([
        ["attribute_not_exists(#name)"],
        ["attribute_type(n, :v)", { ":v": "N" }],
        ["attribute_type(m, :v)", { ":v": "M" }],
      ] as const),
      ...([
        ["attribute_type(size(s), :v)", { ":v": "N" }],
        ["attribute_type(:w, :v)", { ":v": "N", ":w": 1 }],
      ] as const),
      ...([
        ["begins_with(s, :v)", { ":v": "hé" }],
        ["begins_with(s, :v)", { ":v": "" }],
        ["begins_with(:v, t)", { ":v": "bcd" }],
      ] as const),
      ...([
        ["contains(s, :v)", { ":v": "ll" }],
        ["contains(l, :v)", { ":v": { q: 1 } }],
        ["contains(nl, z)"],
        ["contains(arr, :v)", { ":v": [2] }],
      ] as const),
      ...([
        ["contains(l, size(:o))", { ":o": "a" }],
        ["contains(:v, t)", { ":v": "abc" }],
      ] as const),
      ...([
        ["size(s) = :v", { ":v": 5 }],
        ["size(big) = :v", { ":v": 2 }],
        ["size(l) > size(m)"],
        ["size(e) = :v", { ":v": 0 }],
      ] as const),
      ...([
        ["size(nope) <> :v", { ":v": 0 }],
        ["NOT size(n) = :v", { ":v": 1 }],
        ["(size((s))) = (:v)", { ":v": 5 }],
      ] as const),
      ...([
        ["n = :v or n = :w and n = :w", { ":v": 5, ":w": 6 }],
        ["not not n = :v", { ":v": 5 }],
        ["n = :v AND(n = :v)", { ":v": 5 }],
      ] as const),
      ...([
        ["((n = :v) AND (n = :v))", { ":v": 5 }],
        ["NOT (NOT (n = :v))", { ":v": 5 }],
        ["(n = :v)AND n = :v", { ":v": 5 }],
      ] as const),
      [Array(150).fill("n = :v").join(" OR "), { ":v": 5 }],
    ),
  )("$text", ({ text, values }) => expect(of(text, values)).toBe(true));
});

describe("a condition does not hold:", () => {
  it.each(
    table(
      ...([
        ["n = :v", { ":v": "5" }],
        ["nope = :v", { ":v": 1 }],
        ["nope = other1"],
        ["m.zz = l[9]"],
        ["N = :v", { ":v": 5 }],
      ] as const),
      ...([
        ["n < t"],
        ["b < z"],
        ["m < l"],
        ["t < :v", { ":v": "a" }],
        ["n >= :v", { ":v": "a" }],
        ["hi > big"],
      ] as const),
      ...([
        ["nope IN (:v)", { ":v": 1 }],
        ["n in (:a)", { ":a": [1] }],
        ["n between :a and t", { ":a": 1 }],
        ["n BETWEEN t AND t"],
      ] as const),
      ...([
        ["attribute_exists(l[3])"],
        ["attribute_exists(m[0])"],
        ["attribute_exists(m.toString)"],
        ["attribute_not_exists(z)"],
      ] as const),
      ...([
        ["attribute_type(nope, :v)", { ":v": "N" }],
        ["attribute_type(l, :v)", { ":v": "SS" }],
        ["begins_with(n, :v)", { ":v": "5" }],
      ] as const),
      ...([
        ["contains(l, :v)", { ":v": [1] }],
        ["contains(m, :v)", { ":v": "a" }],
        ["contains(s, :v)", { ":v": 1 }],
        ["contains(l, nope)"],
      ] as const),
      ...([
        ["size(n) = :v", { ":v": 1 }],
        ["size(b) < :v", { ":v": 100 }],
        ["size(nope) = :v", { ":v": 0 }],
        ["size(s) < :v", { ":v": "a" }],
      ] as const),
      ...([
        ["not n = :v and n = :v", { ":v": 6 }],
        ["n = :v AND NOT(n = :v)", { ":v": 5 }],
        ["(NOT n = :v)", { ":v": 5 }],
      ] as const),
    ),
  )("$text", ({ text, values }) => expect(of(text, values)).toBe(false));
});

describe("a condition is refused:", () => {
  const v = { ":v": 5, ":w": 6, ":s": "x", ":yes": true, ":X": "X" };
  it.each([
    ["", "the name of an attribute is expected where the end stands"],
    ["n", "a comparison is expected where the end stands"],
    [":v", "a comparison is expected"],
    ["n = :v and", "the name of an attribute is expected where the end stands"],
    ["n = :v = :v", "AND, OR or the end is expected where = stands"],
    ["(n = :v) = :v", "AND, OR or the end is expected where = stands"],
    ["n = (n = :v)", ") is expected where = stands"],
    ["n == :v", "the name of an attribute is expected where = stands"],
    ["n != :v", '"!= :v" is no part of an expression'],
    ["n = 5", "the name of an attribute is expected where 5 stands"],
    ["s = 'x'", "\"'x'\" is no part of an expression"],
    ["é = :v", '"é = :v" is no part of an expression'],
    ["_n = :v", '"_n = :v" is no part of an expression'],
    ["n = :v\u00a0", "is no part of an expression"],
    ["n< >:v", "the name of an attribute is expected where > stands"],
    ["n-1 = :v", "a comparison is expected where - stands"],
    ["n and b", "a comparison is expected where and stands"],
    ["n in :v", "( is expected where :v stands"],
    ["n in ()", "the name of an attribute is expected where ) stands"],
    ["l[01] = :v", "] is expected where 1 stands"],
    ["l[-1] = :v", "a place in a list, such as 0, is expected where - stands"],
    ["l[:v] = :v", "a place in a list, such as 0, is expected where :v stands"],
    ["l[2147483648] = :v", "2147483648 is beyond the places that a list can have"],
    [":v.a = :w", "a comparison is expected where . stands"],
    ["(m).a = :v", "a comparison is expected where . stands"],
    ["attribute_exists(n", ") is expected where the end stands"],
    ["name = :v", "name is a reserved word: give it a #name"],
    ["m.Name = :v", "Name is a reserved word"],
    ["between = :v", "between is a reserved word"],
    ["#nope = :v", "#nope is not in ExpressionAttributeNames"],
    ["#toString = :v", "#toString is not in ExpressionAttributeNames"],
    ["n = :nope", ":nope is not in ExpressionAttributeValues"],
    ["((n = :v))", "parentheses stand twice around the same"],
    ["((n)) = (:v)", "parentheses stand twice around the same"],
    ["(((n = :v) AND (n = :v)))", "parentheses stand twice around the same"],
    ["NOT ((n = :v))", "parentheses stand twice around the same"],
    ["m = m", "= has m on both sides"],
    ["#n < n", "< has n on both sides"],
    ["n in (:v, n)", "IN has n on both sides"],
    ["n between :v and n", "BETWEEN has n on both sides"],
    ["begins_with(l[0].a, l[0].a)", "begins_with has l[0].a on both sides"],
    ["contains(s, s)", "contains has s on both sides"],
    ["n < :yes", "< takes no operand of type BOOL"],
    ["n between t and :yes", "BETWEEN takes no operand of type BOOL"],
    ["n between :v and :s", "the bounds of BETWEEN are of two types"],
    ["n between :w and :v", "the lower bound of BETWEEN is above the upper one"],
    ["foo(n)", "foo is no function of a condition"],
    ["Attribute_Exists(n)", "Attribute_Exists is no function of a condition"],
    ["if_not_exists(n, :v) = :v", "if_not_exists is no function of a condition"],
    ["attribute_exists(z, n)", "attribute_exists takes 1 operands, and has 2"],
    ["begins_with(s)", "begins_with takes 2 operands, and has 1"],
    ["attribute_exists(:v)", "attribute_exists takes the path of an attribute"],
    ["attribute_exists(size(s))", "attribute_exists takes the path of an attribute"],
    ["attribute_exists(z) = :v", "AND, OR or the end is expected where = stands"],
    ["n = attribute_exists(z)", "a function that is true or false is no operand"],
    ["size(s)", "a comparison is expected where the end stands"],
    ["size(size(s)) = :v", "size takes no operand of type N"],
    ["size(:v) = :w", "size takes no operand of type N"],
    ["begins_with(s, :v)", "begins_with takes no operand of type N"],
    ["begins_with(size(s), :s)", "begins_with takes no operand of type N"],
    ["attribute_type(n, t)", "attribute_type takes a :value that names a type"],
    ["attribute_type(n, :v)", "attribute_type takes a :value that names a type"],
    ["attribute_type(n, :X)", "X is no type of an attribute: S, N"],
    [`n IN (${list})`, "IN has 101 operands, and the limit is 100"],
    [Array(151).fill("n = :v").join(" OR "), "more than 300 operators and functions"],
  ])("%s", (text, problem) =>
    expect(() => of(text, { ...v, ...many })).toThrow(
      expect.objectContaining({ code: "invalid_transaction", message: expect.stringContaining(problem) }),
    ),
  );
});
