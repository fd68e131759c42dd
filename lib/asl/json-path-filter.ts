/**
 * Reads a filter `[?(…)]` of Jayway's JsonPath and prints it in the grammar of RFC 9535. What RFC 9535 has no operator
 * for (`=~`, `in`, `size`, …) becomes a call of a function that `json-path.ts` registers. Nothing of it is run as code.
 */
import { badPath, type PathText, parsePathAt, parseQuoted, printSegments, skipSpace } from "./json-path-text.ts";

interface Printed {
  readonly printed: string;
  readonly end: number;
}

/** The whole of `text` from `start` on. */
export function parsePath(text: string, start = 1): PathText {
  const path = parsePathAt(text, start, parseOr);
  if (path.end !== text.length) throw badPath(text, `unexpected '${text.slice(path.end)}'`);
  return path;
}

/** What RFC 9535 lacks, by the name it is registered under. */
const EXTRA_OPERATORS = ["in", "nin", "subsetof", "anyof", "noneof", "size", "empty", "contains"] as const;
export const extraName = (operator: string): string => `jayway_${operator}`;

const parseOr = (text: string, start: number): Printed => joined(text, start, { operator: "||", inner: parseAnd });
const parseAnd = (text: string, start: number): Printed => joined(text, start, { operator: "&&", inner: parseNot });

function joined(
  text: string,
  start: number,
  { operator, inner }: { operator: string; inner: (text: string, start: number) => Printed },
): Printed {
  let { printed, end } = inner(text, start);
  for (;;) {
    const at = skipSpace(text, end);
    if (!text.startsWith(operator, at)) return { printed, end: at };
    const next = inner(text, at + operator.length);
    printed += ` ${operator} ${next.printed}`;
    end = next.end;
  }
}

function parseNot(text: string, start: number): Printed {
  const at = skipSpace(text, start);
  if (text[at] === "!") {
    const { printed, end } = parseNot(text, at + 1);
    return { printed: `!(${printed})`, end };
  }
  if (text[at] !== "(") return parseComparison(text, at);
  const { printed, end } = parseOr(text, at + 1);
  const close = skipSpace(text, end);
  if (text[close] !== ")") throw badPath(text, `')' must follow at ${close}`);
  return { printed: `(${printed})`, end: close + 1 };
}

const COMPARISON = /^(?:==|!=|<=|>=|<|>)/;
const WORD = new RegExp(`^(?:${EXTRA_OPERATORS.join("|")})\\b`, "i");

function parseComparison(text: string, start: number): Printed {
  const left = parseOperand(text, start);
  const at = skipSpace(text, left.end);
  const rest = text.slice(at);
  const comparison = COMPARISON.exec(rest)?.[0];
  if (comparison !== undefined) {
    const right = parseOperand(text, at + comparison.length);
    return { printed: `${left.printed} ${comparison} ${right.printed}`, end: right.end };
  }
  if (rest.startsWith("=~")) {
    const right = parsePattern(text, skipSpace(text, at + 2));
    return { printed: `${extraName("matches")}(${left.printed}, ${right.printed})`, end: right.end };
  }
  const word = WORD.exec(rest)?.[0];
  if (word === undefined) return { printed: left.printed, end: left.end };
  const right = parseOperand(text, at + word.length);
  return { printed: `${extraName(word.toLowerCase())}(${left.printed}, ${right.printed})`, end: right.end };
}

/** A list has no literal in RFC 9535: it goes through as a text that the registered function parses. */
export const LIST_MARK = "\uE000list:";

function parseOperand(text: string, start: number): Printed {
  const at = skipSpace(text, start);
  const first = text[at] ?? "";
  if (first === "@" || first === "$") return parsePathOperand(text, at);
  if (first === "'" || first === '"') {
    const { value, end } = parseQuoted(text, at);
    return { printed: JSON.stringify(value), end };
  }
  if (first === "[") return parseListLiteral(text, at);
  const plain = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(text.slice(at))?.[0];
  if (plain === undefined) throw badPath(text, `a path or a value must follow at ${at}`);
  return { printed: plain, end: at + plain.length };
}

function parsePathOperand(text: string, start: number): Printed {
  const { segments, call, end } = parsePathAt(text, start + 1, parseOr);
  const path = `${text[start]}${printSegments(segments)}`;
  if (call === undefined) return { printed: path, end };
  if (call.name !== "length" && call.name !== "size") throw badPath(text, `${call.name}() cannot stand in a filter`);
  return { printed: `length(${path})`, end };
}

function parseListLiteral(text: string, start: number): Printed {
  const items: unknown[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== "]") {
    const item = parseOperand(text, at);
    if (/^[@$]/.test(item.printed)) throw badPath(text, "a list in a filter holds values, not paths");
    items.push(JSON.parse(item.printed));
    at = skipSpace(text, item.end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
    else if (text[at] !== "]") throw badPath(text, `']' must follow at ${at}`);
  }
  return { printed: JSON.stringify(LIST_MARK + JSON.stringify(items)), end: at + 1 };
}

/** `/pattern/flags`, as two texts. */
function parsePattern(text: string, start: number): Printed {
  const pattern = /^\/((?:[^/\\]|\\.)+)\/([a-zA-Z]*)/.exec(text.slice(start));
  if (!pattern) throw badPath(text, `a pattern such as /a.*/i must follow at ${start}`);
  const [whole, source = "", flags = ""] = pattern;
  return { printed: `${JSON.stringify(source)}, ${JSON.stringify(flags)}`, end: start + whole.length };
}
