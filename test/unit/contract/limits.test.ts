import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits, MOST_EVENT_BYTES, payloadBytesOf, payloadLimitIn, tooLarge } from "../../../lib/contract/limits.ts";
import type { Json } from "../../../lib/model/json.ts";

const MOST = 1000;

describe("a payload", () => {
  // The quotes count too.
  it("of just the limit is accepted", () => {
    expect(tooLarge("the input", "x".repeat(MOST - 2), MOST)).toBeUndefined();
  });
  it("of a byte more is too large, and the message says how large, and what to do", () => {
    expect(tooLarge("the input", "x".repeat(MOST - 1), MOST)).toBe(
      "the input has 1001 bytes of JSON and the limit is 1000: store it elsewhere and pass on where",
    );
  });
  it("is measured in bytes, not characters", () => {
    expect(tooLarge("the input", "ü".repeat(MOST / 2 - 1), MOST)).toBeUndefined();
    expect(tooLarge("the input", "ü".repeat(MOST / 2), MOST)).toBeDefined();
  });
  it("is measured as JSON writes it", () => {
    expect(fits("\u0000".repeat(100), 602)).toBe(true);
    expect(fits("\u0000".repeat(100), 601)).toBe(false);
  });
  it("that is nothing is not too large", () => {
    expect(tooLarge("the input", undefined, 0)).toBeUndefined();
  });
  it("fits in just as many bytes as its JSON has, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect([fits(value as Json, bytes), fits(value as Json, bytes - 1)]).toEqual([true, false]);
      }),
    );
  });
  it("does not fit because its first part just does", () => {
    expect([fits([1, 2], 4), fits({ a: 1, b: 2 }, 7), fits({ a: [1, 2], b: 2 }, 8)]).toEqual([false, false, false]);
  });
  it("that is four times too large is told with its size, and beyond that with as much", () => {
    expect(tooLarge("it", "x".repeat(3998), 1000)).toMatch(/^it has 4000 bytes/);
    expect(tooLarge("it", "x".repeat(3999), 1000)).toMatch(/^it has more than 4000 bytes/);
  });
  it("has no properties that are undefined", () => {
    expect([fits({ a: undefined, b: 1 }, 7), fits({ a: undefined, b: 1 }, 6)]).toEqual([true, false]);
  });
  it("that is far too large, longer than a text can be, is refused without looking at all of it", () => {
    const large = Array.from({ length: 30 }, () => "x".repeat(2 ** 25));
    expect(tooLarge("it", large, 1000)).toMatch(/^it has more than 4000 bytes of JSON and the limit is 1000:/);
  });
});

describe("the payload limit", () => {
  it("is 32 MiB unless it is set", () => {
    expect(payloadBytesOf()).toBe(33_554_432);
    expect(payloadBytesOf(1)).toBe(1_048_576);
    expect(payloadBytesOf(256)).toBe(268_435_456);
  });
  it.each([0, -1, 1.5, 257, Number.NaN])("cannot be %s MiB", (mebibytes) => {
    const refusal = {
      code: "usage",
      message: expect.stringMatching(/a whole number of MiB from 1 to 256, not/),
      detail: { payloadLimitMiB: mebibytes },
    };
    expect(() => payloadBytesOf(mebibytes)).toThrow(expect.objectContaining(refusal));
  });
  it("is what the environment says, if it says any", () => {
    expect(payloadLimitIn({ PAWL_PAYLOAD_LIMIT_MIB: "64" })).toBe(64);
    expect([payloadLimitIn({}), payloadLimitIn({ PAWL_PAYLOAD_LIMIT_MIB: "" })]).toEqual([undefined, undefined]);
  });
  it.each(["64 MiB", "many", "-1", "1e2"])("is told how to be written where it is '%s'", (text) => {
    const message = `PAWL_PAYLOAD_LIMIT_MIB is '${text}': write it as a whole number of MiB, as in 64`;
    expect(() => payloadLimitIn({ PAWL_PAYLOAD_LIMIT_MIB: text })).toThrow(expect.objectContaining({ message }));
  });
  it.each(["64 MiB", "many", "0", "-1", "1e2"])("cannot be '%s' there", (text) => {
    expect(() => payloadLimitIn({ PAWL_PAYLOAD_LIMIT_MIB: text })).toThrow(expect.objectContaining({ code: "usage" }));
  });
});

it("an event leaves a KiB of EventBridge's 256 for what it is called", () => {
  expect(MOST_EVENT_BYTES).toBe(255 * 1024);
});
