/** The text of a definition as JSON: from JSON itself, YAML or JSON5, with the line and column of what cannot be read. */
import JSON5 from "json5";
import { parseDocument } from "yaml";
import type { Json } from "../model/json.ts";
import { notJson, toJson } from "../model/json.ts";
import { invalidDefinition, type Problem } from "./problems.ts";

export type DefinitionFormat = "json" | "yaml" | "json5";

/** By the ending of its name: `.yaml`, `.yml`, `.json5`; JSON for all others. */
export function formatOfFile(name: string): DefinitionFormat {
  if (/\.ya?ml$/i.test(name)) return "yaml";
  return /\.json5$/i.test(name) ? "json5" : "json";
}

/** @throws PawlError `invalid_definition` */
export function parseDefinition(text: string, { format = "json" }: { readonly format?: DefinitionFormat } = {}): Json {
  if (text.trim() === "") throw refused({ message: "The definition is empty" }, "MISSING_DESCRIPTION");
  const json = toJson(PARSERS[format](text.replace(/^\uFEFF/, "")));
  if (!json.ok) throw refused({ message: notJson("the definition", json) });
  return json.value;
}

interface Fault {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

function refused(fault: Fault, code: Problem["code"] = "INVALID_JSON_DESCRIPTION", cause?: unknown): Error {
  const { message, line, column } = fault;
  const path = line === undefined || column === undefined ? "/" : `line ${line}, column ${column}`;
  return invalidDefinition([{ code, message, path, rule: "Structure of a state machine" }], cause);
}

const PARSERS: Readonly<Record<DefinitionFormat, (text: string) => unknown>> = {
  json: parseJson,
  json5: parseJson5,
  yaml: parseYaml,
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw refused({ ...placeInJson(text, message), message }, undefined, error);
  }
}

/** The runtime says the place of some faults and not of others; JSON5's parser says it of all that it refuses too. */
function placeInJson(text: string, message: string): Partial<Fault> {
  const position = / at position (\d+)/.exec(message)?.[1];
  if (position === undefined) return placeInJson5(text);
  const before = text.slice(0, Number(position)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function placeInJson5(text: string): Partial<Fault> {
  try {
    JSON5.parse(text);
    return {};
  } catch (error) {
    return lineOf(error);
  }
}

/** Two properties that JSON5's parser gives its errors. */
function lineOf(error: unknown): Partial<Fault> {
  const { lineNumber, columnNumber } = error as { readonly lineNumber?: number; readonly columnNumber?: number };
  return lineNumber === undefined || columnNumber === undefined ? {} : { line: lineNumber, column: columnNumber };
}

function parseJson5(text: string): unknown {
  try {
    return JSON5.parse(text) as unknown;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw refused({ ...lineOf(error), message }, undefined, error);
  }
}

/** What YAML only warns of, a tag such as `!Sub`, would change the value in silence. */
function parseYaml(text: string): unknown {
  const document = parseDocument(text);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault === undefined) return document.toJS() as unknown;
  const [place] = fault.linePos ?? [];
  throw refused({ message: fault.message, ...(place && { line: place.line, column: place.col }) }, undefined, fault);
}
