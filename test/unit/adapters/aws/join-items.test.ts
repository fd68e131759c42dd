import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJoin, printMember } from "../../../../lib/adapters/aws/join-items.ts";
import { seatOf } from "../../../../lib/kernel/join.ts";

/** The set as the writes of these members leave it. */
function rowOf(key: string, members: Readonly<Record<string, string>>) {
  const row: Record<string, unknown> & { pk: string; sk: string } = { pk: "order/1", sk: key };
  for (const [member, ref] of Object.entries(members)) {
    const { attribute, plain, short } = printMember({ key, member }, ref);
    const isFree = short && (row[short.formAttribute] ?? short.form) === short.form;
    if (isFree) row[short.formAttribute] = short.form;
    row[attribute] ??= isFree ? short.value : plain;
  }
  return row;
}

describe("a set of a join as an item", () => {
  it.each<[string, string, Record<string, string>]>([
    [
      "of a map's items, whose outputs lie alike",
      "join/all#0.3",
      { 317: "step/all/317/line", 300: "step/all/300/line" },
    ],
    [
      "of items that lie in different forms",
      "join/all",
      { 0: "ok?step/all/0/line", 1: "failed?decide/#start!all/1/error" },
    ],
    ["after a redrive", "join/all@2#0.3", { 317: "step/all/317/line" }],
    ["of sets", "join/all#1.2", { 201: "0?list/all#0123456789abcdef0123.0!items" }],
    ["of a parallel's branches", "join/pay", { 0: "step/pay/charge/charge", 1: "decide/#start!input" }],
    ["within another map", "join/a/7/b#0.0", { 12: "step/a/7/b/12/c/x/d" }],
  ])("gives back the references %s", (_, key, members) => {
    expect(parseJoin(rowOf(key, members))).toEqual({ kind: "join", members });
  });
  it("gives back whatever references there are, however many forms they have", () => {
    const ref = fc.stringMatching(/^[a-z]{1,3}(\/(all|\d{1,3}|[a-z]))*\/[a-z]{1,2}$/);
    fc.assert(
      fc.property(fc.array(ref, { minLength: 1, maxLength: 100 }), (refs) => {
        const members = Object.fromEntries(refs.map((it, i) => [String(200 + i), `step/all/${200 + i}/${it}`]));
        expect(parseJoin(rowOf("join/all#0.2", members)).members).toEqual(members);
      }),
    );
  });
  it("keeps what the first arrival of a member brought", () => {
    const row = rowOf("join/all", { 1: "step/all/1/a" });
    const { attribute } = printMember({ key: "join/all", member: "1" }, "step/all/1/b");
    expect(row).toHaveProperty(attribute);
    expect(parseJoin(row).members).toEqual({ 1: "step/all/1/a" });
  });
  it("stays within one KiB for a hundred items, and uses no word that DynamoDB reserves", () => {
    const all = Array.from({ length: 100 }, (_, i) => 9_900 + i);
    const row = rowOf(
      seatOf("all", 9_999, 10_000).key,
      Object.fromEntries(all.map((i) => [String(i), `step/all/${i}/sendTheReminderToTheCustomer`])),
    );
    expect(Object.keys(row).filter((name) => /^[a-z]\d+$/.test(name))).toHaveLength(101);
    const bytes = Object.entries(row).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
    expect(bytes).toBeLessThan(850); // the time at which it goes and the write's token come to some 40
  });
});
