import { describe, expect, it } from "vitest";
import { z } from "zod";
import { order } from "../../../functions/order/workflow.ts";
import { MOST_INLINE_BYTES, MOST_TEXT_BYTES } from "../../../lib/adapters/aws/bodies.ts";
import { compress } from "../../../lib/adapters/compressed.ts";
import { RETENTION_MS } from "../../../lib/contract/payload-terms.ts";
import { ASSUMED } from "../../../lib/cost/assumptions.ts";
import { keptDaysOf, RETENTION_DAYS } from "../../../lib/cost/bill.ts";
import type { Priced, Quote } from "../../../lib/cost/quote.ts";
import * as sizes from "../../../lib/cost/sizes.ts";
import { node, workflow } from "../../../lib/index.ts";
import { DAY_MS } from "../../../lib/model/life.ts";
import { chainOf, quoteOf } from "./chains.ts";

const pricedBy = ({ priced }: Quote, batch: number) => priced.find((it) => it.batch === batch) as Priced;
const alone = (quote: Quote) => pricedBy(quote, 1);

describe("the sizes that the model reckons with", () => {
  it("are those of the adapters", () => {
    expect(sizes.MOST_TEXT_BYTES).toBe(MOST_TEXT_BYTES);
    expect(sizes.MOST_INLINE_BYTES).toBe(MOST_INLINE_BYTES);
    expect(RETENTION_DAYS * DAY_MS).toBe(RETENTION_MS);
  });

  it("take less of compression than it does to an order of 1 KiB", () => {
    const lines = Array.from({ length: 11 }, (_, i) => ({
      sku: `SKU-${i * 7919}`,
      name: `thing ${i * 31}`,
      price: i * 3.07,
    }));
    const text = JSON.stringify({ orderId: "o-1042", customer: { id: "c-7", email: "ada@example.com" }, lines });
    expect(text.length).toBeGreaterThan(sizes.MOST_TEXT_BYTES - 200);
    expect(compress(text).length / text.length).toBeLessThanOrEqual(ASSUMED.compressed);
  });

  it("bill a write by the started KiB and a read by the started 4 KiB", () => {
    expect([1, 1024, 1025].map(sizes.writeUnitsOf)).toEqual([1, 1, 2]);
    expect([1, 4096, 4097].map(sizes.readUnitsOf)).toEqual([1, 1, 2]);
  });

  it("make an object of a body that is larger than 32 KiB when it is compressed", () => {
    const compressed = 0.5;
    expect(sizes.storedAs(64 * 1024, { compressed }).objectBytes).toBe(0);
    expect(sizes.storedAs(64 * 1024 + 2, { compressed }).objectBytes).toBe(32 * 1024 + 1);
  });
});

