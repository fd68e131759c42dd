/**
 * A key's record is changed as a whole, so a change is made on what was read and is written if that still stands. Whoever
 * comes second is refused with what the first one left, and makes its change on that:
 *
 *      read v=3 ───────────── write v=4, written                          AS_READ: v = 3
 *           read v=3 ───────────────── write v=4, refused ─── write v=5
 *
 * Of those that come at once one is written each time, and the others pause, each for a time of its own. An own write
 * that another one followed is refused too: the change is made again, which changes nothing, and the answer is the same.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Execution, printExecution } from "../../contract/ids.ts";
import { changeKey, type KeyAnswer, type KeyChange } from "../../kernel/occupancy.ts";
import { KEY_KEY, type KeyRecord } from "../../kernel/record.ts";
import type { Bodies } from "./bodies.ts";
import { parseRecord, type Row } from "./items.ts";
import { recordKey } from "./keys.ts";
import { storageFailed } from "./storage-failed.ts";
import type { Table } from "./table.ts";

const NOBODY_WROTE = "attribute_not_exists(v)";
const AS_READ = "v = :before";

const MOST_TRIES = 100;
const SHORTEST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 150;

/** @throws PawlError `storage_failed` when others were faster for about ten seconds: the message comes back */
export async function occupy(
  { table, bodies }: { readonly table: Table; readonly bodies: Bodies },
  partition: Execution,
  change: KeyChange,
): Promise<KeyAnswer> {
  const key = recordKey(partition, KEY_KEY);
  const where = printExecution(partition);
  let standing: Row | undefined = await table.get(key, { consistent: true });
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const before = standing && ((await parseRecord(standing, bodies)) as KeyRecord); // alone lies under such a key
    const { changed, record, answer } = changeKey(before, change);
    if (!changed) return answer;
    const written = await table.update(key, {
      condition: before ? AS_READ : NOBODY_WROTE,
      set: ["v = :after", "b = :body", "expiresAt = :expiresAt"],
      values: {
        ":before": before?.version,
        ":after": record.version,
        ":body": await bodies.print(partition, record),
        ":expiresAt": partition.expiresAt,
      },
    });
    if (written.kind !== "refused") return answer;
    standing = written.standing;
    await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** tries));
  }
  throw storageFailed(`the record of ${where}`, new Error(`others changed it each time, ${MOST_TRIES} times`));
}
