/** JSON from outside, which is often written by hand: a mistake is told with its place. */
import { messageOf, PawlError } from "../errors.ts";

/** @throws PawlError `invalid_json` with where it stops being JSON */
export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (text.trim() === "") throw new PawlError("invalid_json", "the body is empty; JSON is wanted");
    const position = positionOf(error, text);
    const before = text.slice(0, position).split("\n");
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    // V8's message may show a part of the payload, which is for nobody's log.
    const message = `the body is not JSON: something else begins at position ${position} (line ${line}, column ${column})`;
    throw new PawlError("invalid_json", message, { position, line, column });
  }
}

/** V8 tells the position of most mistakes. For the rest: the first character with which the text can no longer go on. */
function positionOf(error: unknown, text: string): number {
  const told = /at position (\d+)/.exec(messageOf(error))?.[1];
  if (told !== undefined) return Number(told);
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUnexpected(text.slice(0, middle))) bad = middle;
    else good = middle;
  }
  return good;
}

function isUnexpected(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return messageOf(error).startsWith("Unexpected token");
  }
}
