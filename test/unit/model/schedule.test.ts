import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nextTimes, printTick } from "../../../lib/engine/next-times.ts";
import { type ScheduleOptions, schedule, workflow } from "../../../lib/index.ts";

const of = (options: Omit<ScheduleOptions, "input">) =>
  workflow("report", { input: z.null(), on: schedule({ ...options, input: () => null }) }).set("x", () => 1).program
    .graph.schedule;
const times = (options: Omit<ScheduleOptions, "input">, after: string, most = 3) => {
  const parsed = of(options);
  if (!parsed) throw new Error("there is no schedule");
  return nextTimes(parsed, Date.parse(after), most).map(printTick);
};

describe("a schedule", () => {
  it("is stored as lists that both sides read alike", () => {
    expect(of({ cron: "*/15 8-18/5 * JAN-MAR,12 mon,SUN" })).toEqual({
      ...{ cron: "0,15,30,45 8,13,18 * 1,2,3,12 SUN,MON", timeZone: "UTC", jitterMs: 0, overlap: false },
      input: { kind: "slot", slot: "on.input" },
    });
    expect(of({ rate: "5 minutes", jitter: "2 minutes", overlap: true })).toMatchObject({
      ...{ rateMs: 300_000, jitterMs: 120_000, overlap: true },
    });
  });

  it.each([
    [{ cron: "0 9 * *" }, /has 4 fields/],
    [{ cron: "60 9 * * *" }, /'60' is no minute/],
    [{ cron: "0 24 * * *" }, /'24' is no hour/],
    [{ cron: "0 9 0 * *" }, /'0' is no day of the month/],
    [{ cron: "0 9 * 13 *" }, /'13' is no month/],
    [{ cron: "0 9 * * 1-5" }, /'1-5' is no day of the week/],
    [{ cron: "0 9 L * *" }, /'L' is no day of the month/],
    [{ cron: "0 9 ? * MON#2" }, /'\?' is no day of the month/],
    [{ cron: "5/10 * * * *" }, /'5\/10' is no minute/],
    [{ cron: "20-10 * * * *" }, /'20-10' is no minute/],
    [{ cron: "*/0 * * * *" }, /'\*\/0' is no minute/],
    [{ cron: "0 9 1 * MON" }, /names days twice/],
    [{}, /either cron or rate/],
    [{ cron: "0 9 * * *", rate: "5 minutes" }, /either cron or rate/],
    [{ rate: "30 seconds" }, /not whole minutes/],
    [{ rate: "5 minutes", timeZone: "Europe/Atlantis" }, /no time zone 'Europe\/Atlantis'/],
    [{ rate: "5 minutes", jitter: "90 seconds" }, /jitter '90 seconds'/],
    [{ rate: "5 minutes", jitter: "2 days" }, /jitter '2 days'/],
  ] as const)("is refused where it is %j", (options, message) => {
    expect(() => of(options as Omit<ScheduleOptions, "input">)).toThrow(message);
  });

  it("is due in its own zone, and leaves out what a change of clocks does", () => {
    const berlin = { cron: "30 2 * * *", timeZone: "Europe/Berlin" };
    expect(times(berlin, "2026-03-27T12:00:00Z")).toEqual([
      ...["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"],
    ]);
    expect(times(berlin, "2026-10-24T12:00:00Z", 2)).toEqual(["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
  });

  it("is due after the moment given, never at it", () => {
    expect(times({ rate: "5 minutes" }, "2026-01-01T00:05:00Z", 2)).toEqual([
      ...["2026-01-01T00:10:00Z", "2026-01-01T00:15:00Z"],
    ]);
    expect(times({ cron: "0 9 * * MON-FRI" }, "2026-05-01T09:00:00Z", 2)).toEqual([
      ...["2026-05-04T09:00:00Z", "2026-05-05T09:00:00Z"],
    ]);
    expect(times({ cron: "0 9 30 2 *" }, "2026-05-01T09:00:00Z")).toEqual([]);
  });
});
