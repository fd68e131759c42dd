/** The generations of an execution's log, as its edits part them. */
import { Generation } from "../../kernel/generation.ts";
import { type EditRecord, editKey, type LogRecord } from "../../kernel/record.ts";

type Records = ReadonlyMap<string, LogRecord>;

/** Oldest first; the first one has no edit. */
export function generationsOf(records: Records): readonly Generation[] {
  const edits: EditRecord[] = [];
  for (let epoch = 1; ; epoch++) {
    const edit = records.get(editKey(epoch));
    if (edit?.kind !== "edit") break;
    edits.push(edit);
  }
  return Array.from({ length: edits.length + 1 }, (_, epoch) => new Generation(edits.slice(0, epoch)));
}
