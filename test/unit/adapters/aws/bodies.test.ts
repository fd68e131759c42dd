import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bodies, MOST_INLINE_BYTES, MOST_TEXT_BYTES, printWithin } from "../../../../lib/adapters/aws/bodies.ts";
import { MemoryPayloads } from "../../../support/aws/memory-payloads.ts";
import { noise } from "../../../support/noise.ts";

const inDays = (days: number): number => Math.ceil(Date.now() / 1000) + days * 24 * 60 * 60;
const one = { workflow: "order", id: "1", expiresAt: inDays(45) };

describe("a body", () => {
  const payloads = new MemoryPayloads();
  const bodies = new Bodies(payloads);

  it("comes back byte for byte, whatever JSON it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 5, stringUnit: "binary" }), async (text) => {
        const value: unknown = JSON.parse(text);
        const body = await bodies.print(one, value);
        expect(JSON.stringify(await bodies.parse(body))).toBe(JSON.stringify(value));
      }),
    );
  });
  it("that an earlier version deflated is read", async () => {
    const text = JSON.stringify("old ".repeat(1000));
    expect(await bodies.parse(deflateRawSync(text))).toBe(JSON.parse(text));
  });
  it("is Unicode that every store gives back, whatever text is in it", async () => {
    const body = await bodies.print(one, "\ud800 and \udfff");
    expect(body).toBe('"\\ud800 and \\udfff"');
    expect(Buffer.from(body as string).toString()).toBe(body);
  });
  it.each([
    ["as text up to its limit", "x".repeat(MOST_TEXT_BYTES - 2), "string"],
    ["compressed above", "x".repeat(MOST_TEXT_BYTES - 1), "Buffer"],
    ["compressed where its letters have two bytes each", "ü".repeat(MOST_TEXT_BYTES / 2), "Buffer"],
    ["as a payload when it is large even so", noise(50_000), "Object"],
  ])("is kept %s", async (_, value, kept) => {
    const body = await bodies.print(one, value);
    expect(typeof body === "string" ? "string" : body.constructor.name).toBe(kept);
    expect(await bodies.parse(body)).toBe(value);
  });
  it("is never larger than 32 KiB in an item, and no smaller one leaves it", async () => {
    let [inline, outside] = [0, Number.POSITIVE_INFINITY];
    for (let chars = 43_000; chars < 44_000; chars += 10) {
      const body = await bodies.print(one, noise(chars));
      if (body instanceof Uint8Array) inline = Math.max(inline, body.length);
      else if (typeof body === "object") outside = Math.min(outside, payloads.stored.get(body.key)?.length ?? 0);
    }
    expect(inline).toBeLessThanOrEqual(MOST_INLINE_BYTES);
    expect(inline).toBeGreaterThan(MOST_INLINE_BYTES - 20);
    expect(outside).toBeGreaterThan(MOST_INLINE_BYTES);
  });
  it.each([
    ["month", 45],
    ["year", 47],
  ])("of an execution lies under its name, for a %s where it has to stay %i days", async (term, days) => {
    const body = await bodies.print({ workflow: "order", id: "1042", expiresAt: inDays(days) }, noise(60_000));
    expect(body).toMatchObject({ key: expect.stringMatching(new RegExp(`^${term}/order/1042/[0-9a-f]{64}$`)) });
    expect(await bodies.parse(body)).toBe(noise(60_000));
  });
});

describe("what must lie in the table", () => {
  const most = { bytes: 700, what: "the graph of 'order'" };
  it("is measured as it is kept", () => {
    expect(printWithin("x".repeat(100_000), most)).toBeInstanceOf(Uint8Array);
    expect(printWithin("x".repeat(698), most)).toBe(JSON.stringify("x".repeat(698)));
  });
  it("is refused when it is too large", () => {
    expect(() => printWithin("x".repeat(699), most)).toThrow(
      expect.objectContaining({
        code: "payload_too_large",
        message: expect.stringMatching(/^the graph of 'order' has 701 bytes .*700/),
      }),
    );
  });
});
