/** Paths, reference paths, intrinsic functions and payload templates of JSONPath states. */
import { ExpressionError } from "../../model/expression.ts";
import { type Argument, type Call, parseCall, unescaped } from "../intrinsics/parse.ts";
import { parsePath } from "../json-path-filter.ts";
import { isDefinite, type PathText } from "../json-path-text.ts";
import type { Check } from "./place.ts";

/** `$`, `$$` or `$name`; the path goes on after it. */
const HEAD = /^\$(?:\$|\p{ID_Start}\p{ID_Continue}*)?/u;

function parsed(text: string): PathText | undefined {
  const head = HEAD.exec(text);
  return head === null ? undefined : unlessBroken(() => parsePath(text, head[0].length));
}

function unlessBroken<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

export const isPath = (text: string): boolean => parsed(text) !== undefined;

/** Leads to one place at the most, and calls nothing. */
function isReferencePath(text: string): boolean {
  const path = parsed(text);
  return path !== undefined && path.call === undefined && isDefinite(path);
}

/** How many arguments each takes: from, to. Amazon States Language, "Intrinsic Functions". */
const ARGUMENTS: Readonly<Record<string, readonly [number, number]>> = {
  Format: [1, Number.POSITIVE_INFINITY],
  StringToJson: [1, 1],
  JsonToString: [1, 1],
  Array: [0, Number.POSITIVE_INFINITY],
  ArrayPartition: [2, 2],
  ArrayContains: [2, 2],
  ArrayRange: [3, 3],
  ArrayGetItem: [2, 2],
  ArrayLength: [1, 1],
  ArrayUnique: [1, 1],
  Base64Encode: [1, 1],
  Base64Decode: [1, 1],
  Hash: [2, 2],
  JsonMerge: [3, 3],
  MathRandom: [2, 3],
  MathAdd: [2, 2],
  StringSplit: [2, 2],
  UUID: [0, 0],
};

export function isIntrinsic(text: string): boolean {
  const call = unlessBroken(() => parseCall(text));
  return call !== undefined && isCall(call, text);
}

function isCall({ name, arguments: given }: Call, text: string): boolean {
  const [least, most] = (Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name] : undefined) ?? [1, 0];
  return given.length >= least && given.length <= most && given.every((it) => isArgument(it, text));
}

function isArgument(argument: Argument, text: string): boolean {
  switch (argument.kind) {
    case "text":
      return unlessBroken(() => unescaped(argument.raw, text)) !== undefined;
    case "path":
      return isPath(argument.path);
    case "call":
      return isCall(argument, text);
    case "value":
      return true;
  }
}

export const path: Check = (value, at) => {
  if (typeof value !== "string" || !isPath(value)) at.refuse("Paths", "Value is not a valid JSONPath");
};

export const pathOrNull: Check = (value, at) => {
  if (value !== null) path(value, at);
};

export const pathOrIntrinsic: Check = (value, at) => {
  if (typeof value !== "string" || !(isPath(value) || isIntrinsic(value)))
    at.refuse("Fail State", "Value is not a valid JSONPath or a valid intrinsic function call");
};

export const referencePath: Check = (value, at) => {
  if (typeof value !== "string" || !isReferencePath(value))
    at.refuse("Reference Paths", "Value is not a Reference Path");
};

/** Where a result goes: in the state's input alone. */
export const resultPath: Check = (value, at) => {
  if (value === null) return;
  if (typeof value !== "string" || !/^\$(?![$\p{ID_Start}])/u.test(value) || !isReferencePath(value))
    at.refuse("Reference Paths", "Value is not a Reference Path");
};
