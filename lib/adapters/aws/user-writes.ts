/** Writes of the user's that settle with a step, as DynamoDB takes them, and what it says of those that it refuses. */
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { partsOf, type TransactAction, type TransactTarget } from "../../contract/transact-action.ts";
import { messageOf } from "../../errors.ts";
import type { Settled } from "../../ports/step-log.ts";
import { storageFailed } from "./storage-failed.ts";
import { PASSING, type Refused } from "./transact.ts";

export function userWrite(action: TransactAction): TransactWriteItem {
  if ("Put" in action) return { Put: { ...words(action.Put), Item: packed(action.Put.Item) } };
  if ("Update" in action) return { Update: { ...words(action.Update), Key: packed(action.Update.Key) } };
  if ("Delete" in action) return { Delete: { ...words(action.Delete), Key: packed(action.Delete.Key) } };
  return { ConditionCheck: { ...words(action.ConditionCheck), Key: packed(action.ConditionCheck.Key) } };
}

const packed = (item: Readonly<Record<string, unknown>>) => marshall(item, { removeUndefinedValues: true });

/** The same, as the SDK's types want it: without `readonly`, values as attributes. */
const words = <T extends TransactTarget>(of: T) => ({
  ...of,
  ExpressionAttributeNames: of.ExpressionAttributeNames && { ...of.ExpressionAttributeNames },
  ExpressionAttributeValues: of.ExpressionAttributeValues && packed(of.ExpressionAttributeValues),
});

type Unmet = Extract<Settled, { kind: "unmet" }>;

/**
 * What DynamoDB will refuse again is final.
 *
 * @throws PawlError `storage_failed` for a conflict or a throttle: neither is a refusal, and the message comes back
 */
export function unmet(refused: Refused, actions: readonly TransactAction[]): Unmet {
  const what = (at: number) => {
    const action = actions[at - 1]; // ours is the first
    if (!action) return "the transaction";
    const { kind, table } = partsOf(action);
    return `action ${at - 1}, ${kind} in "${table}"`;
  };
  if (refused.kind === "condition")
    return { kind: "unmet", reason: `the condition of ${what(refused.at)} did not hold`, final: false };
  const { at, error } = refused;
  const { name } = error as Error;
  const why = (error as { CancellationReasons?: { Code?: string; Message?: string }[] }).CancellationReasons?.[at ?? 0];
  if (at !== undefined && at > 0 && !PASSING.has(why?.Code ?? ""))
    return { kind: "unmet", reason: `${what(at)} was refused: ${why?.Code} ${why?.Message ?? ""}`, final: true };
  if (name === "ValidationException")
    return { kind: "unmet", reason: `step.transact was refused: ${messageOf(error)}`, final: true };
  const failed = storageFailed("the transaction of step.transact", error);
  // The step log itself answered a moment ago: it is their tables that are not there, or not granted.
  if (/^(AccessDenied|ResourceNotFound)/.test(name)) return { kind: "unmet", reason: failed.message, final: false };
  throw failed;
}
