/**
 * Buried messages, kept in the step log's table beside the executions of their workflow. Burying one again changes
 * nothing: its key is when the message was sent, and its id in SQS. They stay until somebody removes them.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Execution, printExecution } from "../../contract/ids.ts";
import type { PayloadStore } from "../../ports/payload-store.ts";
import type { DeadLetter } from "../../ports/transport.ts";
import { Bodies, type Body } from "./bodies.ts";
import type { Key } from "./keys.ts";
import { Table } from "./table.ts";

export interface BuriedMessage extends DeadLetter {
  readonly workflow: string;
  /** SQS's. */
  readonly messageId: string;
  readonly sentAtMs: number;
}

interface LetterRow extends Key {
  /** Queue, reason, buried at in ms, body. */
  readonly q: string;
  readonly r: string;
  readonly a: number;
  readonly b: Body;
}

/** It stays, and its body as long as any can. */
const ownerOf = (workflow: string): Execution => ({ workflow, id: "~dead", expiresAt: Number.POSITIVE_INFINITY });
const partition = (workflow: string): string => printExecution(ownerOf(workflow));

export class DynamoDeadLetters {
  readonly #table: Table;
  readonly #bodies: Bodies;

  constructor(of: { readonly client: DynamoDBClient; readonly table: string; readonly payloads: PayloadStore }) {
    this.#table = new Table(of.client, of.table);
    this.#bodies = new Bodies(of.payloads);
  }

  /** @throws PawlError `storage_failed` */
  async bury({ workflow, messageId, sentAtMs, ...letter }: BuriedMessage): Promise<void> {
    const pk = partition(workflow);
    const row: LetterRow = {
      pk,
      sk: `${new Date(sentAtMs).toISOString()}#${messageId}`,
      q: letter.queue,
      r: letter.reason,
      a: letter.atMs,
      b: await this.#bodies.print(ownerOf(workflow), letter.body),
    };
    await this.#table.putNew({ ...row });
  }

  /** Those that were sent last come first. */
  async list(workflow: string, limit: number): Promise<readonly DeadLetter[]> {
    const values = { ":pk": partition(workflow) };
    const rows = await this.#table.query({ condition: "pk = :pk", values, newestFirst: true, limit });
    return Promise.all((rows as unknown as LetterRow[]).map((row) => this.#letterOf(row)));
  }

  async #letterOf({ q, r, a, b }: LetterRow): Promise<DeadLetter> {
    const body = (await this.#bodies.parse(b)) as string; // `bury` alone writes here
    return { queue: q, body, reason: r, atMs: a };
  }
}
