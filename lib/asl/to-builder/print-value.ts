/** Values and tests as TypeScript. What they need of `json.ts` is noted. */
import type { Json } from "../../model/json.ts";
import { isList, isObject } from "../json-kinds.ts";
import { isTyped } from "./known.ts";

import { broken, type Doc, group, hardline, indent, joined, line, opening, softline, trailing } from "./layout.ts";
import type { Scalar, Test } from "./test.ts";
import { isLiteralList, type Key, rootsOf, type Value } from "./value.ts";

export type Use = (name: string) => string;

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** A text as the formatter leaves it: in single quotes only where that saves escapes. */
export function quoted(text: string): string {
  const json = JSON.stringify(text).replace(
    /[\u2028\u2029\u007f]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const doubles = text.split('"').length - 1;
  const singles = text.split("'").length - 1;
  return doubles > singles ? `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : json;
}

/** @param sizes of its items, where all of them are objects, or all lists: several of several stand on lines of their own */
function list(docs: readonly Doc[], sizes: readonly number[] = []): Doc {
  if (docs.length === 0) return "[]";
  const made = group("[", indent(softline, ...joined(docs, [",", line])), trailing, softline, "]");
  return docs.length > 1 && docs.length === sizes.length && sizes.every((size) => size > 1) ? broken(made) : made;
}

const sizesOf = (items: readonly Json[]): readonly number[] =>
  items.every(isList) || items.every(isObject) ? items.map((item) => Object.keys(item as object).length) : [];
function sizesIn(items: readonly Value[]): readonly number[] {
  const [first] = items;
  if (!first || !items.every(({ kind }) => kind === first.kind)) return [];
  return items.flatMap((item) =>
    item.kind === "object" ? item.fields.length : item.kind === "list" ? item.items.length : [],
  );
}

/** On lines of their own where they hold objects themselves, as the formatter leaves what is written so. */
function object(fields: readonly (readonly [string, Doc])[], isNested = false): Doc {
  if (fields.length === 0) return "{}";
  const isQuoted = fields.some(([name]) => !IDENTIFIER.test(name) && !NUMBER.test(name));
  const docs = fields.map(([name, value]) => [
    name === "" || isQuoted || !IDENTIFIER.test(name) ? keyOf(name) : name,
    ": ",
    value,
  ]);
  const edge = isNested ? hardline : line;
  return group("{", indent(edge, ...joined(docs, [",", line])), trailing, edge, "}");
}
const NUMBER = /^(?:0|[1-9]\d*)$/;
const keyOf = (name: string): string => {
  if (name === "__proto__") return '["__proto__"]';
  return IDENTIFIER.test(name) ? name : quoted(name);
};

function printJson(json: Json): Doc {
  if (typeof json === "string") return quoted(json);
  if (isList(json)) return list(json.map(printJson), sizesOf(json));
  if (!isObject(json)) return String(json);
  return object(
    Object.entries(json).flatMap(([name, of]) => (of === undefined ? [] : [[name, printJson(of)] as const])),
  );
}

const call = (name: string, ...args: readonly Doc[]): Doc => {
  const last = args.at(-1);
  const before = args.slice(0, -1);
  // The last argument of a call stays beside its bracket where it is an object.
  if (last !== undefined && isObjectDoc(last)) return [name, "(", ...before.flatMap((arg) => [arg, ", "]), last, ")"];
  return group(name, "(", indent(softline, ...joined(args, [",", line])), trailing, softline, ")");
};
export const isObjectDoc = (doc: Doc): boolean => doc === "{}" || opening(doc) === "{";

const keyText = (key: Key): string => (typeof key === "number" ? String(key) : quoted(key));

export function printValue(value: Value, use: Use): Doc {
  const print = (one: Value): Doc => printValue(one, use);
  switch (value.kind) {
    case "literal":
      return printJson(value.value);
    case "object":
      return object(value.fields.map(([name, field]) => [name, print(field)] as const));
    case "list":
      return list(value.items.map(print), sizesIn(value.items));
    case "ref":
      return printName(value.path, value.local === true);
    case "at":
      return call(use("at"), print(value.in), ...value.keys.map(keyText));
    case "query":
      return call(use("get"), print(value.in), ...value.names.map(keyText));
    case "put":
      return call(use("put"), print(value.into), list(value.keys.map(keyText)), print(value.value));
    case "with": {
      if (!isTyped(value.into)) return print({ ...value, kind: "put", keys: [value.key] });
      const fields: Doc = [keyOf(value.key), ": ", print(value.value)];
      return group("{", indent(line, "...", print(value.into), ",", line, fields), trailing, line, "}");
    }
    case "payload":
      return call(use("payloadOf"), print(value.of));
    case "text":
      return call(use("text"), print(value.of));
    case "items":
      return printItems(value, use);
    case "unknown":
      throw new Error(`nothing says how to print this: ${value.why}`);
  }
}

function printItems({ of, each }: Extract<Value, { kind: "items" }>, use: Use): Doc {
  const items = isLiteralList(of) ? printValue(of, use) : call(use("list"), printValue(of, use));
  if (!each) return items;
  const made = printValue(each, use);
  const body = isObjectDoc(made) ? ["(", made, ")"] : made;
  return [items, `.map((item${usesLocal(each, "index") ? ", index" : ""}) => `, body, ")"];
}

const usesLocal = (value: Value, name: string): boolean => JSON.stringify(value).includes(`["${name}"],"local":true`);

function printName(path: readonly string[], isLocal: boolean): string {
  const below = path.map((name) => (IDENTIFIER.test(name) ? `.${name}` : `[${quoted(name)}]`)).join("");
  return isLocal ? below.slice(1) : `s${below}`;
}

/** What the compiler takes for any JSON: a comparison with it is never refused. */
function asJson(value: Value, use: Use): Doc {
  const printed = printValue(value, use);
  const isJson = value.kind === "ref" ? JSON_NAMES.has(value.path.join(".")) && !value.of : HELPED.has(value.kind);
  return isJson ? printed : call(use("at"), printed);
}
const JSON_NAMES: ReadonlySet<string> = new Set(["input", "item"]);
const HELPED: ReadonlySet<Value["kind"]> = new Set(["at", "query", "put", "payload"] as const);

/** @param outer what it stands in: an `||` in an `&&` takes brackets, and so does the other way round */
export function printTest(test: Test, use: Use, outer?: "all" | "any" | "not"): Doc {
  const value = (one: Value): Doc => asJson(one, use);
  switch (test.kind) {
    case "constant":
      return String(test.value);
    case "all":
    case "any": {
      const sign = test.kind === "all" ? " &&" : " ||";
      const of = joined(
        test.of.map((one) => printTest(one, use, test.kind)),
        [sign, line],
      );
      if (outer === undefined || test.of.length === 1) return of;
      return outer === test.kind ? of : group("(", outer === "not" ? of : indent(...of), ")");
    }
    case "not":
      return printNot(test.of, use);
    case "present":
      return call(use("has"), printValue(test.in, use), ...test.keys.map(keyText));
    case "type":
    case "equals":
      return printIs(test, use, false);
    case "order":
      return printOrder(test, use);
    case "matches":
      return call(use("matches"), value(test.value), list(test.parts.map(quoted)));
    case "found":
      return [
        test.value.kind === "query" ? printFind(test.value, use) : value(test.value),
        " === ",
        scalar(test.equals),
      ];
    case "number":
      return [call(use("aNumber"), value(test.value)), ` ${test.relation} ${test.than}`];
  }
}

const printFind = ({ in: of, names }: Extract<Value, { kind: "query" }>, use: Use): Doc =>
  call(use("find"), printValue(of, use), ...names.map(keyText));

const scalar = (value: Scalar): string => (typeof value === "string" ? quoted(value) : String(value));

function printNot(of: Test, use: Use): Doc {
  if (of.kind === "type" || of.kind === "equals") return printIs(of, use, true);
  if (of.kind === "not") return printTest(of.of, use, "not");
  const printed = printTest(of, use, "not");
  return of.kind === "order" || of.kind === "number" || of.kind === "found" ? ["!(", printed, ")"] : ["!", printed];
}

function printIs(test: Extract<Test, { kind: "type" | "equals" }>, use: Use, isNegated: boolean): Doc {
  const value = asJson(test.value, use);
  const sign = isNegated ? " !== " : " === ";
  if (test.kind === "equals") return [value, sign, scalar(test.to)];
  if (test.is === "time") return [isNegated ? "!" : "", call(use("isTime"), value)];
  return ["typeof ", value, sign, `"${test.is}"`];
}

function printOrder({ type, sides: [a, b], relation }: Extract<Test, { kind: "order" }>, use: Use): Doc {
  const value = (one: Value): Doc => asJson(one, use);
  if (type === "number") {
    const number = (one: Value): Doc =>
      one.kind === "literal" && typeof one.value === "number" ? String(one.value) : call(use("number"), value(one));
    return [number(a), ` ${relation} `, number(b)];
  }
  const side = (one: Value): Doc => (one.kind === "literal" ? printJson(one.value) : value(one));
  const compared =
    type === "time" ? call(use("timeOrder"), side(a), side(b)) : call(use("order"), quoted(type), side(a), side(b));
  return [compared, ` ${relation} 0`];
}

/** Whether its function has a use for `s`. */
export const usesS = (...values: readonly Value[]): boolean => values.some((value) => rootsOf(value).size > 0);
