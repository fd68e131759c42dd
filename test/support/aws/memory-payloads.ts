/** A payload store in memory, for tests of what is stored and what is not. */
import { createHash } from "node:crypto";
import type { Execution } from "../../../lib/contract/ids.ts";
import { payloadKey } from "../../../lib/contract/payload-terms.ts";
import { PawlError } from "../../../lib/errors.ts";
import type { PayloadRef, PayloadStore } from "../../../lib/ports/payload-store.ts";

export class MemoryPayloads implements PayloadStore {
  readonly stored = new Map<string, Uint8Array>();

  async put(execution: Execution, bytes: Uint8Array): Promise<PayloadRef> {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const key = payloadKey(execution, sha256, Date.now());
    this.stored.set(key, bytes);
    return { key, sha256 };
  }

  async get({ key }: PayloadRef): Promise<Uint8Array> {
    const bytes = this.stored.get(key);
    if (bytes) return bytes;
    throw new PawlError("storage_failed", `the payload ${key} is gone`);
  }
}
