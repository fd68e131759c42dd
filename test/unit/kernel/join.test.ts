import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  arrive,
  failedIn,
  failedMember,
  failsWith,
  joinOutput,
  joinSummary,
  leavesSummary,
  levelsOf,
  rootKey,
  SET_SIZE,
  type Seat,
  seatOf,
  setKeys,
  setRef,
  tooMany,
} from "../../../lib/kernel/join.ts";
import type { JoinRecord } from "../../../lib/kernel/record.ts";
import type { MapState, ParallelState } from "../../../lib/model/graph.ts";
import type { Json } from "../../../lib/model/json.ts";
import { deepFreeze } from "../../support/deep-freeze.ts";

/** A join's sets as a log keeps them; `take` tells whether the root was seen full. */
class Sets {
  readonly records = new Map<string, JoinRecord>();
  readonly of: number;
  constructor(of: number) {
    this.of = of;
  }
  take(member: number): boolean {
    let seat: Seat | undefined = seatOf("pack", member, this.of);
    for (; seat; seat = seat.above) {
      const arrival = arrive(this.records.get(seat.key), seat, `step/pack/${member}/x`);
      this.records.set(seat.key, arrival.record);
      if (!arrival.full) return false;
    }
    return true;
  }
}

describe("a seat", () => {
  it.each<[string, number, number, Seat]>([
    ["of the only member is in the root", 0, 1, { key: "join/p", member: "0", of: 1 }],
    ["of the last of 100 is in the root", 99, 100, { key: "join/p", member: "99", of: 100 }],
    [
      "of the 100th of 101 is in the first set of two",
      99,
      101,
      { key: "join/p#0.0", member: "99", of: 100, above: { key: "join/p", member: "0", of: 2 } },
    ],
    [
      "of the last of 101 is alone in the second set",
      100,
      101,
      { key: "join/p#0.1", member: "100", of: 1, above: { key: "join/p", member: "1", of: 2 } },
    ],
    [
      "of the last of 10,000 has one set above it",
      9_999,
      10_000,
      { key: "join/p#0.99", member: "9999", of: 100, above: { key: "join/p", member: "99", of: 100 } },
    ],
    [
      "of the last of 10,001 has two sets above it",
      10_000,
      10_001,
      {
        ...{ key: "join/p#0.100", member: "10000", of: 1 },
        above: { key: "join/p#1.1", member: "100", of: 1, above: { key: "join/p", member: "1", of: 2 } },
      },
    ],
  ])("%s", (_, member, of, seat) => {
    expect(seatOf("p", member, of)).toEqual(seat);
  });
});

it("a join's members lie in as many sets as there are hundreds of them, begun or whole", () => {
  expect([setKeys("p", 1), setKeys("p", 100)]).toEqual([["join/p"], ["join/p"]]);
  expect(setKeys("p", 200)).toEqual(["join/p#0.0", "join/p#0.1"]);
  expect(setKeys("p", 201)).toEqual(["join/p#0.0", "join/p#0.1", "join/p#0.2"]);
});

it.each([
  [100, 0],
  [101, 1],
  [10_000, 1],
  [10_001, 2],
  [1_000_001, 3],
])("a join of %i has %i levels of sets below its root", (of, levels) => {
  expect(levelsOf(of)).toBe(levels);
  expect(setKeys("p", of, levels)).toEqual([rootKey("p")]);
  const above: string[] = [];
  for (let seat: Seat | undefined = seatOf("p", of - 1, of); seat; seat = seat.above) above.push(seat.key);
  expect(above).toEqual(Array.from({ length: levels + 1 }, (_, level) => setKeys("p", of, level).at(-1)));
});

