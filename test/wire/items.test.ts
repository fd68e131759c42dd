/**
 * The embedded engine's items against DynamoDB's wire format: random transactions, carried out by both, leave the same
 * items. What one of the two refuses is not compared: MiniStack takes much that DynamoDB refuses, and refuses some of what
 * it takes (parentheses around an operand, `contains` of a value, `begins_with` of a number). For that, the tables in
 * test/unit/adapters/single-process/items hold what AWS's own DynamoDB Local says.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { awsClient } from "../../lib/adapters/aws/client-config.ts";
import { checkTransact } from "../../lib/contract/transact.ts";
import { partsOf, type TransactAction } from "../../lib/contract/transact-action.ts";
import { isPawlError } from "../../lib/errors.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { createPlainTable, deleteTable } from "../support/aws/table.ts";
import { itemsOf, type Outcome, transactOn } from "../support/aws/transact-on.ts";
import { ItemsInMemory } from "../support/items-in-memory.ts";
import { type PlainItem, transactionsOn } from "../support/transactions.ts";

function inMemory(items: ItemsInMemory, actions: readonly TransactAction[]): Outcome {
  const checked = checkTransact(actions);
  if (!checked.ok) return { kind: "invalid", why: checked.problem };
  try {
    return { kind: items.apply(...checked.value).kind };
  } catch (error) {
    if (!isPawlError(error)) throw error;
    return { kind: "invalid", why: error.message };
  }
}

/**
 * MiniStack holds two absent attributes to be equal, so only a value is compared with an attribute here; and it appends
 * what is set beyond the end of a list in the order of the text, so at most one place in a list is changed.
 */
function unlikeDynamoDb(action: TransactAction): boolean {
  const { condition = "", update = "" } = partsOf(action);
  const lists = [...condition.matchAll(/\bIN \(([^)]*)/gi)];
  const pair = /(<>|(?<![<>])=)\s*[^:\s>]|:\w+\s*(<>|=)/;
  const inPair = lists.some(([, list]) => /(^|, )[^:]/.test(list ?? ""));
  return pair.test(condition) || inPair || update.split("[").length > 2;
}

onStandIn("a transaction of a user's writes", (aws) => {
  const TableName = `${aws.prefix}items`;
  const db = awsClient(DynamoDBClient, aws);
  beforeAll(() => createPlainTable(aws, TableName, "pk"));
  afterAll(async () => {
    await deleteTable(aws, TableName);
    db.destroy();
  });

  const put = (items: { readonly [pk: string]: PlainItem }): TransactAction[] =>
    ["k0", "k1", "k2"].map((pk) =>
      Object.hasOwn(items, pk)
        ? { Put: { TableName, Item: { ...items[pk], pk } } }
        : { Delete: { TableName, Key: { pk } } },
    );

  it("comes out the same on the embedded engine", async () => {
    const compared = { written: 0, unmet: 0 };
    await fc.assert(
      fc.asyncProperty(transactionsOn(TableName), async ({ before, actions }) => {
        const items = new ItemsInMemory();
        expect(inMemory(items, put(before))).toEqual({ kind: "written" });
        expect(await transactOn(db, put(before))).toEqual({ kind: "written" });
        const mine = inMemory(items, actions);
        fc.pre(mine.kind !== "invalid" && !actions.some(unlikeDynamoDb));
        const theirs = await transactOn(db, actions);
        fc.pre(theirs.kind !== "invalid");
        const after = Object.fromEntries(items.all().map((item) => [item.pk, item]));
        expect({ kind: theirs.kind, after: await itemsOf(db, TableName) }, theirs.why).toEqual({
          kind: mine.kind,
          after,
        });
        compared[theirs.kind] += 1;
      }),
      { numRuns: Number(process.env.RUNS ?? 200) },
    );
    expect(Math.min(compared.written, compared.unmet), JSON.stringify(compared)).toBeGreaterThan(30);
  });
});
