/** AWS's developer guide, "Intrinsics for arrays". */
import type { Json } from "../../model/json.ts";
import { sameJson } from "../json-kinds.ts";
import type { Intrinsic } from "./given.ts";

/** AWS: "The newly generated array can't contain more than 1000 elements". */
const MOST_IN_A_RANGE = 1000;

export const ARRAYS: Readonly<Record<string, Intrinsic>> = {
  Array: (given) => given.all,
  ArrayPartition(given) {
    const list = given.count(2).list(0);
    const size = given.integer(1);
    return size >= 1 ? chunks(list, size) : given.wrong(1, "a positive integer");
  },
  ArrayContains: (given) =>
    given
      .count(2)
      .list(0)
      .some((it) => sameJson(it, given.value(1))),
  ArrayRange(given) {
    const [first, last, delta] = [given.count(3).integer(0), given.integer(1), given.integer(2)];
    if (delta === 0) given.wrong(2, "other than zero");
    const count = Math.max(0, Math.floor((last - first) / delta) + 1);
    if (count > MOST_IN_A_RANGE) throw given.fail(`a range holds at most ${MOST_IN_A_RANGE} numbers, not ${count}`);
    return Array.from({ length: count }, (_, i) => first + i * delta);
  },
  ArrayGetItem(given) {
    const list = given.count(2).list(0);
    const index = given.integer(1);
    const item = index < 0 ? undefined : list[index];
    return item === undefined ? given.wrong(1, `an index of the array, which has ${list.length} items`) : item;
  },
  ArrayLength: (given) => given.count(1).list(0).length,
  ArrayUnique: (given) =>
    given
      .count(1)
      .list(0)
      .filter((item, i, list) => list.findIndex((other) => sameJson(item, other)) === i),
};

export function chunks(list: readonly Json[], size: number): Json[][] {
  const out: Json[][] = [];
  for (let at = 0; at < list.length; at += size) out.push(list.slice(at, at + size));
  return out;
}
