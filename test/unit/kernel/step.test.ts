import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StepRecord } from "../../../lib/kernel/record.ts";
import {
  claimStep,
  closeStep,
  crashStep,
  failStep,
  type Holder,
  releaseStep,
  rememberStep,
  renewStep,
  type Setback,
  type Settlement,
  settleStep,
} from "../../../lib/kernel/step.ts";
import type { Json } from "../../../lib/model/json.ts";
import { deepFreeze } from "../../support/deep-freeze.ts";

const idle: StepRecord = { kind: "step", node: "charge", status: "idle", fence: 0, failures: 0, crashes: 0 };
const running: StepRecord = { ...idle, status: "running", fence: 3, leaseUntilMs: 1000, startedAtMs: 5 };
const settled: StepRecord = { ...idle, status: "settled", fence: 3, output: 1, next: [], startedAtMs: 5, endedAtMs: 9 };
const error = { code: "Broken", message: "it broke", path: "charge" };

const claim = (record: StepRecord | undefined, nowMs: number, skewMs = 0) =>
  claimStep(record, { node: "charge", nowMs, leaseMs: 100, skewMs });
const settlement = (holder: Holder): Settlement => ({
  node: "charge",
  holder,
  atMs: 50,
  startedAtMs: 20,
  result: { output: { ok: true } },
  decision: { next: [{ kind: "succeed", output: "step/charge" }], taken: { risk: "clear" } },
});
const setback = (holder: Holder): Setback => ({ node: "charge", holder, startedAtMs: 20, error, notBeforeMs: 700 });

describe("a claim", () => {
  it("makes the record of a step that nobody has begun, under fence 1", () => {
    expect(claim(undefined, 10)).toEqual({
      kind: "claimed",
      record: { ...idle, status: "running", fence: 1, leaseUntilMs: 110, startedAtMs: 10 },
    });
  });

  it.each<[string, StepRecord, number, number, number | "claimed"]>([
    ["is held back until a lease has ended", running, 999, 0, 1000],
    ["is allowed at the lease's end", running, 1000, 0, "claimed"],
    ["is held back for the clocks' difference after a lease", running, 1059, 60, 1060],
    ["is allowed after the clocks' difference", running, 1060, 60, "claimed"],
    ["is held back by a failure's delay", { ...idle, notBeforeMs: 500 }, 499, 0, 500],
    ["is allowed when a failure's delay is over", { ...idle, notBeforeMs: 500 }, 500, 0, "claimed"],
    ["does not add the clocks' difference to a delay", { ...idle, notBeforeMs: 500 }, 500, 60, "claimed"],
    ["waits for the later of lease and delay: the delay", { ...running, notBeforeMs: 2000 }, 1000, 0, 2000],
    ["waits for the later of lease and delay: the lease", { ...running, notBeforeMs: 500 }, 999, 0, 1000],
    ["is allowed on an idle step, whatever lease it had", { ...idle, leaseUntilMs: 1000 }, 1, 0, "claimed"],
    ["is allowed on a running step of which no lease is known", { ...idle, status: "running" }, 0, 0, "claimed"],
  ])("%s", (_, record, nowMs, skewMs, until) => {
    const got = claim(record, nowMs, skewMs);
    if (until === "claimed") expect(got.kind).toBe("claimed");
    else expect(got).toEqual({ kind: "held", untilMs: until });
  });

  it("raises the fence, keeps the counts and the first start, and forgets the delay", () => {
    const before = { ...running, failures: 2, crashes: 1, notBeforeMs: 40, error };
    const { notBeforeMs: _, ...kept } = before;
    expect(claim(before, 1000)).toEqual({ kind: "claimed", record: { ...kept, fence: 4, leaseUntilMs: 1100 } });
  });

  it("is told what a settled step holds", () => {
    expect(claim(settled, 10_000)).toEqual({ kind: "settled", record: settled });
  });
});

