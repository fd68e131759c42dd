/**
 * A mailbox is changed as a whole, so a change is made on what was read and is written if that still stands. Whoever
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
import { changeMailbox, type MailAnswer, type MailChange } from "../../kernel/mailbox.ts";
import { type MailboxRecord, mailboxKey } from "../../kernel/record.ts";
import type { Bodies } from "./bodies.ts";
import { parseMailbox, type Row } from "./items.ts";
import { recordKey } from "./keys.ts";
import { storageFailed } from "./storage-failed.ts";
import type { Table, Write } from "./table.ts";

const NOBODY_WROTE = "attribute_not_exists(v)";
const AS_READ = "v = :before";

const MOST_TRIES = 100;
const SHORTEST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 150;

export interface Mailboxes {
  readonly table: Table;
  readonly bodies: Bodies;
}

/** @throws PawlError `storage_failed` when others were faster for about ten seconds: the message comes back */
export async function mail(
  { table, bodies }: Mailboxes,
  of: { readonly execution: Execution; readonly signal: string },
  change: MailChange,
): Promise<MailAnswer> {
  const key = recordKey(of.execution, mailboxKey(of.signal));
  let standing: Row | undefined = await table.get(key, { consistent: true });
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const before = standing && (await parseMailbox(standing, bodies));
    const { changed, record, answer } = changeMailbox(before, change);
    if (!changed) return answer;
    const written = await table.update(key, await mailWrite(of.execution, { before, record }, bodies));
    if (written.kind !== "refused") return answer;
    standing = written.standing;
    await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** tries));
  }
  const where = `the mailbox ${of.signal} of ${printExecution(of.execution)}`;
  throw storageFailed(where, new Error(`others changed it each time, ${MOST_TRIES} times`));
}

async function mailWrite(
  execution: Execution,
  { before, record }: { readonly before: MailboxRecord | undefined; readonly record: MailboxRecord },
  bodies: Bodies,
): Promise<Write> {
  return {
    condition: before ? AS_READ : NOBODY_WROTE,
    set: ["v = :after", "b = :body", "expiresAt = :expiresAt"],
    values: {
      ":before": before?.version,
      ":after": record.version,
      ":body": await bodies.print(execution, record),
      ":expiresAt": execution.expiresAt,
    },
  };
}
