import { describe, expect, it } from "vitest";
import { folderObjects } from "../../lib/adapters/local/folder-objects.ts";
import type { ObjectAt } from "../../lib/model/objects.ts";
import { tempFolder } from "./temp-folder.ts";

async function all<T>(some: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of some) found.push(one);
  return found;
}

describe("a folder that stands for S3", () => {
  it("gives a file's bytes by its bucket and key", async () => {
    const objects = folderObjects(tempFolder({ "data/in/a.txt": "hello", "data/empty": "" }));
    const bytes = async (at: ObjectAt) => Buffer.concat(await all(objects.get(at))).toString();
    expect(await bytes({ bucket: "data", key: "in/a.txt" })).toBe("hello");
    expect(await bytes({ bucket: "data", key: "empty" })).toBe("");
  });

  it.each<[what: string, at: ObjectAt, code: string]>([
    ["a file that is not there", { bucket: "data", key: "b" }, "NoSuchKey"],
    ["a folder", { bucket: "data", key: "in" }, "NoSuchKey"],
    ["a bucket that is not there", { bucket: "other", key: "a" }, "NoSuchBucket"],
    ["a version", { bucket: "data", key: "in/a", version: "1" }, "NoSuchVersion"],
    ["what lies outside", { bucket: "data", key: "../../secret" }, "InvalidRequest"],
    ["a bucket that lies outside", { bucket: "..", key: "secret" }, "InvalidRequest"],
  ])("refuses %s", async (_, at, code) => {
    const objects = folderObjects(tempFolder({ "data/in/a": "" }));
    await expect(all(objects.get(at))).rejects.toMatchObject({ name: "ObjectRefused", code });
  });

  it("lists a bucket's files by their keys' bytes, those that a prefix and a first key leave", async () => {
    const files = Object.fromEntries(
      ["b/2", "b/1", "b.x", "a", "b/é", "\u{1f600}", "\uff01"].map((key) => [`data/${key}`, key]),
    );
    const objects = folderObjects(tempFolder({ ...files, "other/z": "" }));
    const keys = async (more: object) => (await all(objects.list({ bucket: "data", ...more }))).map(({ key }) => key);
    expect(await keys({})).toEqual(["a", "b.x", "b/1", "b/2", "b/é", "\uff01", "\u{1f600}"]);
    expect(await keys({ prefix: "b/", after: "b/1" })).toEqual(["b/2", "b/é"]);
    const [first] = await all(objects.list({ bucket: "data", prefix: "a" }));
    expect(first).toEqual({
      ...{ key: "a", etag: '"0cc175b9c0f1b6a831c399e269772661"', bytes: 1, storageClass: "STANDARD" },
      modifiedAtMs: expect.any(Number),
    });
    await expect(keys({ bucket: "none" })).rejects.toMatchObject({ code: "NoSuchBucket" });
  });
});
