/** Bytes as the text that they are, and text as lines. */
import { readerFailed } from "./failed.ts";

/** Without a byte order mark. @throws ExpressionError `States.ItemReaderFailed` when it is not UTF-8 */
export async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw readerFailed("The object is not text in UTF-8.");
    }
  };
  for await (const chunk of bytes) yield decoded(chunk);
  yield decoded();
}

/** @throws ExpressionError `States.ItemReaderFailed` when it has more characters than that */
export async function wholeText(text: AsyncIterable<string>, mostBytes: number): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for await (const part of text) {
    length += part.length;
    if (length > mostBytes) throw tooMuch("the object", mostBytes);
    parts.push(part);
  }
  return parts.join("");
}

/** Those that are blank left out, each with its number from 1. */
export async function* linesOf(
  text: AsyncIterable<string>,
  mostBytes: number,
): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let line = 0;
  let rest = "";
  for await (const part of text) {
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > mostBytes) throw tooMuch(`line ${line + lines.length + 1}`, mostBytes);
    for (const one of lines) {
      line++;
      if (one.trim() !== "") yield { line, text: one };
    }
  }
  if (rest.trim() !== "") yield { line: line + 1, text: rest };
}

export const tooMuch = (what: string, mostBytes: number) =>
  readerFailed(
    `What is read is held in memory: ${what} has more than ${mostBytes} bytes, which is the payload limit. Read less with MaxItems, or split it.`,
  );
