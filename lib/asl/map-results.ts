/** `ResultWriter` of a distributed Map, as far as it is about what the state passes on. AWS's developer guide, "ResultWriter (Map)". */
import type { MapState } from "./definition.ts";
import { isObject } from "./json-kinds.ts";

/** What the iterations gave is what is passed on without a writer: `COMPACT`. */
const TRANSFORMATIONS = ["COMPACT", "FLATTEN"];

/** Why it is not carried out; undefined: it is. */
export function writerObjection({ ResultWriter: writer }: MapState): string | undefined {
  if (writer === undefined) return undefined;
  const { WriterConfig, ...target } = writer;
  if (Object.keys(target).length > 0) return "results are passed on, and not written to S3";
  const { Transformation, OutputType = "JSON" } = isObject(WriterConfig) ? WriterConfig : {};
  if (OutputType !== "JSON") return "results are passed on as JSON";
  if (TRANSFORMATIONS.includes(String(Transformation))) return undefined;
  return `iterations are no executions that could be told of: ${TRANSFORMATIONS.join(", ")} are carried out`;
}

/** Lists that iterations gave become one. */
export const flattens = ({ ResultWriter: writer }: MapState): boolean =>
  isObject(writer?.WriterConfig) && writer.WriterConfig.Transformation === "FLATTEN";
