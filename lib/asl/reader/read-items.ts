/** `ItemReader`: the items of a distributed Map, from Amazon S3. AWS's developer guide, "ItemReader (Map)". */
import type { Outside } from "../../model/expression.ts";
import type { Json } from "../../model/json.ts";
import {
  type ListedObject,
  type ObjectAt,
  type ObjectListing,
  ObjectRefused,
  type Objects,
} from "../../model/objects.ts";
import { excerpt, isList, isObject, type JsonObject } from "../json-kinds.ts";
import { csvRecords } from "./csv.ts";
import type { Dataset } from "./dataset.ts";
import { readerFailed } from "./failed.ts";
import { itemsIn, parseJson } from "./json-items.ts";
import { linesOf, textOf, tooMuch, wholeText } from "./texts.ts";

export interface ReaderRequest {
  readonly list: boolean;
  readonly config: JsonObject;
  /** `Parameters` or `Arguments`, worked out. */
  readonly from: JsonObject;
  /** 0 means all. */
  readonly mostItems: number;
}

/** @param source with the `ItemReader`. @param request of it, as its evaluation gave it */
export function requestOf({ ItemReader }: JsonObject, request: Json): ReaderRequest {
  const { Resource, ReaderConfig } = isObject(ItemReader) ? ItemReader : {};
  const { from, mostItems } = isObject(request) ? request : {};
  return {
    list: String(Resource).endsWith(":listObjectsV2"),
    config: isObject(ReaderConfig) ? ReaderConfig : {},
    from: isObject(from) ? from : {},
    mostItems: Number(mostItems ?? 0),
  };
}

/**
 * Not more is held in memory than an execution may carry.
 *
 * @throws ExpressionError `States.ItemReaderFailed`; whatever else `objects` throws, which may be tried again
 */
export async function readItems(request: ReaderRequest, { objects, mostBytes }: Outside): Promise<Dataset> {
  if (!objects)
    throw readerFailed(
      "There is nothing here that stands for Amazon S3: name a folder of buckets, with `--s3` of `pawl asl run`, with PAWL_S3_FOLDER, or as the option `s3`.",
    );
  const most = request.mostItems === 0 ? Number.POSITIVE_INFINITY : request.mostItems;
  const reading = { ...request, objects, mostBytes, most };
  try {
    return await (request.list ? listed(reading) : readObject(reading));
  } catch (error) {
    if (error instanceof ObjectRefused) throw readerFailed(`${error.message} (${error.code})`);
    throw error;
  }
}

interface Reading extends ReaderRequest {
  readonly objects: Objects;
  readonly mostBytes: number;
  readonly most: number;
}

async function listed({ from, objects, ...reading }: Reading): Promise<Dataset> {
  const at = locationIn(from);
  return { items: await firstOf(itemsOf(objects.list(at)), reading), source: `S3://${at.bucket}` };
}

/** As `ListObjectsV2` is shown to an iteration: times in seconds. */
async function* itemsOf(objects: AsyncIterable<ListedObject>): AsyncGenerator<Json> {
  for await (const { key, etag, bytes, modifiedAtMs, storageClass } of objects) {
    const LastModified = Math.floor(modifiedAtMs / 1000);
    yield { Etag: etag, Key: key, LastModified, Size: bytes, StorageClass: storageClass };
  }
}

async function readObject(reading: Reading): Promise<Dataset> {
  const { from, config, objects, mostBytes, most } = reading;
  const { key, ...at } = locationIn(from);
  if (key === undefined) throw readerFailed("ItemReader names no Key.");
  const text = textOf(objects.get({ ...at, key }));
  const source = `S3://${at.bucket}/${key}`;
  switch (config.InputType) {
    case "CSV":
      return { items: await firstOf(rowsOf(text, config, mostBytes), reading), source };
    case "JSONL":
      return { items: await firstOf(documentsOf(text, mostBytes), reading), source };
    default: {
      const { ItemsPointer: pointer } = config;
      const document = parseJson(await wholeText(text, mostBytes), "The object");
      const { items, keys } = itemsIn(document, typeof pointer === "string" ? pointer : undefined);
      return { items: items.slice(0, most), ...(keys && { keys: keys.slice(0, most) }), source };
    }
  }
}

/** What the fields of a request are called here. */
const LOCATION = {
  Key: "key",
  VersionId: "version",
  Prefix: "prefix",
  StartAfter: "after",
  ExpectedBucketOwner: "owner",
} as const satisfies Readonly<Record<string, keyof ObjectAt | keyof ObjectListing>>;
export const READER_PARAMETERS = ["Bucket", ...Object.keys(LOCATION)];

type Location = { -readonly [name in (typeof LOCATION)[keyof typeof LOCATION]]?: string } & { readonly bucket: string };

/** @throws ExpressionError `States.ItemReaderFailed` */
function locationIn(from: JsonObject): Location {
  const text = (name: string): string | undefined => {
    const value = from[name];
    if (value === undefined || typeof value === "string") return value;
    throw readerFailed(`ItemReader's ${name} is ${excerpt(value)}, which is no text.`);
  };
  const bucket = text("Bucket");
  if (!bucket) throw readerFailed("ItemReader names no Bucket.");
  const location: Location = { bucket };
  for (const [name, as] of Object.entries(LOCATION)) {
    const value = text(name);
    if (value !== undefined) location[as] = value;
  }
  return location;
}

async function* documentsOf(text: AsyncIterable<string>, mostBytes: number): AsyncGenerator<Json> {
  for await (const { line, text: one } of linesOf(text, mostBytes)) yield parseJson(one, `Line ${line}`);
}

const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ",",
  PIPE: "|",
  SEMICOLON: ";",
  SPACE: " ",
  TAB: "\t",
};
export const CSV_DELIMITERS = Object.keys(DELIMITERS);

/** An object for each record: fields that are missing are empty, more than the header has are left out. */
async function* rowsOf(text: AsyncIterable<string>, config: JsonObject, mostBytes: number): AsyncGenerator<Json> {
  const { CSVDelimiter = "COMMA", CSVHeaderLocation, CSVHeaders } = config;
  const isGiven = CSVHeaderLocation === "GIVEN" && isList(CSVHeaders);
  let header = isGiven ? headerOf(CSVHeaders.map(String)) : undefined;
  const delimiter = DELIMITERS[String(CSVDelimiter)] ?? ",";
  for await (const { fields } of csvRecords(text, { delimiter, mostBytes })) {
    if (header) yield Object.fromEntries(header.map((name, i) => [name, fields[i] ?? ""]));
    else header = headerOf(fields);
  }
}

function headerOf(names: readonly string[]): readonly string[] {
  if (new Set(names).size < names.length) throw readerFailed("CSV headers cannot contain duplicates.");
  return names;
}

/** What comes after them is not read. */
async function firstOf(
  items: AsyncIterable<Json>,
  { most, mostBytes }: Pick<Reading, "most" | "mostBytes">,
): Promise<readonly Json[]> {
  const found: Json[] = [];
  let bytes = 0;
  for await (const item of items) {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes > mostBytes) throw tooMuch(`what the first ${found.length + 1} items hold`, mostBytes);
    if (found.push(item) >= most) break;
  }
  return found;
}
