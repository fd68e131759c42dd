/** Tables in a map, as an engine keeps them. */
import type { Applied } from "../../lib/adapters/single-process/items/apply-actions.ts";
import { applyActions } from "../../lib/adapters/single-process/items/apply-actions.ts";
import type { TableKey, TransactAction } from "../../lib/contract/transact-action.ts";
import type { PlainItem } from "./transactions.ts";

export class ItemsInMemory {
  readonly #items = new Map<string, PlainItem>();
  readonly #keys: { readonly [table: string]: TableKey };

  constructor(keys: { readonly [table: string]: TableKey } = {}) {
    this.#keys = keys;
  }

  apply(...actions: readonly TransactAction[]): Applied {
    const at = (table: string, key: string) => `${table} ${key}`;
    const applied = applyActions(actions, {
      read: (table, key) => this.#items.get(at(table, key)),
      keyOf: (table) => this.#keys[table],
    });
    if (applied.kind === "written")
      for (const { table, key, item } of applied.writes)
        if (item) this.#items.set(at(table, key), item);
        else this.#items.delete(at(table, key));
    return applied;
  }
  all(): readonly PlainItem[] {
    return [...this.#items.values()];
  }
}
