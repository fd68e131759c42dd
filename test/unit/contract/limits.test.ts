import { describe, expect, it } from "vitest";
import { MOST_PAYLOAD_BYTES, tooLarge } from "../../../lib/contract/limits.ts";

describe("a payload", () => {
  // The quotes count too.
  it("of just 4 MiB is accepted", () => {
    expect(tooLarge("the input", "x".repeat(MOST_PAYLOAD_BYTES - 2))).toBeUndefined();
  });
  it("of a byte more is too large, and the message says how large, and what to do", () => {
    expect(tooLarge("the input", "x".repeat(MOST_PAYLOAD_BYTES - 1))).toBe(
      "the input has 4194305 bytes of JSON and the limit is 4194304: store it elsewhere and pass on where",
    );
  });
  it("is measured in bytes, not characters", () => {
    expect(tooLarge("the input", "ü".repeat(MOST_PAYLOAD_BYTES / 2 - 1))).toBeUndefined();
    expect(tooLarge("the input", "ü".repeat(MOST_PAYLOAD_BYTES / 2))).toBeDefined();
  });
  it("that is nothing is not too large", () => {
    expect(tooLarge("the input", undefined, 0)).toBeUndefined();
  });
});
