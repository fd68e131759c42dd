import { describe, expect, it } from "vitest";
import { parseBody, printBody } from "../../../../lib/adapters/aws/message-body.ts";
import type { Envelope } from "../../../../lib/contract/envelope.ts";
import { MemoryPayloads } from "../../../support/aws/memory-payloads.ts";

const start = (text: string): Envelope => ({
  ...{ kind: "start", v: 1, workflow: "order", id: "1", trigger: { kind: "direct" }, input: { text } },
});
const inDays = (days: number): number => Math.ceil(Date.now() / 1000) + days * 24 * 60 * 60;
/** Long, though it need not be. */
const timer = (expiresAt: number): Envelope => ({
  ...{ kind: "timer", v: 1, workflow: "order", id: "1", graph: "h", epoch: 0, expiresAt, dueAtMs: 9 },
  ...{ path: "long ".repeat(100_000), bind: { prev: "x" } },
});
const placed = { id: "e", source: "shop", type: "Placed", version: 1, time: "", data: "long ".repeat(100_000) };
const event = { id: "e", source: "shop", "detail-type": "Placed", time: "2026-01-01T00:00:00Z", detail: { a: 1 } };

describe("a message's body", () => {
  const payloads = new MemoryPayloads();
  const control = { workflow: "order", payloads, events: true };
  const node = { ...control, events: false };

  it.each([["short"], ["long ".repeat(100_000)]])("is read as it was printed", async (text) => {
    const body = await printBody(start(text), payloads);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(200 * 1024);
    expect(await parseBody(body, node)).toEqual(start(text));
  });
  it("of an event in a control queue is one for its workflow", async () => {
    expect(await parseBody(JSON.stringify(event), control)).toEqual({
      ...{ kind: "event", v: 1, workflow: "order" },
      event: { id: "e", source: "shop", type: "Placed", version: 1, time: event.time, data: { a: 1 } },
    });
  });
  it.each([
    ["that is no JSON", "{", /not JSON/],
    ["that is no object", "[1]", /no envelope/],
    ["that is null", "null", /no envelope/],
    ["of an unknown kind", '{"v":1,"kind":"what"}', /no envelope/],
    ["of another version", JSON.stringify({ ...start("x"), v: 2 }), /no envelope/],
    ["that is an event, in a node's queue", JSON.stringify(event), /no envelope/],
    ["that points nowhere", '{"v":1,"kind":"stored","workflow":"order"}', /names no payload/],
    [
      "that points at another workflow's payload",
      '{"v":1,"kind":"stored","workflow":"order","payload":{"key":"year/orders/1/ff","sha256":"ff"}}',
      /names no payload of workflow 'order'/,
    ],
    ...[
      "month/orders/1/ff",
      "month/kid/order/1/ff",
      "order/1/ff",
      "week/order/1/ff",
      "lastyear/order/1/ff",
      "year/order",
    ].map((key): [string, string, RegExp] => [
      `that points at ${key}`,
      JSON.stringify({ v: 1, kind: "stored", workflow: "order", payload: { key, sha256: "ff" } }),
      /names no payload of workflow 'order'/,
    ]),
  ])("%s is refused", async (_, body, message) => {
    await expect(parseBody(body, node)).rejects.toMatchObject({
      code: "invalid_envelope",
      message: expect.stringMatching(message),
    });
  });
  it("of an event that lacks something is refused, and says what", async () => {
    await expect(parseBody(JSON.stringify({ ...event, id: undefined }), control)).rejects.toMatchObject({
      code: "invalid_event",
      message: expect.stringMatching(/id/),
    });
  });
  it("is compressed where it is stored", async () => {
    const stored = new MemoryPayloads();
    await printBody(start("long ".repeat(100_000)), stored);
    expect([...stored.stored.values()].map((bytes) => bytes.length < 1000)).toEqual([true]);
  });
  it.each([
    ["a start, for as long as a queue keeps it", start("long ".repeat(100_000)), "month/order/1/"],
    ["a timer, for as long as its execution needs it", timer(inDays(45)), "month/order/1/"],
    ["a timer of an execution that lives for a year", timer(inDays(366 + 15)), "year/order/1/"],
    ["an event", { kind: "event", v: 1, workflow: "order", event: placed } satisfies Envelope, "month/order/~events/"],
  ])("is stored where it stays: %s", async (_, envelope, where) => {
    const stored = new MemoryPayloads();
    const body = await printBody(envelope, stored);
    expect([...stored.stored.keys()]).toEqual([expect.stringMatching(new RegExp(`^${where}[0-9a-f]{64}$`))]);
    expect(await parseBody(body, { ...control, payloads: stored })).toEqual(envelope);
  });
  it("is stored until it comes into its queue, where that is late, and a while longer", async () => {
    const stored = new MemoryPayloads();
    const body = await printBody(start("long ".repeat(100_000)), stored, inDays(300) * 1000);
    expect([...stored.stored.keys()]).toEqual([expect.stringMatching("^year/order/1/")]);
    expect(await parseBody(body, { ...node, payloads: stored })).toEqual(start("long ".repeat(100_000)));
  });
  it("that an earlier version stored, as it was, is read", async () => {
    const payload = await payloads.put(
      { workflow: "order", id: "1", expiresAt: 0 },
      Buffer.from(JSON.stringify(start("old"))),
    );
    const body = JSON.stringify({ v: 1, kind: "stored", workflow: "order", payload });
    expect(await parseBody(body, node)).toEqual(start("old"));
  });
  it("whose payload cannot be read now may be readable later", async () => {
    const body = '{"v":1,"kind":"stored","workflow":"order","payload":{"key":"month/order/1/ff","sha256":"ff"}}';
    await expect(parseBody(body, node)).rejects.toMatchObject({ code: "storage_failed" });
  });
});
