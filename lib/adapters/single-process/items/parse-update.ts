/**
 * Reads an UpdateExpression: SET, REMOVE, ADD, each at most once, in any order. DELETE, and ADD to a set, are refused:
 * sets have no JSON form. What DynamoDB refuses without seeing an item is refused here.
 */
import { Cursor } from "./cursor.ts";
import { samePath } from "./path.ts";
import type { Placeholders } from "./placeholders.ts";
import { refuse } from "./refuse.ts";
import type { SetValue, UpdateAction, UpdateOperand } from "./update.ts";
import { type AttributeType, typeOf } from "./values.ts";

const SECTIONS: { readonly [keyword: string]: (cursor: Cursor) => UpdateAction } = {
  SET: readSet,
  REMOVE: (cursor) => ({ kind: "remove", path: cursor.path() }),
  ADD: readAdd,
  DELETE: () => refuse("DELETE takes members out of a set, and sets have no JSON form: keep a list or a map"),
};

export function parseUpdate(text: string, placeholders: Placeholders): readonly UpdateAction[] {
  const cursor = new Cursor(text, placeholders);
  const left = new Map(Object.entries(SECTIONS));
  const actions: UpdateAction[] = [];
  do {
    const keyword = Object.keys(SECTIONS).find((it) => cursor.takeIf(it));
    if (!keyword) return cursor.unexpected(`one of ${Object.keys(SECTIONS).join(", ")}`);
    const read = left.get(keyword) ?? refuse(`${keyword} stands twice: write it once, with commas`);
    left.delete(keyword);
    actions.push(...cursor.items(() => read(cursor)));
  } while (cursor.peek().kind !== "end");
  return actions;
}

function readSet(cursor: Cursor): UpdateAction {
  const path = cursor.path();
  cursor.expect("=");
  return { kind: "set", path, value: readValue(cursor) };
}

function readAdd(cursor: Cursor): UpdateAction {
  const path = cursor.path();
  const number = cursor.value();
  return typeof number === "number"
    ? { kind: "add", path, number }
    : refuse("ADD takes a :value that is a number; sets have no JSON form");
}

/** An operand, the sum of two, or a list_append, in parentheses or not. */
function readValue(cursor: Cursor): SetValue {
  const left = cursor.peek().text === "(" ? cursor.parenthesised(() => readValue(cursor)) : readSimple(cursor);
  const sign = cursor.takeIf("+") ? "+" : cursor.takeIf("-") ? "-" : undefined;
  if (!sign) return left;
  cursor.countOperator();
  if (left.kind === "sum" || left.kind === "append") return refuse(`${sign} takes no sum and no list_append`);
  const right = readOperand(cursor);
  for (const operand of [left, right]) checkType(sign, operand, "N");
  return { kind: "sum", sign, left, right };
}

/** What stands without parentheses. */
function readSimple(cursor: Cursor): UpdateOperand | Extract<SetValue, { kind: "append" }> {
  if (cursor.functionAhead()) return readFunction(cursor);
  if (cursor.peek().kind === "value") return { kind: "value", value: cursor.value() };
  return { kind: "path", path: cursor.path() };
}

function readOperand(cursor: Cursor): UpdateOperand {
  if (cursor.peek().text === "(") return cursor.parenthesised(() => readOperand(cursor));
  const operand = readSimple(cursor);
  return operand.kind === "append" ? refuse("list_append stands alone after =") : operand;
}

function readFunction(cursor: Cursor): ReturnType<typeof readSimple> {
  cursor.countOperator();
  const { text: name } = cursor.take();
  const operands = cursor.list(() => readOperand(cursor));
  const [left, right] = operands;
  if (name !== "if_not_exists" && name !== "list_append") return refuse(`${name} is no function of an update`);
  if (!left || !right || operands.length > 2) return refuse(`${name} takes 2 operands, and has ${operands.length}`);
  if (name === "if_not_exists") {
    if (left.kind !== "path") return refuse(`${name} takes the path of an attribute first`);
    if (right.kind === "path" && samePath(left.path, right.path)) return refuse(`${name} has the same path twice`);
    return { kind: "ifNotExists", path: left.path, otherwise: right };
  }
  for (const operand of operands) checkType(name, operand, "L");
  return { kind: "append", left, right };
}

function checkType(operator: string, operand: UpdateOperand, type: AttributeType): void {
  if (operand.kind === "value" && typeOf(operand.value) !== type)
    refuse(`${operator} takes no operand of type ${typeOf(operand.value)}`);
}
