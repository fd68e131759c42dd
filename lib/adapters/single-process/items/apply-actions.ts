/**
 * What a transaction does to the user's tables on the embedded engine, as DynamoDB's TransactWriteItems would do it: all
 * or nothing, each action on the item as it was. Pure: it reads, and returns what is to be written.
 */
import type { Item } from "../../../contract/item-size.ts";
import type { TransactAction } from "../../../contract/transact-action.ts";
import { holds } from "./evaluate-condition.ts";
import { inAction, itemAfter, nameOf, type ReadAction, readAction } from "./read-action.ts";
import { refuse } from "./refuse.ts";
import type { KeyOf } from "./table-key.ts";

/** The user's tables, read in the transaction in which the result is written. */
export interface Tables {
  read(table: string, key: string): Item | undefined;
  readonly keyOf: KeyOf;
}

export interface ItemWrite {
  readonly table: string;
  /** One text for the whole primary key, to store the item under. */
  readonly key: string;
  /** Undefined: there is none any more. */
  readonly item: Item | undefined;
}

export type Applied =
  | { readonly kind: "written"; readonly writes: readonly ItemWrite[] }
  /** The condition of this action does not hold; nothing is to be written. The first of several. */
  | { readonly kind: "unmet"; readonly index: number; readonly reason: string };

/**
 * @param actions as `checkTransact` gave them
 * @throws PawlError `invalid_transaction`: an expression with a mistake or that is not supported; a key that does not fit
 *   the table; two actions on one item; and, if every condition holds, an update that the item does not allow
 */
export function applyActions(actions: readonly TransactAction[], tables: Tables): Applied {
  const read = actions.map((action, index) => readAction(action, index, tables.keyOf));
  refuseTwice(read);
  const found = read.map((it) => ({ ...it, old: tables.read(it.parts.table, it.key) }));
  for (const { parts, index, condition, old } of found)
    if (condition && !holds(condition, old ?? {}))
      return { kind: "unmet", index, reason: `${nameOf(parts, index)}: ${parts.condition} does not hold` };
  const writes = found.flatMap((it): ItemWrite[] => {
    const { table, kind } = it.parts;
    return kind === "ConditionCheck" ? [] : [{ table, key: it.key, item: inAction(it, () => itemAfter(it, it.old)) }];
  });
  return { kind: "written", writes };
}

function refuseTwice(actions: readonly ReadAction[]): void {
  const seen = new Map<string, number>();
  for (const { parts, index, key } of actions) {
    const id = JSON.stringify([parts.table, key]);
    const other = seen.get(id);
    if (other !== undefined) refuse(`actions ${other} and ${index} are on the same item of "${parts.table}"`);
    seen.set(id, index);
  }
}
