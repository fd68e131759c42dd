/** The step log of a one-process engine: the kernel's transitions applied between a read and a write of the store. */
import { type Execution, type ExecutionName, printExecution } from "../../contract/ids.ts";
import type { TableKeys, TransactAction } from "../../contract/transact-action.ts";
import { isPawlError } from "../../errors.ts";
import { type StatusChange, turnHeader } from "../../kernel/header.ts";
import { arrive, type Seat } from "../../kernel/join.ts";
import { changeMailbox, type MailAnswer, type MailChange } from "../../kernel/mailbox.ts";
import { changeKey, type KeyAnswer, type KeyChange } from "../../kernel/occupancy.ts";
import {
  type DecisionRecord,
  type EditRecord,
  editKey,
  type Header,
  KEY_KEY,
  type LogRecord,
  mailboxKey,
  type ParkedRecord,
  parkedKey,
  type RestRecord,
  type StepRecord,
  stepKey,
  type ValueRef,
} from "../../kernel/record.ts";
import {
  type Claimed,
  type ClaimRequest,
  claimStep,
  closeStep,
  crashStep,
  failStep,
  type Memo,
  type Renewal,
  releaseStep,
  rememberStep,
  renewStep,
  type Setback,
  type Settlement,
  settleStep,
  type Written,
} from "../../kernel/step.ts";
import type { Graph } from "../../model/graph.ts";
import type { Decided, ExecutionQuery, Settled, StepLog } from "../../ports/step-log.ts";
import { applyActions } from "./items/apply-actions.ts";
import type { Store } from "./store.ts";

export class SingleProcessStepLog implements StepLog {
  readonly #store: Store;
  readonly #tables: TableKeys;
  /** Claims made by this process. A lease that another process left behind is worth nothing: that process is gone. */
  readonly #held = new Set<string>();

  /** @param tables the keys of the user's tables */
  constructor(store: Store, tables: TableKeys = {}) {
    this.#store = store;
    this.#tables = tables;
  }

