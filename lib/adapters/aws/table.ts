/**
 * The table, with plain values for attributes. Every write is one request that takes effect whole or not at all, and
 * one that is refused is told what stands there, without a read.
 *
 * The SDK tries again when an answer is lost, and may then be refused by its own write. So each write leaves a token of
 * its own: whoever is refused by an item that bears its token has written. When another write came between, the
 * caller is told what that one left; what this means is said at each operation of the step log.
 */
import { randomBytes } from "node:crypto";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Row } from "./items.ts";
import type { Key } from "./keys.ts";
import { storageFailed } from "./storage-failed.ts";
import { type Refused, transact } from "./transact.ts";

/** Expressions may mention `:token`, this write's own, which it leaves in `w`. */
export interface Write {
  readonly condition?: string;
  readonly set: readonly string[];
  readonly remove?: readonly string[];
  readonly add?: readonly string[];
  /** By placeholder. Those that no expression mentions are left out, as DynamoDB refuses them. */
  readonly values: Values;
}
type Values = Readonly<Record<string, unknown>>;

export type Done =
  /** `before`: what stood there. */
  | { readonly kind: "done"; readonly before: Row | undefined }
  /** An earlier try of the same request did it; `after` is what it left. */
  | { readonly kind: "doneBefore"; readonly after: Row }
  | { readonly kind: "refused"; readonly standing: Row | undefined };

export interface Queried {
  readonly index?: string;
  readonly condition: string;
  readonly values: Values;
  readonly newestFirst?: true;
  /** Default: all. */
  readonly limit?: number;
}

export type UpdatedWith =
  | { readonly kind: "done" }
  /** Our condition did not hold. */
  | { readonly kind: "refused" }
  | { readonly kind: "theirs"; readonly refused: Refused };

export class Table {
  readonly #client: DynamoDBClient;
  readonly #name: string;

  constructor(client: DynamoDBClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async get(key: Key, { consistent }: { readonly consistent: boolean }): Promise<Row | undefined> {
    const input = { TableName: this.#name, Key: marshall(key), ConsistentRead: consistent };
    const { Item } = await this.#sent(this.#client.send(new GetItemCommand(input)));
    return rowOf(Item);
  }

  /** Puts the item if none is there. */
  async putNew(row: Row): Promise<Done> {
    const token = newToken();
    return this.#conditional(token, async () => {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#name,
          Item: marshall({ ...row, w: token }, { removeUndefinedValues: true }),
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return undefined;
    });
  }

