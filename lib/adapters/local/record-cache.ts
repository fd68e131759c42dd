/** Records lately written or read, so that a running execution is not read back from disk. Oldest go first. */
import type { LogRecord } from "../../kernel/record.ts";

const MOST_BYTES = 64 * 1024 * 1024;
/** What a record takes in memory besides its text: objects, key, entry. Measured; its text is a quarter of that. */
const ENTRY_BYTES = 1_000;

export class RecordCache {
  readonly #entries = new Map<string, { readonly record: LogRecord; readonly bytes: number }>();
  readonly #onDrop: (id: string) => void;
  #bytes = 0;

  /** @param onDrop told of each record that went for want of room */
  constructor(onDrop: (id: string) => void) {
    this.#onDrop = onDrop;
  }

  get(id: string): LogRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  /** @param textBytes of the record as JSON */
  set(id: string, record: LogRecord, textBytes: number): void {
    const bytes = textBytes + ENTRY_BYTES;
    this.delete(id);
    this.#entries.set(id, { record, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= MOST_BYTES) break;
      this.delete(oldest);
      this.#onDrop(oldest);
    }
  }

  delete(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(id);
  }
}