describe("settling", () => {
  it.each<[string, StepRecord | undefined, Holder, boolean]>([
    ["is allowed to the holder", running, 3, true],
    ["is refused to the holder before", running, 2, false],
    ["is refused to a fence that nobody was given", running, 4, false],
    ["is refused to a holder that gave the step back", { ...running, status: "idle" }, 3, false],
    ["is refused when the step has settled, to its last holder too", settled, 3, false],
    ["is refused to a holder when there is no record", undefined, 1, false],
    ["needs no claim for a repeatable step", undefined, "repeatable", true],
    ["of a repeatable step is allowed after a failure", { ...idle, failures: 1 }, "repeatable", true],
    ["of a repeatable step is refused when it has settled", settled, "repeatable", false],
  ])("%s", (_, record, holder, allowed) => {
    const got = settleStep(record, settlement(holder));
    expect(got.kind).toBe(allowed ? "written" : "refused");
    if (!allowed) expect(got.record).toBe(record);
  });

  it("writes output, decision and end in one record, without lease, delay and the last failure", () => {
    const before: StepRecord = { ...running, failures: 2, notBeforeMs: 30, error };
    expect(settleStep(before, settlement(3))).toEqual({
      kind: "written",
      record: {
        ...{ kind: "step", node: "charge", status: "settled", fence: 3, failures: 2, crashes: 0 },
        ...{ startedAtMs: 5, endedAtMs: 50, output: { ok: true } },
        ...{ next: [{ kind: "succeed", output: "step/charge" }], taken: { risk: "clear" } },
      },
    });
  });

  it("with an error leaves the error and no output", () => {
    const { record } = settleStep(running, { ...settlement(3), result: { error } });
    expect(record).toMatchObject({ status: "settled", error });
    expect(record).not.toHaveProperty("output");
  });

  it("of a repeatable step notes when the attempt began", () => {
    expect(settleStep(undefined, settlement("repeatable")).record).toMatchObject({ startedAtMs: 20, fence: 0 });
  });
});

describe.each([
  ["a failure", failStep, { failures: 1, crashes: 0 }],
  ["a crash", crashStep, { failures: 0, crashes: 1 }],
] as const)("%s", (_, write, counts) => {
  it("ends the lease, counts, and holds the step back", () => {
    expect(write(running, setback(3))).toEqual({
      kind: "written",
      record: {
        ...{ kind: "step", node: "charge", status: "idle", fence: 3, startedAtMs: 5, ...counts },
        ...{ notBeforeMs: 700, error },
      },
    });
  });

  it("makes the record of a repeatable step", () => {
    expect(write(undefined, setback("repeatable")).record).toMatchObject({ status: "idle", fence: 0, ...counts });
  });

  it.each<[string, StepRecord | undefined, Holder]>([
    ["an older holder", running, 2],
    ["the holder of a step that has settled", settled, 3],
    ["a repeatable step that has settled", settled, "repeatable"],
    ["a step without a record", undefined, 1],
  ])("is refused to %s", (_, record, holder) => {
    expect(write(record, setback(holder))).toEqual({ kind: "refused", record });
  });
});