describe.each([1, 99, 100, 101, 10_000, 10_001])("a join of %i", (of) => {
  const numRuns = of > 1000 ? 1 : 30;
  /** Every member in any order, some more than once. */
  const arrivals = fc.noShrink(
    fc.integer().map((seed) => {
      const list = Array.from({ length: of }, (_, i) => i);
      for (let i = 0; i < of / 3; i++) list.push(i * 3);
      let x = seed | 1;
      for (let i = list.length - 1; i > 0; i--) {
        x = (Math.imul(x, 1664525) + 1013904223) | 0;
        const j = (x >>> 0) % (i + 1);
        [list[i], list[j]] = [list[j]!, list[i]!];
      }
      return list;
    }),
  );

  it("is full exactly when all have arrived, and tells everyone who sees it full", () => {
    fc.assert(
      fc.property(arrivals, (list) => {
        const sets = new Sets(of);
        const here = new Set<number>();
        for (const member of list) {
          const full = sets.take(member);
          here.add(member);
          if (full !== (here.size === of)) expect.fail(`${here.size} of ${of} had arrived, and full was ${full}`);
        }
        expect(here.size).toBe(of);
        expect(sets.take(0)).toBe(true);
      }),
      { numRuns },
    );
  });

  it("has sets of at most 100, and its members lie in the leaf sets, each once", () => {
    const sets = new Sets(of);
    for (let i = 0; i < of; i++) sets.take(i);
    for (const { members } of sets.records.values()) expect(Object.keys(members).length).toBeLessThanOrEqual(SET_SIZE);
    const members = setKeys("pack", of).flatMap((key) => Object.entries(sets.records.get(key)?.members ?? {}));
    expect(members).toHaveLength(of);
    expect(Object.fromEntries(members)).toEqual(
      Object.fromEntries(Array.from({ length: of }, (_, i) => [String(i), `step/pack/${i}/x`])),
    );
  });
});

describe("arriving", () => {
  const seat = { key: "join/pay", member: "1", of: 2 };

  it("makes the set at the first arrival", () => {
    expect(arrive(undefined, seat, "step/a")).toEqual({
      record: { kind: "join", members: { 1: "step/a" } },
      changed: true,
      full: false,
    });
  });
  it("fills the set at the last arrival", () => {
    const before = deepFreeze<JoinRecord>({ kind: "join", members: { 0: "step/b" } });
    expect(arrive(before, seat, "step/a")).toEqual({
      record: { kind: "join", members: { 0: "step/b", 1: "step/a" } },
      changed: true,
      full: true,
    });
  });
  it("twice changes nothing, not even what the first arrival brought", () => {
    const before = deepFreeze<JoinRecord>({ kind: "join", members: { 1: "step/a" } });
    const { record, ...rest } = arrive(before, seat, "step/other");
    expect(record).toBe(before);
    expect(rest).toEqual({ changed: false, full: false });
  });
  it("again at a full set is told that it is full", () => {
    const before = deepFreeze<JoinRecord>({ kind: "join", members: { 0: "step/b", 1: "step/a" } });
    expect(arrive(before, seat, "step/a")).toEqual({ record: before, changed: false, full: true });
  });
  it("is not misled by names that every object has", () => {
    expect(arrive({ kind: "join", members: {} }, { ...seat, member: "constructor" }, "r").changed).toBe(true);
  });
});

describe("a full join's output", () => {
  const scope = { start: null, states: {} };
  const parallel: ParallelState = { kind: "parallel", branches: { charge: scope, screen: scope }, next: null };
  const map: MapState = { kind: "map", over: { kind: "previous" }, each: scope, concurrency: 1, next: null };
  const outputs = (...entries: [number, Json][]) => new Map(entries);

  it("is a parallel's outputs by branch, in the branches' order", () => {
    const got = joinOutput(parallel, outputs([1, "s"], [0, "c"]));
    expect(Object.entries(got as object)).toEqual([
      ["charge", "c"],
      ["screen", "s"],
    ]);
  });
  it("is each branch's own, in whatever order the branches are written", () => {
    const turned = { ...parallel, branches: { screen: scope, charge: scope } };
    expect(joinOutput(turned, outputs([0, "c"], [1, "s"]))).toEqual({ charge: "c", screen: "s" });
  });
  it("is a map's outputs in its items' order, whatever order they came in", () => {
    const all = Array.from({ length: 12 }, (_, i): [number, Json] => [i, `o${i}`]);
    expect(joinOutput(map, outputs(...all.toReversed()))).toEqual(all.map(([, output]) => output));
  });
  it("may hold null", () => {
    expect(joinOutput(map, outputs([0, null]))).toEqual([null]);
  });
  it("cannot be changed", () => {
    expect(Object.isFrozen(joinOutput(map, outputs([0, 1])))).toBe(true);
    expect(Object.isFrozen(joinOutput(parallel, outputs([0, 1], [1, 2])))).toBe(true);
  });
  it.each([
    ["a branch", parallel, outputs([0, "c"])],
    ["an item", map, outputs([0, "a"], [2, "c"])],
  ])("is refused when %s is missing", (_, state, some) => {
    expect(() => joinOutput(state, some)).toThrow("member 1 of a full join has no output");
  });
});

