/** What is known of a value from the graph alone: by a contract's schema, or only which function makes it. */
import type { JsonSchema } from "../model/json.ts";
import { misfitOf, type Taking } from "./schema-fits.ts";

export type Shape =
  | { readonly kind: "schema"; readonly schema: JsonSchema }
  /** Whatever this function gives, or what lies behind this name; the graph has no schema of it. */
  | { readonly kind: "made"; readonly by: string }
  | { readonly kind: "object"; readonly properties: Readonly<Record<string, Shape>> }
  | { readonly kind: "list"; readonly of: Shape }
  /** `{ branch, output }` */
  | { readonly kind: "taken"; readonly branches: Readonly<Record<string, Shape>> }
  | { readonly kind: "union"; readonly of: readonly Shape[] };

export const union = (of: readonly Shape[]): Shape => {
  const flat = of.flatMap((one) => (one.kind === "union" ? one.of : [one]));
  return flat.length === 1 ? (flat[0] as Shape) : { kind: "union", of: flat };
};

/** Undefined: a value of the one can be taken for one of the other; else why not. */
export function misfitOfShapes(from: Shape, to: Shape, taking: Taking): string | undefined {
  if (from.kind === "union") return firstOf(from.of, (one) => misfitOfShapes(one, to, taking));
  if (to.kind === "union") {
    const misfits = to.of.map((one) => misfitOfShapes(from, one, taking));
    return misfits.includes(undefined) ? undefined : (misfits[0] ?? "nothing is left of it");
  }
  if (from.kind === "made" || to.kind === "made") {
    if (from.kind === "made" && to.kind === "made" && from.by === to.by) return undefined;
    return `what ${from.kind === "made" ? `'${from.by}'` : "it"} gives cannot be compared with what is wanted now`;
  }
  if (from.kind === "object" && to.kind === "object")
    return firstOf(Object.entries(to.properties), ([name, wanted]) => {
      const had = from.properties[name];
      return had ? under(`.${name}`, misfitOfShapes(had, wanted, taking)) : `.${name} is not there`;
    });
  if (from.kind === "list" && to.kind === "list") return under("[]", misfitOfShapes(from.of, to.of, taking));
  if (from.kind === "taken" && to.kind === "taken")
    return firstOf(Object.entries(from.branches), ([name, had]) => {
      const wanted = to.branches[name];
      return wanted
        ? under(`.${name}`, misfitOfShapes(had, wanted, taking))
        : `its branch '${name}' is not known any more`;
    });
  const [given, wanted] = [schemaOf(from), schemaOf(to)];
  if (given && wanted) return misfitOf(given, wanted, taking);
  return "the two cannot be compared";
}

/** As one schema; undefined when a part has none, or when its references would lose what they point to. */
function schemaOf(shape: Shape): JsonSchema | undefined {
  return shape.kind === "schema" ? shape.schema : partOf(shape);
}

function partOf(shape: Shape): JsonSchema | undefined {
  switch (shape.kind) {
    case "schema":
      return JSON.stringify(shape.schema).includes('"$ref"') ? undefined : shape.schema;
    case "made":
      return undefined;
    case "object": {
      const parts = Object.entries(shape.properties).map(([name, part]) => [name, partOf(part)] as const);
      if (parts.some(([, part]) => part === undefined)) return undefined;
      return { type: "object", properties: Object.fromEntries(parts), required: parts.map(([name]) => name) };
    }
    case "list": {
      const items = partOf(shape.of);
      return items && { type: "array", items };
    }
    case "taken": {
      const parts = Object.entries(shape.branches).map(([name, part]) =>
        partOf({ kind: "object", properties: { branch: { kind: "schema", schema: { const: name } }, output: part } }),
      );
      return parts.includes(undefined) ? undefined : { anyOf: parts };
    }
    case "union": {
      const parts = shape.of.map(partOf);
      return parts.includes(undefined) ? undefined : { anyOf: parts };
    }
  }
}

const under = (at: string, misfit: string | undefined): string | undefined =>
  misfit === undefined ? undefined : misfit.startsWith(".") || misfit.startsWith("[") ? at + misfit : misfit;

function firstOf<T>(all: readonly T[], find: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}