describe("a part of the handler that is remembered", () => {
  const memo = (holder: Holder, value: Json = 1, name = "pay") => ({
    node: "charge",
    holder,
    startedAtMs: 9,
    name,
    value,
  });

  it("stands in the record, under the claim as it is", () => {
    expect(rememberStep(running, memo(3))).toEqual({ kind: "written", record: { ...running, memo: { pay: 1 } } });
  });
  it("stands beside what was remembered under other names, and is not replaced under its own", () => {
    const before: StepRecord = { ...running, memo: { pay: 1, note: 2 } };
    expect(rememberStep(before, memo(3, 5, "ship"))).toMatchObject({ record: { memo: { pay: 1, note: 2, ship: 5 } } });
    expect(rememberStep(before, memo(3, 5))).toMatchObject({ record: { memo: { pay: 1, note: 2 } } });
  });
  it("makes the record of a repeatable step, which nobody holds", () => {
    expect(rememberStep(undefined, memo("repeatable"))).toEqual({
      kind: "written",
      record: {
        ...{ kind: "step", node: "charge", status: "idle", fence: 0, failures: 0, crashes: 0 },
        ...{ startedAtMs: 9, memo: { pay: 1 } },
      },
    });
  });
  it("keeps the first start of a repeatable step", () => {
    const before: StepRecord = { ...idle, startedAtMs: 4 };
    expect(rememberStep(before, memo("repeatable"))).toMatchObject({ record: { startedAtMs: 4 } });
  });
  it.each<[string, StepRecord | undefined, Holder]>([
    ["an older holder", running, 2],
    ["the holder of a step that has settled", settled, 3],
    ["a repeatable step that has settled", settled, "repeatable"],
    ["a step without a record", undefined, 1],
  ])("is refused to %s", (_, record, by) => {
    expect(rememberStep(record, memo(by))).toEqual({ kind: "refused", record });
  });
});

describe("a release", () => {
  it("ends the lease and counts nothing", () => {
    const { leaseUntilMs: _, ...kept } = running;
    expect(releaseStep(running, 3)).toEqual({ kind: "written", record: { ...kept, status: "idle" } });
  });
  it("of the first claim leaves nothing that was begun", () => {
    const first = claim(undefined, 10);
    if (first.kind !== "claimed") throw new Error("nobody holds it");
    expect(releaseStep(first.record, 1)).toEqual({ kind: "written", record: { ...idle, fence: 1 } });
  });
  it.each([
    ["an older holder", running, 2],
    ["the last holder of a settled step", settled, 3],
    ["a step without a record", undefined, 1],
  ])("is refused to %s", (_, record, fence) => {
    expect(releaseStep(record, fence)).toEqual({ kind: "refused", record });
  });
});

describe("closing", () => {
  const close = (record: StepRecord | undefined, nowMs: number, skewMs = 0) =>
    closeStep(record, { node: "charge", nowMs, skewMs });

  it("settles a step that nobody has begun, with nothing to follow", () => {
    expect(close(undefined, 10)).toEqual({
      kind: "claimed",
      record: { ...idle, status: "settled", fence: 1, closed: true, next: [], endedAtMs: 10 },
    });
  });
  it.each<[string, number, number, number | "closed"]>([
    ["waits for a running lease", 999, 0, 1000],
    ["closes at its end", 1000, 0, "closed"],
    ["waits for the clocks' difference", 1059, 60, 1060],
    ["closes after it", 1060, 60, "closed"],
  ])("%s", (_, nowMs, skewMs, until) => {
    const got = close(running, nowMs, skewMs);
    if (until === "closed") expect(got).toMatchObject({ kind: "claimed", record: { status: "settled", fence: 4 } });
    else expect(got).toEqual({ kind: "held", untilMs: until });
  });
  it("does not wait for a failure's delay", () => {
    const got = close({ ...idle, notBeforeMs: 500, failures: 1, error }, 1);
    expect(got).toMatchObject({ kind: "claimed", record: { closed: true, failures: 1 } });
  });
  it("leaves a settled step alone", () => {
    expect(close(settled, 10)).toEqual({ kind: "settled", record: settled });
  });
  it("makes a holder that sleeps on lose its fence", () => {
    const closed = close(running, 1000);
    expect(closed.kind === "claimed" && settleStep(closed.record, settlement(3)).kind).toBe("refused");
  });
});

type Op =
  | { op: "claim"; nowMs: number; skewMs: number }
  | { op: "close"; nowMs: number; skewMs: number }
  | { op: "settle" | "fail" | "crash"; holder: Holder }
  | { op: "release"; holder: number };
const time = { nowMs: fc.nat(400), skewMs: fc.constantFrom(0, 60) };
const holder = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant("repeatable" as const));
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant("claim" as const), ...time }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("close" as const), ...time }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom("settle", "fail", "crash"), holder }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("release" as const), holder: fc.integer({ min: 0, max: 6 }) }) },
);

