/**
 * Reads the call of an intrinsic function. Amazon States Language, "Intrinsic functions": the arguments are texts in
 * single quotes, numbers, `true`, `false`, `null`, paths and further calls.
 */
import { ExpressionError } from "../../model/expression.ts";

export type Argument =
  /** As written, escapes and all: `States.Format` reads them itself. */
  | { readonly kind: "text"; readonly raw: string }
  | { readonly kind: "value"; readonly value: number | boolean | null }
  | { readonly kind: "path"; readonly path: string }
  | ({ readonly kind: "call" } & Call);

export interface Call {
  readonly name: string;
  readonly arguments: readonly Argument[];
}

export const intrinsicFailure = (text: string, why: string): ExpressionError =>
  new ExpressionError("States.IntrinsicFailure", `The function '${text}' had the following error: ${why}`);

export function parseCall(text: string): Call {
  const { call, end } = parseCallAt(text, 0);
  if (skip(text, end) !== text.length) throw intrinsicFailure(text, `unexpected '${text.slice(end)}'`);
  return call;
}

function parseCallAt(text: string, start: number): { call: Call; end: number } {
  const head = /^States\.([A-Za-z0-9]+)\s*\(/.exec(text.slice(start));
  if (!head) throw intrinsicFailure(text, `a function must follow at ${start}`);
  const args: Argument[] = [];
  let at = skip(text, start + head[0].length);
  while (text[at] !== ")") {
    const { argument, end } = parseArgument(text, at);
    args.push(argument);
    at = skip(text, end);
    if (text[at] === ",") at = skip(text, at + 1);
    else if (text[at] !== ")") throw intrinsicFailure(text, `',' or ')' must follow at ${at}`);
  }
  return { call: { name: head[1] ?? "", arguments: args }, end: at + 1 };
}

const PLAIN = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[\s,)])/;

function parseArgument(text: string, start: number): { argument: Argument; end: number } {
  const rest = text.slice(start);
  if (rest.startsWith("'")) {
    const quoted = /^'((?:[^'\\]|\\[\s\S])*)'/.exec(rest);
    if (!quoted) throw intrinsicFailure(text, `the text at ${start} is not closed`);
    return { argument: { kind: "text", raw: quoted[1] ?? "" }, end: start + quoted[0].length };
  }
  if (rest.startsWith("$")) {
    const end = endOfPath(text, start);
    return { argument: { kind: "path", path: text.slice(start, end).trim() }, end };
  }
  const plain = PLAIN.exec(rest)?.[0];
  // One of JSON's own words or a number.
  if (plain !== undefined)
    return {
      argument: { kind: "value", value: JSON.parse(plain) as number | boolean | null },
      end: start + plain.length,
    };
  const { call, end } = parseCallAt(text, start);
  return { argument: { kind: "call", ...call }, end };
}

/** A comma or a bracket inside of `[…]`, `(…)` or quotes is the path's own. */
function endOfPath(text: string, start: number): number {
  let depth = 0;
  let quote: string | undefined;
  for (let at = start; at < text.length; at++) {
    const char = text[at] ?? "";
    if (quote !== undefined) {
      if (char === "\\") at++;
      else if (char === quote) quote = undefined;
    } else if (depth > 0 && (char === "'" || char === '"')) quote = char;
    else if (char === "[" || char === "(") depth++;
    else if (depth === 0 && (char === "," || char === ")")) return at;
    else if (char === "]" || char === ")") depth--;
  }
  throw intrinsicFailure(text, `')' is missing`);
}

function skip(text: string, start: number): number {
  let at = start;
  while (/\s/.test(text[at] ?? "")) at++;
  return at;
}

/** `\'`, `\{`, `\}` and `\\`; no other escape is allowed. */
export function unescaped(raw: string, text: string): string {
  return raw.replace(/\\([\s\S]?)/g, (whole, char: string) => {
    if (char === "" || !"'{}\\".includes(char)) throw intrinsicFailure(text, `${whole} is not an escape`);
    return char;
  });
}
