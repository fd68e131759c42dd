import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTimestamp, printTimestamp } from "../../lib/asl/timestamps.ts";
import { byPaths, byQueries } from "./support/evaluated.ts";

describe("a timestamp", () => {
  test.each([
    ["2026-03-14T01:59:00Z", "2026-03-14T01:59:00.000Z"],
    ["2026-03-14T01:59:00.5Z", "2026-03-14T01:59:00.500Z"],
    ["2026-03-14T01:59:00.000000001Z", "2026-03-14T01:59:00.001Z"],
    ["2026-03-14T01:59:00+01:30", "2026-03-14T00:29:00.000Z"],
    ["2026-03-14T01:59:00-01:30", "2026-03-14T03:29:00.000Z"],
    ["2026-03-14T01:59Z", "2026-03-14T01:59:00.000Z"],
    ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ])("%s is %s", (text, printed) => {
    expect(printTimestamp(parseTimestamp(text)!)).toBe(printed);
  });

  test.each([
    "2026-03-14T01:59:00",
    "2026-03-14 01:59:00Z",
    "2026-03-14t01:59:00z",
    "2026-13-14T01:59:00Z",
    "2026-00-14T01:59:00Z",
    "2026-02-29T01:59:00Z",
    "2026-03-00T01:59:00Z",
    "2026-03-14T24:00:00Z",
    "2026-03-14T01:60:00Z",
    "2026-03-14T01:59:60Z",
    "2026-03-14T01:59:00.Z",
    "2026-03-14T01:59:00.0000000001Z",
    "2026-03-14T01:59:00+1:00",
    "2026-03-14T01:59:00+19:00",
    "2026-03-14",
    "14-03-2026T01:59:00Z",
    " 2026-03-14T01:59:00Z",
    "",
    20260314,
    null,
  ])("%j is none", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  test("what Date prints is read as the same time", () => {
    const dates = fc.date({ min: new Date("0001-01-01Z"), max: new Date("9999-12-31Z"), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        expect(parseTimestamp(date.toISOString())).toBe(BigInt(date.getTime()) * 1_000_000n);
        expect(printTimestamp(parseTimestamp(date.toISOString())!)).toBe(date.toISOString());
      }),
    );
  });
});

describe("a Wait ends", () => {
  const input = { seconds: 90, text: "90", time: "2026-01-01T01:00:00+01:00", wrong: "2026-01-01 00:00:00Z" };

  test.each<[object, string]>([
    [{ Seconds: 0 }, "2026-01-01T00:00:00.000Z"],
    [{ Seconds: 10 }, "2026-01-01T00:00:10.000Z"],
    [{ SecondsPath: "$.seconds" }, "2026-01-01T00:01:30.000Z"],
    [{ SecondsPath: "$.text" }, "2026-01-01T00:01:30.000Z"],
    [{ Timestamp: "2026-05-01T00:00:00Z" }, "2026-05-01T00:00:00.000Z"],
    [{ TimestampPath: "$.time" }, "2026-01-01T00:00:00.000Z"],
  ])("with %j at %s", async (fields, time) => {
    expect(await byPaths({ op: "until", ...fields }, { input })).toBe(time);
  });

  test.each<[object, string]>([
    [{ Seconds: 10 }, "2026-01-01T00:00:10.000Z"],
    [{ Seconds: "{% $states.input.seconds %}" }, "2026-01-01T00:01:30.000Z"],
    [{ Timestamp: "{% $states.input.time %}" }, "2026-01-01T00:00:00.000Z"],
  ])("in JSONata with %j at %s", async (fields, time) => {
    expect(await byQueries({ op: "until", ...fields }, { input })).toBe(time);
  });

  test.each<[object, object]>([
    [{ SecondsPath: "$.nowhere" }, {}],
    [{ SecondsPath: "$" }, { input: -1 }],
    [{ SecondsPath: "$" }, { input: 1.5 }],
    [{ SecondsPath: "$" }, { input: "soon" }],
    [{ SecondsPath: "$" }, { input: null }],
    [{ SecondsPath: "$" }, { input: 100_000_000 }],
    [{ TimestampPath: "$.wrong" }, { input }],
    [{ TimestampPath: "$.seconds" }, { input }],
    [{ TimestampPath: "$.nowhere" }, { input }],
  ])("never with %j of %j: States.Runtime", async (fields, seen) => {
    expect(await byPaths({ op: "until", ...fields }, seen)).toMatchObject({ fails: "States.Runtime" });
  });

  test.each<[object, object]>([
    [{ Seconds: "{% $states.input %}" }, { input: -1 }],
    [{ Seconds: "{% $states.input %}" }, { input: 1.5 }],
    [{ Seconds: "{% $states.input %}" }, { input: "1" }],
    [{ Timestamp: "{% $states.input.wrong %}" }, { input }],
    [{ Timestamp: "{% $states.input.seconds %}" }, { input }],
  ])("never in JSONata with %j of %j: States.QueryEvaluationError", async (fields, seen) => {
    expect(await byQueries({ op: "until", ...fields }, seen)).toMatchObject({ fails: "States.QueryEvaluationError" });
  });
});
