/** The payload store on S3. */
import { createHash, randomBytes } from "node:crypto";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { S3PayloadStore, s3Client } from "../../lib/adapters/aws/payload-store.ts";
import type { RequestNote } from "../../lib/adapters/aws/requests.ts";
import { onStandIn } from "../support/aws/stand-in.ts";
import { createBucket } from "../support/aws/table.ts";

const of = (id: string, days = 45) => ({
  ...{ workflow: "order", id, expiresAt: Math.ceil(Date.now() / 1000) + days * 24 * 60 * 60 },
});

onStandIn("the payload store on S3", (aws) => {
  const bucket = `${aws.prefix}payloads`;
  const notes: RequestNote[] = [];
  const client = s3Client({ ...aws, onRequest: (note) => notes.push(note) });
  const store = new S3PayloadStore({ client, bucket });
  beforeAll(() => createBucket(aws, bucket));
  afterAll(() => client.destroy());

  it.each([0, 1, 33_000, 4 * 1024 * 1024])("gives %i bytes back under the hash of their own", async (size) => {
    const bytes = randomBytes(size);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const put = await store.put(of("1042"), bytes);
    expect(put).toEqual({ key: `month/order/1042/${sha256}`, sha256 });
    expect(Buffer.from(await store.get(put)).equals(bytes)).toBe(true);
  });
  it("keeps what is put twice once, and executions apart", async () => {
    const bytes = Buffer.from("hello");
    const put = await store.put(of("1"), bytes);
    expect(await store.put(of("1"), bytes)).toEqual(put);
    expect((await store.put(of("2"), bytes)).key).not.toBe(put.key);
    expect(Buffer.from(await store.get(put)).toString()).toBe("hello");
  });
  it.each([
    ["month", 45],
    ["year", 366 + 15],
  ])("keeps it for a %s where it has to stay %i days", async (term, days) => {
    const { key } = await store.put(of("6", days), Buffer.from("x"));
    expect(key).toMatch(new RegExp(`^${term}/order/6/[0-9a-f]{64}$`));
  });
  it("takes every execution's id for a key", async () => {
    const put = await store.put(of("a:b@c=d+e-f_g.h"), Buffer.from("x"));
    expect(Buffer.from(await store.get(put)).toString()).toBe("x");
  });
  it("misses what is gone, by name", async () => {
    const put = await store.put(of("3"), Buffer.from("x"));
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: put.key }));
    await expect(store.get(put)).rejects.toMatchObject({
      code: "storage_failed",
      message: expect.stringMatching(new RegExp(`^the payload ${put.key} is gone in the bucket ${bucket}`)),
      detail: { bucket, key: put.key },
    });
  });
  it("does not take something else for what was put", async () => {
    const put = await store.put(of("4"), Buffer.from("x"));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: put.key, Body: "y" }));
    await expect(store.get(put)).rejects.toMatchObject({
      code: "storage_failed",
      message: expect.stringMatching(/is not what was put there/),
    });
  });
  it("says that a bucket is not there", async () => {
    const nowhere = new S3PayloadStore({ client, bucket: `${aws.prefix}none` });
    const missing = { code: "storage_failed", message: expect.stringMatching(/-none is not there .*deploy/) };
    await expect(nowhere.put(of("1"), Buffer.from("x"))).rejects.toMatchObject(missing);
    await expect(nowhere.get({ key: "month/order/1/x", sha256: "x" })).rejects.toMatchObject(missing);
  });
  it("has S3 check on arrival that the bytes are those of the hash", async () => {
    const bytes = Buffer.from("checked");
    const { key } = await store.put(of("5"), bytes);
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" }));
    await object.Body?.transformToByteArray(); // an answer that nobody reads is torn off when the client goes
    expect(object.ChecksumSHA256).toBe(createHash("sha256").update(bytes).digest("base64"));
  });
  it("tells of its requests", () => {
    expect(notes).toContainEqual({ service: "S3", operation: "PutObject", attempts: 1, readUnits: 0, writeUnits: 0 });
  });
});
