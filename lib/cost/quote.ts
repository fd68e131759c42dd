/** The price of a workflow before it runs: by node, in total, beside other platforms, idle, and how long it takes. */
import { type Assumptions, COLD_START_MS, HOP_MS, SECONDS_A_MONTH, WARM_FOR_S } from "./assumptions.ts";
import { type Bill, billedMsOf, billOf, keptDaysOf, sqsRequestsOf, type Terms } from "./bill.ts";
import type { Counts } from "./counts.ts";
import { type Peers, peersOf } from "./peers.ts";
import { PRICES, usd } from "./prices.ts";
import type { Course } from "./shape.ts";
import { type Subject, walkGraph } from "./walk.ts";

const MILLION = 1_000_000;
const BATCHES = [1, 10] as const;

/** Of an execution; dollars are of a million of them. */
export interface Row {
  /** A node, `start and end`, or the path of a state that is none. */
  readonly name: string;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly dynamoRequests: number;
  readonly sqsRequests: number;
  readonly invocations: number;
  readonly gigabyteSeconds: number;
  readonly events: number;
  readonly schedules: number;
  readonly objectRequests: number;
  readonly usd: number;
}

export interface Priced {
  /** Messages that come to a function at once. */
  readonly batch: number;
  readonly rows: readonly Row[];
  readonly total: Row;
  /** The total's parts, in dollars a million. */
  readonly parts: Bill;
}

export interface Quote {
  readonly workflow: string;
  readonly region: string;
  readonly assumed: Assumptions;
  /** Until when an execution's records stay, which is a part of its price. */
  readonly keptDays: number;
  readonly priced: readonly Priced[];
  /** Dollars of a million executions. */
  readonly peers: Peers;
  readonly idle: Idle;
  readonly latency: Latency;
}

export interface Idle {
  readonly queues: number;
  readonly pollsAMonth: number;
  readonly usdAMonth: number;
}

export interface Latency {
  /** Without the times that the workflow itself waits for. */
  readonly p50Ms: number;
  readonly hops: number;
  /** Of invocations, at the given rate. */
  readonly coldShare: number;
}

export function quote(subject: Subject): Quote {
  const { graph, assumed } = subject;
  const { tally, shape, course } = walkGraph(subject);
  const keptDays = keptDaysOf(graph.timeoutMs);
  const priced = BATCHES.map((batch): Priced => {
    const terms = { batch, assumed, keptDays };
    const rows = [...tally.rows].map(([name, counts]) => rowOf(name, counts, terms));
    return {
      batch,
      rows,
      total: rowOf("total", tally.total, terms),
      parts: billPerMillion(billOf(tally.total, terms)),
    };
  });
  return {
    ...{ workflow: graph.workflow, region: PRICES.region, assumed, keptDays, priced },
    peers: peersPerMillion(peersOf({ shape, course, assumed })),
    idle: idleOf(Object.keys(graph.nodes).length),
    latency: latencyOf(course, assumed),
  };
}

function rowOf(name: string, counts: Counts, terms: Terms): Row {
  const { batch, assumed } = terms;
  const { writeUnits, readUnits, dynamo, events, schedules, objectPuts, objectGets } = counts;
  return {
    ...{ name, writeUnits, readUnits, dynamoRequests: dynamo, events, schedules },
    sqsRequests: sqsRequestsOf(counts, batch),
    invocations: counts.messages / batch,
    gigabyteSeconds: (billedMsOf(counts, terms) / 1000) * (assumed.memoryMiB / 1024),
    objectRequests: objectPuts + objectGets,
    usd: billOf(counts, terms).total * MILLION,
  };
}

const billPerMillion = (bill: Bill): Bill =>
  Object.fromEntries(Object.entries(bill).map(([part, usd]) => [part, usd * MILLION])) as unknown as Bill; // the same parts

const peersPerMillion = ({ standard, express, durable }: Peers): Peers => ({
  standard: { ...standard, usd: standard.usd * MILLION },
  express: { ...express, usd: express.usd * MILLION, logUsd: express.logUsd * MILLION },
  durable: { ...durable, usd: durable.usd * MILLION },
});

/** Lambda looks into each queue by five long polls of 20 seconds: of its nodes, of control, and of dead letters. */
function idleOf(nodes: number): Idle {
  const queues = nodes + 2;
  const pollsAMonth = (queues * 5 * SECONDS_A_MONTH) / 20;
  return { queues, pollsAMonth, usdAMonth: usd("sqsRequest", pollsAMonth) };
}

function latencyOf({ handlerMs, hops, requestsMs }: Course, { perSecond }: Assumptions): Latency {
  // Nobody came for so long, where arrivals are independent of one another.
  const coldShare = Math.exp(-perSecond * WARM_FOR_S);
  const cold = coldShare >= 0.5 ? hops * COLD_START_MS : 0;
  return { p50Ms: handlerMs + hops * HOP_MS + requestsMs + cold, hops, coldShare };
}
