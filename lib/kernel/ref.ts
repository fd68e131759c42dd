/**
 * Value references: short strings that say where a value lies, so that a payload is stored once and an envelope stays small.
 *
 *     step/charge                 the output in that record
 *     decide/#start!input         a named value in that record
 *     step/x!pack[12]             an item of a named list
 *     list/pack#4be7….3!items[12] an item of a list in chunks
 *     clear?step/x                { branch: "clear", output: <step/x> }
 */
import type { Json } from "../model/json.ts";
import { chunkOf, isListRef } from "./list.ts";
import { type LogRecord, START_KEY, type ValueRef } from "./record.ts";

/** Given instead of a value whose record is not at hand; undefined is a value that is not there. */
export const ABSENT: unique symbol = Symbol("absent");
export type Read = (ref: ValueRef) => Json | undefined | typeof ABSENT;

export const INPUT_REF: ValueRef = `${START_KEY}!input`;
export const valueRef = (key: string, name: string): ValueRef => `${key}!${name}`;
export function itemRef(items: ValueRef, index: number): ValueRef {
  if (!isListRef(items)) return `${items}[${index}]`;
  const { key, at } = chunkOf(items, index);
  return `${valueRef(key, "items")}[${at}]`;
}
export const branchRef = (branch: string, inner: ValueRef): ValueRef => `${branch}?${inner}`;

const FORM = /^((?:[^?]+\?)*)([^!?]+)(?:!([^[]+)(?:\[(\d+)\])?)?$/;

interface Place {
  /** Outermost first. */
  readonly branches: readonly string[];
  readonly key: string;
  readonly name: string | undefined;
  readonly index: number | undefined;
}

function parseRef(ref: ValueRef): Place {
  const m = FORM.exec(ref);
  if (!m?.[2]) throw new Error(`a value reference of no known form: ${ref}`); // ours alone write them
  const branches = m[1] ? m[1].slice(0, -1).split("?") : [];
  return { branches, key: m[2], name: m[3], index: m[4] === undefined ? undefined : Number(m[4]) };
}

/** The record to load before `valueAt` can answer. */
export const recordKeyOf = (ref: ValueRef): string => parseRef(ref).key;

/** The value, or undefined when the record does not hold it (its state has not run). */
export function valueAt(ref: ValueRef, record: LogRecord | undefined): Json | undefined {
  const { branches, name, index } = parseRef(ref);
  let value = record && plain(record, name);
  if (index !== undefined) value = Array.isArray(value) ? (value as readonly Json[])[index] : undefined;
  if (value === undefined) return undefined;
  return branches.reduceRight<Json>((output, branch) => ({ branch, output }), value);
}

function plain(record: LogRecord, name: string | undefined): Json | undefined {
  if (record.kind === "list") return name === "items" ? record.items : undefined;
  if (record.kind !== "step" && record.kind !== "decision") return undefined;
  if (name === undefined) return record.output;
  return record.values && Object.hasOwn(record.values, name) ? record.values[name] : undefined;
}
