/** Checks what a handler adds to its step's transaction, as far as can be known without the tables. */
import { z } from "zod";
import { type Json, toJson } from "../model/json.ts";
import { itemProblem, valueProblem } from "./item-problem.ts";
import { itemBytes, MOST_ITEM_BYTES } from "./item-size.ts";
import { schemaProblem } from "./schema-problem.ts";
import { type ActionParts, partsOf, type TransactAction } from "./transact-action.ts";

/** DynamoDB takes 100 actions a transaction, and the step's own record is one of them. */
const MOST_TRANSACT_ACTIONS = 99;
/** DynamoDB takes 4 MB a transaction; the step's own record may take as much as an item can. */
const MOST_TRANSACT_BYTES = 4 * 1024 * 1024 - MOST_ITEM_BYTES;
/** Of the text of an expression; DynamoDB's limit. */
const MOST_EXPRESSION_BYTES = 4096;

const expression = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= MOST_EXPRESSION_BYTES, `has more than ${MOST_EXPRESSION_BYTES} bytes`);
const some = (it: object) => Object.keys(it).length > 0;
const placeholders = <T extends z.ZodType>(sign: "#" | ":", value: T) =>
  z
    .record(z.string().regex(new RegExp(`^${sign}\\w+$`)), value, {
      error: ({ code }) => (code === "invalid_key" ? `a placeholder is ${sign} and letters, digits or _` : undefined),
    })
    .refine(some, "is empty: leave it out")
    .optional();
const target = {
  TableName: z.string().regex(/^(arn:.+|[\w.-]{3,255})$/, "is neither a table's name nor its ARN"),
  ExpressionAttributeNames: placeholders("#", z.string().min(1)),
  ExpressionAttributeValues: placeholders(":", z.unknown()),
};
const condition = { ConditionExpression: expression.optional() };
const Key = z
  .record(z.string(), z.union([z.string().min(1, "is an empty key"), z.number()], "is no key: neither text nor number"))
  .refine((key) => [1, 2].includes(Object.keys(key).length), "a key has one attribute or two");
const Item = z.record(z.string(), z.unknown()).refine(some, "is empty");
const bodies = {
  Put: z.strictObject({ ...target, Item, ...condition }),
  Update: z.strictObject({ ...target, Key, UpdateExpression: expression, ...condition }),
  Delete: z.strictObject({ ...target, Key, ...condition }),
  ConditionCheck: z.strictObject({ ...target, Key, ConditionExpression: expression }),
};

export type CheckedTransact =
  | { readonly ok: true; readonly value: readonly TransactAction[] }
  | { readonly ok: false; readonly problem: string };

/**
 * The actions as a frozen copy that JSON can hold, or what is wrong with the first that is wrong, in one line.
 * Expressions are not read: whoever carries them out does that.
 */
export function checkTransact(actions: readonly TransactAction[]): CheckedTransact {
  if (actions.length > MOST_TRANSACT_ACTIONS)
    return refused(`it has ${actions.length} actions, and the limit is ${MOST_TRANSACT_ACTIONS}`);
  const copy = toJson(actions);
  if (!copy.ok) {
    const sets = copy.found === "a Set" ? ": sets have no JSON form, keep a list or a map" : "";
    return refused(`${copy.found} at ${copy.at || "its place"} is not JSON${sets}`);
  }
  const parts: ActionParts[] = [];
  for (const [index, action] of (copy.value as readonly Json[]).entries()) {
    const shape = shapeProblem(action);
    if (shape) return refused(`action ${index}: ${shape}`);
    // Its shape has just been checked.
    const known = partsOf(action as unknown as TransactAction);
    const problem = partsProblem(known);
    if (problem) return refused(`action ${index}, ${known.kind} in "${known.table}": ${problem}`);
    parts.push(known);
  }
  const problem = sizeProblem(parts) ?? sameItemProblem(parts);
  return problem ? refused(problem) : { ok: true, value: copy.value as unknown as readonly TransactAction[] };
}

const refused = (problem: string): CheckedTransact => ({
  ok: false,
  problem: `the transaction is refused: ${problem}`,
});

function shapeProblem(action: Json): string | undefined {
  const kinds = typeof action === "object" && action !== null ? Object.keys(action) : [];
  const kind = Object.keys(bodies).find((it) => it === kinds[0]) as keyof typeof bodies | undefined;
  if (!kind || kinds.length !== 1)
    return `it has ${kinds.length > 0 ? kinds.join(", ") : "nothing"}, and must have one of ${Object.keys(bodies).join(", ")}`;
  const parsed = bodies[kind].safeParse((action as Record<string, unknown>)[kind]);
  return parsed.success ? undefined : `${kind}: ${schemaProblem(parsed.error)}`;
}

function partsProblem({ item, key, names, values, update, condition }: ActionParts): string | undefined {
  if (!update && !condition && (some(names) || some(values)))
    return "names or values of expressions are given, and there is no expression";
  return (
    (item && itemProblem("Item", item)) ??
    (key && valueProblem("Key", key)) ??
    valueProblem("ExpressionAttributeValues", values) ??
    valueProblem("ExpressionAttributeNames", names)
  );
}

function sizeProblem(parts: readonly ActionParts[]): string | undefined {
  const bytes = parts.reduce((sum, { item, key, values }) => sum + itemBytes(item ?? { ...key, ...values }), 0);
  return bytes > MOST_TRANSACT_BYTES ? `it has ${bytes} bytes, and the limit is ${MOST_TRANSACT_BYTES}` : undefined;
}

/** DynamoDB refuses it. The key of a Put is known where another action of the transaction names the table's key. */
function sameItemProblem(parts: readonly ActionParts[]): string | undefined {
  const keys = new Map(parts.flatMap(({ table, key }) => (key ? [[table, Object.keys(key).sort()] as const] : [])));
  const seen = new Map<string, number>();
  for (const [index, { table, item, key }] of parts.entries()) {
    const names = keys.get(table);
    if (!names) continue;
    const id = JSON.stringify([table, names.map((it) => (item ?? key)?.[it])]);
    const other = seen.get(id);
    if (other !== undefined) return `actions ${other} and ${index} are on the same item of "${table}"`;
    seen.set(id, index);
  }
  return undefined;
}
