/**
 * Payloads that are too large for a record or a message. What is put never changes: its key says what it is. It knows
 * nothing of who refers to it, and deletes nothing: what is old goes with the records.
 */
export interface PayloadStore {
  /** Puts it under `<execution>/<sha-256 of the bytes>`; again, it changes nothing. */
  put(execution: string, bytes: Uint8Array): Promise<PayloadRef>;
  /** @throws PawlError `storage_failed` when it is not there, or is not what was put */
  get(payload: PayloadRef): Promise<Uint8Array>;
}

export interface PayloadRef {
  readonly key: string;
  /** Hex. */
  readonly sha256: string;
}
