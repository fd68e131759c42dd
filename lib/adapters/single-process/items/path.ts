/** Where in an item: attribute, attribute of a map, place in a list. */
import { attributeOf, isList, isMap, type Value } from "./values.ts";

/** Names have their placeholders replaced. */
export type Path = readonly (string | number)[];

export function valueAt(item: Value, path: Path): Value {
  let value = item;
  for (const part of path) {
    if (typeof part === "number") value = isList(value) ? value[part] : undefined;
    else value = isMap(value) ? attributeOf(value, part) : undefined;
  }
  return value;
}

export const printPath = (path: Path): string =>
  path.map((it, index) => (typeof it === "number" ? `[${it}]` : index === 0 ? it : `.${it}`)).join("");

export const samePath = (a: Path, b: Path): boolean => a.length === b.length && a.every((it, index) => it === b[index]);