  async open(header: Header): Promise<Header> {
    const execution = printExecution(header);
    const standing = this.#store.header(execution);
    if (standing) return standing;
    this.#store.putHeader(execution, header);
    return header;
  }
  async header(name: ExecutionName): Promise<Header | undefined> {
    return this.#store.header(printExecution(name));
  }
  glance(name: ExecutionName): Promise<Header | undefined> {
    return this.header(name);
  }
  async turn(name: ExecutionName, change: StatusChange): Promise<Header | undefined> {
    const execution = printExecution(name);
    const turned = turnHeader(this.#store.header(execution), change);
    if (turned) this.#store.putHeader(execution, turned);
    return turned;
  }

  async claim(name: Execution, path: string, request: ClaimRequest): Promise<Claimed> {
    const at = this.#at(name, path);
    const claim = claimStep(this.#step(at), request);
    if (claim.kind === "claimed") {
      this.#put(at, claim.record);
      this.#held.add(at.id);
    }
    return claim;
  }
  async settle(
    name: Execution,
    path: string,
    settlement: Settlement,
    transact: readonly TransactAction[] = [],
  ): Promise<Settled> {
    const at = this.#at(name, path);
    const settled = settleStep(this.#step(at), settlement);
    if (settled.kind === "refused") return settled;
    const applied = this.#apply(transact);
    if (applied.kind === "unmet") return applied;
    for (const write of applied.writes) this.#store.putItem(write);
    return this.#write(at, settled);
  }
  async fail(name: Execution, path: string, setback: Setback): Promise<Written> {
    const at = this.#at(name, path);
    return this.#write(at, failStep(this.#step(at), setback));
  }
  async crash(name: Execution, path: string, setback: Setback): Promise<Written> {
    const at = this.#at(name, path);
    return this.#write(at, crashStep(this.#step(at), setback));
  }
  async renew(name: Execution, path: string, renewal: Renewal): Promise<Written> {
    const at = this.#at(name, path);
    const written = renewStep(this.#step(at), renewal);
    if (written.kind === "written") this.#put(at, written.record);
    return written;
  }
  async release(name: Execution, path: string, fence: number): Promise<Written> {
    const at = this.#at(name, path);
    return this.#write(at, releaseStep(this.#step(at), fence));
  }
  async close(name: Execution, path: string, request: Omit<ClaimRequest, "leaseMs">): Promise<Claimed> {
    const at = this.#at(name, path);
    const closed = closeStep(this.#step(at), request);
    // Also where a claim of this process has lapsed: its holder never comes to write.
    if (closed.kind === "claimed") this.#write(at, { kind: "written", record: closed.record });
    return closed;
  }

  async remember(name: Execution, path: string, memo: Memo): Promise<Written> {
    const at = this.#at(name, path);
    const written = rememberStep(this.#step(at), memo);
    if (written.kind === "written") this.#put(at, written.record);
    return written;
  }

  async park(name: Execution, parked: ParkedRecord): Promise<boolean> {
    const execution = printExecution(name);
    const header = this.#store.header(execution);
    if (header?.status !== "paused" || header.epoch !== parked.epoch) return false;
    this.#store.putRecord(execution, parkedKey(parked.path), parked);
    return true;
  }
  async unpark(name: Execution, path: string, id: string): Promise<void> {
    const execution = printExecution(name);
    const standing = this.#store.record(execution, parkedKey(path));
    if (standing?.kind === "parked" && standing.id === id) this.#store.deleteRecord(execution, parkedKey(path));
  }
  async edit(name: Execution, epoch: number, edit: EditRecord): Promise<EditRecord> {
    const execution = printExecution(name);
    const standing = this.#store.record(execution, editKey(epoch));
    if (standing?.kind === "edit") return standing;
    this.#store.putRecord(execution, editKey(epoch), edit);
    return edit;
  }

  async arrive(name: Execution, seat: Seat, output: ValueRef): Promise<boolean> {
    const execution = printExecution(name);
    const record = this.#store.record(execution, seat.key);
    const arrival = arrive(record?.kind === "join" ? record : undefined, seat, output);
    if (arrival.changed) this.#store.putRecord(execution, seat.key, arrival.record);
    return arrival.full;
  }
  async decide(name: Execution, key: string, decision: DecisionRecord): Promise<Decided> {
    const execution = printExecution(name);
    const standing = this.#store.record(execution, key);
    if (standing?.kind === "decision") return { record: standing, mine: false };
    this.#store.putRecord(execution, key, decision);
    return { record: decision, mine: true };
  }

  async put(name: Execution, key: string, record: RestRecord): Promise<boolean> {
    const execution = printExecution(name);
    if (this.#store.record(execution, key)) return false;
    this.#store.putRecord(execution, key, record);
    return true;
  }
  async mail(name: Execution, signal: string, change: MailChange): Promise<MailAnswer> {
    const execution = printExecution(name);
    const key = mailboxKey(signal);
    const standing = this.#store.record(execution, key);
    const { changed, record, answer } = changeMailbox(standing?.kind === "mailbox" ? standing : undefined, change);
    if (changed) this.#store.putRecord(execution, key, record);
    return answer;
  }

  async occupy(partition: Execution, change: KeyChange): Promise<KeyAnswer> {
    const at = printExecution(partition);
    const standing = this.#store.record(at, KEY_KEY);
    const { record, changed, answer } = changeKey(standing?.kind === "key" ? standing : undefined, change);
    if (changed) this.#store.putRecord(at, KEY_KEY, record);
    return answer;
  }

  async read(name: ExecutionName, key: string): Promise<LogRecord | undefined> {
    return this.#store.record(printExecution(name), key);
  }
  async list(name: ExecutionName): Promise<ReadonlyMap<string, LogRecord>> {
    return this.#store.records(printExecution(name));
  }
  async executions(query: ExecutionQuery): Promise<readonly Header[]> {
    return this.#store.executions(query);
  }

  async putGraph(hash: string, graph: Graph): Promise<void> {
    if (!this.#store.graph(hash)) this.#store.putGraph(hash, graph);
  }
  async graph(hash: string): Promise<Graph | undefined> {
    return this.#store.graph(hash);
  }

  sync(): Promise<void> {
    return this.#store.sync();
  }

  #apply(transact: readonly TransactAction[]): ReturnType<typeof applyActions> & { readonly final: boolean } {
    const tables = {
      read: (table: string, key: string) => this.#store.item(table, key),
      keyOf: (table: string) => this.#tables[table],
    };
    try {
      return { ...applyActions(transact, tables), final: false };
    } catch (error) {
      if (!isPawlError(error) || error.code !== "invalid_transaction") throw error;
      return { kind: "unmet", index: -1, reason: error.message, final: true };
    }
  }

  #at(name: ExecutionName, path: string): At {
    const execution = printExecution(name);
    return { execution, key: stepKey(path), id: `${execution}\n${path}` };
  }
  #step(at: At): StepRecord | undefined {
    const record = this.#store.record(at.execution, at.key);
    if (record?.kind !== "step") return undefined;
    if (record.status !== "running" || this.#held.has(at.id)) return record;
    return { ...record, leaseUntilMs: Number.NEGATIVE_INFINITY };
  }
  #put(at: At, record: StepRecord): void {
    this.#store.putRecord(at.execution, at.key, record);
  }
  /** Nobody holds the step after it. */
  #write(at: At, written: Written): Written {
    if (written.kind === "written") {
      this.#put(at, written.record);
      this.#held.delete(at.id);
    }
    return written;
  }
}

interface At {
  readonly execution: string;
  readonly key: string;
  readonly id: string;
}
