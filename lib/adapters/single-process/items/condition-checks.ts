/** What DynamoDB refuses in a condition whatever the item is: it would never hold, or always. */
import type { Operand } from "./condition.ts";
import { printPath, samePath } from "./path.ts";
import { refuse } from "./refuse.ts";
import { type AttributeType, order, typeOf } from "./values.ts";

/** Of a path it depends on the item. */
function knownType(operand: Operand): AttributeType | undefined {
  if (operand.kind === "path") return undefined;
  return operand.kind === "size" ? "N" : typeOf(operand.value);
}

export function checkTypes(operator: string, operands: readonly Operand[], allowed: readonly AttributeType[]): void {
  for (const operand of operands) {
    const type = knownType(operand);
    if (type && !allowed.includes(type)) refuse(`${operator} takes no operand of type ${type}`);
  }
}

export const checkOrdered = (operator: string, operands: readonly Operand[]): void =>
  checkTypes(operator, operands, ["S", "N"]);

export function checkDistinct(operator: string, first: Operand, others: readonly Operand[]): void {
  for (const other of others)
    if (first.kind === "path" && other.kind === "path" && samePath(first.path, other.path))
      refuse(`${operator} has ${printPath(first.path)} on both sides`);
}

export function checkBounds(least: Operand, most: Operand): void {
  if (least.kind !== "value" || most.kind !== "value") return;
  const by = order(least.value, most.value);
  if (by === undefined) refuse("the bounds of BETWEEN are of two types");
  if (by > 0) refuse("the lower bound of BETWEEN is above the upper one");
}
