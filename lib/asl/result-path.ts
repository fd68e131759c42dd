/**
 * Amazon States Language, "ResultPath": where the result goes in the raw input. Objects that are missing on the way
 * are made; anything else in the way is an error, and so is a place in a list that is not there.
 */
import { ExpressionError } from "../model/expression.ts";
import type { Json } from "../model/json.ts";
import { excerpt, isList, isObject, property, withProperty } from "./json-kinds.ts";
import { parsePath } from "./json-path-filter.ts";
import type { Segment } from "./json-path-text.ts";

/** @param path `null` drops the result */
export function placeResult(path: Json | undefined, input: Json, result: Json): Json {
  if (path === null) return input;
  if (typeof path !== "string" || path === "$") return result;
  return place({ path, whole: input, result }, parsePath(path).segments, input);
}

interface Placing {
  readonly path: string;
  readonly whole: Json;
  readonly result: Json;
}

function place(placing: Placing, segments: readonly Segment[], into: Json | undefined): Json {
  const [segment, ...rest] = segments;
  if (segment === undefined) return placing.result;
  const name = segment.names?.[0];
  if (name !== undefined) {
    if (into !== undefined && !isObject(into)) throw noMatch(placing);
    const object = into ?? {};
    return withProperty(object, name, place(placing, rest, property(object, name)));
  }
  const index = segment.indexes?.[0];
  if (index === undefined || !isList(into) || into[index] === undefined) throw noMatch(placing);
  return into.with(index, place(placing, rest, into[index]));
}

const noMatch = ({ path, whole }: Placing): ExpressionError =>
  new ExpressionError(
    "States.ResultPathMatchFailure",
    `Unable to apply ReferencePath ${path} to input ${excerpt(whole)}`,
  );
