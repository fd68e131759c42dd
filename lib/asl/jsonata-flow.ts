/**
 * The data flow of a state in JSONata: Arguments, Output, Assign, and what else of its fields holds expressions. AWS's
 * developer guide, "Transforming data with JSONata".
 */
import type { Seen } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import { afterSeconds, NUMBER_FIELDS, numberIn, textIn, timeIn } from "./field-values.ts";
import { type Batching, inBatches, parseBatching } from "./item-batches.ts";
import { excerpt, isList, isObject, kindOf } from "./json-kinds.ts";
import { type Bindings, fillQueries, queryError } from "./jsonata.ts";
import { plainItems, withItem } from "./map-item.ts";
import { type Dataset, datasetIn } from "./reader/dataset.ts";
import { readerFailed } from "./reader/failed.ts";
import type { Source } from "./source.ts";

/** What `$states` has beside `input` and `context`. */
type Made = { readonly result?: Json; readonly errorOutput?: Json };

const bind = ({ input, context, variables }: Seen, made: Made = {}): Bindings => ({
  ...variables,
  states: { input, context, ...made },
});

/** Of copies: the library writes marks of its own into the lists that it meets. */
const bindingsOf = (seen: Seen, made: Made = {}): Bindings => bind(structuredClone(seen), structuredClone(made));

export const input = async (source: Source, seen: Seen): Promise<Json> =>
  source.Arguments === undefined ? seen.input : fillQueries(source.Arguments, "Arguments", bindingsOf(seen));

export async function output(source: Source, made: Made, seen: Seen): Promise<Json> {
  if (source.Output !== undefined) return fillQueries(source.Output, "Output", bindingsOf(seen, made));
  // A result of null is a result.
  const [result = seen.input] = [made.result, made.errorOutput].filter((it) => it !== undefined);
  return result;
}

export const assign = async (source: Source, made: Made, seen: Seen): Promise<Json> =>
  fillQueries(source.Assign ?? {}, "Assign", bindingsOf(seen, made));

export async function choose(source: Source, seen: Seen): Promise<Json> {
  const rules = isList(source.Choices) ? source.Choices : [];
  const bindings = bindingsOf(seen);
  for (const [index, rule] of rules.entries()) {
    const field = `Choices[${index}]/Condition`;
    const condition = isObject(rule) ? rule.Condition : undefined;
    const value = await fillQueries(condition ?? null, field, bindings);
    if (typeof value !== "boolean") throw wrongType(field, "boolean", value);
    if (value) return String(index);
  }
  return "default";
}

export async function items(source: Source, { result, ...seen }: Seen): Promise<Json> {
  const dataset = source.ItemReader === undefined ? { items: await listOf(source, seen) } : datasetIn(result);
  return inBatches(await selected(source.ItemSelector, dataset, seen), await batching(source.ItemBatcher, seen));
}

async function listOf(source: Source, seen: Seen): Promise<readonly Json[]> {
  const list = source.Items === undefined ? seen.input : await fillQueries(source.Items, "Items", bindingsOf(seen));
  if (isList(list)) return list;
  throw wrongType("Items", "array", list);
}

async function selected(selector: Json | undefined, dataset: Dataset, seen: Seen): Promise<readonly Json[]> {
  if (selector === undefined) return plainItems(dataset);
  // Once for all of the items: there may be thousands.
  const copied = structuredClone(seen);
  const given = structuredClone(dataset);
  const out: Json[] = [];
  for (const index of given.items.keys()) {
    const context = withItem(copied.context, index, given);
    out.push(await fillQueries(selector, "ItemSelector", bind({ ...copied, context })));
  }
  return out;
}

/** What an `ItemReader` asks for. */
export async function reader(source: Source, seen: Seen): Promise<Json> {
  const { Arguments, ReaderConfig } = isObject(source.ItemReader) ? source.ItemReader : {};
  const { MaxItems = 0 } = isObject(ReaderConfig) ? ReaderConfig : {};
  const most = notText("MaxItems", await fillQueries(MaxItems, "ReaderConfig/MaxItems", bindingsOf(seen)));
  return {
    from: await fillQueries(Arguments ?? {}, "ItemReader/Arguments", bindingsOf(seen)),
    mostItems: numberIn("MaxItems", most, readerFailed),
  };
}

async function batching(batcher: Json | undefined, seen: Seen): Promise<Batching | undefined> {
  if (!isObject(batcher)) return undefined;
  const filled = await fillQueries(batcher, "ItemBatcher", bindingsOf(seen));
  return isObject(filled) ? parseBatching(filled, queryError) : undefined;
}

export async function until(source: Source, seen: Seen): Promise<Json> {
  if (source.Seconds !== undefined) {
    const seconds = await fillQueries(source.Seconds, "Seconds", bindingsOf(seen));
    return afterSeconds(numberIn("Seconds", notText("Seconds", seconds), queryError), seen.context, queryError);
  }
  return timeIn("Timestamp", await fillQueries(source.Timestamp ?? null, "Timestamp", bindingsOf(seen)), queryError);
}

export async function failure(source: Source, seen: Seen): Promise<Json> {
  const made: Record<string, Json> = {};
  for (const field of ["Error", "Cause"]) {
    const template = source[field];
    if (template !== undefined)
      made[field] = textIn(field, await fillQueries(template, field, bindingsOf(seen)), queryError);
  }
  return made;
}

export async function number(source: Source, seen: Seen): Promise<Json> {
  for (const field of NUMBER_FIELDS) {
    const template = source[field];
    if (template !== undefined)
      return numberIn(field, notText(field, await fillQueries(template, field, bindingsOf(seen))), queryError);
  }
  throw queryError(`There is no number in ${JSON.stringify(source)}`);
}

function notText(field: string, value: Json): Json {
  if (typeof value === "string") throw wrongType(field, "number", value);
  return value;
}

const wrongType = (field: string, expected: string, value: Json): Error =>
  queryError(
    `The value of the field '${field}' is of an unexpected type. Expected '${expected}', but was '${kindOf(value)}' for value: ${excerpt(value)}`,
  );
