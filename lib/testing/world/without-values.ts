/** What a list without values may leave out is left out here, so that nobody relies on what is at hand in one process. */
import type { LogRecord } from "../../kernel/record.ts";
import type { Listing } from "../../ports/step-log.ts";

export function asListed(records: ReadonlyMap<string, LogRecord>, how?: Listing): ReadonlyMap<string, LogRecord> {
  if (how?.values !== false) return records;
  const asked = [...records].filter(([, { kind }]) => kind !== "list");
  return new Map(asked.map(([key, record]) => [key, withoutValues(record)]));
}

function withoutValues(record: LogRecord): LogRecord {
  if (record.kind === "decision") {
    const { output: _output, values: _values, ...leads } = record;
    return leads;
  }
  if (record.kind !== "step") return record;
  const { output: _output, values: _values, memo: _memo, ...leads } = record;
  return leads;
}
