/**
 * What a handler adds to the transaction that settles its step. The form is that of `TransactItems` in the AWS SDK's
 * DocumentClient (TransactWriteItems), with JSON for values, so that the same call works on AWS and on the embedded
 * engine.
 */
import type { Json } from "../model/json.ts";
import type { Item } from "./item-size.ts";

/**
 * One write or check of a transaction: exactly one of the four.
 *
 * Values are JSON: text, numbers (whole ones up to 2^53 - 1, others of magnitude 1e-130 or more), true, false, null,
 * lists, maps. Sets and binary values have no JSON form and are refused. An item has at most 400 KB and 32 levels, all
 * actions together at most 3.6 MB (DynamoDB's 4 MB without the step's own record), an expression at most 4 KB. No two
 * actions may name the same item.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export type TransactAction =
  | { readonly Put: TransactPut }
  | { readonly Update: TransactUpdate }
  | { readonly Delete: TransactDelete }
  | { readonly ConditionCheck: TransactConditionCheck };

/** What every action has: the table, and what its expressions refer to. */
export interface TransactTarget {
  /** The table's name (3 to 255 letters, digits or `_ - .`) or its ARN. */
  readonly TableName: string;
  /** `{ "#name": "attribute" }`: for names that are reserved words or have other signs. Each must be used. */
  readonly ExpressionAttributeNames?: { readonly [placeholder: string]: string } | undefined;
  /** `{ ":value": JSON }`: expressions hold no literals. Each must be used. */
  readonly ExpressionAttributeValues?: { readonly [placeholder: string]: Json } | undefined;
}

/** Puts an item, in place of the one that has its key, if any. */
export interface TransactPut extends TransactTarget {
  readonly Item: { readonly [attribute: string]: Json | undefined };
  /** Must hold for the item that was there, or for none, or nothing of the step is written. */
  readonly ConditionExpression?: string | undefined;
}

/** Changes an item, or makes one that has the key. */
export interface TransactUpdate extends TransactTarget {
  readonly Key: TransactKey;
  /** `SET`, `REMOVE` and `ADD` (of a number), as DynamoDB reads them. */
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string | undefined;
}

/** Deletes an item; one that is not there is no error. */
export interface TransactDelete extends TransactTarget {
  readonly Key: TransactKey;
  readonly ConditionExpression?: string | undefined;
}

/** Writes nothing; its condition must hold. */
export interface TransactConditionCheck extends TransactTarget {
  readonly Key: TransactKey;
  readonly ConditionExpression: string;
}

/** The whole primary key: the partition key and, if the table has one, the sort key. */
export type TransactKey = { readonly [attribute: string]: string | number };

/** The primary key of one of the user's tables. */
export interface TableKey {
  readonly partitionKey: string;
  readonly sortKey?: string;
}
/** Keys of tables by their names. A table that is not among them has the key `pk`, or `pk` and `sk`. */
export type TableKeys = Readonly<Record<string, TableKey>>;

/** An action's parts under one name each, whichever of the four it is. */
export interface ActionParts {
  readonly kind: "Put" | "Update" | "Delete" | "ConditionCheck";
  readonly table: string;
  /** Of a Put the item; of the others the key is given. */
  readonly item?: Item;
  readonly key?: TransactKey;
  readonly update?: string | undefined;
  readonly condition?: string | undefined;
  readonly names: { readonly [placeholder: string]: string };
  readonly values: { readonly [placeholder: string]: Json };
}

export function partsOf(action: TransactAction): ActionParts {
  if ("Put" in action) {
    const { Item, ...put } = action.Put;
    // Nothing of a transaction that was checked is undefined.
    return { kind: "Put", ...common(put), item: Item as Item };
  }
  if ("Update" in action) {
    const { Key, UpdateExpression, ...update } = action.Update;
    return { kind: "Update", ...common(update), key: Key, update: UpdateExpression };
  }
  if ("Delete" in action) return { kind: "Delete", ...common(action.Delete), key: action.Delete.Key };
  return { kind: "ConditionCheck", ...common(action.ConditionCheck), key: action.ConditionCheck.Key };
}

const common = (body: TransactTarget & { readonly ConditionExpression?: string | undefined }) => ({
  table: body.TableName,
  condition: body.ConditionExpression,
  names: body.ExpressionAttributeNames ?? {},
  values: body.ExpressionAttributeValues ?? {},
});
