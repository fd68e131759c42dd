/** One action of a transaction: its expressions read, its key known, and the item that it leaves. */
import { itemProblem } from "../../../contract/item-problem.ts";
import type { Item } from "../../../contract/item-size.ts";
import { type ActionParts, partsOf, type TransactAction } from "../../../contract/transact-action.ts";
import { isPawlError, PawlError } from "../../../errors.ts";
import { applyUpdate } from "./apply-update.ts";
import type { Condition } from "./condition.ts";
import { type EditTree, editTree } from "./edit-tree.ts";
import { parseCondition } from "./parse-condition.ts";
import { parseUpdate } from "./parse-update.ts";
import { Placeholders } from "./placeholders.ts";
import { refuse } from "./refuse.ts";
import { type KeyOf, keyNames, keyOfItem, keyOfKey } from "./table-key.ts";

export interface ReadAction {
  readonly parts: ActionParts;
  /** Its place in the transaction. */
  readonly index: number;
  readonly key: string;
  readonly condition: Condition | undefined;
  /** Of an Update. */
  readonly edits: EditTree | undefined;
}

export function readAction(action: TransactAction, index: number, keyOf: KeyOf): ReadAction {
  const parts = partsOf(action);
  return inAction({ parts, index }, () => {
    const placeholders = new Placeholders(parts.names, parts.values);
    const condition = parts.condition === undefined ? undefined : parseCondition(parts.condition, placeholders);
    const edits = parts.update === undefined ? undefined : editTree(parseUpdate(parts.update, placeholders));
    placeholders.refuseUnused();
    return { parts, index, key: keyOfAction(parts, keyOf, edits), condition, edits };
  });
}

function keyOfAction(parts: ActionParts, keyOf: KeyOf, edits: EditTree | undefined): string {
  const declared = keyOf(parts.table);
  if (parts.item) return keyOfItem(parts.table, parts.item, declared);
  const key = parts.key ?? {};
  for (const name of keyNames(key, declared))
    if (edits?.children.has(name)) refuse(`${name} is part of the key, and no update changes a key`);
  return keyOfKey(parts.table, key, declared);
}

/** The item that a Put, an Update or a Delete leaves; undefined: none. */
export function itemAfter({ parts, edits }: ReadAction, old: Item | undefined): Item | undefined {
  if (!edits) return parts.item;
  const item = applyUpdate(edits, old ?? { ...parts.key });
  const problem = itemProblem("the item after the update", item);
  return problem ? refuse(problem) : item;
}

export const nameOf = ({ kind, table }: ActionParts, index: number): string => `action ${index}, ${kind} in "${table}"`;

/** What goes wrong in it says in which action. */
export function inAction<T>({ parts, index }: { parts: ActionParts; index: number }, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isPawlError(error)) throw error;
    const { table } = parts;
    throw new PawlError(error.code, `${nameOf(parts, index)}: ${error.message}`, { action: index, table });
  }
}
