/**
 * Several writes as one. Whether a condition did not hold or somebody else was at the same item at that moment, DynamoDB
 * says that it has cancelled the transaction; only the latter is tried again. The SDK gives each transaction a token, so
 * that its own repetition is done once (TransactWriteItems, ClientRequestToken).
 */
import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";

export type Refused =
  /** The condition of the write at this place did not hold. */
  | { readonly kind: "condition"; readonly at: number }
  | { readonly kind: "other"; readonly at: number | undefined; readonly error: unknown };

/** Undefined: all of it is written. */
export async function transact(client: DynamoDBClient, writes: TransactWriteItem[]): Promise<Refused | undefined> {
  const command = new TransactWriteItemsCommand({ TransactItems: writes });
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw isConflict(error) ? Object.assign(error, { $retryable: { throttling: false } }) : error;
      }
    },
    { step: "deserialize", name: "conflictsAreRetried", priority: "high" },
  );
  try {
    await client.send(command);
    return undefined;
  } catch (error) {
    const codes = reasonsOf(error);
    const at = codes.indexOf("ConditionalCheckFailed");
    if (at >= 0) return { kind: "condition", at };
    const other = codes.findIndex((code) => code !== "None");
    return { kind: "other", at: other < 0 ? undefined : other, error };
  }
}

const reasonsOf = (error: unknown): readonly string[] =>
  error instanceof TransactionCanceledException
    ? (error.CancellationReasons ?? []).map(({ Code }) => Code ?? "None")
    : [];

/** "Handling transaction conflicts in DynamoDB", and a throttle of one of the tables. */
export const PASSING: ReadonlySet<string> = new Set([
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
]);
const isConflict = (error: unknown): error is Error => {
  const codes = reasonsOf(error).filter((code) => code !== "None");
  return codes.length > 0 && codes.every((code) => PASSING.has(code));
};
