/** The payload store on S3. The bucket's lifecycle removes what has outlived its records: `payload-terms.ts`. */
import { createHash } from "node:crypto";
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Execution } from "../../contract/ids.ts";
import { payloadKey } from "../../contract/payload-terms.ts";
import { PawlError } from "../../errors.ts";
import type { PayloadRef, PayloadStore } from "../../ports/payload-store.ts";
import { type AwsOptions, awsClient } from "./client-config.ts";
import { storageFailed } from "./storage-failed.ts";

/** A stand-in has no host name per bucket. What is read is checked by its hash, so the SDK need not do so as well. */
export const s3Client = (options: AwsOptions): S3Client =>
  awsClient(S3Client, options, {
    responseChecksumValidation: "WHEN_REQUIRED" as const,
    ...(options.endpoint !== undefined && { forcePathStyle: true }),
  });

export class S3PayloadStore implements PayloadStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor({ client, bucket }: { readonly client: S3Client; readonly bucket: string }) {
    this.#client = client;
    this.#bucket = bucket;
  }

  /** A retry whose first try took effect puts the same bytes under the same key once more. */
  async put(execution: Execution, bytes: Uint8Array): Promise<PayloadRef> {
    const hash = createHash("sha256").update(bytes).digest();
    const sha256 = hash.toString("hex");
    const key = payloadKey(execution, sha256, Date.now());
    const object = { Bucket: this.#bucket, Key: key, Body: bytes, ChecksumSHA256: hash.toString("base64") };
    try {
      await this.#client.send(new PutObjectCommand(object));
    } catch (error) {
      throw storageFailed(`the bucket ${this.#bucket}`, error);
    }
    return { key, sha256 };
  }

  async get({ key, sha256 }: PayloadRef): Promise<Uint8Array> {
    const bytes = await this.#read(key);
    if (createHash("sha256").update(bytes).digest("hex") === sha256) return bytes;
    throw this.#lost(key, "is not what was put there");
  }

  async #read(key: string): Promise<Uint8Array> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      if (error instanceof NoSuchKey) throw this.#lost(key, "is gone", error);
      throw storageFailed(`the bucket ${this.#bucket}`, error);
    }
  }

  #lost(key: string, what: string, cause?: unknown): PawlError {
    return new PawlError(
      "storage_failed",
      `the payload ${key} ${what} in the bucket ${this.#bucket}: somebody removed or changed it, or its lifecycle is shorter than an execution's life`,
      { bucket: this.#bucket, key },
      cause,
    );
  }
}
