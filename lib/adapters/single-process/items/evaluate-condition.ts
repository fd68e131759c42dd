/**
 * Whether a condition holds for an item, `{}` if there is none (developer guide, "Condition and filter expressions,
 * operators, and functions in DynamoDB"). What is absent, or of another type, is unequal, in no order, and part of nothing.
 */
import type { Item } from "../../../contract/item-size.ts";
import type { Comparator, Condition, Operand } from "./condition.ts";
import { valueAt } from "./path.ts";
import { equal, isList, order, sizeOf, typeOf, type Value } from "./values.ts";

export function holds(condition: Condition, item: Item): boolean {
  const valueIn = (operand: Operand) => evaluate(operand, item);
  switch (condition.kind) {
    case "and":
      return holds(condition.left, item) && holds(condition.right, item);
    case "or":
      return holds(condition.left, item) || holds(condition.right, item);
    case "not":
      return !holds(condition.not, item);
    case "compare":
      return compare(condition.comparator, valueIn(condition.left), valueIn(condition.right));
    case "between": {
      const value = valueIn(condition.operand);
      return compare(">=", value, valueIn(condition.least)) && compare("<=", value, valueIn(condition.most));
    }
    case "in":
      return condition.list.some((it) => equal(valueIn(condition.operand), valueIn(it)));
    case "exists":
      return (valueAt(item, condition.path) !== undefined) === condition.exists;
    case "type": {
      const value = valueIn(condition.operand);
      return value !== undefined && typeOf(value) === condition.type;
    }
    case "begins":
      return beginsWith(valueIn(condition.operand), valueIn(condition.part));
    case "contains":
      return contains(valueIn(condition.operand), valueIn(condition.part));
  }
}

function evaluate(operand: Operand, item: Item): Value {
  switch (operand.kind) {
    case "path":
      return valueAt(item, operand.path);
    case "value":
      return operand.value;
    case "size":
      return sizeOf(evaluate(operand.of, item));
  }
}

function compare(comparator: Comparator, left: Value, right: Value): boolean {
  if (comparator === "=") return equal(left, right);
  if (comparator === "<>") return !equal(left, right);
  const by = order(left, right);
  if (by === undefined) return false;
  switch (comparator) {
    case "<":
      return by < 0;
    case "<=":
      return by <= 0;
    case ">":
      return by > 0;
    case ">=":
      return by >= 0;
  }
}

const beginsWith = (text: Value, part: Value): boolean =>
  typeof text === "string" && typeof part === "string" && text.startsWith(part);

function contains(whole: Value, part: Value): boolean {
  if (isList(whole)) return whole.some((it) => equal(it, part));
  return typeof whole === "string" && typeof part === "string" && whole.includes(part);
}
