import { describe, expect, it } from "vitest";
import type { TransactAction } from "../../../../../lib/contract/transact-action.ts";
import type { Json } from "../../../../../lib/model/json.ts";
import { ItemsInMemory } from "../../../../support/items-in-memory.ts";

const TableName = "ledger";
const put = (Item: { readonly [attribute: string]: Json }, ConditionExpression?: string): TransactAction => ({
  Put: { TableName, Item, ConditionExpression },
});
const remove = (Key: { readonly [attribute: string]: string | number }): TransactAction => ({
  Delete: { TableName, Key },
});
const update = (pk: string, UpdateExpression: string, ConditionExpression?: string): TransactAction => ({
  Update: { TableName, Key: { pk }, UpdateExpression, ConditionExpression },
});
const check = (pk: string, ConditionExpression: string): TransactAction => ({
  ConditionCheck: { TableName, Key: { pk }, ConditionExpression },
});
const refusal = (problem: string) =>
  expect.objectContaining({ code: "invalid_transaction", message: expect.stringContaining(problem) });

describe("a transaction", () => {
  it("puts, updates, deletes and checks, all at once", () => {
    const items = new ItemsInMemory();
    items.apply(put({ pk: "a", n: 1, m: 2 }), put({ pk: "b", n: 2 }), put({ pk: "c" }));
    items.apply(
      put({ pk: "a", n: 3 }, "n < m"),
      update("b", "SET n = n + n"),
      remove({ pk: "c" }),
      check("d", "attribute_not_exists(pk)"),
    );
    expect(items.all()).toEqual([
      { pk: "a", n: 3 },
      { pk: "b", n: 4 },
    ]);
  });
  it("of which a condition does not hold writes nothing, and says which", () => {
    const items = new ItemsInMemory();
    items.apply(put({ pk: "a", n: 1 }));
    const unmet = items.apply(
      put({ pk: "b" }),
      check("a", "attribute_not_exists(pk)"),
      check("z", "attribute_exists(pk)"),
    );
    expect(unmet).toEqual({
      ...{ kind: "unmet", index: 1 },
      reason: 'action 1, ConditionCheck in "ledger": attribute_not_exists(pk) does not hold',
    });
    expect(items.all()).toEqual([{ pk: "a", n: 1 }]);
  });
  it("makes an item that has its key where an update finds none", () => {
    const items = new ItemsInMemory();
    items.apply(update("a", "SET same = pk"));
    expect(items.all()).toEqual([{ pk: "a", same: "a" }]);
  });
  it("looks at a condition before the item is made, where there is none even its key is absent", () => {
    const items = new ItemsInMemory();
    expect(items.apply(update("a", "REMOVE x", "attribute_exists(pk)"))).toMatchObject({ kind: "unmet", index: 0 });
  });
  it("deletes what is not there", () => {
    expect(new ItemsInMemory().apply(remove({ pk: "a" }))).toMatchObject({ kind: "written" });
  });
  it("whose condition does not hold is unmet, even if an update of it could not be made either", () => {
    const items = new ItemsInMemory();
    expect(items.apply(update("a", "SET x = nope"), check("b", "attribute_exists(pk)"))).toMatchObject({ index: 1 });
    expect(() => items.apply(update("a", "SET x = nope"))).toThrow(
      refusal('action 0, Update in "ledger": the item has no nope'),
    );
  });
  it("with a mistake in any expression is refused, whatever the conditions say", () => {
    const actions = [check("b", "attribute_exists(pk)"), update("a", "SET x = ")];
    expect(() => new ItemsInMemory().apply(...actions)).toThrow(refusal('action 1, Update in "ledger": '));
  });
  it.each<[string, readonly TransactAction[], string]>([
    [
      "a placeholder that is not used",
      [
        {
          ConditionCheck: {
            TableName,
            Key: { pk: "a" },
            ConditionExpression: "x = :v",
            ExpressionAttributeNames: { "#a": "a" },
            ExpressionAttributeValues: { ":v": 1, ":w": 1 },
          },
        },
      ],
      "no expression uses #a, :w",
    ],
    [
      "two actions on one item",
      [put({ pk: "a" }), put({ pk: "a", n: 1 })],
      'actions 0 and 1 are on the same item of "ledger"',
    ],
    ["an update of the key", [update("a", "SET pk.x = pk")], "pk is part of the key, and no update changes a key"],
    [
      "an item without its key",
      [put({ id: "a" })],
      'pk is the key of "ledger", and is missing: if the table has another key, declare it: tables: { "ledger": ',
    ],
    [
      "a Key with more than the key",
      [remove({ pk: "a", id: "b" })],
      'the Key has id, and the key of "ledger" is pk: if the table',
    ],
    ["a key that is a list", [put({ pk: ["a"] })], "pk is a key: a text that is not empty, or a number"],
    ["a key that is empty", [put({ pk: "" })], "pk is a key: a text that is not empty"],
    ["a partition key of 2,049 bytes", [put({ pk: "x".repeat(2049) })], "pk is a key, and has more than 2048 bytes"],
    [
      "a sort key of 1,025 bytes",
      [put({ pk: "a", sk: "x".repeat(1025) })],
      "sk is a key, and has more than 1024 bytes",
    ],
  ])("is refused for %s", (_, actions, problem) =>
    expect(() => new ItemsInMemory().apply(...actions)).toThrow(refusal(problem)),
  );
  it("is refused where an update makes an item too large or too deep", () => {
    const items = new ItemsInMemory();
    const half = "x".repeat(250_000);
    items.apply({
      Put: { TableName, Item: { pk: "a", half, deep: JSON.parse(`${"[".repeat(31)}${"]".repeat(31)}`) } },
    });
    expect(() => items.apply(update("a", "SET other1 = half"))).toThrow(refusal("the item after the update has 500"));
    expect(() => items.apply(update("a", "SET deep[0][0] = deep"))).toThrow(
      refusal("the item after the update has more than"),
    );
  });
});

describe("the key of a table", () => {
  it("is pk, and sk where an item has it", () => {
    const items = new ItemsInMemory();
    items.apply(put({ pk: "a" }), put({ pk: "a", sk: "1" }), put({ pk: "a", sk: 1 }), put({ pk: 1 }));
    items.apply(remove({ sk: 1, pk: "a" }), remove({ pk: 1 }));
    expect(items.all()).toEqual([{ pk: "a" }, { pk: "a", sk: "1" }]);
  });
  it("is what was declared", () => {
    const items = new ItemsInMemory({ ledger: { partitionKey: "chargeId", sortKey: "at" } });
    items.apply(put({ chargeId: "c", at: 1, pk: ["no key here"] }), put({ chargeId: "c", at: 2, sk: "x" }));
    items.apply(remove({ chargeId: "c", at: 1 }));
    expect(items.all()).toEqual([{ chargeId: "c", at: 2, sk: "x" }]);
    expect(() => items.apply(put({ chargeId: "c" }))).toThrow(refusal('at is the key of "ledger", and is missing'));
    expect(() => items.apply(remove({ chargeId: "c" }))).toThrow(refusal("at is the key"));
  });
});
