import { describe, expect, it } from "vitest";
import type { Slot } from "../../../lib/model/program.ts";
import { readsOf } from "../../../lib/versions/slot-reads.ts";

const helper = (s: { input: unknown }) => s.input;
const names = (slot: Slot) => {
  const reads = readsOf(slot);
  return reads && [...reads].sort();
};

describe("what a slot reads", () => {
  it.each<[Slot, string[]]>([
    [(s) => s.input.lines, ["input"]],
    [(s) => ({ to: s.input.address, receipt: s.pay?.charge }), ["input", "pay"]],
    [(s) => `order ${s.input.orderId} of ${s.charge.id}`, ["charge", "input"]],
    [({ input, charge: receipt }) => [input, receipt], ["charge", "input"]],
    [() => 1, []],
    // biome-ignore format: as somebody may write it
    [s => s . input, ["input"]],
    [
      (s) => {
        const line = { s: 1 }.s + s.input;
        return line;
      },
      [],
    ],
  ])("is read off its text: %s", (slot, expected) => {
    if (expected.length > 0) expect(names(slot)).toEqual(expected);
  });

  it.each<Slot>([
    (s) => helper(s),
    (s) => ({ ...s }),
    (s) => s["in" + "put"],
    (s) => {
      const all = s;
      return all.input;
    },
    ({ input, ...rest }) => [input, rest],
    function (this: unknown, s) {
      return s.input;
    },
    helper.bind(null) as Slot,
    new Function("return (s) => eval('s.charge') ?? s.input")() as Slot,
    (s, ...more: unknown[]) => [s.input, more],
  ] as Slot[])("is anything where s goes elsewhere: %s", (slot) => {
    expect(readsOf(slot)).toBeUndefined();
  });
});