describe("the price of a chain", () => {
  it("is that of docs/asl.md: three functions among ten states, one message at a time", () => {
    const { sqs, writes, reads } = alone(quoteOf(chainOf(3))).parts;
    expect(sqs + writes + reads).toBeCloseTo(12 * 0.625 + 1.5 * 0.125 + 12 * 0.4, 6);
  });

  it("has the budget of the protocol: two writes, half a read, three requests and an invocation a queued step", () => {
    const row = alone(quoteOf(chainOf(10))).rows.find(({ name }) => name === "one");
    expect(row).toMatchObject({ writeUnits: 20, readUnits: 5, sqsRequests: 30, invocations: 10 });
    const shared = pricedBy(quoteOf(chainOf(10)), 10).rows.find(({ name }) => name === "one");
    expect(shared).toMatchObject({ writeUnits: 20, readUnits: 5, sqsRequests: 3, invocations: 1 });
  });

  it("grows by the same for every step", () => {
    const price = (steps: number) => alone(quoteOf(chainOf(steps))).parts.total;
    expect(price(100) - price(99)).toBeCloseTo(price(11) - price(10), 6);
  });

  it("is the sum of its rows, and of its parts", () => {
    for (const { rows, total, parts } of quoteOf(order.program).priced) {
      expect(rows.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(total.usd, 6);
      const { total: all, ...each } = parts;
      expect(Object.values(each).reduce((sum, usd) => sum + usd, 0)).toBeCloseTo(all, 6);
      expect(all).toBeCloseTo(total.usd, 6);
    }
  });
});

const Text = z.object({ text: z.string() });
const cheap = node("cheap", { input: Text, output: Text, inline: true, repeatable: true });
const dear = node("dear", { input: Text, output: Text });
const begin = () => workflow("which", { input: Text });
const namesIn = (quote: Quote) => alone(quote).rows.map(({ name }) => name);

describe("of the branches of a choice", () => {
  const of = (order: readonly ("cheap" | "dear")[]) =>
    begin().choice(
      "way",
      () => "dear",
      Object.fromEntries(
        order.map((name) => [name, (b: ReturnType<typeof begin>) => b.task(name === "dear" ? dear : cheap)]),
      ) as never,
    ).program;

  it("the dearest counts, wherever it stands, and nothing of the others", () => {
    expect(namesIn(quoteOf(of(["cheap", "dear"])))).toEqual(["start and end", "dear"]);
    expect(quoteOf(of(["cheap", "dear"])).priced).toEqual(quoteOf(of(["dear", "cheap"])).priced);
  });

  it("one that fails does not count, however dear it is", () => {
    const { program } = begin().choice("way", (s) => (s.input.text === "" ? "bad" : "good"), {
      bad: (b) =>
        b
          .task(dear)
          .task(dear.as("more"))
          .fail("Bad", () => "it is bad"),
      good: (b) => b.task(cheap),
    });
    expect(namesIn(quoteOf(program))).toEqual(["start and end", "cheap"]);
  });
});

it("a map's price grows with its items, by what docs/aws.md says of one", () => {
  const { program } = begin().map("all", {
    over: (s) => [s.input],
    each: (b) => b.task(dear),
    results: "reference",
  });
  const units = (items: number) => alone(quoteOf(program, { items, payloadBytes: 400 })).total;
  const [few, many] = [units(1_000), units(2_000)];
  expect((many.writeUnits - few.writeUnits) / 1_000).toBeCloseTo(3.02, 1);
  expect((many.readUnits - few.readUnits) / 1_000).toBeCloseTo(1.51, 1);
});

it("a loop's rounds are as many as assumed, and no more than it may have", () => {
  const { program } = begin().loop("again", {
    from: (s) => s.input,
    each: (b) => b.task(dear),
    until: () => true,
    max: 4,
  });
  const row = (rounds: number) => alone(quoteOf(program, { rounds })).rows.find(({ name }) => name === "dear");
  expect([row(3)?.writeUnits, row(10)?.writeUnits]).toEqual([6, 8]);
});

it("a longer wait than a queue's is scheduled, and does not count as time to answer", () => {
  const of = (time: string) =>
    begin()
      .wait("nap", { for: time as "1 hour" })
      .task(dear).program;
  const [short, long] = [quoteOf(of("15 minutes")), quoteOf(of("16 minutes"))];
  expect([alone(short).total.schedules, alone(long).total.schedules]).toEqual([0, 1]);
  expect(short.latency.p50Ms).toBe(long.latency.p50Ms);
});

it("queues cost while nothing happens: those of nodes, of control, of dead letters", () => {
  expect(quoteOf(chainOf(1)).idle).toMatchObject({ queues: 3, pollsAMonth: 3 * 648_000 });
  expect(quoteOf(order.program).idle.usdAMonth).toBeCloseTo(2.33, 2);
});

it("records are kept for 45 days, or 15 longer than the workflow may take", () => {
  expect([keptDaysOf(), keptDaysOf(DAY_MS), keptDaysOf(60 * DAY_MS)]).toEqual([45, 45, 75]);
});

it("a rate of one a day begins cold, and ten a second do not", () => {
  const at = (perSecond: number) => quoteOf(chainOf(1), { perSecond }).latency;
  expect(at(1 / 86_400).coldShare).toBeGreaterThan(0.99);
  expect(at(10).coldShare).toBeLessThan(0.001);
  expect(at(1 / 86_400).p50Ms).toBeGreaterThan(at(10).p50Ms + 500);
});
