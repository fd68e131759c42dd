/** Reads the tokens of one expression from left to right, and the parts that all expressions have in common. */
import type { Json } from "../../../model/json.ts";
import type { Path } from "./path.ts";
import type { Placeholders } from "./placeholders.ts";
import { refuse } from "./refuse.ts";
import { isReserved } from "./reserved-words.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** DynamoDB's limit on operators and functions in one expression. */
const MOST_OPERATORS = 300;
const MOST_INDEX = 2 ** 31 - 1;

export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #placeholders: Placeholders;
  /** Where each pair of parentheses that has been read opens and closes. */
  readonly #closedAt = new Map<number, number>();
  #at = 0;
  #operators = 0;

  constructor(text: string, placeholders: Placeholders) {
    this.#tokens = tokensOf(text);
    this.#placeholders = placeholders;
  }

  /** The token that comes next, or the one after it. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }
  take(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }
  /** Takes the next token if it is this one. Keywords are keywords in any case. */
  takeIf(text: string): boolean {
    const { kind, text: found } = this.peek();
    const is = kind !== "end" && (kind === "word" ? found.toUpperCase() : found) === text;
    if (is) this.#at += 1;
    return is;
  }
  expect(text: string): void {
    if (!this.takeIf(text)) this.unexpected(text);
  }
  unexpected(wanted: string): never {
    return refuse(`${wanted} is expected where ${this.peek().text} stands`);
  }
  countOperator(): void {
    this.#operators += 1;
    if (this.#operators > MOST_OPERATORS) refuse(`more than ${MOST_OPERATORS} operators and functions`);
  }

  parenthesised<T>(read: () => T): T {
    const open = this.#at;
    this.expect("(");
    const inner = read();
    const close = this.#at;
    this.expect(")");
    if (this.#closedAt.get(open + 1) === close - 1) refuse("parentheses stand twice around the same");
    this.#closedAt.set(open, close);
    return inner;
  }
  /** In parentheses, with commas between. */
  list<T>(read: () => T): readonly T[] {
    this.expect("(");
    const list = this.items(read);
    this.expect(")");
    return list;
  }
  items<T>(read: () => T): readonly T[] {
    const items = [read()];
    while (this.takeIf(",")) items.push(read());
    return items;
  }

  functionAhead(): boolean {
    return this.peek().kind === "word" && this.peek(1).text === "(";
  }
  value(): Json {
    return this.peek().kind === "value" ? this.#placeholders.value(this.take().text) : this.unexpected("a :value");
  }
  path(): Path {
    const path: (string | number)[] = [this.#name()];
    for (;;) {
      if (this.takeIf(".")) path.push(this.#name());
      else if (this.takeIf("[")) {
        path.push(this.#index());
        this.expect("]");
      } else return path;
    }
  }

  #name(): string {
    const { kind, text } = this.peek();
    if (kind !== "word" && kind !== "name") return this.unexpected("the name of an attribute");
    this.#at += 1;
    if (kind === "name") return this.#placeholders.name(text);
    return isReserved(text) ? refuse(`${text} is a reserved word: give it a #name`) : text;
  }
  #index(): number {
    if (this.peek().kind !== "index") return this.unexpected("a place in a list, such as 0,");
    const index = Number(this.take().text);
    return index <= MOST_INDEX ? index : refuse(`${index} is beyond the places that a list can have`);
  }
}