  /** Puts the item in place of whatever is there. */
  async put(row: Row): Promise<void> {
    const input = { TableName: this.#name, Item: marshall(row, { removeUndefinedValues: true }) };
    await this.#sent(this.#client.send(new PutItemCommand(input)));
  }

  async update(key: Key, write: Write): Promise<Done> {
    const token = newToken();
    return this.#conditional(token, async () => {
      const input = { ...this.#updateOf(key, write, token), ReturnValues: "ALL_OLD" as const };
      return (await this.#client.send(new UpdateItemCommand(input))).Attributes;
    });
  }

  /** A write without a condition, done again without harm; gives what stands there after it. */
  async merge(key: Key, write: Omit<Write, "condition">): Promise<Row> {
    const input = { ...this.#updateOf(key, write, newToken()), ReturnValues: "ALL_NEW" as const };
    const { Attributes } = await this.#sent(this.#client.send(new UpdateItemCommand(input)));
    return { ...key, ...rowOf(Attributes) };
  }

  /** Removes the item if the condition holds, and nothing otherwise. */
  async delete(key: Key, { condition, values }: Pick<Write, "condition" | "values">): Promise<void> {
    const input = { ConditionExpression: condition, ExpressionAttributeValues: marshall(values) };
    try {
      await this.#sent(
        this.#client.send(new DeleteItemCommand({ TableName: this.#name, Key: marshall(key), ...input })),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  /** Puts the item if a condition holds of another. */
  async putIf(row: Row, on: { readonly key: Key } & Required<Pick<Write, "condition" | "values">>): Promise<boolean> {
    const check = {
      TableName: this.#name,
      Key: marshall(on.key),
      ConditionExpression: on.condition,
      ExpressionAttributeValues: marshall(on.values),
    };
    const put = { TableName: this.#name, Item: marshall(row, { removeUndefinedValues: true }) };
    const refused = await transact(this.#client, [{ ConditionCheck: check }, { Put: put }]);
    if (refused === undefined) return true;
    if (refused.kind === "condition") return false;
    throw storageFailed(`the table ${this.#name}`, refused.error);
  }

  /** The update with others of the user's, all or none. What is refused first is told first, ours before theirs. */
  async updateWith(key: Key, write: Write, others: readonly TransactWriteItem[]): Promise<UpdatedWith> {
    const { ReturnValuesOnConditionCheckFailure: _, ...ours } = this.#updateOf(key, write, newToken());
    const refused = await transact(this.#client, [{ Update: ours }, ...others]);
    if (refused === undefined) return { kind: "done" };
    if (refused.kind === "condition" && refused.at === 0) return { kind: "refused" };
    return { kind: "theirs", refused };
  }

  async query({ index, condition, values, newestFirst, limit = Number.POSITIVE_INFINITY }: Queried): Promise<Row[]> {
    const rows: Row[] = [];
    const input: QueryCommandInput = {
      TableName: this.#name,
      KeyConditionExpression: condition,
      ExpressionAttributeValues: marshall(values),
      ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
      ...(newestFirst && { ScanIndexForward: false }),
    };
    let from: Record<string, AttributeValue> | undefined;
    do {
      const left = limit - rows.length;
      const page = { ...input, ExclusiveStartKey: from, ...(Number.isFinite(left) && { Limit: left }) };
      const { Items = [], LastEvaluatedKey } = await this.#sent(this.#client.send(new QueryCommand(page)));
      rows.push(...Items.map((item) => unmarshall(item) as Row));
      from = LastEvaluatedKey;
    } while (from && rows.length < limit);
    return rows;
  }

  #updateOf(key: Key, { condition, set, remove = [], add = [], values }: Write, token: string) {
    const update = [
      `SET ${[...set, "w = :token"].join(", ")}`,
      ...(remove.length > 0 ? [`REMOVE ${remove.join(", ")}`] : []),
      ...(add.length > 0 ? [`ADD ${add.join(", ")}`] : []),
    ].join(" ");
    const used = mentionedIn(`${update} ${condition}`, { ...values, ":token": token });
    return {
      TableName: this.#name,
      Key: marshall(key),
      UpdateExpression: update,
      ExpressionAttributeValues: marshall(used, { removeUndefinedValues: true }),
      ...(condition !== undefined && {
        ConditionExpression: condition,
        ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
      }),
    };
  }

  async #conditional(token: string, write: () => Promise<Record<string, AttributeValue> | undefined>): Promise<Done> {
    try {
      return { kind: "done", before: rowOf(await this.#sent(write())) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const standing = rowOf(error.Item);
      return standing?.w === token ? { kind: "doneBefore", after: standing } : { kind: "refused", standing };
    }
  }

  /** @throws PawlError `storage_failed`, ConditionalCheckFailedException */
  async #sent<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw error;
      throw storageFailed(`the table ${this.#name}`, error);
    }
  }
}

const rowOf = (item: Record<string, AttributeValue> | undefined): Row | undefined => item && (unmarshall(item) as Row);

function mentionedIn(expression: string, values: Values): Values {
  const mentioned = new Set(expression.match(/:\w+/g));
  return Object.fromEntries(Object.entries(values).filter(([name]) => mentioned.has(name)));
}

/** Eight characters: two writes of one item, at once, that draw the same are one in 2^48. */
const newToken = (): string => randomBytes(6).toString("base64url");
