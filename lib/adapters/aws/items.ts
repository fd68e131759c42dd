/**
 * Records as items. An attribute's name is billed with every write, so names are short:
 *
 * | attribute | of | is |
 * |---|---|---|
 * | `pk` `sk` | all | where it lies: `keys.ts` |
 * | `expiresAt` | all of an execution | seconds since 1970, the table's TTL |
 * | `w` | all of an execution | the token of the last write: whoever is refused by its own write has written |
 * | `s` | header, step | status |
 * | `a` `z` | header, step | started at, ended at, in ms |
 * | `e` | header, step | error, a body |
 * | `ipk` `isk` | header | where it lies in the index |
 * | `g` | header, workflow | hash of the graph |
 * | `ep` | header | epoch |
 * | `t` | header | trigger, a body |
 * | `o` | header | reference to the output |
 * | `tu` | header | turns; absent 0 |
 * | `en` | header that stops | as what it ends |
 * | `ke` | header that stops | true: what was done stays done |
 * | `su` | header that is stuck | the undo that came to nothing, a body |
 * | `pa` | header | who waits for it, a body |
 * | `n` | step | node |
 * | `f` | step | fence; absent 0 |
 * | `x` `c` | step | failures, crashes; absent 0 |
 * | `l` | running step | lease until, in ms |
 * | `nb` | step that failed | not before, in ms |
 * | `cl` | closed step | true |
 * | `b` | settled step | output, next, values, taken and whether it is a copy, a body |
 * | `y_pay` … | step | what its handler remembered, a body |
 * | `nx` | settled step, decision | where `b` lies apart: what is in it but output and values, a body |
 * | `b` | decision, part of a list, parked message, edit, mailbox | all of it, a body |
 * | `v` | mailbox | how often it was changed |
 * | `b` | key | all of it, a body |
 * | `v` | key | how often it was changed |
 * | `id` | parked message | which one |
 * | `b` | graph | all of it, a body |
 * | `m0` `m17` … `t417` … | set of a join | the members' references: `join-items.ts` |
 *
 * A body is a string, a binary or a pointer: `bodies.ts`. What a condition asks for is always an attribute of its own.
 */
import type { Execution } from "../../contract/ids.ts";
import { PawlError } from "../../errors.ts";
import {
  type Decision,
  type DecisionRecord,
  type EditRecord,
  type EndStatus,
  type Header,
  KEY_KEY,
  type KeyRecord,
  type ListRecord,
  type LogRecord,
  type MailboxRecord,
  type Parent,
  type ParkedRecord,
  type StepError,
  type StepRecord,
  type TriggerNote,
  type ValueRef,
} from "../../kernel/record.ts";
import type { Settlement } from "../../kernel/step.ts";
import type { Bodies, Body } from "./bodies.ts";
import { parseJoin } from "./join-items.ts";
import {
  executionOf,
  HEADER,
  headerKey,
  type IndexKey,
  indexOrder,
  indexPartitionOf,
  type Key,
  recordKey,
} from "./keys.ts";

/** An item's attributes as plain values. What comes from the table was written by this file and `step-writes.ts`. */
export type Row = Key & Readonly<Record<string, unknown>>;

interface HeaderRow extends Key, IndexKey {
  readonly s: Header["status"];
  readonly g: string;
  readonly ep: number;
  readonly t: Body;
  readonly a: number;
  readonly z?: number | undefined;
  readonly o?: ValueRef | undefined;
  readonly e?: Body | undefined;
  readonly tu?: number | undefined;
  readonly en?: EndStatus | undefined;
  readonly ke?: true | undefined;
  readonly su?: Body | undefined;
  readonly pa?: Body | undefined;
  readonly expiresAt: number;
}
interface StepRow extends Key {
  readonly s: StepRecord["status"];
  readonly n: string;
  readonly f?: number | undefined;
  readonly x?: number | undefined;
  readonly c?: number | undefined;
  readonly l?: number;
  readonly nb?: number;
  readonly a?: number | undefined;
  readonly z?: number | undefined;
  readonly e?: Body | undefined;
  readonly b?: Body;
  readonly nx?: Body;
  readonly cl?: true | undefined;
}
interface BodyRow extends Key {
  readonly b: Body;
  readonly nx?: Body;
  readonly expiresAt: number;
}
/** Records that are a body as a whole. */
export type WholeRecord = DecisionRecord | ListRecord | ParkedRecord | EditRecord;

const MEMO = "y_";
/** The attribute that remembers a part of a handler. */
export const memoAttribute = (name: string): string => `${MEMO}${name}`;

export async function printHeader(header: Header, bodies: Bodies): Promise<HeaderRow> {
  const key = headerKey(header);
  return {
    ...key,
    ipk: indexPartitionOf(header, header.status),
    isk: indexOrder(header.startedAtMs, key.pk),
    s: header.status,
    g: header.graph,
    ep: header.epoch,
    t: await bodies.print(header, header.trigger),
    a: header.startedAtMs,
    z: header.endedAtMs,
    o: header.output,
    e: header.error && (await bodies.print(header, header.error)),
    tu: header.turns,
    en: header.ending,
    ke: header.keep,
    su: header.stuck && (await bodies.print(header, header.stuck)),
    pa: header.parent && (await bodies.print(header, header.parent)),
    expiresAt: header.expiresAt,
  };
}

