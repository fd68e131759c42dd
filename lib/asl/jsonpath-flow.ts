/**
 * The data flow of a state in JSONPath: InputPath, Parameters, ResultSelector, ResultPath, OutputPath, and what else of
 * its fields is evaluated. Amazon States Language, "Input and Output Processing in JSONPath"; AWS's developer guide,
 * "Processing input and output".
 */
import type { Seen } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import { chooseByRules } from "./choice-rules.ts";
import { afterSeconds, NUMBER_FIELDS, numberIn, textIn, timeIn } from "./field-values.ts";
import { type Batching, inBatches, parseBatching } from "./item-batches.ts";
import { isList, isObject, kindOf } from "./json-kinds.ts";
import { plainItems, withItem } from "./map-item.ts";
import { required, runtimeError, type Scope } from "./path-scope.ts";
import { fillTemplate } from "./payload-template.ts";
import { datasetIn } from "./reader/dataset.ts";
import { readerFailed } from "./reader/failed.ts";
import { placeResult } from "./result-path.ts";
import type { Source } from "./source.ts";

type Of<Op extends Source["op"]> = Extract<Source, { op: Op }>;

const scopeOf = (document: Json, { context, variables }: Seen): Scope => ({ document, context, variables });

/** `null` is `{}`; absent is all of it. */
const narrowed = (path: Json | undefined, document: Json, seen: Seen): Json =>
  path === null ? {} : required(typeof path === "string" ? path : "$", scopeOf(document, seen));

/** What came in, by `InputPath`. */
const effective = (source: Source, seen: Seen): Json => narrowed(source.InputPath, seen.input, seen);

const filled = (template: Json | undefined, document: Json, seen: Seen): Json =>
  template === undefined ? document : fillTemplate(template, scopeOf(document, seen));

export const input = (source: Source, seen: Seen): Json => filled(source.Parameters, effective(source, seen), seen);

export function output(source: Source, result: Json, seen: Seen): Json {
  const selected = filled(source.ResultSelector, result, seen);
  return narrowed(source.OutputPath, placeResult(source.ResultPath, seen.input, selected), seen);
}

/** `Result` of a Pass goes before its parameters. */
const made = (source: Source, seen: Seen): Json => (source.Result === undefined ? input(source, seen) : source.Result);

export const pass = (source: Of<"pass">, seen: Seen): Json => output(source, made(source, seen), seen);

/** `$` is the result; of a Pass, what it makes; of any other state that has none, what came in. */
export const assign = (source: Source, result: Json | undefined, seen: Seen): Json =>
  filled(source.Assign ?? {}, result === undefined ? made(source, seen) : result, seen);

export const caught = (source: Of<"caught">, error: Json, seen: Seen): Json =>
  placeResult(source.ResultPath, seen.input, error);

export const choose = (source: Of<"choose">, seen: Seen): Json =>
  chooseByRules(source.Choices, scopeOf(effective(source, seen), seen));

export function items(source: Of<"items">, seen: Seen): Json {
  const document = effective(source, seen);
  const scope = scopeOf(document, seen);
  const dataset = source.ItemReader === undefined ? { items: listAt(source, scope) } : datasetIn(seen.result);
  const selector = source.ItemSelector ?? source.Parameters;
  const selected =
    selector === undefined
      ? plainItems(dataset)
      : dataset.items.map((_, index) =>
          fillTemplate(selector, { ...scope, context: withItem(seen.context, index, dataset) }),
        );
  return inBatches(selected, batching(source.ItemBatcher, scope));
}

function listAt(source: Of<"items">, scope: Scope): readonly Json[] {
  const path = typeof source.ItemsPath === "string" ? source.ItemsPath : "$";
  const list = required(path, scope);
  if (isList(list)) return list;
  throw runtimeError(`Reference path "${path}" must point to array, but was ${kindOf(list)}.`);
}

/** What an `ItemReader` asks for. */
export function reader(source: Of<"reader">, seen: Seen): Json {
  const scope = scopeOf(effective(source, seen), seen);
  const { Parameters, ReaderConfig } = isObject(source.ItemReader) ? source.ItemReader : {};
  const { MaxItems = 0, MaxItemsPath } = isObject(ReaderConfig) ? ReaderConfig : {};
  return {
    from: fillTemplate(Parameters ?? {}, scope),
    mostItems: numberIn(
      "MaxItems",
      typeof MaxItemsPath === "string" ? required(MaxItemsPath, scope) : MaxItems,
      readerFailed,
    ),
  };
}

function batching(batcher: Json | undefined, scope: Scope): Batching | undefined {
  if (!isObject(batcher)) return undefined;
  const { BatchInput, ...limits } = batcher;
  // `MaxItemsPerBatchPath` gives `MaxItemsPerBatch`.
  const values = Object.entries(limits).map(([field, value]) =>
    field.endsWith("Path") && typeof value === "string"
      ? [field.slice(0, -"Path".length), required(value, scope)]
      : [field, value],
  );
  const input = BatchInput === undefined ? {} : { BatchInput: fillTemplate(BatchInput, scope) };
  return parseBatching({ ...Object.fromEntries(values), ...input }, runtimeError);
}

export function until(source: Of<"until">, seen: Seen): Json {
  const document = effective(source, seen);
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = source;
  if (typeof SecondsPath === "string" || typeof Seconds === "number") {
    const value = typeof SecondsPath === "string" ? required(SecondsPath, scopeOf(document, seen)) : (Seconds ?? 0);
    return afterSeconds(numberIn("Seconds", value, runtimeError), seen.context, runtimeError);
  }
  const value = typeof TimestampPath === "string" ? required(TimestampPath, scopeOf(document, seen)) : Timestamp;
  return timeIn("Timestamp", value ?? null, runtimeError);
}

export function failure(source: Of<"failure">, seen: Seen): Json {
  const document = effective(source, seen);
  const field = (name: "Error" | "Cause"): Record<string, Json> => {
    const path = source[`${name}Path`];
    const value = typeof path === "string" ? required(path, scopeOf(document, seen)) : source[name];
    return value === undefined ? {} : { [name]: textIn(name, value, runtimeError) };
  };
  return { ...field("Error"), ...field("Cause") };
}

export function number(source: Of<"number">, seen: Seen): Json {
  const document = effective(source, seen);
  for (const field of NUMBER_FIELDS) {
    const path = source[`${field}Path`];
    const value = typeof path === "string" ? required(path, scopeOf(document, seen)) : source[field];
    if (value !== undefined) return numberIn(field, value, runtimeError);
  }
  throw runtimeError(`There is no number in ${JSON.stringify(source)}`);
}
