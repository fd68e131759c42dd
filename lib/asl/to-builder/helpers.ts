/**
 * `json.ts` of a workflow: what its functions need to read JSON as the definition did. Each part is written only where it is
 * used.
 */
interface Part {
  readonly text: string;
  readonly needs?: readonly string[];
}

const PARTS: Readonly<Record<string, Part>> = {
  "type Json": { text: `export type Json = z.core.util.JSONType;` },
  isObject: {
    needs: ["type Json"],
    text: `const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);`,
  },
  lookUp: {
    needs: ["isObject"],
    text: `function lookUp(value: Json, keys: readonly (string | number)[]): Json | undefined {
  let found: Json | undefined = value;
  for (const key of keys) {
    if (typeof key === "number") found = Array.isArray(found) ? found.at(key) : undefined;
    else found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}`,
  },
  at: {
    needs: ["lookUp"],
    text: `/** What is there. @throws when nothing is: the execution fails */
export function at(value: Json, ...keys: (string | number)[]): Json {
  const found = lookUp(value, keys);
  if (found === undefined) throw new Error(\`there is nothing at '\${keys.join(".")}'\`);
  return found;
}`,
  },
  has: {
    needs: ["lookUp"],
    text: `/** Whether something is there; null is something. */
export const has = (value: Json, ...keys: (string | number)[]): boolean => lookUp(value, keys) !== undefined;`,
  },
  find: {
    needs: ["isObject"],
    text: `/** What JSONata's path finds: of a list on the way, what its items have there, one alone or a list of several. */
export function find(value: Json, ...names: string[]): Json | undefined {
  let items = Array.isArray(value) ? value : [value];
  for (const [i, name] of names.entries()) {
    const found = items.flatMap((item) => (Array.isArray(item) ? one(inItems(item, name)) : partOf(item, name)));
    if (i === names.length - 1 && found.length === 1) return found[0];
    items = found.flat();
  }
  return items.length < 2 ? items[0] : items;
}

const one = (found: Json[]): Json[] => (found.length < 2 ? found : [found]);

const partOf = (item: Json, name: string): Json[] => {
  const found = isObject(item) && Object.hasOwn(item, name) ? item[name] : undefined;
  return found === undefined ? [] : [found];
};

const inItems = (list: Json[], name: string): Json[] =>
  list.flatMap((item) => (Array.isArray(item) ? inItems(item, name) : partOf(item, name).flat()));`,
  },
  get: {
    needs: ["find"],
    text: `/** What \`find\` finds. @throws when it finds nothing: the execution fails */
export function get(value: Json, ...names: string[]): Json {
  const found = find(value, ...names);
  if (found === undefined) throw new Error(\`there is nothing at '\${names.join(".")}'\`);
  return found;
}`,
  },
  put: {
    needs: ["isObject"],
    text: `/** A copy with \`value\` there, and with the objects on the way. @throws when something else is in the way */
export function put(into: Json | undefined, keys: string[], value: Json): Json {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (into !== undefined && !isObject(into)) throw new Error(\`'\${key}' cannot be put into what is no object\`);
  const inner = into && Object.hasOwn(into, key) ? into[key] : undefined;
  return { ...into, [key]: put(inner, rest, value) };
}`,
  },
  list: {
    needs: ["type Json"],
    text: `/** @throws when it is no list: the execution fails */
export function list(value: Json): Json[] {
  if (!Array.isArray(value)) throw new Error("a list is wanted here");
  return value;
}`,
  },
  text: {
    needs: ["type Json"],
    text: `/** @throws when it is no text: the execution fails */
export function text(value: Json): string {
  if (typeof value !== "string") throw new Error("a text is wanted here");
  return value;
}`,
  },
  payloadOf: {
    needs: ["type Json"],
    text: `/** What a function is called with: an object in place of null, and what a text says as JSON. @throws when it is none */
export function payloadOf(value: Json): Json {
  if (value === null) return {};
  return typeof value === "string" ? JSON.parse(value) : value;
}`,
  },
  number: {
    needs: ["type Json"],
    text: `/** NaN for what is no number: no comparison with it holds. */
export const number = (value: Json): number => (typeof value === "number" ? value : Number.NaN);`,
  },
  aNumber: {
    needs: ["type Json"],
    text: `/** @throws when it is no number: the execution fails */
export function aNumber(value: Json): number {
  if (typeof value !== "number") throw new Error("a number is wanted here");
  return value;
}`,
  },
  instant: {
    needs: ["type Json"],
    text: `const TIME = /^(\\d{4})-(\\d\\d)-(\\d\\d)T(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?(?:Z|([+-])(\\d\\d):(\\d\\d)(?::(\\d\\d))?)$/;

/** A time in ISO 8601, in nanoseconds since 1970; undefined for all else. */
function instant(value: Json): bigint | undefined {
  const match = typeof value === "string" ? TIME.exec(value) : null;
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1, 6).map(Number);
  const more = [match[6], ...match.slice(9, 12)];
  const [second = 0, hours = 0, minutes = 0, seconds = 0] = more.map((it) => Number(it ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  if (hours > 18 || minutes > 59 || seconds > 59) return undefined;
  const offset = (hours * 3600 + minutes * 60 + seconds) * (match[8] === "-" ? -1 : 1);
  const whole = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  return BigInt(whole) * 1_000_000_000n + BigInt((match[7] ?? "").padEnd(9, "0"));
}`,
  },
  isTime: {
    needs: ["instant"],
    text: `/** A text in ISO 8601, with its offset. */
export const isTime = (value: Json): boolean => instant(value) !== undefined;`,
  },
  timeOrder: {
    needs: ["instant"],
    text: `/** Below, at or above 0. NaN, of which no comparison holds, unless both are times. */
export function timeOrder(a: Json, b: Json): number {
  const [one, other] = [instant(a), instant(b)];
  if (one === undefined || other === undefined) return Number.NaN;
  return one === other ? 0 : one < other ? -1 : 1;
}`,
  },
  matches: {
    needs: ["type Json"],
    text: `/** Whether it is a text of these parts, with any text between them. */
export function matches(value: Json, [first = "", ...rest]: string[]): boolean {
  if (typeof value !== "string" || !value.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return value === first;
  let end = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, end);
    if (found === -1) return false;
    end = found + part.length;
  }
  return value.length - last.length >= end && value.endsWith(last);
}`,
  },
  order: {
    needs: ["type Json"],
    text: `/** Below, at or above 0. NaN, of which no comparison holds, unless both are of this type. */
export function order(type: "string" | "boolean", a: Json, b: Json): number {
  if (typeof a !== type || typeof b !== type || a === null || b === null) return Number.NaN;
  return a === b ? 0 : a < b ? -1 : 1;
}`,
  },
};

/** Names that the workflow's file may import. */
export const HELPERS: readonly string[] = Object.keys(PARTS);

/** @param used the names that the workflow imports */
export function jsonFile(used: ReadonlySet<string>): string {
  const all = new Set<string>();
  const add = (name: string): void => {
    for (const needed of PARTS[name]?.needs ?? []) add(needed);
    all.add(name);
  };
  for (const name of Object.keys(PARTS)) if (used.has(name)) add(name);
  const parts = [...all].map((name) => PARTS[name]?.text ?? "");
  return `/** JSON read as the state machine read it that this workflow was made of. */\nimport type { z } from "zod";\n\n${parts.join("\n\n")}\n`;
}
