/** Recorded executions of state machines, as `shared/cases/asl/README.md` has them. */
import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../lib/model/json.ts";

export interface AslCase {
  readonly name: string;
  readonly kind: "execution" | "invalid";
  readonly features: readonly string[];
  readonly machineType?: "EXPRESS";
  readonly definition?: Json;
  readonly definitionText?: string;
  readonly input?: Json;
  readonly functions?: Readonly<Record<string, Behaviour>>;
  /** Of our own cases: what lies in Amazon S3, by `bucket/key`. */
  readonly objects?: Readonly<Record<string, string>>;
  readonly expected: Expected;
}

export type Behaviour =
  | { readonly kind: "echo" | "missing" }
  | { readonly kind: "return"; readonly value: Json }
  | { readonly kind: "return-string"; readonly char: string; readonly times: number }
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "raise"; readonly error: string; readonly message: string }
  | { readonly kind: "sleep"; readonly seconds: number; readonly then: Behaviour }
  /** Of our own cases: one after the other, the last one from then on. */
  | { readonly kind: "sequence"; readonly of: readonly Behaviour[] };

export interface Expected {
  readonly status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "INVALID";
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: Json;
  readonly causeBy?: "definition" | "function" | "engine";
  readonly statesEntered?: readonly string[];
  readonly statesEnteredAnyOrder?: readonly string[];
  readonly lambdaCalls?: number;
}

const ANY = "<<any>>";
const OPTIONAL = "<<optional>>";

/** Where what was found differs from a pattern with wildcards; undefined: nowhere. */
export function difference(pattern: Json, found: Json | undefined, at = "$"): string | undefined {
  if (pattern === OPTIONAL) return undefined;
  if (found === undefined) return `${at} is missing`;
  if (pattern === ANY) return undefined;
  if (typeof pattern === "string") return matchesText(pattern, found) ? undefined : unlike(at, pattern, found);
  if (typeof pattern !== "object" || pattern === null)
    return isDeepStrictEqual(pattern, found) ? undefined : unlike(at, pattern, found);
  if (Array.isArray(pattern)) return listDifference(pattern as readonly Json[], found, at);
  const fields = pattern as Readonly<Record<string, Json>>;
  if (fields["<<json>>"] !== undefined) return textDifference(fields["<<json>>"], found, at);
  if (typeof found !== "object" || found === null || Array.isArray(found)) return unlike(at, pattern, found);
  const own = found as Readonly<Record<string, Json>>;
  const extra = Object.keys(own).find((key) => !Object.hasOwn(fields, key));
  if (extra !== undefined) return `${at}.${extra} is not expected: ${brief(own[extra])}`;
  for (const [key, one] of Object.entries(fields)) {
    const differs = difference(one, own[key], `${at}.${key}`);
    if (differs) return differs;
  }
  return undefined;
}

function listDifference(pattern: readonly Json[], found: Json, at: string): string | undefined {
  if (!Array.isArray(found)) return unlike(at, pattern, found);
  const list = found as readonly Json[];
  if (list.length !== pattern.length) return `${at} has ${list.length} items, not ${pattern.length}: ${brief(found)}`;
  for (const [i, one] of pattern.entries()) {
    const differs = difference(one, list[i], `${at}[${i}]`);
    if (differs) return differs;
  }
  return undefined;
}

function textDifference(pattern: Json, found: Json, at: string): string | undefined {
  try {
    return difference(pattern, JSON.parse(String(found)) as Json, `${at} as JSON`);
  } catch {
    return `${at} is no JSON text: ${brief(found)}`;
  }
}

function matchesText(pattern: string, found: Json): boolean {
  if (typeof found !== "string") return false;
  const parts = pattern.split(ANY).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`).test(found);
}

const unlike = (at: string, pattern: Json, found: Json): string => `${at} is ${brief(found)}, not ${brief(pattern)}`;
function brief(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
