/**
 * The value or values of a path, as AWS Step Functions gives them: a definite path (names and single indexes) leads to
 * its value or to `undefined`; a path with a wildcard, a slice, several indexes, a filter or `..` to the list of all
 * that it finds, which may be empty. The library evaluates RFC 9535; the differences are made up for here and in
 * `json-path-text.ts`, and are listed in `test/asl/json-path.test.ts`.
 */
import { FunctionExpressionType, JSONPathEnvironment, type JSONPathNodeList, type JSONValue } from "json-p3";
import type { Json } from "../model/json.ts";
import { isList, isObject, type JsonObject, property } from "./json-kinds.ts";
import { registerExtras } from "./json-path-extras.ts";
import { parsePath } from "./json-path-filter.ts";
import { callFunction } from "./json-path-functions.ts";
import { badPath, isDefinite, type PathText, printSegments, type Segment } from "./json-path-text.ts";

const environment = new JSONPathEnvironment();
registerExtras(environment, FunctionExpressionType);

/** @param path after `$`, from `start` on: `.a[0]` */
export function selectPath(path: string, root: Json, start = 1): Json | undefined {
  const parsed = parsePath(path, start);
  const value = selectSegments(parsed, path, root);
  if (parsed.call === undefined || value === undefined) return value;
  return callFunction(parsed.call, value, path);
}

function selectSegments(parsed: PathText, path: string, root: Json): Json | undefined {
  if (isDefinite(parsed)) return step(root, parsed.segments);
  const last = parsed.segments.at(-1);
  // The names of one bracket at the end make one object of what they find.
  if (last?.names !== undefined && last.names.length > 1 && !last.deep) {
    const above = { ...parsed, segments: parsed.segments.slice(0, -1) };
    const value = selectSegments(above, path, root);
    if (isDefinite(above)) return isObject(value) ? pick(value, last.names) : undefined;
    const { names } = last;
    return isList(value) ? value.filter(isObject).map((it) => pick(it, names)) : [];
  }
  return query(`$${printSegments(parsed.segments)}`, path, root);
}

/** By hand: it is by far the most frequent path, and the library would parse it anew each time. */
function step(root: Json, segments: readonly Segment[]): Json | undefined {
  let value: Json | undefined = root;
  for (const { names, indexes } of segments) {
    const name = names?.[0];
    if (name !== undefined) value = isObject(value) ? property(value, name) : undefined;
    else value = isList(value) ? value.at(indexes?.[0] ?? 0) : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

const pick = (object: JsonObject, names: readonly string[]): Json =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(object, name)).map((name) => [name, object[name]]));

function query(rfc: string, path: string, root: Json): Json {
  let found: JSONPathNodeList;
  try {
    // Json is JSONValue but for `readonly`: the library does not write.
    found = environment.query(rfc, root as JSONValue);
  } catch (error) {
    throw badPath(path, error instanceof Error ? error.message : String(error));
  }
  // Each is a part of `root`, which is Json.
  return found.values() as Json[];
}
