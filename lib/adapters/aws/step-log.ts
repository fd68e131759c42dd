/**
 * The step log on DynamoDB: one partition of items per execution, each write one conditional request without a read
 * before it. Reads are consistent, but for `glance` and `executions`. What is written is durable at once.
 *
 * A condition is the kernel's rule in DynamoDB's words; what the caller is told is the kernel's own answer to the item
 * as the condition found it. See `items.ts` for what an item holds, `step-writes.ts` for the conditions.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Execution, ExecutionName } from "../../contract/ids.ts";
import { printExecution } from "../../contract/ids.ts";
import type { TransactAction } from "../../contract/transact-action.ts";
import { PawlError } from "../../errors.ts";
import { type StatusChange, turnHeader } from "../../kernel/header.ts";
import type { Seat } from "../../kernel/join.ts";
import { isListRef } from "../../kernel/list.ts";
import type { MailAnswer, MailChange } from "../../kernel/mailbox.ts";
import type { KeyAnswer, KeyChange } from "../../kernel/occupancy.ts";
import {
  type DecisionRecord,
  type EditRecord,
  editKey,
  type Header,
  type LogRecord,
  type ParkedRecord,
  parkedKey,
  type RestRecord,
  type StepError,
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
import type { PayloadStore } from "../../ports/payload-store.ts";
import type { Decided, ExecutionQuery, Listing, Settled, StepLog } from "../../ports/step-log.ts";
import { Bodies, grow, printWithin } from "./bodies.ts";
import { listHeaders } from "./execution-index.ts";
import { PAUSED, turnWrite } from "./header-writes.ts";
import {
  parseHeader,
  parseRecord,
  printHeader,
  printStep,
  printWhole,
  type Row,
  settledBody,
  type WholeRecord,
} from "./items.ts";
import { parseJoin, printMember } from "./join-items.ts";
import { occupy } from "./key-record.ts";
import { graphKey, HEADER, headerKey, recordKey, WORKFLOWS, workflowKey } from "./keys.ts";
import { mail } from "./mailbox.ts";
import {
  claimWrite,
  closeWrite,
  releaseWrite,
  rememberWrite,
  renewWrite,
  setbackWrite,
  settleWrite,
} from "./step-writes.ts";
import { Table, type Write } from "./table.ts";
import { unmet, userWrite } from "./user-writes.ts";

/** Of an item's 400 KB. A graph lies in the table whole: payloads expire with an execution's life, graphs do not. */
const MOST_GRAPH_BYTES = 350 * 1024;

export interface WorkflowEntry {
  readonly workflow: string;
  /** The hash of its newest graph. */
  readonly graph: string;
}

export class DynamoStepLog implements StepLog {
  readonly #table: Table;
  readonly #bodies: Bodies;

  /** @param of `payloads` is asked only for what is too large for an item */
  constructor(of: { readonly client: DynamoDBClient; readonly table: string; readonly payloads: PayloadStore }) {
    this.#table = new Table(of.client, of.table);
    this.#bodies = new Bodies(of.payloads);
  }

