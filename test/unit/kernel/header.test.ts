import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StatusChange, turnHeader } from "../../../lib/kernel/header.ts";
import { type Header, STATUSES } from "../../../lib/kernel/record.ts";

const header: Header = {
  ...{ kind: "header", workflow: "order", id: "1", graph: "h", status: "running", epoch: 2 },
  ...{ trigger: { kind: "direct" }, startedAtMs: 1, expiresAt: 99 },
};
const error = { code: "Declined", message: "no", path: "charge" };

describe("turning a header", () => {
  it("changes its status and puts what comes with it, and keeps the rest", () => {
    expect(turnHeader(header, { epoch: 2, from: ["running"], to: "failed", endedAtMs: 5, error })).toEqual({
      ...header,
      ...{ status: "failed", endedAtMs: 5, error },
    });
  });
  it("says as what a stop is to end", () => {
    const change = { epoch: 2, from: ["running"], to: "stopping", ending: "cancelled" } as const;
    expect(turnHeader(header, change)).toEqual({ ...header, status: "stopping", ending: "cancelled" });
  });
  it.each<[string, Header | undefined, StatusChange]>([
    ["there is none", undefined, { epoch: 2, from: ["running"], to: "paused" }],
    ["it has another status", header, { epoch: 2, from: ["paused", "stopping"], to: "running" }],
    ["it is in a later epoch", header, { epoch: 1, from: ["running"], to: "paused" }],
    ["it is in an earlier epoch", header, { epoch: 3, from: ["running"], to: "paused" }],
    ["it was turned since", { ...header, turns: 2 }, { epoch: 2, from: ["running"], turns: 1, to: "paused" }],
    [
      "it was turned since for the first time",
      { ...header, turns: 1 },
      { epoch: 2, from: ["running"], turns: 0, to: "paused" },
    ],
    ["it was never turned", header, { epoch: 2, from: ["running"], turns: 1, to: "paused" }],
  ])("is refused when %s", (_, standing, change) => {
    expect(turnHeader(standing, change)).toBeUndefined();
  });
  it("counts a turn that asks for a count, and no other", () => {
    expect(turnHeader(header, { epoch: 2, from: ["running"], turns: 0, to: "paused" })).toEqual({
      ...header,
      ...{ status: "paused", turns: 1 },
    });
    const turned: Header = { ...header, turns: 3 };
    expect(turnHeader(turned, { epoch: 2, from: ["running"], turns: 3, to: "paused" })?.turns).toBe(4);
    expect(turnHeader(turned, { epoch: 2, from: ["running"], to: "stopping" })?.turns).toBe(3);
  });
  it("that begins the next epoch forgets how the one before ended, and keeps the count", () => {
    const ended: Header = {
      ...header,
      status: "failed",
      turns: 1,
      endedAtMs: 5,
      output: "step/a",
      error,
      ending: "failed",
      keep: true,
    };
    expect(turnHeader(ended, { epoch: 2, from: ["failed"], to: "running", reopen: true })).toEqual({
      ...header,
      ...{ status: "running", epoch: 3, turns: 1 },
    });
  });
  const stopping: Header = { ...header, status: "stopping", ending: "failed", error };
  it("to stuck is refused where what was done stays done: nothing is undone there", () => {
    const change: StatusChange = { epoch: 2, from: ["stopping"], to: "stuck", stuck: error };
    expect(turnHeader(stopping, change)).toEqual({ ...stopping, status: "stuck", stuck: error });
    expect(turnHeader({ ...stopping, keep: true }, change)).toBeUndefined();
    const end: StatusChange = { epoch: 2, from: ["stopping"], to: "failed" };
    expect(turnHeader({ ...stopping, keep: true }, end)?.status).toBe("failed");
  });
  it("that is stuck goes on in the next epoch as what it was ending, and puts what comes with it", () => {
    const stuck: Header = { ...stopping, status: "stuck", stuck: error };
    const change: StatusChange = { epoch: 2, from: ["stuck"], to: "stopping", ending: "cancelled", reopen: true };
    expect(turnHeader(stuck, change)).toEqual({ ...stopping, ending: "cancelled", epoch: 3 });
    expect(turnHeader(stuck, { epoch: 2, from: ["stuck"], to: "running", reopen: true })).toEqual({
      ...stopping,
      ...{ status: "running", epoch: 3 },
    });
  });
  it("changes nothing in place, whatever it is asked", () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATUSES), fc.constantFrom(...STATUSES), fc.nat(3), (from, to, epoch) => {
        const before = Object.freeze({ ...header });
        const after = turnHeader(before, { epoch, from: [from], to });
        expect(after).toEqual(epoch === 2 && from === "running" ? { ...header, status: to } : undefined);
      }),
    );
  });
});
