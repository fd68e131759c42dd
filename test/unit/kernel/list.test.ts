import { describe, expect, it } from "vitest";
import { chunkOf, chunksOf, isListRef, LIST_REFS, listOf } from "../../../lib/kernel/list.ts";
import { itemRef, recordKeyOf, valueAt } from "../../../lib/kernel/ref.ts";

const listOfLength = (length: number) =>
  listOf(
    "pack",
    Array.from({ length }, (_, i) => ({ line: i })),
  );

describe("a long list", () => {
  it.each([
    [100, [100]],
    [101, [100, 1]],
    [250, [100, 100, 50]],
  ])("of %i items lies in chunks of %j", (length, sizes) => {
    const chunks = [...chunksOf(listOfLength(length)).values()];
    expect(chunks.map(({ items }) => items.length)).toEqual(sizes);
    expect(chunks.flatMap(({ items }) => items)).toEqual(listOfLength(length).items);
  });
  it("gives each item back from the one record that its reference names", () => {
    const list = listOfLength(10_001);
    const chunks = chunksOf(list);
    for (const index of [0, 99, 100, 101, 9_999, 10_000]) {
      const ref = itemRef(list.ref, index);
      expect(recordKeyOf(ref)).toBe(chunkOf(list.ref, index).key);
      expect(valueAt(ref, chunks.get(recordKeyOf(ref)))).toEqual({ line: index });
    }
    expect(valueAt(itemRef(list.ref, 10_001), chunks.get(`${list.ref}.100`))).toBeUndefined();
  });
  it("made again has the same name, and another one another", () => {
    expect(listOfLength(250).ref).toBe(listOfLength(250).ref);
    expect(listOfLength(250).ref).not.toBe(listOfLength(251).ref);
  });
  it("has a name that never changes from one version of Pawl to the next", () => {
    // Executions in flight rely on it. Do not change it.
    expect(listOf("pack", [1, 2]).ref).toBe("list/pack#49a64717d5d4cb19952e");
    expect(chunkOf("list/pack#4be7", 1_234)).toEqual({ key: "list/pack#4be7.12", at: 34 });
  });
  it("is told from other references, and found in what refers to it", () => {
    expect(["list/pack#4be7", "step/list/x", "decide/#start!list/x"].map(isListRef)).toEqual([true, false, false]);
    const effect = {
      maps: { "p/1/m": { items: "list/p/1/m#4be7", of: 200 } },
      ...{ prev: "yes?list/k#00ff.1!items[2]", refs: { a: "step/list/x", b: "ok?no?list/~undo#aa" } },
    };
    expect(JSON.stringify(effect).match(LIST_REFS)).toEqual(["list/p/1/m#4be7", "list/k#00ff", "list/~undo#aa"]);
  });
  it("is read by no other name than that of its items", () => {
    const [chunk] = chunksOf(listOfLength(101)).values();
    expect(valueAt("list/pack#0.0", chunk)).toBeUndefined();
    expect(valueAt("list/pack#0.0!lines", chunk)).toBeUndefined();
  });
});