  async open(header: Header): Promise<Header> {
    const put = await this.#table.putNew({ ...(await printHeader(header, this.#bodies)) });
    return put.kind === "refused" && put.standing ? parseHeader(put.standing, this.#bodies) : header;
  }

  async header(name: ExecutionName): Promise<Header | undefined> {
    return this.#header(name, true);
  }

  async glance(name: ExecutionName): Promise<Header | undefined> {
    return (await this.#header(name, false)) ?? this.#header(name, true);
  }

  /** Refused by an own write that another turn followed: undefined, as if that other one had come first. */
  async turn(name: Execution, change: StatusChange): Promise<Header | undefined> {
    const print = async (body: StepError | undefined) => body && this.#bodies.print(name, body);
    const [error, stuck] = await Promise.all([print(change.error), print(change.stuck)]);
    const turned = await this.#table.update(headerKey(name), turnWrite(name, change, { error, stuck }));
    if (turned.kind === "refused") return undefined;
    if (turned.kind === "doneBefore") return parseHeader(turned.after, this.#bodies);
    const header = turnHeader(turned.before && (await parseHeader(turned.before, this.#bodies)), change);
    if (!header) throw disagreement(`the status of ${printExecution(name)}`);
    return header;
  }

  /** Refused by an own claim whose lease another one has waited out: held, and the message comes back. */
  claim(name: Execution, path: string, request: ClaimRequest): Promise<Claimed> {
    return this.#change(name, path, {
      write: claimWrite(request),
      ask: (before) => claimStep(before, request),
      done: (record) => ({ kind: "claimed", record }),
    });
  }

  /** Nothing can follow an own settling, so a settled record that refuses is another's, with its own decision. */
  async settle(
    name: Execution,
    path: string,
    settlement: Settlement,
    transact: readonly TransactAction[] = [],
  ): Promise<Settled> {
    const { result } = settlement;
    const [body, error] = await Promise.all([
      this.#bodies.printRecord(name, settledBody(settlement)),
      "error" in result ? this.#bodies.print(name, result.error) : undefined,
    ]);
    const write = settleWrite(settlement, { ...body, error });
    if (transact.length > 0) return this.#settleWith(name, path, { write, transact });
    return this.#write(name, path, write, (b) => settleStep(b, settlement));
  }

  async #settleWith(
    name: Execution,
    path: string,
    { write, transact }: { readonly write: Write; readonly transact: readonly TransactAction[] },
  ): Promise<Settled> {
    const key = recordKey(name, stepKey(path));
    const done = await this.#table.updateWith(key, lasting(name, write), transact.map(userWrite));
    if (done.kind === "theirs") return unmet(done.refused, transact);
    const record = await this.#step(await this.#table.get(key, { consistent: true }));
    if (done.kind === "refused") return { kind: "refused", record };
    if (record?.status !== "settled") throw disagreement(whereOf(name, path));
    return { kind: "written", record };
  }

  /** Refused by an own setback that a claim followed: the fence is lost, and the message goes on carrying the step. */
  async fail(name: Execution, path: string, setback: Setback): Promise<Written> {
    const error = await this.#bodies.print(name, setback.error);
    return this.#write(name, path, setbackWrite(setback, "x", error), (before) => failStep(before, setback));
  }

  async crash(name: Execution, path: string, setback: Setback): Promise<Written> {
    const error = await this.#bodies.print(name, setback.error);
    return this.#write(name, path, setbackWrite(setback, "c", error), (before) => crashStep(before, setback));
  }

  /** What is refused because the lease lasts longer already needs no write. */
  async renew(name: Execution, path: string, renewal: Renewal): Promise<Written> {
    const done = await this.#table.update(recordKey(name, stepKey(path)), lasting(name, renewWrite(renewal)));
    if (done.kind === "doneBefore") return { kind: "written", record: (await this.#step(done.after)) as StepRecord };
    const written = renewStep(await this.#step(done.kind === "done" ? done.before : done.standing), renewal);
    if (done.kind === "done" && written.kind !== "written") throw disagreement(whereOf(name, path));
    return written;
  }

  /** Refused by an own release that a claim followed: nobody asks. */
  async release(name: Execution, path: string, fence: number): Promise<Written> {
    return this.#write(name, path, releaseWrite(fence), (before) => releaseStep(before, fence));
  }

  close(name: Execution, path: string, request: Omit<ClaimRequest, "leaseMs">): Promise<Claimed> {
    return this.#change(name, path, {
      write: closeWrite(request),
      ask: (before) => closeStep(before, request),
      done: (record) => ({ kind: "claimed", record }),
    });
  }

  async remember(name: Execution, path: string, memo: Memo): Promise<Written> {
    const value = await this.#bodies.print(name, memo.value);
    return this.#write(name, path, rememberWrite(memo, value), (before) => rememberStep(before, memo));
  }

  async park(name: Execution, parked: ParkedRecord): Promise<boolean> {
    const at = { execution: name, key: parkedKey(parked.path) };
    const row = { ...(await printWhole(at, parked, this.#bodies)), id: parked.id };
    return this.#table.putIf(row, { key: headerKey(name), ...PAUSED(parked.epoch) });
  }

  unpark(name: Execution, path: string, id: string): Promise<void> {
    return this.#table.delete(recordKey(name, parkedKey(path)), { condition: "id = :id", values: { ":id": id } });
  }

  async edit(name: Execution, epoch: number, edit: EditRecord): Promise<EditRecord> {
    return (await this.#putWhole(name, editKey(epoch), edit)).record as EditRecord; // alone lies under such a key
  }

  /** One member, one attribute: two that arrive at once cannot overwrite each other, and whoever is last sees all. */
  async arrive(name: Execution, seat: Seat, output: ValueRef): Promise<boolean> {
    const { attribute, plain, short } = printMember(seat, output);
    const key = recordKey(name, seat.key);
    const values = { ":expiresAt": name.expiresAt };
    const set = [`${attribute} = if_not_exists(${attribute}, :ref)`, "expiresAt = :expiresAt"];
    const isFull = (row: Row) => Object.keys(parseJoin(row).members).length === seat.of;
    if (short) {
      const { formAttribute, form, value } = short;
      const done = await this.#table.update(key, {
        condition: `attribute_not_exists(${formAttribute}) OR ${formAttribute} = :form`,
        set: [...set, `${formAttribute} = :form`],
        values: { ...values, ":ref": value, ":form": form },
      });
      if (done.kind === "doneBefore") return isFull(done.after);
      if (done.kind === "done") return isFull({ [formAttribute]: form, [attribute]: value, ...done.before, ...key });
    }
    return isFull(await this.#table.merge(key, { set, values: { ...values, ":ref": plain } }));
  }

  async decide(name: Execution, key: string, decision: DecisionRecord): Promise<Decided> {
    const { record, mine } = await this.#putWhole(name, key, decision);
    if (record.kind !== "decision") throw disagreement(`${key} of ${printExecution(name)}`);
    return { record, mine };
  }

  async put(name: Execution, key: string, record: RestRecord): Promise<boolean> {
    const at = { execution: name, key };
    const row = record.kind === "step" ? printStep(at, record, this.#bodies) : printWhole(at, record, this.#bodies);
    return (await this.#table.putNew({ ...(await row) })).kind !== "refused";
  }

  mail(execution: Execution, signal: string, change: MailChange): Promise<MailAnswer> {
    return mail({ table: this.#table, bodies: this.#bodies }, { execution, signal }, change);
  }

  occupy(partition: Execution, change: KeyChange): Promise<KeyAnswer> {
    return occupy({ table: this.#table, bodies: this.#bodies }, partition, change);
  }

  async read(name: ExecutionName, key: string): Promise<LogRecord | undefined> {
    const row = await this.#table.get(recordKey(name, key), { consistent: true });
    return row && parseRecord(row, this.#bodies);
  }

  async list(name: ExecutionName, { values = true }: Listing = {}): Promise<ReadonlyMap<string, LogRecord>> {
    const rows = await this.#table.query({
      condition: "pk = :pk AND sk > :header",
      values: { ":pk": printExecution(name), ":header": HEADER },
    });
    const asked = values ? rows : rows.filter(({ sk }) => !isListRef(sk));
    const records = asked.map(async (row) => [row.sk, await parseRecord(row, this.#bodies, values)] as const);
    return new Map(await Promise.all(records));
  }

  async executions(query: ExecutionQuery): Promise<readonly Header[]> {
    const known = async () => (await this.workflows()).map(({ workflow }) => workflow);
    const rows = await listHeaders(this.#table, query, known);
    return Promise.all(rows.map((row) => parseHeader(row, this.#bodies)));
  }

  /** Also says that the workflow is there and that this is its newest graph. Costs a read when both are so already. */
  async putGraph(hash: string, graph: Graph): Promise<void> {
    const entry = workflowKey(graph.workflow);
    const known = await this.#table.get(entry, { consistent: false });
    if (known?.g === hash) return; // the entry is written after the graph
    const b = printWithin(graph, { what: `the graph of '${graph.workflow}'`, bytes: MOST_GRAPH_BYTES });
    await this.#table.putNew({ ...graphKey(hash), b });
    await this.#table.put({ ...entry, g: hash });
  }

  async graph(hash: string): Promise<Graph | undefined> {
    const row = await this.#table.get(graphKey(hash), { consistent: true });
    // `putGraph` alone writes here.
    return row && (grow(row.b as string | Uint8Array) as Graph);
  }

  /** The workflows whose graph was put. Beyond the port: for those who look at a deployed platform from outside. */
  async workflows(): Promise<readonly WorkflowEntry[]> {
    const rows = await this.#table.query({ condition: "pk = :pk", values: { ":pk": WORKFLOWS } });
    return rows.map((row) => ({ workflow: row.sk, graph: row.g as string }));
  }

  async sync(): Promise<void> {}

  async #header(name: ExecutionName, consistent: boolean): Promise<Header | undefined> {
    const row = await this.#table.get(headerKey(name), { consistent });
    return row && parseHeader(row, this.#bodies);
  }

  async #putWhole(name: Execution, key: string, record: WholeRecord) {
    const row = await printWhole({ execution: name, key }, record, this.#bodies);
    const put = await this.#table.putNew({ ...row });
    if (put.kind !== "refused" || !put.standing) return { record, mine: true };
    return { record: await parseRecord(put.standing, this.#bodies), mine: false };
  }

  #write(
    name: Execution,
    path: string,
    write: Write,
    ask: (before: StepRecord | undefined) => Written,
  ): Promise<Written> {
    return this.#change(name, path, { write, ask, done: (record) => ({ kind: "written", record }) });
  }

  async #change<R extends Claimed | Written>(name: Execution, path: string, change: Change<R>): Promise<R> {
    const done = await this.#table.update(recordKey(name, stepKey(path)), lasting(name, change.write));
    if (done.kind === "doneBefore") return change.done((await this.#step(done.after)) as StepRecord);
    const answer = change.ask(await this.#step(done.kind === "done" ? done.before : done.standing));
    const accepted = answer.kind === "claimed" || answer.kind === "written";
    if (accepted !== (done.kind === "done")) throw disagreement(whereOf(name, path));
    return answer;
  }

  async #step(row: Row | undefined): Promise<StepRecord | undefined> {
    return row && ((await parseRecord(row, this.#bodies)) as StepRecord); // its key says that it is a step
  }
}

interface Change<R> {
  readonly write: Write;
  /** The kernel's answer to the record as it was. */
  readonly ask: (before: StepRecord | undefined) => R;
  /** The answer when an earlier try of the same request has left this record. */
  readonly done: (record: StepRecord) => R;
}

/** With the time at which it goes, as every record of the execution has it. */
const lasting = (name: Execution, { set, values, ...rest }: Write): Write => ({
  ...rest,
  set: [...set, "expiresAt = :expiresAt"],
  values: { ...values, ":expiresAt": name.expiresAt },
});

const whereOf = (name: ExecutionName, path: string): string => `the step ${path} of ${printExecution(name)}`;

const disagreement = (what: string): PawlError =>
  new PawlError("internal_error", `the table and the kernel disagree about ${what}: one refused what the other allows`);
