/** Functions at the end of a path, as in `$.items.length()`. Jayway's JsonPath, "Functions". */
import type { Json } from "../model/json.ts";
import { isList, isObject } from "./json-kinds.ts";
import { badPath } from "./json-path-text.ts";

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;

const OF_NUMBERS: Readonly<Record<string, (numbers: readonly number[]) => number>> = {
  min: (numbers) => Math.min(...numbers),
  max: (numbers) => Math.max(...numbers),
  sum,
  avg: mean,
  stddev: (numbers) => Math.sqrt(mean(numbers.map((it) => (it - mean(numbers)) ** 2))),
};

export function callFunction(
  { name, argument }: { readonly name: string; readonly argument: string },
  value: Json,
  path: string,
): Json | undefined {
  if (Object.hasOwn(OF_NUMBERS, name)) {
    const numbers = isList(value) ? value.filter((it): it is number => typeof it === "number") : [];
    if (numbers.length === 0) throw badPath(path, `${name}() needs a list with numbers`);
    return OF_NUMBERS[name]?.(numbers);
  }
  switch (name) {
    case "length":
    case "size":
      if (isList(value) || typeof value === "string") return value.length;
      return isObject(value) ? Object.keys(value).length : undefined;
    case "keys":
      return isObject(value) ? Object.keys(value) : undefined;
    case "first":
      return isList(value) ? value[0] : undefined;
    case "last":
      return isList(value) ? value.at(-1) : undefined;
    case "index":
      return isList(value) ? value.at(Number(argument)) : undefined;
    default:
      throw badPath(path, `there is no function ${name}()`);
  }
}
