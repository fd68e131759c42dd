/** What a distributed Map goes through, where an ItemReader reads it. */
import type { Json } from "../../model/json.ts";

export interface Dataset {
  readonly items: readonly Json[];
  /** Of an object's fields, as `$$.Map.Item.Key` has them. */
  readonly keys?: readonly string[];
  /** `S3://bucket/key`: `$$.Map.Item.Source`. */
  readonly source?: string;
}

/** As `dialect.ts` hands it to the evaluation of a Map's items. */
export const datasetIn = (result: Json | undefined): Dataset => result as unknown as Dataset;
