/** The expected figures are those of the developer guide's "DynamoDB item sizes and formats". */
import { describe, expect, it } from "vitest";
import { itemBytes, levelsOf, MOST_ITEM_BYTES } from "../../../lib/contract/item-size.ts";

describe("the size of an item", () => {
  it.each([
    ["a text", { pk: "k" }, 3],
    ["a text in UTF-8", { é: "😀" }, 6],
    ["an empty text", { pk: "" }, 2],
    ["true, false and null", { a: true, b: false, c: null }, 6],
    ["0", { a: 0 }, 2],
    ["a number of two digits", { a: 12 }, 4],
    ["a number with zeros at its end", { a: 1_000_000 }, 3],
    ["a negative number", { a: -1 }, 4],
    ["an empty list or map", { a: [], b: {} }, 8],
    ["a list", { a: ["x", "y"] }, 8],
    ["a map", { a: { b: "x" } }, 7],
  ])("with %s is counted as DynamoDB counts it", (_, item, bytes) => expect(itemBytes(item)).toBe(bytes));
});

it("levels are lists and maps in one another", () => {
  expect([1, null, [], [null], [1, { a: [2] }]].map((it) => levelsOf(it))).toEqual([0, 0, 1, 1, 3]);
});

it("the largest item of a table has 400 KB", () => {
  expect(MOST_ITEM_BYTES).toBe(409_600);
});
