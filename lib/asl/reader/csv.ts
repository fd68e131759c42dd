/**
 * Delimited text as Step Functions reads it: AWS's developer guide, "How Step Functions parses input CSV files". No
 * library has these rules: a quotation mark is preserved by another one also where the field is not quoted, and by a
 * backslash as well, which also preserves the delimiter and is removed before anything else.
 */
import { readerFailed } from "./failed.ts";
import { tooMuch } from "./texts.ts";

export interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Blank lines are none. @throws ExpressionError `States.ItemReaderFailed` */
export async function* csvRecords(
  text: AsyncIterable<string>,
  { delimiter, mostBytes }: { readonly delimiter: string; readonly mostBytes: number },
): AsyncGenerator<CsvRecord> {
  const reading = new Reading(delimiter);
  for await (const part of text) {
    yield* reading.take(part);
    if (reading.size > mostBytes) throw tooMuch(`the record on line ${reading.line}`, mostBytes);
  }
  yield* reading.end();
}

/** `plainQuote`, `quotedQuote`: after a quotation mark there, of which the next character says what it was. */
type At = "begin" | "plain" | "quoted" | "plainQuote" | "quotedQuote";

class Reading {
  /** Of the record under way. */
  line = 1;
  readonly #delimiter: string;
  #fields: string[] = [];
  #field = "";
  #at: At = "begin";
  #escaped = false;
  #afterReturn = false;
  #lines = 1;
  #kept = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** Characters of the record under way. */
  get size(): number {
    return this.#kept + this.#field.length;
  }

  *take(text: string): Generator<CsvRecord> {
    for (const char of text) {
      const isRest = char === "\n" && this.#afterReturn; // of "\r\n"
      this.#afterReturn = char === "\r";
      if (isRest && this.#at === "begin" && this.#fields.length === 0) continue;
      if (char === "\n" || char === "\r") this.#lines += isRest ? 0 : 1;
      if (this.#escaped && !isNewline(char)) this.#append(char);
      else if (!this.#marks(char)) {
        if (isNewline(char)) yield* this.#record();
        else if (char === this.#delimiter) this.#next();
        else this.#append(char);
      }
    }
  }

  *end(): Generator<CsvRecord> {
    if (this.#at === "quoted")
      throw readerFailed(`The quotation mark of the record on line ${this.line} is not closed.`);
    if (this.#at === "plainQuote") this.#field += '"';
    yield* this.#record();
  }

  /** Whether the character is one of a quoted field, or means a quotation mark or an escape. */
  #marks(char: string): boolean {
    if (this.#at === "quotedQuote" || this.#at === "plainQuote") {
      const isPair = char === '"';
      if (isPair || this.#at === "plainQuote") this.#field += '"';
      this.#at = isPair && this.#at === "quotedQuote" ? "quoted" : "plain";
      if (isPair) return true;
    }
    this.#escaped = char === "\\";
    if (this.#escaped) return true;
    if (char === '"') {
      if (this.#at === "begin") this.#at = "quoted";
      else this.#at = this.#at === "quoted" ? "quotedQuote" : "plainQuote";
      return true;
    }
    if (this.#at !== "quoted") return false;
    this.#append(char);
    return true;
  }

  #append(char: string): void {
    this.#field += char;
    this.#escaped = false;
    if (this.#at === "begin") this.#at = "plain";
  }

  #next(): void {
    this.#fields.push(this.#field);
    this.#kept += this.#field.length;
    this.#field = "";
    this.#at = "begin";
  }

  *#record(): Generator<CsvRecord> {
    const isBlank = this.#fields.length === 0 && this.#at === "begin";
    const { line } = this;
    this.#next();
    const fields = this.#fields;
    this.#fields = [];
    this.#kept = 0;
    this.line = this.#lines;
    if (!isBlank) yield { line, fields };
  }
}

const isNewline = (char: string): boolean => char === "\n" || char === "\r";
