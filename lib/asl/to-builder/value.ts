/**
 * What a document, or a part of it, is made of, as far as the definition tells: names in `s`, literals, and what is looked
 * up in them. Of each is known how working it out may fail, since a failure has to come where the definition has it.
 */
import type { Json } from "../../model/json.ts";

export type Key = string | number;

export type Value =
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "object"; readonly fields: readonly Field[] }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | Ref
  /** What a path finds. */
  | { readonly kind: "at"; readonly in: Value; readonly keys: readonly Key[] }
  /** What a path of JSONata finds. */
  | { readonly kind: "query"; readonly in: Value; readonly names: readonly string[] }
  /** By ResultPath, into what may be no object. */
  | { readonly kind: "put"; readonly into: Value; readonly keys: readonly string[]; readonly value: Value }
  /** Into an object. */
  | { readonly kind: "with"; readonly into: Value; readonly key: string; readonly value: Value }
  /** The Payload of `lambda:invoke`: null is `{}`, and a text is taken for JSON. */
  | { readonly kind: "payload"; readonly of: Value }
  /** A list; `each` is what an item becomes, with `item` and `index`. */
  | { readonly kind: "items"; readonly of: Value; readonly each?: Value; readonly fault: Fault }
  | { readonly kind: "text"; readonly of: Value }
  /** What only the definition has. It may be passed on, as long as nothing uses it: `isUsed`, something does. */
  | { readonly kind: "unknown"; readonly why: string; readonly isUsed?: true };

/** A name and properties below it, which are there. */
export interface Ref {
  readonly kind: "ref";
  readonly path: readonly string[];
  /** What is known of it. */
  readonly of?: Value;
  /** A parameter, and nothing of `s`. */
  readonly local?: true;
}

export type Field = readonly [name: string, value: Value];

/** `runtime`: with `States.Runtime`, which nothing catches; `catchable`: with another error. */
export type Fault = "runtime" | "catchable";

export const literal = (value: Json): Value => ({ kind: "literal", value });
export const ref = (...path: readonly string[]): Ref => ({ kind: "ref", path });
export const unknown = (why: string): Value => ({ kind: "unknown", why });
/** As its use is where it cannot be said, it may fail too. */
export const unsaid = (why: string): Value => ({ kind: "unknown", why, isUsed: true });

/** Those that it is made of. */
export function partsOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case "object":
      return value.fields.map(([, field]) => field);
    case "list":
      return value.items;
    case "at":
    case "query":
      return [value.in];
    case "put":
    case "with":
      return [value.into, value.value];
    case "payload":
    case "text":
      return [value.of];
    case "items":
      return value.each ? [value.of, value.each] : [value.of];
    default:
      return [];
  }
}

const OWN_FAULT: Partial<Readonly<Record<Value["kind"], Fault>>> = {
  ...{ at: "runtime", text: "runtime" },
  ...{ query: "catchable", put: "catchable", payload: "catchable" },
};

/** How working it out may fail. */
export function faultsOf(value: Value): ReadonlySet<Fault> {
  if (value.kind === "unknown") return new Set(value.isUsed ? ["catchable"] : []);
  const own = value.kind === "items" ? (isLiteralList(value.of) ? undefined : value.fault) : OWN_FAULT[value.kind];
  return new Set([...(own ? [own] : []), ...partsOf(value).flatMap((part) => [...faultsOf(part)])]);
}

export const isLiteralList = (value: Value): boolean =>
  value.kind === "list" || (value.kind === "literal" && Array.isArray(value.value));

/** Why it cannot be written, where it cannot. */
export function unknownIn(value: Value): string | undefined {
  if (value.kind === "unknown") return value.why;
  return partsOf(value)
    .map(unknownIn)
    .find((why) => why !== undefined);
}

/** The names in `s` that it needs. */
export function rootsOf(value: Value): ReadonlySet<string> {
  const [root] = value.kind === "ref" && !value.local ? value.path : [];
  return new Set([...(root === undefined ? [] : [root]), ...partsOf(value).flatMap((part) => [...rootsOf(part)])]);
}

/** What is known of a name does not make another value of it. */
export const sameValue = (a: Value, b: Value): boolean => textOf(a) === textOf(b);

const textOf = (value: Value): string =>
  JSON.stringify(value, function (this: Partial<Value>, key, inner: unknown) {
    return key === "of" && this.kind === "ref" ? undefined : inner;
  });

const FALLIBLE: ReadonlySet<Value["kind"]> = new Set(["at", "query", "put", "payload", "items", "text"] as const);

/** Working `whole` out fails wherever working `part` out does. */
export function contains(whole: readonly Value[], part: Value): boolean {
  if (faultsOf(part).size === 0) return true;
  if (FALLIBLE.has(part.kind)) return whole.some((one) => hasIn(one, part));
  return partsOf(part).every((one) => contains(whole, one));
}

/** A longer path fails where a shorter one does. */
function hasIn(whole: Value, part: Value): boolean {
  const isOne =
    (whole.kind === "at" && part.kind === "at" && isAlong(whole.keys, part.keys) && sameValue(whole.in, part.in)) ||
    (whole.kind === "query" &&
      part.kind === "query" &&
      isAlong(whole.names, part.names) &&
      sameValue(whole.in, part.in));
  return isOne || sameValue(whole, part) || partsOf(whole).some((one) => hasIn(one, part));
}
const isAlong = (long: readonly Key[], short: readonly Key[]): boolean => short.every((key, i) => long[i] === key);
