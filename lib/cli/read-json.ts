/** JSON from the command line: the text itself, `@file`, or `-` for standard input. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { messageOf, PawlError } from "../errors.ts";

/** @throws PawlError `usage` when there is nothing to read, `invalid_json` */
export async function readJson(from: string): Promise<unknown> {
  if (from === "-") return parseJson(await text(process.stdin), "standard input");
  if (from.startsWith("@")) return readJsonFile(from.slice(1));
  return parseJson(from, `the text ${from.length > 60 ? `${from.slice(0, 60)}…` : from}`);
}

/** Where a file is what one expects: what does not look like JSON is a file, with or without the `@`. */
export function readFileOrJson(from: string): Promise<unknown> {
  return from === "-" || /^\s*[@{[]/.test(from) ? readJson(from.trimStart()) : readJsonFile(from);
}

async function readJsonFile(file: string): Promise<unknown> {
  let content: string;
  try {
    content = await readFile(file, "utf8");
  } catch (error) {
    throw new PawlError("usage", `the file '${file}' cannot be read: ${messageOf(error)}`, { file }, error);
  }
  return parseJson(content, `the file ${file}`);
}

function parseJson(content: string, where: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ""));
  } catch (error) {
    const what = content.trim() === "" ? "it is empty" : messageOf(error);
    throw new PawlError("invalid_json", `${where} is not JSON: ${what}`, {}, error);
  }
}
