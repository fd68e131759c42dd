/** What AWS's own DynamoDB Local 2.6.1 made of each of these expressions is what stands here. */
import { describe, expect, it } from "vitest";
import { applyUpdate } from "../../../../../lib/adapters/single-process/items/apply-update.ts";
import { editTree } from "../../../../../lib/adapters/single-process/items/edit-tree.ts";
import { parseUpdate } from "../../../../../lib/adapters/single-process/items/parse-update.ts";
import { Placeholders } from "../../../../../lib/adapters/single-process/items/placeholders.ts";
import type { Json } from "../../../../../lib/model/json.ts";
import { frozen } from "../../../../../lib/model/json.ts";

const item = frozen({ n: 5, s: "a", z: null, l: [1, "x", { q: 1 }], m: { a: 1, d: { e: 2 } }, arr: [1, [2]] });
const values: { readonly [placeholder: string]: Json } = {
  ...{ ":one": 1, ":tenth": 0.1, ":two": 0.2, ":s": "t", ":list": [9], ":none": [], ":yes": true },
};
const names = { "#n": "n", "#name": "name", "#proto": "__proto__" };
const update = (text: string, of: typeof item | { n?: number } = item) =>
  applyUpdate(editTree(parseUpdate(text, new Placeholders(names, values))), of as typeof item);

