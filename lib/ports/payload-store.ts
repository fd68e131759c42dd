/**
 * Payloads that are too large for a record or a message. What is put never changes: its key says what it is. It knows
 * nothing of who refers to it, and deletes nothing: what is old goes after the records.
 */
import type { Execution } from "../contract/ids.ts";

export interface PayloadStore {
  /**
   * Puts it under a key of the execution's own, to stay until the execution's records are gone; again, it changes
   * nothing.
   */
  put(execution: Execution, bytes: Uint8Array): Promise<PayloadRef>;
  /** @throws PawlError `storage_failed` when it is not there, or is not what was put */
  get(payload: PayloadRef): Promise<Uint8Array>;
}

export interface PayloadRef {
  readonly key: string;
  /** Hex. */
  readonly sha256: string;
}
