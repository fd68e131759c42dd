/** Splits the text of an expression. Literals are not part of the language: values stand in ExpressionAttributeValues. */
import { refuse } from "./refuse.ts";

export interface Token {
  /** A word is a name, a keyword or a function; name and value are placeholders; the end comes once, last. */
  readonly kind: "word" | "name" | "value" | "index" | "sign" | "end";
  readonly text: string;
}

const RULES: readonly (readonly [Token["kind"], RegExp])[] = [
  ["word", /[A-Za-z]\w*/y],
  ["name", /#\w+/y],
  ["value", /:\w+/y],
  // Digits after a 0 are a token of their own, and so a mistake: DynamoDB takes no [01].
  ["index", /0|[1-9]\d*/y],
  ["sign", /<=|>=|<>|[=<>()[\].,+-]/y],
];
const SPACE = /[ \t\r\n]*/y;

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = skipSpace(text, 0); at < text.length; ) {
    const token = tokenAt(text, at) ?? refuse(`"${text.slice(at, at + 10)}" is no part of an expression`);
    tokens.push(token);
    at = skipSpace(text, at + token.text.length);
  }
  return [...tokens, { kind: "end", text: "the end" }];
}

function tokenAt(text: string, at: number): Token | undefined {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = at;
    const found = rule.exec(text);
    if (found) return { kind, text: found[0] };
  }
  return undefined;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}
