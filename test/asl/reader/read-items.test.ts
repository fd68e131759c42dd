import { describe, expect, it } from "vitest";
import { type ReaderRequest, readItems } from "../../../lib/asl/reader/read-items.ts";
import { type ListedObject, ObjectRefused, type Objects } from "../../../lib/model/objects.ts";

/** One object, in parts; and how many of them were asked for. */
function holding(...parts: readonly (string | Uint8Array)[]) {
  const asked = { parts: 0 };
  const objects: Objects = {
    get: async function* () {
      for (const part of parts) {
        asked.parts++;
        yield typeof part === "string" ? Buffer.from(part) : part;
      }
    },
    list: async function* () {},
  };
  return { objects, asked };
}

const read = (request: Partial<ReaderRequest>, objects: Objects | undefined, mostBytes = 1000) =>
  readItems(
    { list: false, config: {}, from: { Bucket: "b", Key: "k" }, mostItems: 0, ...request },
    { objects, mostBytes },
  );
const failed = (message: RegExp) => ({ code: "States.ItemReaderFailed", message: expect.stringMatching(message) });

const CSV = { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" };
const JSONL = { InputType: "JSONL" };
const JSON_ = { InputType: "JSON" };

describe("items of an object", () => {
  it.each([
    ["CSV", CSV, "a\n1\n2\n"],
    ["JSONL", JSONL, '{"a":"1"}\n{"a":"2"}\n'],
  ])("are read no further than MaxItems says: %s", async (_, config, first) => {
    const { objects, asked } = holding(first, "3\n");
    expect(await read({ config, mostItems: 2 }, objects)).toEqual({
      items: [{ a: "1" }, { a: "2" }],
      source: "S3://b/k",
    });
    expect(asked.parts).toBe(1);
  });

  it("may be cut anywhere on the way, within a character as well", async () => {
    const bytes = Buffer.from('\ufeff["é\u{1f600}"]');
    const { objects } = holding(...[...bytes].map((byte) => Uint8Array.of(byte)));
    expect(await read({ config: JSON_ }, objects)).toMatchObject({ items: ["é\u{1f600}"] });
  });

  it("are in columns that are given, where it says so and not else", async () => {
    const config = { ...CSV, CSVHeaderLocation: "GIVEN", CSVHeaders: ["__proto__", "x"], CSVDelimiter: "SEMICOLON" };
    const { items } = await read({ config }, holding("1;2").objects);
    expect(items.map((item) => Object.entries(item as object))).toEqual([
      [
        ["__proto__", "1"],
        ["x", "2"],
      ],
    ]);
    const found = await read({ config: { ...config, CSVHeaderLocation: "FIRST_ROW" } }, holding("a\n1").objects);
    expect(found.items).toEqual([{ a: "1" }]);
  });

  it.each<[what: string, config: ReaderRequest["config"], parts: readonly (string | Uint8Array)[], why: RegExp]>([
    ["bytes that are no text", JSON_, [Uint8Array.of(0x5b, 0xff, 0x5d)], /not text in UTF-8/],
    ["a character that is cut off", JSONL, [Uint8Array.of(0x22, 0xc3)], /not text in UTF-8/],
    ["JSON that ends too early", JSON_, ["[1"], /The object is not JSON/],
    ["JSON with a mistake in it", JSON_, ['[{"a":1,\n"b" 2}]'], /not JSON: .*line 2/],
    ["a line that is no JSON", JSONL, ["1\n\n{\n2"], /Line 3 is not JSON/],
    ["a line without an end", JSONL, ["1\n", " ".repeat(2000)], /line 2 has more than 1000 bytes/],
    ["more than may be held", JSON_, ["[", " ".repeat(1000)], /the object has more than 1000 bytes/],
    [
      "items of more than may be held",
      JSONL,
      ['"aaaaaaaaaaaaaaaaaa"\n'.repeat(60)],
      /first 48 items hold has more than 1000/,
    ],
    ["CSV of more than may be held", CSV, [`a\n${"x\n".repeat(110)}`], /first 101 items hold/],
  ])("are refused: %s", async (_, config, parts, why) => {
    await expect(read({ config }, holding(...parts).objects)).rejects.toMatchObject(failed(why));
  });

  it.each<[what: string, from: ReaderRequest["from"], why: RegExp]>([
    ["no bucket", { Key: "k" }, /no Bucket/],
    ["no key", { Bucket: "b" }, /no Key/],
    ["a key that is a number", { Bucket: "b", Key: 7 }, /Key is 7, which is no text/],
  ])("are not asked for with %s", async (_, from, why) => {
    await expect(read({ from }, holding("[]").objects)).rejects.toMatchObject(failed(why));
  });

  it("are not read where nothing stands for S3, and not where S3 refuses; all else may be tried again", async () => {
    await expect(read({}, undefined)).rejects.toMatchObject(failed(/nothing here that stands for Amazon S3.*--s3/));
    const throwing = (error: Error): Objects => ({
      ...holding().objects,
      get: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
    });
    await expect(read({}, throwing(new ObjectRefused("AccessDenied", "b/k is not for you")))).rejects.toMatchObject(
      failed(/b\/k is not for you \(AccessDenied\)/),
    );
    await expect(read({}, throwing(new RangeError("a bad day")))).rejects.toThrow(RangeError);
  });
});

describe("objects of a bucket as items", () => {
  it("are asked for by what the reader says, as many as it says, and times are in seconds", async () => {
    const asked: unknown[] = [];
    const one = (key: string): ListedObject => ({
      ...{ key, etag: '"e"', bytes: 3, modifiedAtMs: 1_700_000_000_900, storageClass: "GLACIER" },
    });
    const objects: Objects = {
      ...holding().objects,
      list: async function* (listing) {
        asked.push(listing);
        yield* [one("p/1"), one("p/2")];
      },
    };
    const from = { Bucket: "b", Prefix: "p/", StartAfter: "p/0", ExpectedBucketOwner: "111122223333" };
    expect(await read({ list: true, from, mostItems: 1 }, objects)).toEqual({
      items: [{ Etag: '"e"', Key: "p/1", LastModified: 1_700_000_000, Size: 3, StorageClass: "GLACIER" }],
      source: "S3://b",
    });
    expect(asked).toEqual([{ bucket: "b", prefix: "p/", after: "p/0", owner: "111122223333" }]);
  });
});
