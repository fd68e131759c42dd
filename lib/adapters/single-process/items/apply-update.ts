/**
 * The item as an update leaves it. All values are worked out on the item as it was; places in lists are those of the
 * list as it was, and what is set beyond its end is appended in the order of the places (developer guide, "Using update
 * expressions in DynamoDB").
 */
import type { Item } from "../../../contract/item-size.ts";
import type { Json } from "../../../model/json.ts";
import { add } from "./decimal.ts";
import type { EditTree } from "./edit-tree.ts";
import { type Path, printPath, valueAt } from "./path.ts";
import { refuse } from "./refuse.ts";
import type { SetValue, UpdateAction } from "./update.ts";
import { attributeOf, isList, isMap, type Value, type ValueMap } from "./values.ts";

/** @throws PawlError `invalid_transaction` where the item has not what the update speaks of. */
export function applyUpdate(tree: EditTree, item: Item): Item {
  // The root has names for children, so that what comes back is a map; none of its values is absent.
  return editMap(tree, item, item) as Item;
}

function edited(node: EditTree | UpdateAction, old: Value, item: Item): Value {
  switch (node.kind) {
    case "tree":
      return node.of === "names" ? editMap(node, old, item) : editList(node, old, item);
    case "remove":
      return undefined;
    case "set":
      return evaluate(node.value, item);
    case "add":
      return old === undefined ? node.number : sum(old, node.number);
  }
}

function editMap(tree: EditTree, old: Value, item: Item): ValueMap {
  if (!isMap(old)) return refuse(`there is no map at ${printPath(tree.path)}`);
  const entries = new Map(Object.entries(old));
  for (const [name, node] of tree.children)
    entries.set(String(name), edited(node, attributeOf(old, String(name)), item));
  return Object.fromEntries([...entries].filter(([, value]) => value !== undefined));
}

function editList(tree: EditTree, old: Value, item: Item): readonly Json[] {
  if (!isList(old)) return refuse(`there is no list at ${printPath(tree.path)}`);
  const places = [...tree.children].map(([place, node]) => [Number(place), node] as const).sort(([a], [b]) => a - b);
  const list: Value[] = [...old];
  for (const [place, node] of places) {
    const value = edited(node, old[place], item);
    if (place < old.length) list[place] = value;
    else list.push(value);
  }
  return list.filter((it) => it !== undefined);
}

function evaluate(value: SetValue, item: Item): Json {
  switch (value.kind) {
    case "value":
      return value.value;
    case "path":
      return found(item, value.path);
    case "ifNotExists": {
      // DynamoDB works it out even where it is not needed: an absent attribute in it is a mistake all the same.
      const otherwise = evaluate(value.otherwise, item);
      return valueAt(item, value.path) === undefined ? otherwise : found(item, value.path);
    }
    case "sum": {
      const right = evaluate(value.right, item);
      const signed = value.sign === "-" && typeof right === "number" ? -right : right;
      return sum(evaluate(value.left, item), signed);
    }
    case "append": {
      const [left, right] = [evaluate(value.left, item), evaluate(value.right, item)];
      return isList(left) && isList(right) ? [...left, ...right] : refuse("list_append has an operand that is no list");
    }
  }
}

const found = (item: Item, path: Path): Json => {
  const value = valueAt(item, path);
  return value === undefined ? refuse(`the item has no ${printPath(path)}`) : value;
};

function sum(left: Json, right: Json): number {
  return typeof left === "number" && typeof right === "number"
    ? add(left, right)
    : refuse("a number is added to something that is none");
}
