/** Objects of Amazon S3, as the SDK reads them. What S3 refuses for good is told apart from what may be tried again. */
import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import {
  type ListedObject,
  type ObjectAt,
  type ObjectListing,
  ObjectRefused,
  type Objects,
} from "../../model/objects.ts";
import { storageFailed } from "./storage-failed.ts";

export function s3Objects(client: S3Client): Objects {
  return {
    get: (object) => got(client, object),
    list: (listing) => listed(client, listing),
  };
}

async function* got(client: S3Client, { bucket, key, version, owner }: ObjectAt): AsyncGenerator<Uint8Array> {
  try {
    const request = { ...inBucket(bucket, owner), Key: key, ...(version !== undefined && { VersionId: version }) };
    const { Body } = await client.send(new GetObjectCommand(request));
    // On Node, what the SDK gives is a stream of it; ended early, it closes the connection.
    yield* (Body ?? []) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw failed(`s3://${bucket}/${key}`, bucket, error);
  }
}

async function* listed(
  client: S3Client,
  { bucket, owner, prefix, after }: ObjectListing,
): AsyncGenerator<ListedObject> {
  const request = {
    ...inBucket(bucket, owner),
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(after !== undefined && { StartAfter: after }),
  };
  for (let token: string | undefined; ; ) {
    let page: ListObjectsV2CommandOutput;
    try {
      page = await client.send(new ListObjectsV2Command({ ...request, ContinuationToken: token }));
    } catch (error) {
      throw failed(`the bucket ${bucket}`, bucket, error);
    }
    for (const { Key = "", ETag = "", Size = 0, LastModified, StorageClass = "STANDARD" } of page.Contents ?? [])
      yield {
        key: Key,
        etag: ETag,
        bytes: Size,
        modifiedAtMs: LastModified?.getTime() ?? 0,
        storageClass: StorageClass,
      };
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
    if (token === undefined) return;
  }
}

const inBucket = (bucket: string, owner: string | undefined) => ({
  Bucket: bucket,
  ...(owner !== undefined && { ExpectedBucketOwner: owner }),
});

/** What is asked for is wrong, and not S3's day: a status from 300 to 499, but for "too much at once". */
function failed(what: string, bucket: string, error: unknown): Error {
  if (error instanceof S3ServiceException) {
    const { httpStatusCode: status = 500 } = error.$metadata;
    if (status >= 300 && status < 500 && status !== 408 && status !== 429)
      return new ObjectRefused(error.name, `${what} cannot be read: ${error.message}`);
  }
  return storageFailed(`the bucket ${bucket}`, error);
}
