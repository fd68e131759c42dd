/**
 * The step log: one partition of records per execution. Every write is conditional and is one write: it takes effect
 * whole or not at all, and whoever writes against a condition that no longer holds is told what is there.
 *
 * A write is ordered and visible to all when its promise resolves, and on disk when `sync` next resolves. Nothing may
 * leave the engine on the strength of a write that has not been synced: no next step run, no caller answered. (A claim
 * needs no sync: its holder is this process, and its lease is worth nothing once the process is gone.)
 *
 * It does not order messages, does not call anybody back, and does not know what a decision means.
 */

import type { Execution, ExecutionName } from "../contract/ids.ts";
import type { TransactAction } from "../contract/transact-action.ts";
import type { StatusChange } from "../kernel/header.ts";
import type { Seat } from "../kernel/join.ts";
import type { MailAnswer, MailChange } from "../kernel/mailbox.ts";
import type { KeyAnswer, KeyChange } from "../kernel/occupancy.ts";
import type {
  DecisionRecord,
  EditRecord,
  ExecutionStatus,
  Header,
  LogRecord,
  ParkedRecord,
  RestRecord,
  ValueRef,
} from "../kernel/record.ts";
import type { Claimed, ClaimRequest, Memo, Renewal, Setback, Settlement, Written } from "../kernel/step.ts";
import type { Graph } from "../model/graph.ts";

export interface StepLog {
  /** Puts the header if there is none; gives back the one that stands. */
  open(header: Header): Promise<Header>;
  /** Consistent. */
  header(execution: ExecutionName): Promise<Header | undefined>;
  /** The header, perhaps as it was a second ago; undefined only if there is none now. Costs half as much. */
  glance(execution: ExecutionName): Promise<Header | undefined>;
  /** Changes the status; undefined when it is not as the change says it must be, and then nothing changed. */
  turn(execution: Execution, change: StatusChange): Promise<Header | undefined>;

  claim(execution: Execution, path: string, request: ClaimRequest): Promise<Claimed>;
  /** @param transact writes of the user's, which take effect with the settling or not at all */
  settle(
    execution: Execution,
    path: string,
    settlement: Settlement,
    transact?: readonly TransactAction[],
  ): Promise<Settled>;
  fail(execution: Execution, path: string, setback: Setback): Promise<Written>;
  crash(execution: Execution, path: string, setback: Setback): Promise<Written>;
  /**
   * Extends the lease of whoever holds the step under this fence; never makes it shorter. Written is also what needed no
   * write, since the lease lasts as long already. Needs no sync, as a claim does not.
   */
  renew(execution: Execution, path: string, renewal: Renewal): Promise<Written>;
  release(execution: Execution, path: string, fence: number): Promise<Written>;
  close(execution: Execution, path: string, request: Omit<ClaimRequest, "leaseMs">): Promise<Claimed>;
  remember(execution: Execution, path: string, memo: Memo): Promise<Written>;

  /**
   * Keeps a message aside, in place of one at the same path, if the execution is paused in the record's epoch: one
   * write with that condition. False: it is not, and nothing was written.
   */
  park(execution: Execution, parked: ParkedRecord): Promise<boolean>;
  /** Removes the parked message of this path if it is still the one of this id. */
  unpark(execution: Execution, path: string, id: string): Promise<void>;
  /** Puts the edit of an epoch if there is none; gives back the one that stands. */
  edit(execution: Execution, epoch: number, edit: EditRecord): Promise<EditRecord>;

  /** Adds a member to a set. True when the set is full, whoever filled it. */
  arrive(execution: Execution, seat: Seat, output: ValueRef): Promise<boolean>;
  /** Puts the decision if there is none; gives back the one that stands, and whether it is this one. */
  decide(execution: Execution, key: string, decision: DecisionRecord): Promise<Decided>;

  /**
   * Puts a record at rest, a step that has settled, a decision or a part of a list, if nothing lies at this key. False:
   * something does, and nothing was written.
   */
  put(execution: Execution, key: string, record: RestRecord): Promise<boolean>;
  /**
   * Changes the mailbox of a signal's name, in one write, or none where the change changes nothing. The answer is the
   * same however often the same change is made, until another one follows it. Whoever waits is named by the place of its
   * decision, in whichever generation.
   */
  mail(execution: Execution, signal: string, change: MailChange): Promise<MailAnswer>;

  /**
   * Changes which execution runs for a key, in one write, or none where the change changes nothing.
   *
   * @param partition the key's own, and until when the record is kept at least
   */
  occupy(partition: Execution, change: KeyChange): Promise<KeyAnswer>;

  /** Consistent. */
  read(execution: ExecutionName, key: string): Promise<LogRecord | undefined>;
  /** Consistent; by record key, without the header. */
  list(execution: ExecutionName, how?: Listing): Promise<ReadonlyMap<string, LogRecord>>;
  /** Newest first, of workflows whose graph was put; may lag behind the writes of the last second. */
  executions(query: ExecutionQuery): Promise<readonly Header[]>;

  /** Graphs by hash, kept as long as executions that started with them. */
  putGraph(hash: string, graph: Graph): Promise<void>;
  graph(hash: string): Promise<Graph | undefined>;

  /** Resolves when every write so far is on disk. @throws PawlError `storage_failed` */
  sync(): Promise<void>;
}

/** `unmet`: the user's writes were refused, and nothing was written; `final`: they will be again. */
export type Settled = Written | { readonly kind: "unmet"; readonly reason: string; readonly final: boolean };

export interface Decided {
  readonly record: DecisionRecord;
  readonly mine: boolean;
}

export interface Listing {
  /**
   * Default true. False where only what leads on from where is asked for: of a step or a decision, `output`, `values` and
   * `memo` may then be missing, and so may parts of lists, which saves reading what lies apart because it is large. All
   * else is there.
   */
  readonly values?: boolean;
}

export interface ExecutionQuery {
  readonly workflow?: string;
  readonly status?: ExecutionStatus;
  readonly limit: number;
  /** Only those that started before this one, for the next page. */
  readonly before?: { readonly startedAtMs: number; readonly execution: string };
}