export async function parseHeader(item: Row, bodies: Bodies): Promise<Header> {
  const row = item as unknown as HeaderRow;
  return {
    kind: "header",
    ...executionOf(row),
    graph: row.g,
    status: row.s,
    epoch: row.ep,
    trigger: (await bodies.parse(row.t)) as TriggerNote,
    startedAtMs: row.a,
    ...(row.z !== undefined && { endedAtMs: row.z }),
    ...(row.o !== undefined && { output: row.o }),
    ...(row.e !== undefined && { error: (await bodies.parse(row.e)) as StepError }),
    ...(row.tu !== undefined && { turns: row.tu }),
    ...(row.en !== undefined && { ending: row.en }),
    ...(row.ke !== undefined && { keep: row.ke }),
    ...(row.su !== undefined && { stuck: (await bodies.parse(row.su)) as StepError }),
    ...(row.pa !== undefined && { parent: (await bodies.parse(row.pa)) as Parent }),
    expiresAt: row.expiresAt,
  };
}

/** A record's, of an execution. */
export interface Place {
  readonly execution: Execution;
  readonly key: string;
}

const placed = ({ execution, key }: Place): Key & { readonly expiresAt: number } => ({
  ...recordKey(execution, key),
  expiresAt: execution.expiresAt,
});

export async function printWhole(at: Place, record: WholeRecord, bodies: Bodies): Promise<BodyRow> {
  if (record.kind === "decision") return { ...placed(at), ...(await bodies.printRecord(at.execution, record)) };
  return { ...placed(at), b: await bodies.print(at.execution, record) };
}

/** Of a step that has settled. */
export async function printStep(
  at: Place,
  record: StepRecord,
  bodies: Bodies,
): Promise<StepRow & { readonly expiresAt: number }> {
  const { output, next, values, taken, copied } = record;
  const memo = Object.entries(record.memo ?? {}).map(
    async ([name, value]) => [memoAttribute(name), await bodies.print(at.execution, value)] as const,
  );
  return {
    ...placed(at),
    s: record.status,
    n: record.node,
    f: record.fence || undefined,
    x: record.failures || undefined,
    c: record.crashes || undefined,
    a: record.startedAtMs,
    z: record.endedAtMs,
    e: record.error && (await bodies.print(at.execution, record.error)),
    ...(await bodies.printRecord(at.execution, { output, next, values, taken, copied })),
    cl: record.closed || undefined,
    ...Object.fromEntries(await Promise.all(memo)),
  };
}

/** What a settled step's body holds. */
type Settled = Partial<Decision> & Pick<StepRecord, "output" | "copied">;

export const settledBody = ({ result, decision }: Settlement): Settled => ({
  ...("output" in result && { output: result.output }),
  ...decision,
});
export const CLOSED_BODY = JSON.stringify({ next: [] } satisfies Settled);

/** @param values whether what lies apart is read for them */
export async function parseRecord(row: Row, bodies: Bodies, values = true): Promise<LogRecord> {
  const { sk } = row;
  if (sk === HEADER) return parseHeader(row, bodies);
  if (sk.startsWith("step/")) return parseStep(row as unknown as StepRow, bodies, values);
  if (sk === KEY_KEY) return (await bodies.parse((row as unknown as BodyRow).b)) as KeyRecord;
  if (/^(decide|list|parked|edit|callback)\//.test(sk))
    return (await bodies.parse(bodyOf(row as unknown as BodyRow, values) as Body)) as WholeRecord;
  if (sk.startsWith("join/")) return parseJoin(row);
  if (sk.startsWith("mailbox/")) return parseMailbox(row, bodies);
  throw new PawlError("internal_error", `the step log of ${row.pk} has an item of no known kind: ${sk}`);
}

export const parseMailbox = async (row: Row, bodies: Bodies): Promise<MailboxRecord> =>
  (await bodies.parse((row as unknown as BodyRow).b)) as MailboxRecord;

/** Absent only of a step that has not settled. */
const bodyOf = ({ b, nx }: Pick<StepRow, "b" | "nx">, values: boolean): Body | undefined => (values ? b : (nx ?? b));

async function parseStep(row: StepRow, bodies: Bodies, values: boolean): Promise<StepRecord> {
  const body = bodyOf(row, values);
  return {
    kind: "step",
    node: row.n,
    status: row.s,
    fence: row.f ?? 0,
    failures: row.x ?? 0,
    crashes: row.c ?? 0,
    ...(row.l !== undefined && { leaseUntilMs: row.l }),
    ...(row.nb !== undefined && { notBeforeMs: row.nb }),
    ...(row.a !== undefined && { startedAtMs: row.a }),
    ...(row.z !== undefined && { endedAtMs: row.z }),
    ...(row.e !== undefined && { error: (await bodies.parse(row.e)) as StepError }),
    ...(body !== undefined && ((await bodies.parse(body)) as Settled)),
    ...(row.cl && { closed: true }),
    ...(values && (await parseMemo(row, bodies))),
  };
}

async function parseMemo(row: StepRow, bodies: Bodies): Promise<Pick<StepRecord, "memo">> {
  const kept = Object.entries(row).filter(([name]) => name.startsWith(MEMO));
  if (kept.length === 0) return {};
  const values = kept.map(async ([name, body]) => [name.slice(MEMO.length), await bodies.parse(body as Body)] as const);
  return { memo: Object.fromEntries(await Promise.all(values)) as NonNullable<StepRecord["memo"]> };
}
