/** Which item readers are carried out, looked at when a definition is imported; and the buckets that they name. */
import type { Json } from "../../model/json.ts";
import type { MapState } from "../definition.ts";
import { isList, isObject, type JsonObject } from "../json-kinds.ts";
import { CSV_DELIMITERS, READER_PARAMETERS } from "./read-items.ts";

const RESOURCE = /^arn:aws[a-z-]*:states:::s3:(getObject|listObjectsV2)$/;
const LISTED = ["Bucket", "Prefix", "StartAfter", "ExpectedBucketOwner"];
const GOT = READER_PARAMETERS.filter((name) => !["Prefix", "StartAfter"].includes(name));

/** Where in the state, and what of it is not carried out. */
export type Objection = readonly [path: string, message: string];

export function readerObjections({ ItemReader: reader, ItemsPath, Items }: MapState): readonly Objection[] {
  if (reader === undefined) return [];
  const { Resource, ReaderConfig = {} } = reader;
  const action = RESOURCE.exec(String(Resource))?.[1];
  if (action === undefined)
    return [
      ["ItemReader/Resource", `'${String(Resource)}': items are read by s3:getObject and s3:listObjectsV2 alone`],
    ];
  const list = action === "listObjectsV2";
  const beside = (field: string, value: unknown): readonly Objection[] =>
    value === undefined ? [] : [[field, `${field} beside an ItemReader: all that it reads are the items`]];
  return [
    ...parameterObjections(reader, list ? LISTED : GOT),
    ...configObjections(isObject(ReaderConfig) ? ReaderConfig : {}, list).map(
      ([field, message]) => [`ItemReader/ReaderConfig/${field}`, message] as const,
    ),
    ...beside("ItemsPath", ItemsPath),
    ...beside("Items", Items),
  ];
}

function parameterObjections(reader: JsonObject, known: readonly string[]): readonly Objection[] {
  const { Parameters, Arguments } = reader;
  const given = Parameters ?? Arguments;
  if (!isObject(given)) return [];
  const field = Parameters === undefined ? "Arguments" : "Parameters";
  return Object.keys(given)
    .filter((name) => !known.includes(name.replace(/\.\$$/, "")))
    .map(
      (name) => [`ItemReader/${field}/${name}`, `'${name}' is not looked at: known are ${known.join(", ")}`] as const,
    );
}

function configObjections(config: JsonObject, list: boolean): readonly Objection[] {
  const found: Objection[] = [];
  const oneOf = (field: string, names: readonly string[]) => {
    const value = config[field];
    if (typeof value !== "string" || !names.includes(value))
      found.push([field, `${field} is ${JSON.stringify(value) ?? "missing"}: ${names.join(", ")} can be read`]);
  };
  const known = ["MaxItems", "MaxItemsPath"];
  if (list) {
    known.push("Transformation");
    if (config.Transformation !== undefined) oneOf("Transformation", ["NONE"]);
  } else {
    known.push("InputType");
    oneOf("InputType", ["CSV", "JSON", "JSONL"]);
    if (config.InputType === "JSON") known.push("ItemsPointer");
    if (config.InputType === "CSV") {
      known.push("CSVDelimiter", "CSVHeaderLocation", "CSVHeaders");
      oneOf("CSVHeaderLocation", ["FIRST_ROW", "GIVEN"]);
      if (config.CSVDelimiter !== undefined) oneOf("CSVDelimiter", CSV_DELIMITERS);
      if (config.CSVHeaderLocation === "GIVEN" && !isTexts(config.CSVHeaders))
        found.push(["CSVHeaders", "CSVHeaders has to be a list of texts"]);
    }
  }
  for (const field of Object.keys(config))
    if (!known.includes(field)) found.push([field, `'${field}' is not looked at: known are ${known.join(", ")}`]);
  return found;
}

const isTexts = (value: Json | undefined): boolean => isList(value) && value.every((one) => typeof one === "string");

/** What the graph tells of a reader, so that who deploys it knows what it reads. */
export interface ReaderPlace {
  readonly list: boolean;
  /** Undefined: it is worked out while it runs. */
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly version: boolean;
}

export function readerPlace({ Resource, Parameters, Arguments }: NonNullable<MapState["ItemReader"]>): ReaderPlace {
  const given = Parameters ?? Arguments;
  const fields = isObject(given) ? given : {};
  const literal = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === "string" && !value.startsWith("{%") ? value : undefined;
  };
  const list = String(Resource).endsWith(":listObjectsV2");
  const version = !isObject(given) || "VersionId" in fields || "VersionId.$" in fields;
  return { list, bucket: literal("Bucket"), key: list ? undefined : literal("Key"), version };
}
