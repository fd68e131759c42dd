/** What goes wrong with which request, from a seed, and what took effect all the same. */

import { chances } from "../../soak/chance.ts";
import type { Asked, Fault } from "../../support/aws/fault-proxy.ts";

/** Of an execution's first message to its last; a death before and after each is a death between each two. */
export const MOMENTS = ["open", "decide", "claim", "memo", "settle", "send", "settleWith", "arrive", "turn"] as const;
export type Kind = (typeof MOMENTS)[number];

export interface Death {
  readonly kind: Kind;
  readonly fault: "diesBefore" | "diesAfter";
}
export interface FaultOptions {
  readonly seed: number;
  /** In this order. */
  readonly deaths: readonly Death[];
  /** So many requests lie between two deaths at least. */
  readonly everySeen: number;
}

/** Shares of all requests that each may hit. */
const [THROTTLED, LOST, CONFLICTING] = [0.05, 0.03, 0.3];

export class FaultyRequests {
  /** How often a write that settles a step took effect, by `execution path`. */
  readonly settled = new Map<string, number>();
  readonly #everySeen: number;
  readonly #chance: () => number;
  readonly #faults: Fault[] = [];
  readonly #sent = new Set<string>();
  readonly #transactions = new Set<string>();
  #deaths: readonly Death[];
  #seen = 0;

  constructor({ seed, deaths, everySeen }: FaultOptions) {
    this.#deaths = deaths;
    this.#everySeen = everySeen;
    this.#chance = chances(seed, "requests");
  }

  get deathsLeft(): readonly Death[] {
    return this.#deaths;
  }
  count(fault: Fault): number {
    return this.#faults.filter((it) => it === fault).length;
  }

  faultOf(asked: Asked): Fault | undefined {
    const fault = this.#deathAt(kindOf(asked)) ?? this.#chanceAt(asked);
    if (fault) this.#faults.push(fault);
    return fault;
  }

  done({ operation, input }: Asked): void {
    const write = operation === "TransactWriteItems" ? updateIn(input) : (input as Update);
    if (operation !== "UpdateItem" && operation !== "TransactWriteItems") return;
    if (!write || !settles(write)) return;
    // The same token is the same transaction, answered again.
    const { ClientRequestToken: token } = input as { readonly ClientRequestToken?: string };
    if (token !== undefined && this.#transactions.has(token)) return;
    if (token !== undefined) this.#transactions.add(token);
    const { pk, sk } = write.Key;
    const where = `${pk.S} ${sk.S.slice("step/".length)}`;
    this.settled.set(where, (this.settled.get(where) ?? 0) + 1);
  }

  #deathAt(kind: Kind | undefined): Fault | undefined {
    this.#seen++;
    const next = this.#deaths[0];
    if (next === undefined || next.kind !== kind || this.#seen < this.#everySeen) return undefined;
    this.#seen = 0;
    this.#deaths = this.#deaths.slice(1);
    return next.fault;
  }

  #chanceAt({ operation, input }: Asked): Fault | undefined {
    if (operation === "SendMessageBatch") return this.#isNew(input as Batch) ? "twice" : undefined;
    if (!TABLE.has(operation)) return undefined;
    const drawn = this.#chance();
    if (drawn < THROTTLED) return "throttled";
    if (drawn < THROTTLED + LOST) return "lost";
    return operation === "TransactWriteItems" && drawn < THROTTLED + LOST + CONFLICTING ? "conflicting" : undefined;
  }

  /** Were each copy's dispatch doubled again, the copies would double at every step. */
  #isNew({ Entries }: Batch): boolean {
    const before = this.#sent.size;
    for (const { MessageBody } of Entries) this.#sent.add(MessageBody);
    return this.#sent.size > before;
  }
}
const TABLE: ReadonlySet<string> = new Set([
  ...["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"],
]);

interface Batch {
  readonly Entries: readonly { readonly MessageBody: string }[];
}
interface Text {
  readonly S: string;
}
interface Update {
  readonly Key: { readonly pk: Text; readonly sk: Text };
  readonly UpdateExpression: string;
}
const updateIn = (input: unknown) =>
  (input as { readonly TransactItems: readonly { readonly Update?: Update }[] }).TransactItems[0]?.Update;
const settles = ({ UpdateExpression: it }: Update) => it.includes("s = :settled");

function kindOf({ operation, input }: Asked): Kind | undefined {
  switch (operation) {
    case "SendMessageBatch":
      return "send";
    case "TransactWriteItems":
      return updateIn(input) && "settleWith";
    case "PutItem": {
      const { pk, sk } = (input as { readonly Item: Update["Key"] }).Item;
      if (sk.S === "#") return pk.S.startsWith("~") ? undefined : "open";
      return /^(decide|join)\//.test(sk.S) ? "decide" : undefined;
    }
    case "UpdateItem":
      return kindOfUpdate(input as Update);
    default:
      return undefined;
  }
}

function kindOfUpdate(update: Update): Kind | undefined {
  const { Key, UpdateExpression: expression } = update;
  if (Key.sk.S === "#") return "turn";
  if (Key.sk.S.startsWith("join/")) return "arrive";
  if (settles(update)) return "settle";
  if (expression.includes("s = :running")) return "claim";
  return expression.includes("y_") ? "memo" : undefined;
}
