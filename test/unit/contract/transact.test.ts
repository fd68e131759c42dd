import { describe, expect, it } from "vitest";
import { MOST_ITEM_BYTES } from "../../../lib/contract/item-size.ts";
import { checkTransact } from "../../../lib/contract/transact.ts";
import type { TransactAction } from "../../../lib/contract/transact-action.ts";
import type { Json } from "../../../lib/model/json.ts";

const TableName = "ledger";
const Key = { pk: "k" };
const put = (Item: { readonly [attribute: string]: Json }): TransactAction => ({ Put: { TableName, Item } });
const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)]);
const expression = (bytes: number) => `attribute_exists(${"x".repeat(bytes - 18)})`;
const check = (ConditionExpression: string): TransactAction => ({
  ConditionCheck: { TableName, Key, ConditionExpression },
});
/** Puts of so many bytes together: names and values count, in items of 400 KB. */
const bytesInAll = (bytes: number): readonly TransactAction[] =>
  Array.from({ length: Math.ceil(bytes / MOST_ITEM_BYTES) }, (_, n) => {
    const left = Math.min(MOST_ITEM_BYTES, bytes - n * MOST_ITEM_BYTES);
    return put({ pk: `${n}`, a: "x".repeat(left - "pk0a".length) });
  });
/** Callers that the compiler does not hold back. */
const untyped = (...actions: readonly unknown[]) => checkTransact(actions as readonly TransactAction[]);

describe("a transaction that is as it should be", () => {
  it("comes back as a frozen copy without what is undefined", () => {
    const Item = { pk: "k", tags: ["a"] };
    const checked = checkTransact([{ Put: { TableName, Item, ConditionExpression: undefined } }]);
    Item.tags.push("later");
    expect(checked).toStrictEqual({ ok: true, value: [{ Put: { TableName, Item: { pk: "k", tags: ["a"] } } }] });
    expect(Object.isFrozen(checked.ok && checked.value)).toBe(true);
  });
  it.each<[string, readonly TransactAction[]]>([
    ["no action", []],
    ["99 actions", Array.from({ length: 99 }, (_, n) => put({ pk: `${n}` }))],
    [
      "one of each kind",
      [
        put({ pk: "1" }),
        {
          Update: {
            TableName,
            Key: { pk: "2" },
            UpdateExpression: "SET a = :a",
            ExpressionAttributeValues: { ":a": null },
          },
        },
        { Delete: { TableName, Key: { pk: 3 } } },
        {
          ConditionCheck: {
            TableName,
            Key: { pk: "4", sk: "x" },
            ConditionExpression: "#a",
            ExpressionAttributeNames: { "#a": "b" },
          },
        },
      ],
    ],
    ["the same key in two tables", [put({ pk: "k" }), { Delete: { TableName: "other", Key } }]],
    ["an ARN for a table", [{ Delete: { TableName: "arn:aws:dynamodb:eu-west-1:1:table/ledger", Key } }]],
    [
      "a condition in each kind",
      [
        { Put: { TableName, Item: { pk: "1" }, ConditionExpression: "x" } },
        { Update: { TableName, Key: { pk: "2" }, UpdateExpression: "SET a = b", ConditionExpression: "x" } },
        { Delete: { TableName, Key: { pk: "3" }, ConditionExpression: "x" } },
      ],
    ],
    ["3.6 MB in all", bytesInAll(3_784_704)],
    ["an item of 400 KB", [put({ pk: "x".repeat(MOST_ITEM_BYTES - 2) })]],
    ["an item of 32 levels", [put({ pk: "k", a: nested(31) })]],
    ["an expression of 4,096 bytes", [check(expression(4096))]],
    ["numbers at the edge", [put({ pk: "k", a: [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 1e-130, 0] })]],
  ])("may have %s", (_, actions) => expect(checkTransact(actions)).toMatchObject({ ok: true }));
});

