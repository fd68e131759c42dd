import { describe, expect, it } from "vitest";
import { parseBody, printBody } from "../../../../lib/adapters/aws/message-body.ts";
import type { Envelope } from "../../../../lib/contract/envelope.ts";
import { MemoryPayloads } from "../../../support/aws/memory-payloads.ts";

const start = (text: string): Envelope => ({
  ...{ kind: "start", v: 1, workflow: "order", id: "1", trigger: { kind: "direct" }, input: { text } },
});
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
      '{"v":1,"kind":"stored","workflow":"order","payload":{"key":"orders/1/ff","sha256":"ff"}}',
      /names no payload of workflow 'order'/,
    ],
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
  it("that an earlier version stored, as it was, is read", async () => {
    const payload = await payloads.put("order/1", Buffer.from(JSON.stringify(start("old"))));
    const body = JSON.stringify({ v: 1, kind: "stored", workflow: "order", payload });
    expect(await parseBody(body, node)).toEqual(start("old"));
  });
  it("whose payload cannot be read now may be readable later", async () => {
    const body = '{"v":1,"kind":"stored","workflow":"order","payload":{"key":"order/1/ff","sha256":"ff"}}';
    await expect(parseBody(body, node)).rejects.toMatchObject({ code: "storage_failed" });
  });
});
