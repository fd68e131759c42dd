import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrive, joinOutput, leafKeys, SET_SIZE, type Seat, seatOf } from "../../../lib/kernel/join.ts";
import type { JoinRecord } from "../../../lib/kernel/record.ts";
import type { MapState, ParallelState, State } from "../../../lib/model/graph.ts";
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
  expect([leafKeys("p", 1), leafKeys("p", 100)]).toEqual([["join/p"], ["join/p"]]);
  expect(leafKeys("p", 200)).toEqual(["join/p#0.0", "join/p#0.1"]);
  expect(leafKeys("p", 201)).toEqual(["join/p#0.0", "join/p#0.1", "join/p#0.2"]);
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
    const members = leafKeys("pack", of).flatMap((key) => Object.entries(sets.records.get(key)?.members ?? {}));
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
  const outputOf = (state: State, all: ReadonlyMap<number, Json>) => {
    const joined = joinOutput(state, "join", all);
    return "output" in joined ? joined.output : joined.error;
  };

  it("is a parallel's outputs by branch, in the branches' order", () => {
    const got = outputOf(parallel, outputs([1, "s"], [0, "c"]));
    expect(Object.entries(got as object)).toEqual([
      ["charge", "c"],
      ["screen", "s"],
    ]);
  });
  it("is each branch's own, in whatever order the branches are written", () => {
    const turned = { ...parallel, branches: { screen: scope, charge: scope } };
    expect(outputOf(turned, outputs([0, "c"], [1, "s"]))).toEqual({ charge: "c", screen: "s" });
  });
  it("is a map's outputs in its items' order, whatever order they came in", () => {
    const all = Array.from({ length: 12 }, (_, i): [number, Json] => [i, `o${i}`]);
    expect(outputOf(map, outputs(...all.toReversed()))).toEqual(all.map(([, output]) => output));
  });
  it("may hold null", () => {
    expect(outputOf(map, outputs([0, null]))).toEqual([null]);
  });
  it("cannot be changed", () => {
    expect(Object.isFrozen(outputOf(map, outputs([0, 1])))).toBe(true);
    expect(Object.isFrozen(outputOf(parallel, outputs([0, 1], [1, 2])))).toBe(true);
  });
  it.each([
    ["a branch", parallel, outputs([0, "c"])],
    ["an item", map, outputs([0, "a"], [2, "c"])],
  ])("is refused when %s is missing", (_, state, some) => {
    expect(() => outputOf(state, some)).toThrow("member 1 of a full join has no output");
  });
});
