/** Objects of S3, as a state machine's item reader reads them. */
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { s3Client } from "../../lib/adapters/aws/payload-store.ts";
import { s3Objects } from "../../lib/adapters/aws/s3-objects.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { createBucket } from "../support/aws/table.ts";

async function all<T>(some: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of some) found.push(one);
  return found;
}

onStandIn("objects of S3", (aws) => {
  const bucket = `${aws.prefix}objects`;
  const client = s3Client(aws);
  const objects = s3Objects(client);
  beforeAll(async () => {
    await createBucket(aws, bucket);
    const put = (Key: string, Body: string) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.from(Body) }));
    await put("large", "x".repeat(400_000));
    await put("empty", "");
    for (const i of [0, 1, 2, 3, 4]) await put(`many/${i}`, String(i));
  });
  afterAll(() => client.destroy());

  it("are read as they come, and no further than somebody asks", async () => {
    expect(Buffer.concat(await all(objects.get({ bucket, key: "large" }))).length).toBe(400_000);
    expect(await all(objects.get({ bucket, key: "empty" }))).toEqual([]);
    for await (const part of objects.get({ bucket, key: "large" })) {
      expect(part.length).toBeLessThan(400_000);
      break;
    }
  });

  it("are listed page by page", async () => {
    const paged = s3Client(aws);
    let pages = 0;
    paged.middlewareStack.add(
      (next) => (args) => {
        pages++;
        return next({ ...args, input: { ...args.input, MaxKeys: 2 } as typeof args.input });
      },
      { step: "initialize", name: "twoKeysAPage" },
    );
    const keys = async (more: object) => await all(s3Objects(paged).list({ bucket, prefix: "many/", ...more }));
    const found = await keys({});
    expect([pages, found.map(({ key }) => key)]).toEqual([3, [0, 1, 2, 3, 4].map((i) => `many/${i}`)]);
    expect(found[1]).toEqual({
      ...{ key: "many/1", etag: '"c4ca4238a0b923820dcc509a6f75849b"', bytes: 1, storageClass: "STANDARD" },
      modifiedAtMs: expect.any(Number),
    });
    expect((await keys({ after: "many/2" })).map(({ key }) => key)).toEqual(["many/3", "many/4"]);
    paged.destroy();
  });

  it.each([
    ["an object that is not there", () => objects.get({ bucket, key: "absent" }), "NoSuchKey"],
    ["a bucket that is not there", () => objects.list({ bucket: "absent-bucket" }), "NoSuchBucket"],
  ])("are refused for good: %s", async (_, read, code) => {
    await expect(all<unknown>(read())).rejects.toMatchObject({ name: "ObjectRefused", code });
  });

  it("may be read another time where S3 is out of reach", async () => {
    const nowhere = new S3Client({ ...aws, endpoint: "http://127.0.0.1:9", maxAttempts: 1 });
    await expect(all(s3Objects(nowhere).get({ bucket, key: "large" }))).rejects.toMatchObject({
      code: "storage_failed",
      message: expect.stringMatching(new RegExp(`the bucket ${bucket} failed`)),
    });
    nowhere.destroy();
  });
});