describe("an update", () => {
  it.each([
    ["SET n = n + :one", { n: 6 }],
    ["SET n=n-:one", { n: 4 }],
    ["SET n = :one - n", { n: -4 }],
    ["SET n = (n) + (:one)", { n: 6 }],
    ["SET n = (n + :one)", { n: 6 }],
    ["SET n = :tenth + :two", { n: 0.3 }],
    ["SET n = n - :one, x = n", { n: 4, x: 5 }],
    ["set x = :one remove n add y :one", { x: 1, n: undefined, y: 1 }],
    ["SET x = n REMOVE n", { x: 5, n: undefined }],
    ["SET #name = :s, #n = :s", { name: "t", n: "t" }],
    ["SET x = (:s)", { x: "t" }],
    ["SET x = z", { x: null }],
    ["SET x = if_not_exists(x, :one) + :one", { x: 2 }],
    ["SET x = if_not_exists(n, :s) + :one", { x: 6 }],
    ["SET x = if_not_exists(z, :one)", { x: null }],
    ["SET x = if_not_exists(x.y[0].z, :one)", { x: 1 }],
    ["SET x = if_not_exists(x, if_not_exists(y, :one))", { x: 1 }],
    ["SET x = (if_not_exists(x, (:one)))", { x: 1 }],
    ["SET l = list_append(l, :list)", { l: [1, "x", { q: 1 }, 9] }],
    ["SET l = list_append(:list, l)", { l: [9, 1, "x", { q: 1 }] }],
    ["SET x = list_append(if_not_exists(x, :none), :list)", { x: [9] }],
    ["SET l[9] = :s, l[7] = :one", { l: [1, "x", { q: 1 }, 1, "t"] }],
    ["SET l[1] = :s REMOVE l[0]", { l: ["t", { q: 1 }] }],
    ["REMOVE l[0], l[2]", { l: ["x"] }],
    ["REMOVE l[0], l[9]", { l: ["x", { q: 1 }] }],
    ["REMOVE l[0] SET l[3] = :s", { l: ["x", { q: 1 }, "t"] }],
    ["SET l[2].q = :s REMOVE l[1]", { l: [1, { q: "t" }] }],
    ["SET l[0] = l[1], l[1] = l[0]", { l: ["x", 1, { q: 1 }] }],
    ["SET arr[1][5] = :one REMOVE arr[0]", { arr: [[2, 1]] }],
    ["SET m.d = m, x = m.d", { m: { a: 1, d: { a: 1, d: { e: 2 } } }, x: { e: 2 } }],
    ["SET m.a = m.a + :one, m.b1 = m.a", { m: { a: 2, b1: 1, d: { e: 2 } } }],
    ["SET m.a = :s, m.d.e = :s", { m: { a: "t", d: { e: "t" } } }],
    ["REMOVE m.zz, nope", {}],
    ["ADD n :one", { n: 6 }],
    ["ADD x :one, m.a :tenth, m.zz :one", { x: 1, m: { a: 1.1, zz: 1, d: { e: 2 } } }],
    ["ADD arr[8] :two SET arr[9] = :one, arr[5] = :s", { arr: [1, [2], "t", 0.2, 1] }],
    ["SET add1 = :one", { add1: 1 }],
  ])("%s", (text, change) => {
    const after = { ...item, ...change };
    expect(update(text)).toStrictEqual(Object.fromEntries(Object.entries(after).filter(([, it]) => it !== undefined)));
  });

  it("sets an attribute that is called __proto__ like any other", () => {
    expect(Object.entries(update("SET #proto = :one", {}))).toEqual([["__proto__", 1]]);
  });

  it.each([
    ["SET", "the name of an attribute is expected where the end stands"],
    ["FOO n", "one of SET, REMOVE, ADD, DELETE is expected where FOO stands"],
    ["SETx = :one", "one of SET, REMOVE, ADD, DELETE is expected"],
    ["SET x :one", "= is expected where :one stands"],
    ["SET x = :one,", "the name of an attribute is expected where the end stands"],
    ["SET x = :one, REMOVE n", "REMOVE is a reserved word"],
    ["SET x = :one = :one", "one of SET, REMOVE, ADD, DELETE is expected where = stands"],
    ["SET x = :one SET y = :one", "SET stands twice"],
    ["SET (n) = :one", "the name of an attribute is expected where ( stands"],
    ["SET name = :one", "name is a reserved word"],
    ["SET x = not", "not is a reserved word"],
    ["SET x = :one + :one + :one", "one of SET, REMOVE, ADD, DELETE is expected where + stands"],
    ["SET x = (n + :one) + :one", "+ takes no sum and no list_append"],
    ["SET x = ((n + :one))", "parentheses stand twice"],
    ["SET x = ((:one))", "parentheses stand twice"],
    ["SET x = if_not_exists(x, :one + :one)", ") is expected where + stands"],
    ["SET x = if_not_exists(:one, :one)", "if_not_exists takes the path of an attribute first"],
    ["SET x = if_not_exists(n, #n)", "if_not_exists has the same path twice"],
    ["SET m.remove = :one", "remove is a reserved word"],
    ["SET x = if_not_exists(n)", "if_not_exists takes 2 operands, and has 1"],
    ["SET x = list_append(l, l, l)", "list_append takes 2 operands, and has 3"],
    ["SET x = list_append(list_append(l, l), l)", "list_append stands alone"],
    ["SET x = list_append(l, l) + :one", "+ takes no sum and no list_append"],
    ["SET x = list_append(l, :one)", "list_append takes no operand of type N"],
    ["SET x = n + :s", "+ takes no operand of type S"],
    ["SET x = size(l)", "size is no function of an update"],
    ["REMOVE n n", "one of SET, REMOVE, ADD, DELETE is expected where n stands"],
    ["ADD n n", "a :value is expected where n stands"],
    ["ADD n :s", "ADD takes a :value that is a number; sets have no JSON form"],
    ["DELETE n :one", "sets have no JSON form"],
    ["SET m = :one, m.a = :one", "m is changed twice"],
    ["SET m.a = :one REMOVE m", "m is changed twice"],
    ["REMOVE n, #n", "n is changed twice"],
    ["SET m.a = :one, m[0] = :one", "m is taken for a list and for a map"],
    [
      `SET ${Array.from({ length: 301 }, (_, index) => `x${index} = n + :one`)}`,
      "more than 300 operators and functions",
    ],
  ])("that says %s is refused", (text, problem) => refused(text, problem));

  it.each([
    ["SET x = nope", "the item has no nope"],
    ["SET x = if_not_exists(n, nope)", "the item has no nope"],
    ["SET x = :one, m.a = x", "the item has no x"],
    ["SET x = m.d[0]", "the item has no m.d[0]"],
    ["SET x = s + :one", "a number is added to something that is none"],
    ["SET x = list_append(n, :list)", "list_append has an operand that is no list"],
    ["ADD s :one", "a number is added to something that is none"],
    ["ADD z :one", "a number is added to something that is none"],
    ["SET m.zz.yy = :one", "there is no map at m.zz"],
    ["SET m[0] = :one", "there is no list at m"],
    ["SET l.a = :one", "there is no map at l"],
    ["SET l[9].q = :one", "there is no map at l[9]"],
    ["REMOVE nope.a", "there is no map at nope"],
    ["REMOVE m.zz[0]", "there is no list at m.zz"],
    ["ADD n.a :one", "there is no map at n"],
  ])("%s is refused where the item has not what it speaks of", (text, problem) => refused(text, problem));

  const refused = (text: string, problem: string) =>
    expect(() => update(text)).toThrow(
      expect.objectContaining({ code: "invalid_transaction", message: expect.stringContaining(problem) }),
    );
});
