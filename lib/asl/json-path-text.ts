/**
 * Reads a path as AWS takes it, the dialect of Jayway's JsonPath, into segments, and prints segments in the grammar of
 * RFC 9535, which is what the library evaluates. The dialect allows names such as `$.delivery-partner`, and functions
 * at the end of a path.
 */
import { ExpressionError } from "../model/expression.ts";

export interface Segment {
  /** `..` before it. */
  readonly deep: boolean;
  readonly names?: readonly string[];
  readonly indexes?: readonly number[];
  /** A wildcard, a slice or a filter, in RFC 9535. */
  readonly selector?: string;
}

export interface PathText {
  readonly segments: readonly Segment[];
  /** `.length()` at its end. */
  readonly call?: { readonly name: string; readonly argument: string };
  /** Where it ended in the text. */
  readonly end: number;
}

/** A definite path leads to one value, or to none; any other to a list. */
export const isDefinite = ({ segments }: PathText): boolean =>
  segments.every((it) => !it.deep && (it.names ?? it.indexes ?? []).length === 1);

export const printSegments = (segments: readonly Segment[]): string =>
  segments.map((it) => `${it.deep ? ".." : ""}[${printSelectors(it)}]`).join("");

const printSelectors = ({ names, indexes, selector }: Segment): string =>
  selector ?? (names?.map((name) => JSON.stringify(name)) ?? indexes ?? []).join(",");

export const badPath = (path: string, why: string): ExpressionError =>
  new ExpressionError("States.Runtime", `Invalid path '${path}' : ${why}`);

/** Reads what follows `[?`, and prints it in RFC 9535. It is handed in, because a filter has paths in it in turn. */
export type ParseFilter = (text: string, start: number) => { readonly printed: string; readonly end: number };

/** As far as it goes: in a filter, what follows is not the path's. */
export function parsePathAt(text: string, start: number, parseFilter: ParseFilter): PathText {
  const segments: Segment[] = [];
  let at = start;
  while (text[at] === "." || text[at] === "[") {
    const deep = text.startsWith("..", at);
    if (deep) at += 2;
    if (text[at] === "[") {
      const { segment, end } = parseBracket(text, at + 1, parseFilter);
      segments.push({ ...segment, deep });
      at = end;
      continue;
    }
    if (!deep) at++;
    // `.[0]` is `[0]`.
    if (text[at] === "[") continue;
    const written = NAME.exec(text.slice(at))?.[0];
    if (written === undefined) throw badPath(text, `a name must follow at ${at}`);
    at += written.length;
    const name = plainName(written);
    const call = /^\(([^()]*)\)/.exec(text.slice(at));
    if (call) return { segments, call: { name, argument: (call[1] ?? "").trim() }, end: at + call[0].length };
    segments.push(written === "*" ? { deep, selector: "*" } : { deep, names: [name] });
  }
  return { segments, end: at };
}

/** A backslash takes the next character into the name. `&&` and `||` end it: it may stand in a filter. */
const NAME = /^(?:(?!&&|\|\|)[^.[\]()\s,=!<>'"?\\]|\\u[0-9a-fA-F]{4}|\\[\s\S])+/;

const plainName = (written: string): string =>
  written.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code: string | undefined, char: string) =>
    code === undefined ? char : String.fromCharCode(Number.parseInt(code, 16)),
  );

const SLICE = /^\s*(-?\d*)\s*:\s*(-?\d*)\s*(?::\s*(-?\d*)\s*)?\]/;

type Bracket = { readonly segment: Omit<Segment, "deep">; readonly end: number };

function parseBracket(text: string, start: number, parseFilter: ParseFilter): Bracket {
  const rest = text.slice(start);
  const filter = /^\s*\?/.exec(rest);
  if (filter) {
    const { printed, end } = parseFilter(text, start + filter[0].length);
    return { segment: { selector: `?${printed}` }, end: closing(text, end) };
  }
  const wildcard = /^\s*\*\s*\]/.exec(rest);
  if (wildcard) return { segment: { selector: "*" }, end: start + wildcard[0].length };
  const slice = SLICE.exec(rest);
  if (slice) {
    const parts = [slice[1] ?? "", slice[2] ?? "", ...(slice[3] === undefined ? [] : [slice[3]])];
    return { segment: { selector: parts.join(":") }, end: start + slice[0].length };
  }
  const indexes = /^\s*-?\d+\s*(,\s*-?\d+\s*)*\]/.exec(rest);
  if (indexes)
    return {
      segment: { indexes: indexes[0].slice(0, -1).split(",").map(Number) },
      end: start + indexes[0].length,
    };
  return parseNames(text, start);
}

function parseNames(text: string, start: number): Bracket {
  const names: string[] = [];
  let at = start;
  do {
    const { value, end } = parseQuoted(text, skipSpace(text, at));
    names.push(value);
    at = skipSpace(text, end);
  } while (text[at++] === ",");
  return { segment: { names }, end: closing(text, at - 1) };
}

/** A text in single or double quotes; a backslash takes the next character as it is. */
export function parseQuoted(text: string, start: number): { value: string; end: number } {
  const quote = text[start];
  if (quote !== "'" && quote !== '"') throw badPath(text, `a name, a number or a filter must follow at ${start}`);
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === quote) return { value, end: at + 1 };
    if (text[at] === "\\") at++;
    value += text[at] ?? "";
  }
  throw badPath(text, `a quote at ${start} is not closed`);
}

export function skipSpace(text: string, start: number): number {
  let at = start;
  while (/\s/.test(text[at] ?? "")) at++;
  return at;
}

function closing(text: string, start: number): number {
  const at = skipSpace(text, start);
  if (text[at] !== "]") throw badPath(text, `']' must follow at ${at}`);
  return at + 1;
}
