/** Keys and callbacks of tests. */
import { createHash } from "node:crypto";
import type { Callback } from "../../lib/contract/callback.ts";
import type { CallbackKey, CallbackKeys } from "../../lib/ports/callback-keys.ts";

export const keyOf = (id: string): CallbackKey => ({ id, secret: createHash("sha256").update(id).digest() });

/** The newest first. */
export class MemoryKeys implements CallbackKeys {
  keys: CallbackKey[];
  constructor(...keys: CallbackKey[]) {
    this.keys = keys;
  }
  async current(): Promise<CallbackKey> {
    return this.keys[0]!;
  }
  async byId(id: string): Promise<CallbackKey | undefined> {
    return this.keys.find((key) => key.id === id);
  }
}

export const NOW_MS = Date.UTC(2026, 10, 23, 12);
export const aCallback = (of: Partial<Callback> = {}): Callback => ({
  id: "a".repeat(40),
  execution: "purchase/1042",
  path: "ask",
  signal: "decision",
  subject: "legal@example.org",
  answers: { Approve: { approved: true }, Reject: { approved: false } },
  expiresAtMs: NOW_MS + 60_000,
  ...of,
});