describe("a map that tolerates failed items", () => {
  const scope = { start: null, states: {} };
  const plain: MapState = { kind: "map", over: { kind: "previous" }, each: scope, concurrency: 1, next: null };
  const upTo = (tolerate: NonNullable<MapState["tolerate"]>): MapState => ({ ...plain, tolerate });
  const set = (...refs: string[]): JoinRecord => ({ kind: "join", members: Object.fromEntries(refs.entries()) });
  const joining = (state: MapState, of: number, failed: number) => ({ state, path: "m", of, failed });

  it("counts its own items' failures in a set, and those of whole sets below it", () => {
    expect(failedIn(upTo({ count: 1 }), set("ok?step/a", "failed?decide/m!x", "failed?decide/m!y"))).toBe(2);
    expect(failedIn(upTo({ count: 1 }), set(setRef(13, "list/m#a.0!items"), setRef(0, "join/m#0.1")))).toBe(13);
  });
  it("takes no branch of an item's own for a failure", () => {
    expect(failedIn(plain, set("failed?step/a"))).toBe(0);
    expect(failedIn(upTo({ count: 1 }), set("ok?failed?step/a", "ok?12?step/a"))).toBe(0);
  });
  it("finds the first that failed, by the items' order", () => {
    const { members } = set("ok?a", "failed?b", "failed?c");
    const turned = Object.fromEntries(Object.entries(members).reverse());
    expect(failedMember(upTo({ count: 1 }), { kind: "join", members: turned })).toEqual([1, "failed?b"]);
    expect(failedMember(upTo({ count: 1 }), set("ok?a"))).toBeUndefined();
    const late = { kind: "join", members: { 10: "failed?b", 9: "failed?a", 100: "ok?c" } } as const;
    expect(failedMember(upTo({ count: 1 }), late)).toEqual([9, "failed?a"]);
  });
  it.each([
    ["as many as the count", { count: 3 }, 10, 3, false],
    ["one more than the count", { count: 3 }, 10, 4, true],
    ["none where none may", { count: 0 }, 10, 0, false],
    ["one where none may", { share: 0 }, 10_000, 1, true],
    ["exactly the share, which is no number of its own in binary", { share: 0.29 }, 100, 29, false],
    ["one more than the share", { share: 0.29 }, 100, 30, true],
    ["1,000 of 10,000 at a tenth", { share: 0.1 }, 10_000, 1_000, false],
    ["1,001 of 10,000 at a tenth", { share: 0.1 }, 10_000, 1_001, true],
    ["all where all may", { share: 1 }, 7, 7, false],
  ])("with %s", (_, tolerate, of, failed, fails) => {
    expect(failsWith(joining(upTo(tolerate), of, failed))).toBe(fails);
  });
  it("is the only state that may fail in a join: any other's members have not failed", () => {
    const parallel: ParallelState = { kind: "parallel", branches: { x: scope }, next: null };
    for (const state of [plain, parallel]) expect(failsWith({ state, path: "m", of: 1, failed: 0 })).toBe(false);
    expect(failedIn(parallel, set("failed?a"))).toBe(0);
  });
  it("and leaves its results where they lie says so", () => {
    const parallel: ParallelState = { kind: "parallel", branches: { x: scope }, next: null };
    const states = [
      { ...plain, results: "reference" } as const,
      plain,
      parallel,
      { ...parallel, results: "reference" },
    ];
    expect(states.map(leavesSummary)).toEqual([true, false, false, false]);
  });
  it("says how many failed, how many may, and what the first failed with", () => {
    const first = { code: "Declined", message: "no", path: "m/4/charge" };
    expect(tooMany(joining(upTo({ share: 0.29 }), 100, 30), first)).toEqual({
      code: "too_many_failures",
      message: "30 of 100 items failed, at most 29 may; the first: Declined: no",
      path: "m",
    });
    expect(tooMany(joining(upTo({ count: 1 }), 9, 2), undefined).message).toBe("2 of 9 items failed, at most 1 may");
  });
  it("leaves each item's result, or only how many there are and where they lie", () => {
    const arrived = new Map<number, Json>([
      [1, { branch: "failed", output: { code: "C", message: "m", path: "m/1/x" } }],
      [0, { branch: "ok", output: 7 }],
    ]);
    expect(joinOutput(upTo({ count: 1 }), arrived)).toEqual([
      { ok: true, output: 7 },
      { ok: false, error: { code: "C", message: "m", path: "m/1/x" } },
    ]);
    expect(joinSummary(joining(upTo({ count: 1 }), 2, 1), "order/1#m")).toEqual({
      ...{ count: 2, failed: 1, results: "order/1#m" },
    });
  });
});