function apply(record: StepRecord | undefined, o: Op): StepRecord | undefined {
  if (o.op === "claim") {
    const got = claimStep(record, { node: "charge", leaseMs: 100, ...o });
    return got.kind === "claimed" ? got.record : record;
  }
  if (o.op === "close") {
    const got = closeStep(record, { node: "charge", ...o });
    return got.kind === "claimed" ? got.record : record;
  }
  if (o.op === "release") return releaseStep(record, o.holder).record;
  if (o.op === "settle") return settleStep(record, settlement(o.holder)).record;
  return (o.op === "fail" ? failStep : crashStep)(record, setback(o.holder)).record;
}

describe("whatever is done to a step, in whatever order,", () => {
  /** Records before and after each operation of a random history. */
  const always = (law: (before: StepRecord | undefined, o: Op, after: StepRecord | undefined) => void) =>
    fc.assert(
      fc.property(fc.array(op, { maxLength: 30 }), (history) => {
        let record: StepRecord | undefined;
        for (const o of history) {
          const after = deepFreeze(apply(record, o));
          law(record, o, after);
          record = after;
        }
      }),
      { numRuns: 500 },
    );

  it("a record that has settled never changes", () => {
    always((before, _, after) => {
      if (before?.status === "settled") expect(after).toBe(before);
    });
  });

  it("the fence never falls, and a claim alone or a closing raises it, by one", () => {
    always((before, o, after) => {
      const rise = (after?.fence ?? 0) - (before?.fence ?? 0);
      if (after === before || (o.op !== "claim" && o.op !== "close")) expect(rise).toBe(0);
      else expect(rise).toBe(1);
    });
  });

  it("only the newest claim's holder can write, and only once", () => {
    always((before, o, after) => {
      if (after === before || o.op === "claim" || o.op === "close" || o.holder === "repeatable") return;
      expect(before).toMatchObject({ status: "running", fence: o.holder });
      expect(after?.status).not.toBe("running");
    });
  });

  it("a lease stands on a running step and on no other", () => {
    always((_, __, after) => {
      expect(after?.leaseUntilMs !== undefined).toBe(after?.status === "running");
    });
  });

  it("a failure and a crash that are written count by one, and nothing else counts", () => {
    always((before, o, after) => {
      const rise = (name: "failures" | "crashes") => (after?.[name] ?? 0) - (before?.[name] ?? 0);
      const written = after !== before;
      expect(rise("failures")).toBe(o.op === "fail" && written ? 1 : 0);
      expect(rise("crashes")).toBe(o.op === "crash" && written ? 1 : 0);
    });
  });

  it("a settled step says what follows, and what it gave or why it gave nothing", () => {
    always((_, __, after) => {
      if (after?.status !== "settled") return;
      expect(after.next).toBeDefined();
      expect(after.endedAtMs).toBeDefined();
      expect([after.output, after.error, after.closed].some((v) => v !== undefined)).toBe(true);
    });
  });
});

describe("a renewal", () => {
  it.each<[string, number, number]>([
    ["makes the lease last longer", 1001, 1001],
    ["makes the lease as long as it is", 1000, 1000],
    ["never makes it shorter", 999, 1000],
  ])("%s", (_, leaseUntilMs, left) => {
    expect(renewStep(running, { fence: 3, leaseUntilMs })).toEqual({
      kind: "written",
      record: { ...running, leaseUntilMs: left },
    });
  });
  it.each<[string, StepRecord | undefined, number]>([
    ["to the holder before", running, 2],
    ["of a step that was given back", { ...running, status: "idle" }, 3],
    ["of a step that has settled", settled, 3],
    ["of a step that nobody has begun", undefined, 1],
  ])("is refused %s", (_, record, fence) => {
    expect(renewStep(record, { fence, leaseUntilMs: 2000 })).toEqual({ kind: "refused", record });
  });
});