describe("a transaction is refused for", () => {
  it.each<[string, readonly unknown[], string]>([
    [
      "100 actions",
      Array.from({ length: 100 }, (_, n) => put({ pk: `${n}` })),
      "it has 100 actions, and the limit is 99",
    ],
    ["an action of no kind", [{}], "action 0: it has nothing, and must have one of Put, Update"],
    ["an action that is none", [put({ pk: "1" }), "Put"], "action 1: it has nothing"],
    ["an action that is null", [null], "action 0: it has nothing"],
    ["an action of another kind", [{ Get: { TableName, Key } }], "action 0: it has Get, and must have one of"],
    ["an action of two kinds", [{ ...put({ pk: "1" }), Delete: { TableName, Key } }], "it has Put, Delete"],
    ["a part that is missing", [{ Update: { TableName, Key } }], "action 0: Update: UpdateExpression: "],
    [
      "a part that is not supported",
      [{ Put: { TableName, Item: Key, Expected: {} } }],
      'Put: Unrecognized key: "Expected"',
    ],
    [
      "what is ours to set",
      [{ Delete: { TableName, Key, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } }],
      "Unrecognized key",
    ],
    ["a table's name with more behind it", [{ Delete: { TableName: "ledger!", Key } }], "is neither a table's name"],
    ["a table's name with more before it", [{ Delete: { TableName: "!ledger", Key } }], "is neither a table's name"],
    ["no table", [{ Delete: { TableName: "ab", Key } }], "TableName: is neither a table's name nor its ARN"],
    ["an item without attributes", [put({})], "Put: Item: is empty"],
    ["a key of no attribute", [{ Delete: { TableName, Key: {} } }], "Delete: Key: a key has one attribute or two"],
    [
      "a key of three attributes",
      [{ Delete: { TableName, Key: { a: 1, b: 1, c: 1 } } }],
      "a key has one attribute or two",
    ],
    ["a key that is empty", [{ Delete: { TableName, Key: { pk: "" } } }], "Key.pk: is an empty key"],
    ["a key that is neither text nor number", [{ Delete: { TableName, Key: { pk: true } } }], "Key.pk: is no key"],
    [
      "a Set",
      [{ Put: { TableName, Item: { pk: "k", tags: new Set(["a"]) } } }],
      "a Set at [0].Put.Item.tags is not JSON: sets have no JSON form",
    ],
    ["a Date", [{ Put: { TableName, Item: { pk: "k", at: new Date(0) } } }], "a Date at [0].Put.Item.at is not JSON"],
    ["NaN", [put({ pk: "k", a: Number.NaN })], "NaN at [0].Put.Item.a is not JSON"],
    [
      "a number that loses digits",
      [put({ pk: "k", a: [2 ** 53] })],
      'action 0, Put in "ledger": Item.a.0 is 9007199254740992',
    ],
    [
      "a number below all of DynamoDB's",
      [put({ pk: "k", a: -9e-131 })],
      "Item.a is -9e-131: DynamoDB's least is 1e-130",
    ],
    ["half a surrogate pair", [put({ pk: "k", a: "\ud800" })], "Item.a has half a surrogate pair"],
    [
      "half a surrogate pair in a key",
      [{ Delete: { TableName, Key: { pk: "\ud800" } } }],
      "Key.pk has half a surrogate",
    ],
    [
      "half a surrogate pair in a value",
      [{ ConditionCheck: { TableName, Key, ConditionExpression: "x", ExpressionAttributeValues: { ":a": "\ud800" } } }],
      "ExpressionAttributeValues.:a has half a surrogate",
    ],
    [
      "half a surrogate pair in a name",
      [{ ConditionCheck: { TableName, Key, ConditionExpression: "x", ExpressionAttributeNames: { "#a": "\ud800" } } }],
      "ExpressionAttributeNames.#a has half a surrogate",
    ],
    [
      "placeholders that are none",
      [{ Delete: { TableName, Key, ConditionExpression: "x", ExpressionAttributeNames: "a" } }],
      "ExpressionAttributeNames: Invalid input: expected record",
    ],
    ["an attribute without a name", [put({ pk: "k", a: { "": 1 } })], "Item.a has an attribute without a name"],
    [
      "a name that is empty",
      [{ ConditionCheck: { TableName, Key, ConditionExpression: "#a", ExpressionAttributeNames: { "#a": "" } } }],
      "ExpressionAttributeNames.#a",
    ],
    [
      "a placeholder without #",
      [{ ConditionCheck: { TableName, Key, ConditionExpression: "#a", ExpressionAttributeNames: { a: "a" } } }],
      "a placeholder is # and letters, digits or _",
    ],
    [
      "a placeholder with a -",
      [{ ConditionCheck: { TableName, Key, ConditionExpression: "x", ExpressionAttributeValues: { ":a-b": 1 } } }],
      "a placeholder is : and letters, digits or _",
    ],
    [
      "no placeholders",
      [{ Delete: { TableName, Key, ConditionExpression: "x", ExpressionAttributeNames: {} } }],
      "is empty: leave it out",
    ],
    [
      "placeholders without an expression",
      [{ Delete: { TableName, Key, ExpressionAttributeNames: { "#a": "a" } } }],
      "there is no expression",
    ],
    ["an expression that is empty", [check("")], "ConditionExpression: "],
    ["an expression of 4,097 bytes", [check(expression(4097))], "ConditionExpression: has more than 4096 bytes"],
    [
      "an item of 400 KB and a byte",
      [put({ pk: "x".repeat(MOST_ITEM_BYTES - 1) })],
      "Item has 409601 bytes, and the limit is 409600",
    ],
    ["an item of 33 levels", [put({ pk: "k", a: nested(32) })], "Item has more than 32 levels"],
    ["a byte more than 3.6 MB", bytesInAll(3_784_705), "it has 3784705 bytes, and the limit is 3784704"],
    [
      "keys and values of more than 3.6 MB",
      Array.from({ length: 10 }, (_, n) => ({
        Update: {
          ...{ TableName, Key: { pk: `${n}` }, UpdateExpression: "SET a = :a" },
          ExpressionAttributeValues: { ":a": "x".repeat(390_000) },
        },
      })),
      "bytes, and the limit is 3784704",
    ],
    [
      "more than 3.6 MB",
      Array.from({ length: 10 }, (_, n) => put({ pk: `${n}`, a: "x".repeat(390_000) })),
      "bytes, and the limit is 3784704",
    ],
    [
      "two actions on one item",
      [
        { Delete: { TableName, Key: { pk: "k", sk: "1" } } },
        check("x"),
        { Delete: { TableName, Key: { sk: "1", pk: "k" } } },
      ],
      'actions 0 and 2 are on the same item of "ledger"',
    ],
    [
      "a Put of an item that another action is on",
      [put({ pk: "k", a: 1 }), { Delete: { TableName, Key } }],
      'actions 0 and 1 are on the same item of "ledger"',
    ],
  ])("%s", (_, actions, problem) =>
    expect(untyped(...actions)).toEqual({ ok: false, problem: expect.stringContaining(problem) }),
  );
});

it("only a Set is told what to keep instead", () => {
  const Item = { pk: "k", at: new Date(0) } as unknown as { pk: string };
  const problem = "the transaction is refused: a Date at [0].Put.Item.at is not JSON";
  expect(checkTransact([put(Item)])).toEqual({ ok: false, problem });
});

it.each<[string, object]>([
  ["Update", { Key, UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": "\ud800" } }],
  ["Delete", { Key: { pk: "\ud800" } }],
  ["ConditionCheck", { Key: { pk: "\ud800" }, ConditionExpression: "x" }],
])("what is wrong with the values of an action is told with its kind and its table: %s", (kind, body) => {
  expect(untyped({ [kind]: { TableName, ...body } })).toMatchObject({
    problem: expect.stringContaining(`action 0, ${kind} in "ledger": `),
  });
});
