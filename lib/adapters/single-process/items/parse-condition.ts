/**
 * Reads a ConditionExpression. NOT binds closer than AND, AND closer than OR; parentheses may stand around an operand or
 * a condition, but not twice around the same. What DynamoDB refuses without seeing an item is refused here.
 */
import { type Comparator, type Condition, isCondition, type Operand } from "./condition.ts";
import { checkBounds, checkDistinct, checkOrdered } from "./condition-checks.ts";
import { conditionFunction } from "./condition-functions.ts";
import { Cursor } from "./cursor.ts";
import type { Placeholders } from "./placeholders.ts";
import { refuse } from "./refuse.ts";

const COMPARATORS: readonly string[] = ["=", "<>", "<", "<=", ">", ">="] satisfies Comparator[];
/** DynamoDB's limit on the list of IN. */
const MOST_IN = 100;

export function parseCondition(text: string, placeholders: Placeholders): Condition {
  const cursor = new Cursor(text, placeholders);
  const condition = wanted(readOr(cursor), cursor);
  return cursor.peek().kind === "end" ? condition : cursor.unexpected("AND, OR or the end");
}

type Read = Operand | Condition;

function readOr(cursor: Cursor): Read {
  let left = readAnd(cursor);
  while (isCondition(left) && cursor.takeIf("OR")) {
    cursor.countOperator();
    left = { kind: "or", left, right: wanted(readAnd(cursor), cursor) };
  }
  return left;
}

function readAnd(cursor: Cursor): Read {
  let left = readNot(cursor);
  while (isCondition(left) && cursor.takeIf("AND")) {
    cursor.countOperator();
    left = { kind: "and", left, right: wanted(readNot(cursor), cursor) };
  }
  return left;
}

function readNot(cursor: Cursor): Read {
  if (!cursor.takeIf("NOT")) return readComparison(cursor);
  cursor.countOperator();
  return { kind: "not", not: wanted(readNot(cursor), cursor) };
}

/** Inside parentheses an operand may stand alone. */
function readComparison(cursor: Cursor): Read {
  const operand = readTerm(cursor);
  if (isCondition(operand)) return operand;
  const { text } = cursor.peek();
  if (COMPARATORS.includes(text)) {
    cursor.take();
    return compared(text as Comparator, operand, cursor);
  }
  if (cursor.takeIf("BETWEEN")) return between(operand, cursor);
  if (cursor.takeIf("IN")) return within(operand, cursor);
  return operand;
}

function compared(comparator: Comparator, left: Operand, cursor: Cursor): Condition {
  cursor.countOperator();
  const right = readOperand(cursor);
  checkDistinct(comparator, left, [right]);
  if (comparator !== "=" && comparator !== "<>") checkOrdered(comparator, [left, right]);
  return { kind: "compare", comparator, left, right };
}

function between(operand: Operand, cursor: Cursor): Condition {
  cursor.countOperator();
  const least = readOperand(cursor);
  cursor.expect("AND");
  const most = readOperand(cursor);
  checkDistinct("BETWEEN", operand, [least, most]);
  checkOrdered("BETWEEN", [operand, least, most]);
  checkBounds(least, most);
  return { kind: "between", operand, least, most };
}

function within(operand: Operand, cursor: Cursor): Condition {
  cursor.countOperator();
  const list = cursor.list(() => readOperand(cursor));
  if (list.length > MOST_IN) refuse(`IN has ${list.length} operands, and the limit is ${MOST_IN}`);
  checkDistinct("IN", operand, list);
  return { kind: "in", operand, list };
}

function readTerm(cursor: Cursor): Read {
  if (cursor.peek().text === "(") return cursor.parenthesised(() => readOr(cursor));
  if (cursor.functionAhead()) return readFunction(cursor);
  if (cursor.peek().kind === "value") return { kind: "value", value: cursor.value() };
  return { kind: "path", path: cursor.path() };
}

function readOperand(cursor: Cursor): Operand {
  const operand = cursor.peek().text === "(" ? cursor.parenthesised(() => readOperand(cursor)) : readTerm(cursor);
  return isCondition(operand) ? refuse("a function that is true or false is no operand") : operand;
}

function readFunction(cursor: Cursor): Read {
  cursor.countOperator();
  const { text: name } = cursor.take();
  return conditionFunction(
    name,
    cursor.list(() => readOperand(cursor)),
  );
}

const wanted = (read: Read, cursor: Cursor): Condition =>
  isCondition(read) ? read : cursor.unexpected("a comparison");
