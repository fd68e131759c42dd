/** What may cross a process: JSON, with `undefined` allowed where a property may be absent. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A JSON Schema 2020-12 document. */
export type JsonSchema = { readonly [key: string]: unknown };

/**
 * The value as JSON would give it back, or the place of the first thing that JSON cannot hold. Properties that are
 * `undefined` are dropped, as JSON drops them; everything else that JSON would change in silence is refused
 * (`NaN`, `Date`, `Map`, functions, `undefined` in an array, cycles). The copy is frozen: it may be shared.
 */
export function toJson(value: unknown): { readonly ok: true; readonly value: Json } | NotJson {
  return copy(value, "", []);
}

export interface NotJson {
  readonly ok: false;
  /** Where in the value, as `.a[2].b`; empty for the value itself. */
  readonly at: string;
  readonly found: string;
}

export const notJson = (what: string, { at, found }: NotJson): string =>
  `${what} is not JSON: ${found}${at ? ` at ${at}` : ""}`;

/** Deeper values overflow the stack of whoever walks them: schemas, `JSON.stringify`, this file. */
const MOST_LEVELS = 500;

function copy(value: unknown, at: string, above: readonly object[]): { ok: true; value: Json } | NotJson {
  switch (typeof value) {
    case "string":
    case "boolean":
      return { ok: true, value };
    case "number":
      // JSON writes -0 as 0.
      return Number.isFinite(value)
        ? { ok: true, value: value === 0 ? 0 : value }
        : { ok: false, at, found: String(value) };
    case "object":
      break;
    default:
      return { ok: false, at, found: typeof value };
  }
  if (value === null) return { ok: true, value: null };
  if (above.includes(value)) return { ok: false, at, found: "a cycle" };
  if (above.length === MOST_LEVELS) return { ok: false, at, found: `more than ${MOST_LEVELS} levels` };
  const path = [...above, value];
  if (Array.isArray(value)) {
    const out: Json[] = [];
    for (let i = 0; i < value.length; i++) {
      const item = copy(value[i], `${at}[${i}]`, path);
      if (!item.ok) return item;
      out.push(item.value);
    }
    return { ok: true, value: Object.freeze(out) };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return { ok: false, at, found: `a ${value.constructor?.name ?? "class instance"}` };
  const out: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const item = copy(inner, `${at}.${key}`, path);
    if (!item.ok) return item;
    // A plain assignment of "__proto__" would set the prototype and lose the property.
    if (key === "__proto__") Object.defineProperty(out, key, { value: item.value, enumerable: true });
    else out[key] = item.value;
  }
  return { ok: true, value: Object.freeze(out) };
}

/** The same value, which nobody can change from now on: it may be shared. */
export function frozen<T extends Json | undefined>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
