/** The items of a Map with an `ItemReader`, as they go into its iterations. */
import { ExpressionError, type Outside, type Seen } from "../../model/expression.ts";
import type { Json } from "../../model/json.ts";
import { placed } from "../evaluate.ts";
import type { Ask } from "../retry-ops.ts";
import { readItems, requestOf } from "./read-items.ts";

export interface Reading {
  readonly ask: Ask;
  readonly seen: Seen;
  readonly outside: Outside;
  /** Of one item: together they may be more than a value may have. */
  readonly mostBytes: number;
}

/** @throws ExpressionError `States.ItemReaderFailed`, `States.DataLimitExceeded`, and what the expressions in it throw */
export async function itemsRead(
  source: Readonly<Record<string, Json>>,
  { ask, seen, outside, mostBytes }: Reading,
): Promise<Json> {
  const request = await ask({ ...source, op: "reader" });
  const dataset = await placed(seen, () => readItems(requestOf(source, request), outside));
  const items = (await ask(source, { result: dataset as unknown as Json })) as readonly Json[];
  const large = items.findIndex((item) => Buffer.byteLength(JSON.stringify(item)) > mostBytes);
  if (large < 0) return items;
  throw new ExpressionError(
    "States.DataLimitExceeded",
    `The item ${large} has more than ${mostBytes} bytes, which is the most that an iteration is given`,
  );
}
