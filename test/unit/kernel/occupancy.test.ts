import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeKey, type KeyChange, MOST_WAITING, type WhenRunning } from "../../../lib/kernel/occupancy.ts";
import type { KeyRecord } from "../../../lib/kernel/record.ts";

const take = (mark: string, whenRunning: WhenRunning = "queue", begun = true): KeyChange => ({
  ...{ kind: "take", mark, whenRunning, begun },
});
const free = (mark: string): KeyChange => ({ kind: "free", mark });

function after(...changes: readonly KeyChange[]) {
  let record: KeyRecord | undefined;
  const answers: string[] = [];
  for (const change of changes) {
    const done = changeKey(record, change);
    record = done.changed ? done.record : record;
    const { answer } = done;
    answers.push("running" in answer ? `${answer.kind} ${answer.running}` : answer.kind);
  }
  return { answers, running: record?.running, waiting: record?.waiting, record };
}

describe("changeKey", () => {
  it("lets the first one run, and again when it comes again", () => {
    expect(after(take("a"), take("a"))).toMatchObject({ answers: ["runs", "runs"], running: "a", waiting: [] });
  });

  it("lets nobody run whose start is not recorded", () => {
    expect(after(take("a", "ignore", false), take("a"))).toMatchObject({ answers: ["free", "runs"], running: "a" });
  });

  it("lets those that wait run one after the other", () => {
    const all = after(take("a"), take("b"), take("c"), take("b"), free("a"), free("b"), free("c"));
    expect(all.answers).toEqual(["runs", "waits a", "waits a", "waits a", "next b", "next c", "next undefined"]);
    expect(all).toMatchObject({ running: undefined, waiting: [] });
  });

  it("tells again who is next, and lets nobody go who does not run", () => {
    expect(after(take("a"), take("b"), free("a"), free("a"), free("c"))).toMatchObject({
      answers: ["runs", "waits a", "next b", "next b", "next b"],
      running: "b",
    });
  });

  it("forgets nobody that was ignored: it stays ignored when the key is free", () => {
    expect(after(take("a", "ignore"), take("b", "ignore"), free("a"), take("b", "ignore"))).toMatchObject({
      answers: ["runs", "passed", "next undefined", "passed"],
      running: undefined,
    });
  });

  it("keeps of those that replace the newest alone", () => {
    const all = after(
      take("a", "replace"),
      take("b", "replace"),
      take("c", "replace"),
      take("b", "replace"),
      free("a"),
    );
    expect(all).toMatchObject({ answers: ["runs", "waits a", "waits a", "passed", "next c"], running: "c" });
  });

  it("has the one that runs told, and again the same one when it comes again, whoever runs by then", () => {
    const signal = (mark: string) => take(mark, "signal");
    expect(
      after(signal("a"), signal("b"), free("a"), signal("b"), signal("c"), signal("b"), signal("d")),
    ).toMatchObject({
      answers: ["runs", "tells a", "next undefined", "tells a", "runs", "tells a", "tells c"],
      running: "c",
      waiting: [],
    });
  });

  it("remembers the last 100 that were told", () => {
    const all = after(take("a"), ...Array.from({ length: 130 }, (_, i) => take(`t${i}`, "signal")));
    expect(Object.keys(all.record?.told ?? {})).toEqual(Array.from({ length: 100 }, (_, i) => `t${i + 30}`));
  });

  it("is as the log holds it", () => {
    // Executions in flight rely on it.
    const tells = (mark: string) => take(mark, "signal");
    expect(after(take("a"), take("b"), tells("c")).record).toStrictEqual({
      ...{ kind: "key", version: 3, running: "a", waiting: ["b"], known: ["a", "b", "c"], told: { c: "a" } },
    });
    expect(after(take("a"), free("a")).record).toStrictEqual({ kind: "key", version: 2, waiting: [], known: ["a"] });
  });

  it("remembers the last 100 that it took", () => {
    const all = after(...Array.from({ length: 130 }, (_, i) => take(`t${i}`)));
    expect(all.record?.known).toEqual(Array.from({ length: 100 }, (_, i) => `t${i + 30}`));
  });

  it("takes no more than so many, and tells the next one that it is full", () => {
    const waiting = Array.from({ length: MOST_WAITING }, (_, i) => `w${i}`);
    const record: KeyRecord = { kind: "key", version: 1, running: "a", waiting, known: [] };
    expect(changeKey({ ...record, waiting: waiting.slice(1) }, take("z")).answer).toEqual({
      kind: "waits",
      running: "a",
    });
    expect(changeKey(record, take("z"))).toMatchObject({ changed: false, answer: { kind: "full" } });
  });

  it("runs each mark once at most, whatever comes in whichever order, and counts its changes", () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant("take" as const), mark: fc.constantFrom("a", "b", "c", "d") }),
      fc.record({ kind: fc.constant("free" as const), mark: fc.constantFrom("a", "b", "c", "d") }),
    );
    const policy = fc.constantFrom<WhenRunning>("ignore", "queue", "replace", "signal");
    fc.assert(
      fc.property(policy, fc.array(change, { maxLength: 30 }), (whenRunning, changes) => {
        let record: KeyRecord | undefined;
        const ran: string[] = [];
        for (const { kind, mark } of changes) {
          const before = record;
          const done = changeKey(record, kind === "take" ? take(mark, whenRunning) : free(mark));
          expect(done.changed ? done.record.version : (before?.version ?? 0)).toBe(
            (before?.version ?? 0) + (done.changed ? 1 : 0),
          );
          record = done.changed ? done.record : record;
          if (record?.running !== undefined && record.running !== before?.running) ran.push(record.running);
          expect(new Set(record?.waiting).size).toBe(record?.waiting.length ?? 0);
        }
        expect(new Set(ran).size).toBe(ran.length);
      }),
    );
  });
});
