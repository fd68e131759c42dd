import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add } from "../../../../../lib/adapters/single-process/items/decimal.ts";
import { checkTransact } from "../../../../../lib/contract/transact.ts";
import type { TransactAction } from "../../../../../lib/contract/transact-action.ts";
import { isPawlError } from "../../../../../lib/errors.ts";
import { ItemsInMemory } from "../../../../support/items-in-memory.ts";
import { transactionsOn } from "../../../../support/transactions.ts";

const TableName = "ledger";
const refused = { kind: "refused" } as const;
function tried<T>(run: () => T): T | typeof refused {
  try {
    return run();
  } catch (error) {
    if (!isPawlError(error) || error.code !== "invalid_transaction") throw error;
    return refused;
  }
}
const filled = (before: object) => {
  const items = new ItemsInMemory();
  const puts = Object.entries(before).map(([pk, item]) => ({ Put: { TableName, Item: { ...item, pk } } }));
  items.apply(...puts);
  return items;
};
const tokens = fc.array(
  fc.constantFrom(
    "SET",
    "REMOVE",
    "ADD",
    "a",
    "#n",
    ":v",
    "(",
    ")",
    "[",
    "]",
    "0",
    ".",
    ",",
    "=",
    "<>",
    "+",
    "AND",
    "NOT",
    "BETWEEN",
    "IN",
    "size",
  ),
  { maxLength: 14 },
);
const texts = fc.oneof(
  tokens.map((it) => it.join(" ")),
  fc.string({ unit: "binary" }),
);

describe("whatever the expression", () => {
  it("it is carried out, or refused with a reason", () => {
    fc.assert(
      fc.property(texts, texts, (UpdateExpression, ConditionExpression) => {
        const of = {
          TableName,
          Key: { pk: "a" },
          ExpressionAttributeNames: { "#n": "n" },
          ExpressionAttributeValues: { ":v": 1 },
        };
        tried(() => filled({ a: { a: [1], n: 1 } }).apply({ Update: { ...of, UpdateExpression } }));
        tried(() => filled({ a: { a: [1], n: 1 } }).apply({ ConditionCheck: { ...of, ConditionExpression } }));
      }),
      { numRuns: 500 },
    );
  });
  it("a condition holds, or its negation does", () => {
    fc.assert(
      fc.property(transactionsOn(TableName), ({ before, actions: [action] }) => {
        if (!action || !("ConditionCheck" in action)) return;
        const { ConditionExpression: text, ...rest } = action.ConditionCheck;
        const outcome = (ConditionExpression: string) =>
          tried(() => filled(before).apply({ ConditionCheck: { ...rest, ConditionExpression } })).kind;
        const pair = [outcome(text), outcome(`NOT (NOT a = b AND ${text})`)];
        // Parentheses that stand twice are refused, which the text in the middle avoids; a and b are absent.
        expect([
          ["written", "unmet"],
          ["unmet", "written"],
          ["refused", "refused"],
        ]).toContainEqual(pair);
      }),
      { numRuns: 500 },
    );
  });
  it("nothing is written unless all is, and the items that were read stay as they were", () => {
    fc.assert(
      fc.property(transactionsOn(TableName), ({ before, actions }) => {
        const checked = checkTransact(actions);
        if (!checked.ok) return;
        const items = filled(before);
        const [was, text] = [items.all(), JSON.stringify(items.all())];
        const { kind } = tried(() => items.apply(...checked.value));
        expect(JSON.stringify(was)).toBe(text);
        if (kind !== "written") expect(items.all()).toEqual(was);
      }),
      { numRuns: 500 },
    );
  });
  it("the order of actions does not matter", () => {
    fc.assert(
      fc.property(transactionsOn(TableName), ({ before, actions }) => {
        const outcome = (of: readonly TransactAction[]) => {
          const items = filled(before);
          const { kind } = tried(() => items.apply(...of));
          return { kind, items: new Set(items.all()) };
        };
        expect(outcome([...actions].reverse())).toEqual(outcome(actions));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a sum", () => {
  const cents = fc.integer({ min: -(10 ** 12), max: 10 ** 12 });
  it("of amounts with cents has no digit that the amounts have not", () => {
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        expect(add(a / 100, b / 100)).toBe((a + b) / 100);
      }),
    );
  });
  it.each([
    [0.1, 0.2, 0.3],
    [1e-130, 0, 1e-130],
    [1, -1, 0],
    [9e15, 1e-20, 9e15],
    [Number.MAX_SAFE_INTEGER - 1, 1, Number.MAX_SAFE_INTEGER],
  ])("of %d and %d is %d", (a, b, sum) => expect(add(a, b)).toBe(sum));
  it.each([
    [Number.MAX_SAFE_INTEGER, 1, "the sum is 9007199254740992: beyond 2^53 numbers lose digits"],
    [9e15, 1e-25, "the sum has over 38 digits"],
    [1.1e-130, -1e-130, "the sum is 1e-131: DynamoDB's least is 1e-130"],
  ])("of %d and %d is refused", (a, b, problem) => expect(() => add(a, b)).toThrow(problem));
});
