/** A payload store that few need: its client is loaded when first asked for, and its bucket looked for no sooner. */
import type { PayloadStore } from "../../ports/payload-store.ts";
import type { AwsOptions } from "./client-config.ts";
import { once } from "./once.ts";

export function lazyPayloads(bucketName: () => Promise<string>, aws: AwsOptions): PayloadStore {
  const store = once(async () => {
    const bucket = await bucketName();
    const { S3PayloadStore, s3Client } = await import("./payload-store.ts");
    return new S3PayloadStore({ client: s3Client(aws), bucket });
  });
  return {
    put: async (execution, bytes) => (await store()).put(execution, bytes),
    get: async (payload) => (await store()).get(payload),
  };
}
