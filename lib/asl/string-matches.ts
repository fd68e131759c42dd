/**
 * Amazon States Language, `StringMatches`: `*` stands for any text, `\*` for a star, `\\` for a backslash. In time that
 * grows with the text alone, however many stars there are: it is not made into a regular expression.
 */
import { runtimeError } from "./path-scope.ts";

export function matchesPattern(text: string, pattern: string): boolean {
  const [first = "", ...rest] = literalsOf(pattern);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const literal of rest) {
    const found = text.indexOf(literal, at);
    if (found === -1) return false;
    at = found + literal.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** What stands between the stars. @throws ExpressionError States.Runtime for an escape that is none */
export function literalsOf(pattern: string): string[] {
  const literals = [""];
  for (const [token] of pattern.matchAll(/\\[*\\]|[\s\S]/gu)) {
    if (token === "\\") throw runtimeError(`The pattern '${pattern}' of StringMatches has an open escape`);
    if (token === "*") literals.push("");
    // Of an escape, what follows the backslash.
    else literals.push((literals.pop() ?? "") + (token.startsWith("\\") ? token.slice(1) : token));
  }
  return literals;
}
