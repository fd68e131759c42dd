/** A folder that stands for Amazon S3: each folder in it is a bucket, and the files below are its objects. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import {
  type ListedObject,
  type ObjectAt,
  type ObjectListing,
  ObjectRefused,
  type Objects,
} from "../../model/objects.ts";

/** @param folder looked at anew each time; it has no versions, and no owner */
export function folderObjects(folder: string): Objects {
  const within = (...parts: readonly string[]): string => {
    const path = resolve(folder, ...parts);
    if (path.startsWith(resolve(folder) + sep)) return path;
    throw new ObjectRefused("InvalidRequest", `${parts.join("/")} lies outside of the folder`);
  };
  return {
    get: (object) => got(object, within),
    list: (listing) => listed(listing, within),
  };
}

type Within = (...parts: readonly string[]) => string;

async function* got({ bucket, key, version }: ObjectAt, within: Within): AsyncGenerator<Uint8Array> {
  if (version !== undefined) throw new ObjectRefused("NoSuchVersion", "A folder has no versions of its files.");
  const path = within(bucket, key);
  await bucketAt(bucket, within);
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new ObjectRefused(code, `s3://${bucket}/${key} cannot be read: ${path}`);
  }
}

async function* listed(
  { bucket, prefix = "", after = "" }: ObjectListing,
  within: Within,
): AsyncGenerator<ListedObject> {
  const top = await bucketAt(bucket, within);
  const files = (await readdir(top, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  const paths = files.map((one) => join(one.parentPath, one.name));
  const keys = paths.map((path) => path.slice(top.length + 1).replaceAll(sep, "/"));
  const wanted = keys.filter((key) => key.startsWith(prefix) && (after === "" || inBytes(key, after) > 0));
  for (const key of wanted.sort(inBytes)) {
    const path = join(top, key);
    const { size, mtimeMs } = await stat(path);
    const etag = `"${createHash("md5")
      .update(await readFile(path))
      .digest("hex")}"`;
    yield { key, etag, bytes: size, modifiedAtMs: mtimeMs, storageClass: "STANDARD" };
  }
}

async function bucketAt(bucket: string, within: Within): Promise<string> {
  const path = within(bucket);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return path;
  throw new ObjectRefused("NoSuchBucket", `There is no bucket '${bucket}': no folder ${path}`);
}

const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const CODES: Readonly<Record<string, string>> = {
  ...{ ENOENT: "NoSuchKey", ENOTDIR: "NoSuchKey", EISDIR: "NoSuchKey" },
  ...{ EACCES: "AccessDenied", EPERM: "AccessDenied" },
};
const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? CODES[String(error.code)] : undefined;
