/** Random transactions on a few items, most of which DynamoDB takes: texts of expressions, with what they refer to. */
import fc from "fast-check";
import type { TransactAction } from "../../lib/contract/transact-action.ts";
import type { Json } from "../../lib/model/json.ts";

export type PlainItem = { readonly [attribute: string]: Json };

const values: { readonly [placeholder: string]: Json } = {
  ...{
    ":zero": 0,
    ":one": 1,
    ":five": 5,
    ":tenth": 0.1,
    ":minus": -2.5,
    ":empty": "",
    ":a": "a",
    ":ab": "ab",
    ":uni": "ü😀",
  },
  ...{
    ":yes": true,
    ":no": false,
    ":null": null,
    ":list": [1, "a", null],
    ":none": [],
    ":map": { x: 1 },
    ":nothing": {},
  },
  ...{ ":S": "S", ":N": "N", ":L": "L", ":BOOL": "BOOL", ":SS": "SS", ":X": "X" },
};
const names = { "#n": "n", "#x": "x", "#dot": "a.b", "#reserved": "name" };

const oneOf = (...texts: string[]) => fc.constantFrom(...texts);
/** Mostly the first. */
const mostly = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>, weight = 9) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });
const join = (...parts: (string | fc.Arbitrary<string>)[]) =>
  fc.tuple(...parts.map((it) => (typeof it === "string" ? fc.constant(it) : it))).map((it) => it.join(""));

const leaf: fc.Arbitrary<Json> = fc.constantFrom<Json>(...Object.values(values));
const anyValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: leaf },
  { weight: 1, arbitrary: fc.array(leaf, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.dictionary(oneOf("x", "y", "n"), leaf, { maxKeys: 3 }) },
);
/** Attributes mostly have the type that their names say. */
const item: fc.Arbitrary<PlainItem> = fc
  .record(
    {
      n: mostly(fc.constantFrom<Json>(0, 1, 5, -2.5, 0.1, 12345.678), anyValue),
      s: mostly(fc.constantFrom<Json>("", "a", "ab", "abc", "ü😀"), anyValue),
      l: mostly(fc.array(anyValue, { maxLength: 4 }) as fc.Arbitrary<Json>, anyValue),
      m: mostly(fc.dictionary(oneOf("x", "y", "n"), anyValue, { maxKeys: 3 }) as fc.Arbitrary<Json>, anyValue),
      z: anyValue,
      "a.b": anyValue,
      name: anyValue,
    },
    { requiredKeys: [] },
  )
  .map((it) => JSON.parse(JSON.stringify(it)) as PlainItem);

const path = mostly(
  oneOf("n", "n", "s", "s", "l", "l", "m", "m", "z", "g", "m.x", "m.n", "l[0]", "l[1]", "l[3]", "#n", "#dot"),
  oneOf(
    "m.y.x",
    "l[0].x",
    "m.#x",
    "l[7]",
    "m[0]",
    "s.x",
    "#reserved",
    "#x",
    "name",
    "l [ 1 ]",
    "l[01]",
    "#undefined",
    "pk",
  ),
);
const value = mostly(oneOf(...Object.keys(values)), oneOf(":undefined"), 60);
const numberValue = mostly(oneOf(":zero", ":one", ":five", ":tenth", ":minus"), value);
const inParens = (inner: fc.Arbitrary<string>) => mostly(inner, join("(", inner, ")"), 14);
const spaced = mostly(fc.constant(" "), oneOf("  ", "\n", "\t"));

const operand = inParens(
  fc.oneof(
    { weight: 5, arbitrary: path },
    { weight: 4, arbitrary: value },
    { weight: 1, arbitrary: join("size(", mostly(path, value), ")") },
  ),
);
const listOf = (of: fc.Arbitrary<string>) => fc.array(of, { minLength: 1, maxLength: 4 }).map((it) => it.join(", "));
const test = fc.oneof(
  { weight: 5, arbitrary: join(path, spaced, oneOf("=", "<>", "<", "<=", ">", ">="), " ", mostly(value, operand, 5)) },
  { weight: 2, arbitrary: join(operand, oneOf("=", "<>", "<", "<=", ">", ">="), operand) },
  { weight: 1, arbitrary: join(path, " BETWEEN ", numberValue, " AND ", numberValue) },
  { weight: 1, arbitrary: join(operand, oneOf(" BETWEEN ", " between "), operand, " AND ", operand) },
  { weight: 2, arbitrary: join(operand, oneOf(" IN (", " in ("), listOf(operand), ")") },
  { weight: 3, arbitrary: join(oneOf("attribute_exists(", "attribute_not_exists("), mostly(path, operand), ")") },
  {
    weight: 1,
    arbitrary: join("attribute_type(", mostly(path, operand), ", ", oneOf(":S", ":N", ":L", ":BOOL", ":SS", ":X"), ")"),
  },
  { weight: 2, arbitrary: join("contains(", mostly(path, operand, 3), ", ", operand, ")") },
  {
    weight: 2,
    arbitrary: join(
      "begins_with(",
      mostly(path, operand),
      ", ",
      mostly(oneOf(":a", ":ab", ":empty", "s"), operand),
      ")",
    ),
  },
);
const condition = fc.letrec<{ or: string; not: string }>((tie) => ({
  or: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 5, arbitrary: test },
    { weight: 1, arbitrary: join(tie("not"), oneOf(" AND ", " OR ", " and ", " or "), tie("or")) },
    { weight: 1, arbitrary: tie("not") },
  ),
  not: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 3, arbitrary: test },
    { weight: 1, arbitrary: join(oneOf("NOT ", "not "), tie("not")) },
    { weight: 1, arbitrary: join("(", tie("or"), ")") },
  ),
})).or;

