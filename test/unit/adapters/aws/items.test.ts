import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bodies } from "../../../../lib/adapters/aws/bodies.ts";
import { parseHeader, parseRecord, printHeader, printWhole, type Row } from "../../../../lib/adapters/aws/items.ts";
import { headerKey, indexOrder, indexPartitionOf, recordKey } from "../../../../lib/adapters/aws/keys.ts";
import type { DecisionRecord, Header, StepError } from "../../../../lib/kernel/record.ts";
import type { Json } from "../../../../lib/model/json.ts";

const bodies = new Bodies({
  put: () => Promise.reject(new Error("nothing here is that large")),
  get: () => Promise.reject(new Error("nothing was put")),
});
/** As it is once it was on the wire. */
const wired = (row: object): Row => unmarshall(marshall(row, { removeUndefinedValues: true })) as Row;

const json = fc.json({ maxDepth: 3, stringUnit: "binary" }).map((text) => JSON.parse(text) as Json);
const text = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const error: fc.Arbitrary<StepError> = fc.record(
  { code: text, message: text, path: text, data: json },
  { requiredKeys: ["code", "message", "path"] },
);
const header: fc.Arbitrary<Header> = fc.record(
  {
    kind: fc.constant("header" as const),
    workflow: fc.constantFrom("order", "crm"),
    id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@=+-]{0,127}$/),
    graph: fc.string({ unit: "grapheme-ascii", minLength: 1 }),
    status: fc.constantFrom("running", "stopping", "succeeded", "failed"),
    epoch: fc.nat(),
    trigger: fc.oneof(
      fc.constant({ kind: "direct" as const }),
      fc.record({ kind: fc.constant("event" as const), id: text, source: text, type: text }),
    ),
    startedAtMs: time,
    endedAtMs: time,
    output: fc.constantFrom("step/a", "decide/#start!x", "clear?step/x"),
    error,
    expiresAt: fc.integer({ min: 1, max: 4_000_000_000 }),
  },
  { requiredKeys: ["kind", "workflow", "id", "graph", "status", "epoch", "trigger", "startedAtMs", "expiresAt"] },
);
const decision: fc.Arbitrary<DecisionRecord> = fc.record(
  {
    kind: fc.constant("decision" as const),
    next: fc.array(fc.record({ kind: fc.constant("succeed" as const), output: text }), { maxLength: 3 }),
    values: fc.dictionary(text, json, { noNullPrototype: true }),
    taken: fc.dictionary(text, text, { noNullPrototype: true }),
    output: json,
    atMs: time,
  },
  { requiredKeys: ["kind", "next", "atMs"] },
);

describe("an item", () => {
  it("gives a header back", async () => {
    await fc.assert(
      fc.asyncProperty(header, async (record) => {
        const row = wired(await printHeader(record, bodies));
        expect(await parseHeader(row, bodies)).toEqual(record);
        expect(await parseRecord(row, bodies)).toEqual(record);
      }),
    );
  });
  it("gives a decision back, byte for byte", async () => {
    const at = { execution: { workflow: "order", id: "1", expiresAt: 9 }, key: "decide/p" };
    await fc.assert(
      fc.asyncProperty(decision, async (record) => {
        const row = wired(await printWhole(at, record, bodies));
        expect(JSON.stringify(await parseRecord(row, bodies))).toBe(JSON.stringify(record));
      }),
    );
  });
  it("takes absent counts of a step for none", async () => {
    const key = recordKey({ workflow: "order", id: "1" }, "step/a");
    const nothing = { kind: "step", node: "n", status: "idle", fence: 0, failures: 0, crashes: 0 };
    expect(await parseRecord(wired({ ...key, n: "n", s: "idle" }), bodies)).toEqual(nothing);
  });
  it("takes no other attribute for a member of a set", async () => {
    const key = recordKey({ workflow: "order", id: "1" }, "join/p");
    const row = wired({ ...key, m0: "step/a", m12: "step/b", w: "token", expiresAt: 9 });
    expect(await parseRecord(row, bodies)).toEqual({ kind: "join", members: { 0: "step/a", 12: "step/b" } });
  });
  it("of a header is small, for it lies in the index as well", async () => {
    const record: Header = {
      ...{ kind: "header", workflow: "order", id: "0f8fad5b-d9cb-469f-a165-70867728950e", graph: "a".repeat(64) },
      ...{ status: "succeeded", epoch: 0, startedAtMs: 1_700_000_000_000, endedAtMs: 1_700_000_000_999 },
      ...{ output: "decide/#start!output", expiresAt: 1_703_000_000 },
      trigger: {
        kind: "event",
        id: "0f8fad5b-d9cb-469f-a165-70867728950e",
        source: "shop.orders",
        type: "OrderPlaced",
      },
    };
    expect(JSON.stringify(await printHeader(record, bodies)).length).toBeLessThan(700);
  });
});

describe("a key", () => {
  it("orders executions by their start, whatever their names", () => {
    const starts = [0, 9, 10, 999_999_999_999, 1_000_000_000_000, 9_999_999_999_999, 10_000_000_000_000];
    const printed = starts.map((ms, i) => indexOrder(ms, `order/${9 - i}`));
    expect(printed.toSorted()).toEqual(printed);
  });
  it("spreads executions of a status over the index's shards, always the same way", () => {
    const counts = new Map<string, number>();
    for (let id = 0; id < 400; id++) {
      const ipk = indexPartitionOf({ workflow: "order", id: String(id) }, "running");
      counts.set(ipk, (counts.get(ipk) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted()).toEqual([0, 1, 2, 3].map((shard) => `order#running#${shard}`));
    for (const count of counts.values()) expect(count).toBeGreaterThan(60);
    const of = { workflow: "order", id: "1042" };
    expect(indexPartitionOf(of, "failed")).toBe(indexPartitionOf(of, "running").replace("running", "failed"));
  });
  it("of a header comes before those of all records", () => {
    const order = { workflow: "order", id: "1" };
    for (const key of ["decide/#start", "join/p", "step/a"])
      expect(recordKey(order, key).sk > headerKey(order).sk).toBe(true);
  });
});
