/** A payload store in memory, for tests of what is stored and what is not. */
import { createHash } from "node:crypto";
import { PawlError } from "../../../lib/errors.ts";
import type { PayloadRef, PayloadStore } from "../../../lib/ports/payload-store.ts";

export class MemoryPayloads implements PayloadStore {
  readonly stored = new Map<string, Uint8Array>();

  async put(execution: string, bytes: Uint8Array): Promise<PayloadRef> {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const key = `${execution}/${sha256}`;
    this.stored.set(key, bytes);
    return { key, sha256 };
  }

  async get({ key }: PayloadRef): Promise<Uint8Array> {
    const bytes = this.stored.get(key);
    if (bytes) return bytes;
    throw new PawlError("storage_failed", `the payload ${key} is gone`);
  }
}