const simple = fc.oneof(
  { weight: 3, arbitrary: path },
  { weight: 4, arbitrary: value },
  { weight: 1, arbitrary: join("if_not_exists(", path, ", ", mostly(value, path), ")") },
);
const setValue = inParens(
  fc.oneof(
    { weight: 5, arbitrary: value },
    { weight: 2, arbitrary: simple },
    { weight: 2, arbitrary: join(oneOf("n", "#n", "m.n", "z"), oneOf(" + ", "-"), numberValue) },
    { weight: 1, arbitrary: join(inParens(simple), oneOf(" + ", " - "), inParens(simple)) },
    { weight: 1, arbitrary: join("if_not_exists(", path, ", ", numberValue, ") + ", numberValue) },
    {
      weight: 2,
      arbitrary: join(
        "list_append(",
        mostly(oneOf("l", ":list", ":none"), simple),
        ", ",
        mostly(oneOf("l", ":list"), simple),
        ")",
      ),
    },
    { weight: 1, arbitrary: join("if_not_exists(", path, ", ", simple, ")") },
    { weight: 1, arbitrary: join("list_append(if_not_exists(l, :none), ", mostly(fc.constant(":list"), simple), ")") },
  ),
);
const some = (of: fc.Arbitrary<string>) => mostly(of, listOf(of), 2);
const clauses = [
  join("SET ", some(join(path, " = ", setValue))),
  join("REMOVE ", some(path)),
  join("ADD ", some(join(mostly(oneOf("n", "m.n", "l[0]", "g", "z"), path), " ", mostly(numberValue, value)))),
];
const update = mostly(
  fc.oneof(...clauses),
  fc
    .shuffledSubarray([0, 1, 2], { minLength: 2 })
    .chain((order) => join(...order.flatMap((it) => [clauses[it] ?? "", " "]))),
  3,
);

/** Placeholders that the texts use, and now and then one that they do not. */
const references = (texts: readonly string[], surplus: boolean) => {
  const used = (of: object) =>
    Object.entries(of).filter(
      ([it], index) => new RegExp(`${it}(?!\\w)`).test(texts.join(" ")) || (surplus && index === 0),
    );
  const [n, v] = [used(names), used(values)];
  return {
    ...(n.length > 0 && { ExpressionAttributeNames: Object.fromEntries(n) }),
    ...(v.length > 0 && { ExpressionAttributeValues: Object.fromEntries(v) }),
  };
};

const rarely = mostly(fc.constant(false), fc.constant(true), 60);
const maybe = fc.option(condition, { nil: undefined });
export const transactionsOn = (TableName: string) => {
  const action = (pk: string): fc.Arbitrary<TransactAction> => {
    const Key = { pk };
    const conditioned = (text: string | undefined) => text !== undefined && { ConditionExpression: text };
    return fc.oneof(
      fc.tuple(item, maybe, rarely).map(([it, text, surplus]) => ({
        Put: { TableName, Item: { ...it, pk }, ...conditioned(text), ...(text && references([text], surplus)) },
      })),
      fc.tuple(update, maybe, rarely).map(([text, test, surplus]) => ({
        Update: {
          TableName,
          Key,
          UpdateExpression: text,
          ...conditioned(test),
          ...references([text, test ?? ""], surplus),
        },
      })),
      fc.tuple(update, rarely).map(([text, surplus]) => ({
        Update: { TableName, Key, UpdateExpression: text, ...references([text], surplus) },
      })),
      fc.tuple(maybe, rarely).map(([text, surplus]) => ({
        Delete: { TableName, Key, ...conditioned(text), ...(text && references([text], surplus)) },
      })),
      fc.tuple(condition, rarely).map(([text, surplus]) => ({
        ConditionCheck: { TableName, Key, ConditionExpression: text, ...references([text], surplus) },
      })),
    );
  };
  const keys = mostly<readonly string[]>(fc.constant(["k0"]), fc.constantFrom(["k0", "k1"], ["k2", "k1", "k0"]), 3);
  return fc.record({
    before: fc.dictionary(oneOf("k0", "k1"), item, { maxKeys: 2 }),
    actions: keys.chain((of) => fc.tuple(...of.map(action))),
  });
};
