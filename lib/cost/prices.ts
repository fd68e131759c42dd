/**
 * What AWS asks for, as its pages had it: on-demand prices in US dollars, the first tier of each, without what the free
 * tier gives. The one place where prices stand; `docs/cost.md` prints them.
 */
import { z } from "zod";

const Price = z
  .object({
    usd: z.number().positive(),
    /** So many for that: 1,000,000 requests. */
    per: z.number().positive(),
    unit: z.string().min(1),
    source: z.url({ protocol: /^https$/, hostname: /(^|\.)aws\.amazon\.com$/ }),
    /** When the source said so. */
    asOf: z.iso.date(),
  })
  .readonly();
const million = 1_000_000;

const PriceList = z
  .object({
    region: z.string(),
    sqsRequest: Price,
    writeUnit: Price,
    readUnit: Price,
    tableGigabyteMonth: Price,
    recoveryGigabyteMonth: Price,
    invocation: Price,
    armGigabyteSecond: Price,
    event: Price,
    scheduledInvocation: Price,
    objectPut: Price,
    objectGet: Price,
    objectGigabyteMonth: Price,
    standardTransition: Price,
    expressRequest: Price,
    expressGigabyteSecond: Price,
    logGigabyte: Price,
    durableOperation: Price,
    durableGigabyteWritten: Price,
    durableGigabyteMonth: Price,
  })
  .readonly();
export type PriceList = z.infer<typeof PriceList>;
export type PriceName = Exclude<keyof PriceList, "region">;

const page = (path: string) => `https://aws.amazon.com/${path}/`;
const at = (path: string, asOf: string) => ({ source: page(path), asOf });
const lambda = at("lambda/pricing", "2026-09-20");
const dynamo = at("dynamodb/pricing/on-demand", "2026-10-04");
const states = at("step-functions/pricing", "2026-03-14");
const s3 = at("s3/pricing", "2026-10-04");
const bus = at("eventbridge/pricing", "2026-03-13");

export const PRICES: PriceList = PriceList.parse({
  region: "us-east-1",
  sqsRequest: { usd: 0.4, per: million, unit: "requests of 64 KiB", ...at("sqs/pricing", "2026-06-13") },
  writeUnit: { usd: 0.625, per: million, unit: "write request units", ...dynamo },
  readUnit: { usd: 0.125, per: million, unit: "read request units", ...dynamo },
  tableGigabyteMonth: { usd: 0.25, per: 1, unit: "GB-month in the table", ...dynamo },
  recoveryGigabyteMonth: { usd: 0.2, per: 1, unit: "GB-month of point-in-time recovery", ...dynamo },
  invocation: { usd: 0.2, per: million, unit: "invocations", ...lambda },
  armGigabyteSecond: { usd: 0.0000133334, per: 1, unit: "GB-second on ARM", ...lambda },
  event: { usd: 1, per: million, unit: "events of 64 KiB", ...bus },
  scheduledInvocation: { usd: 1, per: million, unit: "scheduled invocations", ...bus },
  objectPut: { usd: 0.005, per: 1000, unit: "PUT requests", ...s3 },
  objectGet: { usd: 0.0004, per: 1000, unit: "GET requests", ...s3 },
  objectGigabyteMonth: { usd: 0.023, per: 1, unit: "GB-month of objects", ...s3 },
  standardTransition: { usd: 0.025, per: 1000, unit: "state transitions", ...states },
  expressRequest: { usd: 1, per: million, unit: "requests", ...states },
  expressGigabyteSecond: { usd: 0.00001667, per: 1, unit: "GB-second, in steps of 64 MB and 100 ms", ...states },
  logGigabyte: { usd: 0.5, per: 1, unit: "GB of vended logs", ...at("cloudwatch/pricing", "2026-03-14") },
  durableOperation: { usd: 8, per: million, unit: "durable operations", ...lambda },
  durableGigabyteWritten: { usd: 0.25, per: 1, unit: "GB written", ...lambda },
  durableGigabyteMonth: { usd: 0.15, per: 1, unit: "GB-month retained", ...lambda },
});

export const usd = (name: PriceName, count: number): number => (PRICES[name].usd * count) / PRICES[name].per;
