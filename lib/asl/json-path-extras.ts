/** Operators of Jayway's filters that RFC 9535 lacks, as functions of the library: `@.type in ['a','b']`. */
import type { FilterFunction, FunctionExpressionType, JSONPathEnvironment } from "json-p3";
import type { Json } from "../model/json.ts";
import { isList, isObject, sameJson } from "./json-kinds.ts";
import { extraName, LIST_MARK } from "./json-path-filter.ts";

type Test = (left: Json | undefined, right: Json | undefined) => boolean;

const has = (list: Json | undefined, item: Json | undefined): boolean =>
  isList(list) && list.some((it) => sameJson(it, item));
const sizeOf = (value: Json | undefined): number | undefined =>
  isList(value) || typeof value === "string" ? value.length : undefined;

const TESTS: Readonly<Record<string, Test>> = {
  in: (left, right) => has(right, left),
  nin: (left, right) => !has(right, left),
  subsetof: (left, right) => isList(left) && left.every((it) => has(right, it)),
  anyof: (left, right) => isList(left) && left.some((it) => has(right, it)),
  noneof: (left, right) => isList(left) && !left.some((it) => has(right, it)),
  size: (left, right) =>
    sizeOf(left) !== undefined && sizeOf(left) === (typeof right === "number" ? right : sizeOf(right)),
  empty: (left, right) => (isObject(left) ? Object.keys(left).length === 0 : sizeOf(left) === 0) === right,
  contains: (left, right) =>
    typeof left === "string" && typeof right === "string" ? left.includes(right) : has(left, right),
};

export function registerExtras(environment: JSONPathEnvironment, types: typeof FunctionExpressionType): void {
  const logical = (count: number, call: FilterFunction["call"]): FilterFunction => ({
    argTypes: Array.from({ length: count }, () => types.ValueType),
    returnType: types.LogicalType,
    call,
  });
  for (const [operator, test] of Object.entries(TESTS))
    environment.functionRegister.set(
      extraName(operator),
      logical(2, (left, right) => test(operand(left), operand(right))),
    );
  environment.functionRegister.set(
    extraName("matches"),
    logical(3, (value, pattern, flags) => typeof value === "string" && matches(value, String(pattern), String(flags))),
  );
}

/** The library's "nothing" is a symbol of its own. */
function operand(value: unknown): Json | undefined {
  if (typeof value === "string" && value.startsWith(LIST_MARK))
    return JSON.parse(value.slice(LIST_MARK.length)) as Json;
  if (typeof value === "symbol" || value === undefined) return undefined;
  // All else is a part of the document, or a literal of the filter.
  return value as Json;
}

/** The whole of it, as Java's `matches()`. */
function matches(value: string, pattern: string, flags: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, flags.replace(/[^ims]/g, "")).test(value);
  } catch {
    return false;
  }
}
