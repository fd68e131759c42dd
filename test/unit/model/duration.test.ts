import { describe, expect, it } from "vitest";
import { durationMs } from "../../../lib/model/duration.ts";

describe("a duration", () => {
  it.each([
    ["1 second", 1000],
    ["30 seconds", 30_000],
    ["1 seconds", 1000],
    ["0.5 seconds", 500],
    ["0 seconds", 0],
    ["5 minutes", 300_000],
    ["1.5 hours", 5_400_000],
    ["2 days", 172_800_000],
    ["400 days", 34_560_000_000],
  ])("of %s has %i ms", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each([
    "",
    "5",
    "5s",
    "5 min",
    "5 weeks",
    "five minutes",
    "-1 second",
    "1  second",
    " 1 second",
    "1 second ",
    "1e3 seconds",
    "1. seconds",
    ".5 seconds",
    "1 Second",
    "1 second 2",
    "١ second",
  ])("is not %j", (text) => {
    expect(durationMs(text)).toBeUndefined();
  });
});
