/** AWS's developer guide: "Intrinsics for JSON data manipulation", "… math operations", "… unique identifier generation". */
import { randomUUID } from "node:crypto";
import type { Json } from "../../model/json.ts";
import { anyShare, seededShare } from "../random-share.ts";
import type { Intrinsic } from "./given.ts";

export const VALUES: Readonly<Record<string, Intrinsic>> = {
  /** AWS has no deep merge yet: the third argument must be `false`. */
  JsonMerge(given) {
    const merged = { ...given.count(3).object(0), ...given.object(1) };
    return given.boolean(2) ? given.wrong(2, "false: AWS merges shallowly only") : merged;
  },
  StringToJson(given) {
    const text = given.count(1).text(0);
    // Of nothing, Java's parser makes null.
    if (text.trim() === "") return null;
    try {
      // What JSON.parse gives is JSON.
      return JSON.parse(text) as Json;
    } catch {
      return given.wrong(0, "the text of a JSON value");
    }
  },
  JsonToString: (given) => JSON.stringify(given.count(1).value(0)),
  /** From the first, inclusive, to the second, exclusive. The same seed gives the same number. */
  MathRandom(given) {
    const [start, end] = [given.count(2, 3).integer(0), given.integer(1)];
    if (start >= end) given.wrong(1, "greater than the first");
    const share = given.all.length === 3 ? seededShare(given.integer(2)) : anyShare();
    return start + Math.floor(share * (end - start));
  },
  MathAdd: (given) => given.count(2).integer(0) + given.integer(1),
  UUID(given) {
    given.count(0);
    return randomUUID();
  },
};
