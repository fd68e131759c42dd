/** Whether an answer is one of those that a callback allows. */
import canonicalize from "canonicalize";
import type { CallbackAnswers } from "../contract/callback.ts";
import type { Json } from "../model/json.ts";

export function allows(answers: CallbackAnswers | undefined, data: Json): boolean {
  return answers === undefined || Object.values(answers).some((answer) => covers(answer, data));
}

/** An object is a part of what is asked for; its parts, and everything else, must be the same. */
function covers(answer: Json, data: Json): boolean {
  if (!isObject(answer)) return same(answer, data);
  if (!isObject(data)) return false;
  return Object.entries(answer).every(([key, value]) => same(value, data[key]));
}

const same = (a: Json | undefined, b: Json | undefined): boolean => canonicalize(a) === canonicalize(b);

export const isObject = (json: Json | undefined): json is { readonly [key: string]: Json | undefined } =>
  typeof json === "object" && json !== null && !Array.isArray(json);
