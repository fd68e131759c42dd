/** `pawl cost` for people: by node, in total, beside other platforms, and all that was assumed. */
import {
  COLD_START_MS,
  DURABLE_RETENTION_DAYS,
  DYNAMO_MS,
  HOP_MS,
  INVOKE_MS,
  LOG_EVENT_BYTES,
  SECONDS_A_MONTH,
  SQS_MS,
  WARM_FOR_S,
} from "../cost/assumptions.ts";
import { PRICES } from "../cost/prices.ts";
import { batchName, printUsd } from "../cost/print.ts";
import type { Priced, Quote, Row } from "../cost/quote.ts";
import { bold, dim, printDuration, printTable, right } from "./print.ts";

export function printQuote(quote: Quote): string {
  const { workflow, region, priced } = quote;
  return [
    `${bold(workflow)} on AWS, ${region}: a million executions, in USD`,
    ...priced.flatMap((one) => ["", dim(`messages ${batchName(one.batch)}`), printRows(one)]),
    "",
    dim("beside it"),
    printPeers(quote),
    "",
    ...printRest(quote),
    "",
    dim("assumed"),
    ...assumptions(quote).map((line) => `  ${line}`),
  ].join("\n");
}

const HEAD = ["", "writes", "reads", "requests", "SQS", "invocations", "GB-s", "other", "USD"];

function printRows({ rows, total, parts }: Priced): string {
  const line = (row: Row) => [
    row.name,
    ...[row.writeUnits, row.readUnits, row.dynamoRequests, row.sqsRequests, row.invocations].map((it) => count(it)),
    right(row.gigabyteSeconds.toFixed(4)),
    right(printOther(row)),
    right(printUsd(row.usd)),
  ];
  const { total: _, ...each } = parts;
  const shares = Object.entries(each).filter(([, usd]) => usd > 0);
  const sum = shares.map(([name, usd]) => `${PARTS[name] ?? name} ${printUsd(usd)}`).join(" + ");
  return `${printTable(HEAD, [...rows.map(line), line(total)])}\n${dim(`= ${sum}`)}`;
}

const PARTS: Readonly<Record<string, string>> = {
  ...{ sqs: "SQS", time: "GB-seconds", events: "events and schedules", objects: "objects", kept: "records kept" },
};

const count = (value: number) => right(value.toLocaleString("en-US", { maximumFractionDigits: 2 }));

function printOther({ events, schedules, objectRequests }: Row): string {
  const all = [
    [events, "events"],
    [schedules, "schedules"],
    [objectRequests, "S3"],
  ] as const;
  return all.flatMap(([n, what]) => (n > 0 ? [`${Math.round(n * 100) / 100} ${what}`] : [])).join(", ");
}

function printPeers({ peers, priced }: Quote): string {
  const { standard, express, durable } = peers;
  const times = (usd: number) => priced.map(({ parts }) => right((usd / parts.total).toFixed(1)));
  const rows = [
    ["Step Functions Standard", `${standard.transitions} transitions`, standard.usd],
    [
      "Step Functions Express",
      `${express.gigabyteSeconds.toFixed(4)} GB-s, ${kib(express.logBytes)} of log`,
      express.usd,
    ],
    [
      `Lambda durable functions${durable.possible ? "" : " (cannot run it)"}`,
      `${durable.operations} operations, ${kib(durable.bytesWritten)} written`,
      durable.usd,
    ],
  ] as const;
  const head = ["", "an execution", "USD", ...priced.map(({ batch }) => `times ours ${batchName(batch)}`)];
  return printTable(
    head,
    rows.map(([name, what, usd]) => [name, what, right(printUsd(usd)), ...times(usd)]),
  );
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;
const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

function printRest({ idle, latency, assumed, priced }: Quote): string[] {
  const monthly = assumed.perSecond * SECONDS_A_MONTH;
  const months = priced.map(({ batch, parts }) => {
    return `${printUsd((parts.total * monthly) / 1e6)} ${batchName(batch)}`;
  });
  const cold = latency.coldShare < 0.0001 ? "hardly any" : `${(latency.coldShare * 100).toPrecision(2)}%`;
  return [
    `${dim("a month ")}${Math.round(monthly).toLocaleString("en-US")} executions: ${months.join(", ")} USD`,
    `${dim("idle    ")}${printUsd(idle.usdAMonth)} USD a month: Lambda polls ${idle.queues} queues, of nodes, of control and of dead letters`,
    `${dim("p50     ")}about ${printDuration(latency.p50Ms)}, with ${latency.hops} hops through queues; ${cold} of the invocations begin cold`,
  ];
}

function assumptions({ assumed, keptDays, region }: Quote): readonly string[] {
  const { payloadBytes, durationMs, memoryMiB, items, rounds, perSecond, compressed, busy, recovery } = assumed;
  const dates = Object.values(PRICES).flatMap((price) => (typeof price === "string" ? [] : [price.asOf]));
  const [oldest, newest] = [dates.toSorted()[0], dates.toSorted().at(-1)];
  return [
    `prices on demand in ${region}, as their pages had them from ${oldest} to ${newest} (lib/cost/prices.ts); no free tier`,
    `values of ${payloadBytes} bytes, of which compression leaves ${percent(compressed)} where a body has more than 768`,
    `handlers of ${durationMs} ms on ${memoryMiB} MB of ARM, computing for ${percent(busy)} of it and waiting otherwise, which a batch does side by side`,
    `maps of ${items} items that share one value, loops of ${rounds} rounds, ${Number(perSecond.toPrecision(3))} executions a second`,
    "of the branches of a choice the dearest; nothing fails, is tried again or undone; slots read the names in their text",
    `records kept for ${keptDays} days ${recovery ? "with" : "without"} point-in-time recovery`,
    `a hop ${HOP_MS} ms, a request to DynamoDB ${DYNAMO_MS} ms, to SQS ${SQS_MS} ms; a cold start ${COLD_START_MS} ms, after ${WARM_FOR_S / 60} idle minutes`,
    `Step Functions: ${INVOKE_MS} ms to call a function; Express with its whole log, ${LOG_EVENT_BYTES} bytes an event and the values`,
    `durable functions: values once each, kept for ${DURABLE_RETENTION_DAYS} days`,
    "batches of ten come under load; at a few executions a second messages come one at a time",
    "left out: functions' own logs, alarms, keys of one's own, data transfer, what handlers call, workflows that are called",
  ];
}
