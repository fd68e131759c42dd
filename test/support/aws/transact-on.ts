/** Carries a transaction out on a DynamoDB, and says what came of it in words that every engine of ours has too. */
import { type DynamoDBClient, ScanCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { TransactAction } from "../../../lib/contract/transact-action.ts";
import type { PlainItem } from "../transactions.ts";

export type Outcome = { readonly kind: "written" | "unmet" | "invalid"; readonly why?: string };

export async function transactOn(db: DynamoDBClient, actions: readonly TransactAction[]): Promise<Outcome> {
  const plain = (it: object | undefined) => it && marshall(it);
  const TransactItems = actions.map((action) => {
    const [kind, body] = Object.entries(action)[0] as [string, { [part: string]: object | undefined }];
    const { Item, Key, ExpressionAttributeValues, ...rest } = body;
    const marshalled = {
      Item: plain(Item),
      Key: plain(Key),
      ExpressionAttributeValues: plain(ExpressionAttributeValues),
    };
    return { [kind]: { ...rest, ...marshalled } };
  });
  try {
    // Marshalled, an action is what the command takes.
    await db.send(new TransactWriteItemsCommand({ TransactItems: TransactItems as never }));
    return { kind: "written" };
  } catch (error) {
    return outcomeOf(error as Error & { CancellationReasons?: readonly { Code?: string; Message?: string }[] });
  }
}

function outcomeOf(error: Error & { CancellationReasons?: readonly { Code?: string; Message?: string }[] }): Outcome {
  const reasons = error.CancellationReasons ?? [];
  const why = `${error.name}: ${error.message} ${reasons.map((it) => `${it.Code} ${it.Message}`).join(", ")}`;
  if (error.name === "ValidationException") return { kind: "invalid", why };
  if (error.name !== "TransactionCanceledException") throw error;
  return { kind: reasons.some((it) => it.Code === "ConditionalCheckFailed") ? "unmet" : "invalid", why };
}

/** All items of a table, by their key `pk`. */
export async function itemsOf(db: DynamoDBClient, table: string): Promise<{ readonly [pk: string]: PlainItem }> {
  const { Items = [] } = await db.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  return Object.fromEntries(Items.map((it) => [it.pk?.S ?? "", unmarshall(it) as PlainItem]));
}
