/** What a Map state has of its own. Amazon States Language, "Map State"; AWS's guide, "Distributed Map state fields". */
import type { Json } from "../../model/json.ts";
import { isList, isObject, type JsonObject } from "../json-kinds.ts";
import { jsonataIn } from "./expressions.ts";
import { atMostOne, both, checkFields, exactlyOne, isObjectAt, jsonata, jsonPath, type ObjectShape } from "./fields.ts";
import { path } from "./paths.ts";
import type { Check, Place } from "./place.ts";
import { isDistributed } from "./scopes.ts";
import { template } from "./templates.ts";
import { anything, oneOf, text, wholeNumber } from "./values.ts";

const RULE = "Map State";

const CONFIG: ObjectShape = {
  rule: RULE,
  fields: {
    Mode: both(oneOf(RULE, "INLINE", "DISTRIBUTED")),
    ExecutionType: both(oneOf(RULE, "STANDARD", "EXPRESS")),
  },
};

export const processorConfig: Check = (value, at) => {
  if (!checkFields(value, at, CONFIG)) return;
  if (value.Mode !== "DISTRIBUTED") return;
  if (value.ExecutionType === undefined) at.refuse(RULE, "These fields are required: [ExecutionType]");
  if (at.scene.express) at.refuse("Express workflows", "Express state machine does not support a distributed Map");
};

/** A list, or an object of which each field is an item. */
export const items: Check = (value, at) => {
  const isComputed = typeof value === "string" && value.startsWith("{%");
  if (!isComputed && !isList(value) && !isObject(value))
    at.refuse(RULE, "Items must be an array, an object or a JSONata expression");
  else jsonataIn({})(value, at);
};

/** White space, control characters and what a name on AWS may not have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff\u{10ffff}]|\p{Surrogate}/u;

export const label: Check = (value, at) => {
  if (typeof value !== "string") text(value, at);
  else {
    const [found] = FORBIDDEN.exec(value) ?? [];
    if (value === "") at.refuse(RULE, "Label cannot be empty", "INVALID_LABEL_NAME");
    if ([...value].length > 40) at.refuse(RULE, "Label cannot exceed 40 characters", "INVALID_LABEL_NAME");
    if (found !== undefined)
      at.refuse(RULE, `Label contains invalid character: ${JSON.stringify(found)}`, "INVALID_LABEL_NAME");
    const first = at.scene.labels.get(value);
    if (first === undefined) at.scene.labels.set(value, at.path);
    else at.refuse(RULE, `Label '${value}' is at ${first} already`, "DUPLICATE_LABEL_NAME");
  }
};

const PARTS = {
  Resource: both(text),
  Parameters: jsonPath(template),
  Arguments: jsonata(jsonataIn({})),
};

export const itemReader: Check = (value, at) => {
  const fields = { ...PARTS, ReaderConfig: both((it, place) => void isObjectAt(it, place, RULE)) };
  checkFields(value, at, { rule: RULE, required: ["Resource"], fields });
};

export const resultWriter: Check = (value, at) => {
  const fields = { ...PARTS, WriterConfig: both((it, place) => void isObjectAt(it, place, RULE)) };
  checkFields(value, at, { rule: RULE, fields });
};

const BATCHER: ObjectShape = {
  rule: RULE,
  fields: {
    MaxItemsPerBatch: both(numberOrText),
    MaxItemsPerBatchPath: jsonPath(path),
    MaxInputBytesPerBatch: both(numberOrText),
    MaxInputBytesPerBatchPath: jsonPath(path),
    BatchInput: both(anything),
  },
};

function numberOrText(value: Json, at: Place): void {
  if (typeof value === "string" && at.scene.language === "JSONata") jsonataIn({})(value, at);
  else wholeNumber({ rule: RULE, least: 1 })(value, at);
}

export const itemBatcher: Check = (value, at) => {
  if (!checkFields(value, at, BATCHER)) return;
  for (const name of ["MaxItemsPerBatch", "MaxInputBytesPerBatch"])
    atMostOne(value, at, { rule: RULE, names: [name, `${name}Path`] });
};

/** What holds between a Map's fields. */
export function checkMap(state: JsonObject, at: Place): void {
  exactlyOne(state, at, { rule: RULE, names: ["ItemProcessor", "Iterator"] });
  atMostOne(state, at, { rule: RULE, names: ["ItemSelector", "Parameters"] });
  for (const name of ["MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"])
    atMostOne(state, at, { rule: RULE, names: [name, `${name}Path`] });
  const processor = state.ItemProcessor ?? state.Iterator;
  if (!isObject(processor) || isDistributed(processor)) return;
  for (const name of ["ItemReader", "ItemBatcher", "ResultWriter"])
    if (state[name] !== undefined) at.field(name).refuse(RULE, `Field '${name}' is for a distributed Map only`);
}
